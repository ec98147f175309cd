"""What an edit is, and why one may be refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from curriculum.enums import ChangeKind, Subject
from curriculum.models import ContentArea, Target, Topic

BATCH = 500
# The fields that an edit may set, by what it is about. ``area``, ``topic`` and ``part_of`` are UUIDs as text (part_of
# may be None), ``guide`` maps levels as text ("3.00") to words, an empty text takes the line away, ``requires`` is the
# list of the UUIDs of all targets that come before. ``case_identifier`` is for rows that a package adds.
FIELDS: dict[Subject, tuple[str, ...]] = {
    Subject.FRAMEWORK: ("title", "creator", "version", "language", "notes"),
    Subject.AREA: ("case_identifier", "title", "domain", "position"),
    Subject.TOPIC: ("case_identifier", "area", "code", "title", "description", "position", "guide"),
    Subject.TARGET: (
        "case_identifier",
        *("topic", "part_of", "code", "short_title", "statement", "i_can", "language", "grades", "position"),
        *("guide", "requires"),
    ),
}
MODELS: dict[Subject, type[ContentArea | Topic | Target]] = {
    Subject.AREA: ContentArea,
    Subject.TOPIC: Topic,
    Subject.TARGET: Target,
}
FRAMEWORK_OF = {
    Subject.AREA: "framework",
    Subject.TOPIC: "area__framework",
    Subject.TARGET: "topic__area__framework",
}
PLACES = frozenset({"area", "topic", "part_of", "position"})  # what says where a row stands, not what it says


class EditRefused(Exception):
    """The edit was not made. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class CircleOfPrerequisites(EditRefused):
    """Targets would come before themselves."""


@dataclass(frozen=True)
class Edit:
    """``values`` maps fields of FIELDS to new values, all of them JSON. ``uuid`` of an added row is made beforehand.

    ``kind`` is ADDED, RETIRED, SPLIT or MERGED where the row begins or ends, else it follows from the fields.
    """

    subject: Subject
    uuid: UUID
    values: Mapping[str, Any] = field(default_factory=dict)
    kind: ChangeKind | None = None

    @property
    def told_kind(self) -> ChangeKind:
        if self.kind:
            return self.kind
        return ChangeKind.MOVED if PLACES.issuperset(self.values) else ChangeKind.REWORDED


def circle_found(names: Sequence[str]) -> CircleOfPrerequisites:
    """The refusal that names the way round: each of ``names`` comes before the next, the first again at the end."""
    way = " → ".join(names)
    return CircleOfPrerequisites(
        "circle",
        _("This cannot be: a target would come before itself. The way round is %(way)s.") % {"way": way},
    )


def check_fields(edit: Edit) -> None:
    unknown = edit.values.keys() - set(FIELDS[edit.subject])
    if unknown:
        raise ValueError(f"A {edit.subject} has no field {', '.join(sorted(unknown))} to edit.")
