"""What teachers decided: reading the log, and adding to it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from lpm.lib.levels import level_value
from lpm.people.api import PAGING, ApiRequest, endpoint, moment_of, page_of
from lpm.people.policy import Action
from students.mastery.api.assessments import ONE, SINCE
from students.mastery.api.people import find_student
from students.mastery.api.reading import sight_now
from students.mastery.api.sending import Answer, Item, answer_all, answer_one, list_sent, refusal
from students.mastery.api.states import state_as_dict
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement
from students.mastery.queries import Sight
from students.mastery.queries.log import judgements_seen
from students.mastery.serializers import answered
from students.mastery.serializers.sent import NewJudgement, NewJudgements
from students.mastery.services import Decided, Decision, MarkRefused, record_decisions


@extend_schema(
    responses=answered.part_of(answered.Judgement),
    parameters=[SINCE, *PAGING],
    operation_id="student_judgements",
    tags=["record"],
)
@endpoint("GET", Action.VIEW_STUDENT)
def student_judgements(request: ApiRequest, student: UUID) -> Response:
    """What was decided about one student, in the order in which it came in; read as the evidence is."""
    shown = find_student(request, student)
    sight = sight_now(request, shown)
    whole = judgements_seen(shown, sight).select_related("target", "judge", "based_on", "voids")
    since = moment_of(request, "since")
    rows, after = page_of(request, whole.filter(recorded_at__gte=since) if since else whole, whole)
    return Response({"results": [_judgement_as_dict(row, shown.uuid, sight) for row in rows], "next": after})


def _judgement_as_dict(row: Judgement, student: UUID, sight: Sight) -> dict[str, Any]:
    """Who excused a student, and why, is for the staff."""
    tells = sight.is_staff or row.kind != JudgementKind.EXCUSED
    return {
        "uuid": row.uuid,
        "student": student,
        "target": row.target.uuid,
        "kind": row.kind,
        "level": level_value(row.level) or None,
        "recorded_at": row.recorded_at,
        "judge": row.judge.name if row.judge and tells else None,
        "note": (row.note or None) if sight.is_staff else None,
        "based_on": row.based_on.uuid if row.based_on else None,
        "voids": row.voids.uuid if row.voids else None,
    }


@extend_schema(request=NewJudgement, responses=ONE, operation_id="judgement_create", tags=["record"])
@endpoint("POST", Action.VIEW_STUDENT)
def judgement_create(request: ApiRequest) -> Response:
    """Decide one level: 201, or 200 when it had arrived before."""
    return answer_one(request, NewJudgement(), lambda items: _record(request, items))


@extend_schema(request=NewJudgements, responses=answered.AllDone, operation_id="judgement_batch", tags=["record"])
@endpoint("POST", Action.VIEW_STUDENT)
def judgement_batch(request: ApiRequest) -> Response:
    """Decide up to 1,000, with an answer for each: one that is refused leaves the others be."""
    sent = list_sent(request, "judgements")
    answers = answer_all(request, sent, NewJudgement(), lambda items: _record(request, items))
    return Response({"answers": answers})


def _record(request: ApiRequest, items: list[Item]) -> Iterator[Answer]:
    decisions = [_decision(item) for item in items]
    done = record_decisions(decisions=decisions, judge=request.user, day=request.day)
    for item, one in zip(items, done, strict=True):
        yield refusal(one) if isinstance(one, MarkRefused) else _decided(one, item)


def _decision(item: Item) -> Decision:
    kind = JudgementKind(item.fields["kind"])
    return Decision(**{**item.fields, "student": item.student, "target": item.target, "kind": kind})


def _decided(one: Decided, item: Item) -> Answer:
    return {
        "status": (HTTPStatus.CREATED if one.is_new else HTTPStatus.OK).value,
        "state": state_as_dict(one.state, item.student.uuid, item.target.uuid),
    }
