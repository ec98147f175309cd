"""What students know: now, on a past day, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from curriculum.models import Target
from lpm.lib.levels import level_value
from lpm.people.api import PAGING, ApiRequest, as_of_day, endpoint, page_of, parameter
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import get_permitted, record_looks
from students.mastery.api.people import find_student
from students.mastery.api.reading import sight_asked_for
from students.mastery.calculations import State
from students.mastery.models import MasteryState
from students.mastery.queries import (
    find_target,
    read_seen_states,
    read_why,
    states_as_of,
    tells_suggestion,
    why_as_dict,
)
from students.mastery.serializers import answered

AS_OF = parameter("as_of", OpenApiTypes.DATE, "The record as it stood at the end of that day.")


@extend_schema(responses=answered.State(many=True), parameters=[AS_OF], operation_id="student_states", tags=["levels"])
@endpoint("GET", Action.VIEW_STUDENT)
def student_states(request: ApiRequest, student: UUID) -> Response:
    """Every state of one student, as far as you see it yet. What is not listed was not started."""
    shown = find_student(request, student)
    sight = sight_asked_for(request, shown)
    states = read_seen_states(shown, sight)
    uuids = _uuids_of(states)
    return Response(
        [
            state_as_dict(states[pk], shown.uuid, uuid, tells=tells_suggestion(states[pk], sight))
            for pk, uuid in uuids.items()
        ]
    )


@extend_schema(
    responses=answered.part_of(answered.State),
    parameters=[AS_OF, *PAGING],
    operation_id="group_states",
    tags=["levels"],
)
@endpoint("GET", Action.VIEW_GROUP)
def group_states(request: ApiRequest, group: UUID) -> Response:
    """Every state of the students of a group. `limit` and `after` count students, not states."""
    shown: Group = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    day = as_of_day(request, shown.school.time_zone)
    readable = Student.objects.visible_to(request.user, Action.VIEW_STAFF_NOTES, request.day)
    students, after = page_of(request, readable.enrolled_in(shown.pk, request.day).select_related("school"))
    record_looks(request, [student.uuid for student in students], page="api")
    states: dict[tuple[int, int], Any] = states_as_of(students, day) if day else _stored(students)
    targets = _uuids_of({target for _student, target in states})
    by_pk = {student.pk: student.uuid for student in students}
    listed = [
        state_as_dict(state, by_pk[student], targets[target]) for (student, target), state in sorted(states.items())
    ]
    return Response({"results": listed, "next": after})


def _stored(students: Iterable[Student]) -> dict[tuple[int, int], MasteryState]:
    rows = MasteryState.objects.filter(student__in=students)
    return {(row.student_id, row.target_id): row for row in rows}


def _uuids_of(target_ids: Iterable[int]) -> dict[int, UUID]:
    rows = Target.objects.filter(pk__in=list(target_ids)).order_by("pk")
    return dict(rows.values_list("pk", "uuid"))


def state_as_dict(state: State | MasteryState, student: UUID, target: UUID, *, tells: bool = True) -> dict[str, Any]:
    """``tells``: what the evidence suggests is for this reader."""
    return {
        "student": student,
        "target": target,
        "status": str(state.status),
        "level": level_value(state.level) or None,
        "is_proficient": state.is_proficient,
        "is_confirmed": state.judged is not None and not state.is_automatic,
        "is_automatic": state.is_automatic,
        "is_flagged": state.is_flagged and tells,
        "suggested": (level_value(state.suggested) or None) if tells else None,
        "evidence_count": state.score_count,
        "last_performed_on": state.last_performed_on,
        "method": state.method,
    }


@extend_schema(responses=answered.Why, parameters=[AS_OF], operation_id="why", tags=["levels"])
@endpoint("GET", Action.VIEW_STUDENT)
def why_show(request: ApiRequest, student: UUID, target: UUID) -> Response:
    """Everything that one number rests on."""
    shown = find_student(request, student)
    asked = find_target(target, shown.school_id)
    if asked is None:
        raise Http404
    return Response(why_as_dict(read_why(shown, asked, sight_asked_for(request, shown))))
