"""Who asks, and whom they may ask about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from lpm.people.api import PAGING, ApiRequest, endpoint, page_of, parameter, uuid_of
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import get_permitted, record_looks, visible
from students.mastery.serializers import answered


@extend_schema(responses=answered.Me, operation_id="me", tags=["people"])
@endpoint("GET", None)
def me_show(request: ApiRequest) -> Response:
    """Whose rights these are, and until when."""
    token = request.auth
    shown = token and {"uuid": token.uuid, "name": token.name, "expires_on": token.expires_on}
    may_write = token is None or token.may_write
    user = request.user
    return Response({"uuid": user.uuid, "name": user.name, "day": request.day, "may_write": may_write, "token": shown})


@extend_schema(responses=answered.part_of(answered.Group), parameters=PAGING, operation_id="groups", tags=["people"])
@endpoint("GET", Action.VIEW_GROUP)
def group_list(request: ApiRequest) -> Response:
    """The groups whose grid you may see."""
    rows, after = page_of(request, visible(request, Group.objects.select_related("school")))
    groups = [{"uuid": row.uuid, "name": row.name, "kind": row.kind, "school": row.school.uuid} for row in rows]
    return Response({"results": groups, "next": after})


@extend_schema(
    responses=answered.part_of(answered.Student),
    parameters=[parameter("group", UUID, "Those of one group."), *PAGING],
    operation_id="students",
    tags=["people"],
)
@endpoint("GET", Action.VIEW_STUDENT)
def student_list(request: ApiRequest) -> Response:
    """The students whose record you may see."""
    students = visible(request, Student.objects.select_related("school"))
    if group := uuid_of(request, "group"):
        groups = Group.objects.visible_to(request.user, Action.VIEW_GROUP, request.day)
        found = groups.filter(uuid=group).values_list("pk", flat=True).first()
        students = students.enrolled_in(found or 0, request.day)
    rows, after = page_of(request, students)
    return Response({"results": [_student_as_dict(row) for row in rows], "next": after})


@extend_schema(responses=answered.Student, operation_id="student", tags=["people"])
@endpoint("GET", Action.VIEW_STUDENT)
def student_show(request: ApiRequest, student: UUID) -> Response:
    """One student."""
    return Response(_student_as_dict(find_student(request, student)))


def find_student(request: ApiRequest, uuid: UUID) -> Student:
    """With the school; that somebody looked is noted. 404 where they may not."""
    student: Student = get_permitted(request, Student.objects.select_related("school", "district", "user"), uuid=uuid)
    if student.user_id != request.user.pk:
        record_looks(request, [student.uuid], page="api")
    return student


def _student_as_dict(row: Student) -> dict[str, Any]:
    return {"uuid": row.uuid, "name": row.name, "grade": row.grade, "school": row.school.uuid}
