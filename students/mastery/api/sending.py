"""What programs send, one or many: its shape, whom and what it names, and an answer for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from curriculum.models import Target
from lpm.people.api import ApiError, ApiRequest, first_problem
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.serializers import Shape
from lpm.people.views import visible
from students.mastery.services import MarkRefused

MOST = 1000
STATUSES = {
    "not_allowed": HTTPStatus.FORBIDDEN,
    "not_yours": HTTPStatus.FORBIDDEN,
    "no_such_mark": HTTPStatus.NOT_FOUND,
    "uuid_reused": HTTPStatus.CONFLICT,
    "already_undone": HTTPStatus.CONFLICT,
    "changed": HTTPStatus.CONFLICT,
}
Answer = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One thing sent, of the right shape, about what this person may see."""

    fields: dict[str, Any]
    student: Student
    target: Target
    group: Group | None


def list_sent(request: ApiRequest, name: str) -> list[Any]:
    """The list that was sent as ``name``, of at most MOST; each is looked at by itself."""
    sent = request.data
    listed = sent.get(name) if isinstance(sent, dict) and len(sent) == 1 else None
    if not isinstance(listed, list):
        sentence = _("Send a list with the name %(name)s, and nothing else.") % {"name": name}
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", sentence, name)
    if len(listed) > MOST:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "too_many", _("Send at most %(n)d at once.") % {"n": MOST})
    return listed


def answer_all(
    request: ApiRequest, sent: Sequence[Any], shape: Shape, record: Callable[[list[Item]], Iterable[Answer]]
) -> list[Answer]:
    """An answer for each: what ``record`` says of what can be recorded, or why it cannot."""
    answers: dict[int, Answer] = {}
    read: dict[int, dict[str, Any]] = {}
    for number, one in enumerate(sent):
        try:
            read[number] = shape.run_validation(one)
        except ValidationError as error:
            answers[number] = {"status": HTTPStatus.UNPROCESSABLE_ENTITY.value, **first_problem(error.detail)}
    items = _find(request, read, answers)
    if items:
        answers.update(zip(items, record(list(items.values())), strict=True))
    return [{"uuid": _uuid_of(one), **answers[number]} for number, one in enumerate(sent)]


def answer_one(request: ApiRequest, shape: Shape, record: Callable[[list[Item]], Iterable[Answer]]) -> Response:
    """The same for one thing, which is the whole of what was sent."""
    [answer] = answer_all(request, [request.data], shape, record)
    return respond(answer)


def respond(answer: Answer) -> Response:
    """Refused is an error as everywhere."""
    status = answer["status"]
    if status >= HTTPStatus.BAD_REQUEST:
        answer = {name: answer[name] for name in ("code", "sentence", "field") if name in answer}
    return Response(answer, status=status)


def refusal(refused: MarkRefused) -> Answer:
    status = STATUSES.get(refused.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    return {"status": status.value, "code": refused.code, "sentence": str(refused)}


def _find(request: ApiRequest, read: dict[int, dict[str, Any]], answers: dict[int, Answer]) -> dict[int, Item]:
    """Those about what is there for this person; of the rest the answer says what is not. In 2 queries, 3 with
    groups."""
    day, user = request.day, request.user
    students = _by_uuid(visible(request, Student.objects), {one["student"] for one in read.values()})
    targets = _by_uuid(
        Target.objects.visible_to(user, Action.VIEW_CURRICULUM, day), {one["target"] for one in read.values()}
    )
    named = {one["group"] for one in read.values() if one.get("group")}
    groups: dict[Any, Group | None] = {None: None}
    if named:
        groups.update(_by_uuid(Group.objects.visible_to(user, Action.VIEW_GROUP, day), named))
    known: dict[str, Mapping[Any, Any]] = {"student": students, "target": targets, "group": groups}
    items = {}
    for number, one in read.items():
        missing = next((name for name, rows in known.items() if one.get(name) not in rows), None)
        if missing:
            answers[number] = _not_found(missing)
        else:
            items[number] = Item(one, students[one["student"]], targets[one["target"]], groups[one.get("group")])
    return items


def _by_uuid(rows: Any, uuids: set[UUID]) -> dict[UUID, Any]:
    return {row.uuid: row for row in rows.filter(uuid__in=uuids)}


def _not_found(field: str) -> Answer:
    sentence = _("There is nothing here for you.")
    return {"status": HTTPStatus.NOT_FOUND.value, "code": "not_found", "sentence": sentence, "field": field}


def _uuid_of(sent: Any) -> str | None:
    uuid = sent.get("uuid") if isinstance(sent, dict) else None
    return uuid[:100] if isinstance(uuid, str) else None
