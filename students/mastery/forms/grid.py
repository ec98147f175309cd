"""The shape of what a grid sends together."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from students.mastery.enums import Accommodation
from students.mastery.services import Deed

MOST = 1000
LONGEST = 500  # letters of a note
LEVEL = re.compile(r"\d{1,2}(\.\d{1,2})?")
UNKEPT = re.compile(r"[\x00\ud800-\udfff]")  # what no database keeps: NUL, and halves of characters
FIRST_YEAR = 1990
NONE = UUID(int=0)
T = TypeVar("T")


class BadBatch(Exception):
    """What was sent is no batch; the text says why."""


class BadItem(Exception):
    """One item of a batch cannot be read; the text says why."""


@dataclass(frozen=True)
class SentItem:
    """One item as it was sent; ``problem`` says why it could not be read, and then all but ``uuid`` is meaningless."""

    uuid: str
    problem: str = ""
    identity: UUID = NONE
    deed: Deed = Deed.MARK
    student: UUID = NONE
    target: UUID = NONE
    level: Decimal | None = None
    performed_on: date | None = None
    mark: UUID | None = None
    note: str = ""
    made_offline: bool = False
    seen_at: datetime | None = None
    accommodations: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentBatch:
    person: UUID | None
    items: list[SentItem]


def read_batch(body: bytes) -> SentBatch:
    """What a script sent as JSON. Raises BadBatch."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    marks = sent.get("marks") if isinstance(sent, dict) else None
    if not isinstance(marks, list):
        raise BadBatch(_("This could not be read."))
    if len(marks) > MOST:
        raise BadBatch(_("Send at most %(n)s at once.") % {"n": MOST})
    try:
        person = _uuid(sent, "person", None)
        seen_at = _moment(sent, None)
    except BadItem as bad:
        raise BadBatch(str(bad)) from bad
    return SentBatch(person, [_read_item(mark, seen_at) for mark in marks])


def _read_item(sent: Any, seen_at: datetime | None) -> SentItem:
    if not isinstance(sent, dict):
        return SentItem("", problem=_("This could not be read."))
    try:
        return SentItem(
            uuid=str(sent.get("uuid", "")),
            identity=_required(_uuid, sent, "uuid"),
            deed=_deed(sent),
            student=_required(_uuid, sent, "student"),
            target=_required(_uuid, sent, "target"),
            level=_level(sent),
            performed_on=_day(sent),
            mark=_uuid(sent, "mark", None),
            note=_note(sent),
            made_offline=sent.get("made_offline") in (True, "true"),
            seen_at=_moment(sent, seen_at),
            accommodations=_accommodations(sent),
        )
    except BadItem as bad:
        return SentItem(str(sent.get("uuid", "")), problem=str(bad))


def _required(read: Callable[[Mapping[str, Any], str, None], T | None], sent: Mapping[str, Any], name: str) -> T:
    value = read(sent, name, None)
    if value is None:
        raise BadItem(_("This could not be read."))
    return value


def _uuid(sent: Mapping[str, Any], name: str, default: None) -> UUID | None:
    given = sent.get(name)
    if given is None or given == "":
        return default
    try:
        return UUID(str(given))
    except ValueError:
        raise BadItem(_("This could not be read.")) from None


def _deed(sent: Mapping[str, Any]) -> Deed:
    try:
        return Deed(str(sent.get("kind") or Deed.MARK))
    except ValueError:
        raise BadItem(_("This could not be read.")) from None


def _level(sent: Mapping[str, Any]) -> Decimal | None:
    given = sent.get("level")
    if given is None or given == "":
        return None
    if not LEVEL.fullmatch(str(given)):
        raise BadItem(_("A level is a number such as 2.5."))
    return Decimal(str(given))


def _note(sent: Mapping[str, Any]) -> str:
    return UNKEPT.sub("", str(sent.get("reason") or sent.get("comment") or ""))[:LONGEST]


def _accommodations(sent: Mapping[str, Any]) -> tuple[str, ...]:
    """A list of codes, or a text of them with commas."""
    given = sent.get("accommodations") or []
    codes = given.split(",") if isinstance(given, str) else given
    if not isinstance(codes, list) or not all(code in Accommodation.values for code in codes):
        raise BadItem(_("This accommodation is not known here."))
    return in_order(codes)


def in_order(codes: Collection[str]) -> tuple[str, ...]:
    """Each of the accommodations once, in the order in which they are offered."""
    return tuple(code for code in Accommodation.values if code in codes)


def _day(sent: Mapping[str, Any]) -> date | None:
    given = sent.get("performed_on")
    if given is None or given == "":
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise BadItem(_("Write the day as year-month-day, such as 2026-11-21.")) from None


def _moment(sent: Mapping[str, Any], default: datetime | None) -> datetime | None:
    given = sent.get("seen_at")
    if given is None or given == "":
        return default
    moment = read_moment(str(given))
    if moment is None:
        raise BadItem(_("This could not be read."))
    return moment


def read_moment(text: str) -> datetime | None:
    """A moment with its time zone; None when the text is none, or one at which nobody looked at anything."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not FIRST_YEAR <= moment.year < date.max.year:
        return None
    return moment
