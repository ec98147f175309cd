"""Evidence: reading the log, adding to it, taking back."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from lpm.lib.levels import level_value
from lpm.people.api import PAGING, ApiRequest, endpoint, moment_of, page_of, parameter
from lpm.people.policy import Action
from lpm.people.serializers import Problem
from students.mastery.api.people import find_student
from students.mastery.api.reading import sight_now
from students.mastery.api.sending import (
    Answer,
    Item,
    answer_all,
    answer_one,
    list_sent,
    refusal,
    respond,
)
from students.mastery.api.states import state_as_dict
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import Sight
from students.mastery.queries.log import assessments_seen
from students.mastery.serializers import answered
from students.mastery.serializers.sent import NewAssessment, NewAssessments, NewVoid
from students.mastery.services import MarkRefused, NewMark, Recorded, record_marks, void_mark

SINCE = parameter("since", OpenApiTypes.DATETIME, "What was recorded at or after that moment.")
ONE = {200: answered.Done, 201: answered.Done, **dict.fromkeys((403, 404, 409, 422), Problem)}


@extend_schema(
    responses=answered.part_of(answered.Assessment),
    parameters=[SINCE, *PAGING],
    operation_id="student_assessments",
    tags=["record"],
)
@endpoint("GET", Action.VIEW_STUDENT)
def student_assessments(request: ApiRequest, student: UUID) -> Response:
    """The evidence on one student, in the order in which it came in.

    The staff reads the whole log; a row that `voids` another takes it back. Students and families read what stands
    and was released to them.
    """
    shown = find_student(request, student)
    sight = sight_now(request, shown)
    whole = assessments_seen(shown, sight).select_related("target", "recorder", "voids")
    since = moment_of(request, "since")
    rows, after = page_of(request, whole.filter(recorded_at__gte=since) if since else whole, whole)
    return Response({"results": [_assessment_as_dict(row, shown.uuid, sight) for row in rows], "next": after})


def _assessment_as_dict(row: Assessment, student: UUID, sight: Sight) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "student": student,
        "target": row.target.uuid,
        "kind": row.kind,
        "level": level_value(row.level) or None,
        "goal": level_value(row.goal) or None,
        "accommodations": row.accommodations,
        "performed_on": row.performed_on,
        "recorded_at": row.recorded_at,
        "recorder": row.recorder.name if row.recorder else None,
        "comment": (row.comment or None) if sight.is_staff else None,
        "language": (row.language or None) if sight.is_staff else None,
        "voids": row.voids.uuid if row.voids else None,
    }


@extend_schema(request=NewAssessment, responses=ONE, operation_id="assessment_create", tags=["record"])
@endpoint("POST", Action.VIEW_STUDENT)
def assessment_create(request: ApiRequest) -> Response:
    """Add one piece of evidence: 201, or 200 when it had arrived before."""
    return answer_one(request, NewAssessment(), lambda items: _record(request, items))


@extend_schema(request=NewAssessments, responses=answered.AllDone, operation_id="assessment_batch", tags=["record"])
@endpoint("POST", Action.VIEW_STUDENT)
def assessment_batch(request: ApiRequest) -> Response:
    """Add up to 1,000, with an answer for each: one that is refused leaves the others be."""
    sent = list_sent(request, "assessments")
    answers = answer_all(request, sent, NewAssessment(), lambda items: _record(request, items))
    return Response({"answers": answers})


def _record(request: ApiRequest, items: list[Item]) -> Iterator[Answer]:
    marks = [_mark(item) for item in items]
    done = record_marks(marks=marks, recorder=request.user, day=request.day)
    for item, one in zip(items, done, strict=True):
        yield refusal(one) if isinstance(one, MarkRefused) else _recorded(one, item)


def _mark(item: Item) -> NewMark:
    known = {"student": item.student, "target": item.target, "group": item.group}
    kind = AssessmentKind(item.fields["kind"])
    return NewMark(**{**item.fields, **known, "kind": kind, "accommodations": tuple(item.fields["accommodations"])})


def _recorded(one: Recorded, item: Item) -> Answer:
    """Students are not told at once what a level is now, here as on their pages."""
    is_own = one.assessment.kind == AssessmentKind.SELF
    return {
        "status": (HTTPStatus.CREATED if one.is_new else HTTPStatus.OK).value,
        "state": None if is_own else state_as_dict(one.state, item.student.uuid, item.target.uuid),
        "conflict": _conflict_as_dict(one.conflict) if one.conflict else None,
    }


def _conflict_as_dict(row: Judgement) -> dict[str, Any]:
    judge = row.judge.name if row.judge else None
    return {"level": level_value(row.level) or None, "judge": judge, "recorded_at": row.recorded_at}


@extend_schema(request=NewVoid, responses=ONE, operation_id="assessment_void", tags=["record"])
@endpoint("POST", Action.VOID_MARK)
def assessment_void(request: ApiRequest, assessment: UUID) -> Response:
    """Take back what was recorded, saying why: teachers their own, heads of the school anybody's."""
    shape = NewVoid()
    sent = shape.run_validation(request.data)
    try:
        done = void_mark(voider=request.user, mark_uuid=assessment, day=request.day, **sent)
    except MarkRefused as refused:
        return respond(refusal(refused))
    row = done.assessment
    state = state_as_dict(done.state, (row.student.merged_into or row.student).uuid, row.target.uuid)
    status = (HTTPStatus.CREATED if done.is_new else HTTPStatus.OK).value
    return respond({"uuid": str(row.uuid), "status": status, "state": state, "conflict": None})
