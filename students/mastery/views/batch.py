"""Marks made in a grid, many together."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from curriculum.models import Target
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, permits, visible
from students.mastery.forms.grid import BadBatch, SentBatch, SentItem, read_batch
from students.mastery.services import Item, Outcome
from students.mastery.views.marks import answer_to, do_all, is_somebody_else, open_for_marks, other_person


@require_POST
@permits(Action.RECORD_MARK)
def marks_record(request: PersonRequest, group: UUID) -> HttpResponse:
    """Do what was sent as JSON, with an answer for each, in its order. Sending it again changes nothing.

    The students are any that the person may record for; the group is where it was seen.
    """
    shown = open_for_marks(request, group)
    try:
        sent = read_batch(request.body)
    except BadBatch as bad:
        return _refused("invalid", str(bad), HTTPStatus.UNPROCESSABLE_ENTITY)
    if is_somebody_else(request, sent.person):
        return _refused("other_person", other_person(), HTTPStatus.FORBIDDEN)
    items = _find_items(request, shown, sent)
    outcomes = do_all(request, list(items.values()))
    done = dict(zip(items, outcomes, strict=True))
    return JsonResponse({"marks": [_answer(one, items.get(n), done.get(n)) for n, one in enumerate(sent.items)]})


def _refused(code: str, sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": sentence}, status=status)


def _find_items(request: PersonRequest, group: Group, sent: SentBatch) -> Mapping[int, Item]:
    """Those items, by number, whose student and target are there for this person; in 2 queries."""
    readable = {number: one for number, one in enumerate(sent.items) if not one.problem}
    students = _by_uuid(visible(request, Student.objects), {one.student for one in readable.values()})
    rows = Target.objects.current().select_related("topic__area__framework__scale")
    targets = _by_uuid(rows, {one.target for one in readable.values()})
    return {
        number: _item(request, group, one, students[one.student], targets[one.target])
        for number, one in readable.items()
        if one.student in students and one.target in targets
    }


def _by_uuid(rows: Any, uuids: set[UUID]) -> dict[UUID, Any]:
    return {row.uuid: row for row in rows.filter(uuid__in=uuids)}


def _item(request: PersonRequest, group: Group, sent: SentItem, student: Student, target: Target) -> Item:
    return Item(
        uuid=sent.identity,
        deed=sent.deed,
        student=student,
        target=target,
        performed_on=sent.performed_on or request.day,
        level=sent.level,
        mark=sent.mark,
        group=group,
        note=sent.note,
        made_offline=sent.made_offline,
        seen_at=sent.seen_at,
        accommodations=sent.accommodations,
    )


def _answer(sent: SentItem, item: Item | None, outcome: Outcome | None) -> dict[str, Any]:
    if sent.problem:
        return {"uuid": sent.uuid, "code": "invalid", "sentence": sent.problem}
    if item is None or outcome is None:
        sentence = _("You cannot record levels for this student or on this target.")
        return {"uuid": sent.uuid, "code": "not_allowed", "sentence": sentence}
    if outcome.refused is not None:
        return {"uuid": sent.uuid, "code": outcome.refused.code, "sentence": str(outcome.refused)}
    return answer_to(item, outcome)
