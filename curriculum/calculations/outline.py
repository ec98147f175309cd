"""A curriculum as it is being written: what is stored, with the changes laid over it that still wait.

Pieces are areas, topics and targets alike. ``values`` holds the fields that an edit may set, parents by their identity
as text. Pure; the number of steps grows with the number of pieces.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from curriculum.enums import ChangeKind, Subject

PARENT = {Subject.AREA: "", Subject.TOPIC: "area", Subject.TARGET: "topic"}
# What takes a piece out of use.
ENDING = frozenset({ChangeKind.RETIRED, ChangeKind.SPLIT, ChangeKind.MERGED})


@dataclass(frozen=True)
class Piece:
    """``changed`` names the fields that a revision changes; ``kind`` says what it does, "" where nothing waits."""

    subject: Subject
    uuid: UUID
    values: Mapping[str, Any]
    kind: str = ""
    changed: frozenset[str] = frozenset()

    @property
    def parent(self) -> str:
        """The identity of what it stands under; "" for an area, which stands under the framework."""
        return str(self.values.get(PARENT[self.subject]) or "")

    @property
    def whole(self) -> str:
        """The identity of the target that this one is a part of, or ""."""
        return str(self.values.get("part_of") or "")

    @property
    def code(self) -> str:
        return str(self.values.get("code") or "")

    @property
    def title(self) -> str:
        return str(self.values.get("title") or self.values.get("short_title") or self.values.get("statement") or "")

    @property
    def name(self) -> str:
        """A few letters to call it by in a sentence."""
        return self.code or self.title

    @property
    def position(self) -> int:
        return int(self.values.get("position") or 0)

    @property
    def ends(self) -> bool:
        return self.kind in ENDING

    @property
    def is_new(self) -> bool:
        return self.kind == ChangeKind.ADDED


@dataclass(frozen=True)
class Pending:
    """A change that waits: as a row of ``Change``, without the database."""

    subject: Subject
    uuid: UUID
    kind: str
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """All pieces of one framework by identity."""

    pieces: Mapping[UUID, Piece]

    @cached_property
    def _below(self) -> Mapping[tuple[Subject, str, str], Sequence[Piece]]:
        below: defaultdict[tuple[Subject, str, str], list[Piece]] = defaultdict(list)
        for piece in self.pieces.values():
            below[piece.subject, piece.parent, piece.whole].append(piece)
        return {key: sorted(rows, key=lambda piece: piece.position) for key, rows in below.items()}

    def find(self, subject: Subject, uuid: UUID | str) -> Piece | None:
        piece = self.pieces.get(UUID(str(uuid)))
        return piece if piece and piece.subject == subject else None

    def areas(self) -> Sequence[Piece]:
        return self._below.get((Subject.AREA, "", ""), [])

    def topics_of(self, area: UUID | str) -> Sequence[Piece]:
        return self._below.get((Subject.TOPIC, str(area), ""), [])

    def topics(self) -> list[Piece]:
        """In the order of the framework."""
        return [topic for area in self.areas() for topic in self.topics_of(area.uuid)]

    def targets_of(self, topic: UUID | str) -> Sequence[Piece]:
        """Whole targets, along the progression."""
        return self._below.get((Subject.TARGET, str(topic), ""), [])

    def parts_of(self, target: Piece) -> Sequence[Piece]:
        return self._below.get((Subject.TARGET, target.parent, str(target.uuid)), [])

    def targets(self) -> list[Piece]:
        return [piece for piece in self.pieces.values() if piece.subject == Subject.TARGET]

    def siblings(self, piece: Piece) -> Sequence[Piece]:
        """All that stand in one order with the piece, itself among them."""
        return self._below[piece.subject, piece.parent, piece.whole]

    def beneath(self, piece: Piece) -> list[Piece]:
        """The piece and everything under it."""
        if piece.subject == Subject.AREA:
            return [piece, *(row for topic in self.topics_of(piece.uuid) for row in self.beneath(topic))]
        if piece.subject == Subject.TOPIC:
            return [piece, *(row for row in self.targets() if row.parent == str(piece.uuid))]
        return [piece, *self.parts_of(piece)]

    def next_target(self, target: Piece) -> Piece | None:
        """The one after it in its topic, parts after their whole."""
        rows = [row for whole in self.targets_of(target.parent) for row in (whole, *self.parts_of(whole))]
        after = rows[rows.index(target) + 1 :] if target in rows else []
        return next((row for row in after if not row.ends), None)


def overlaid(stored: Iterable[Piece], pending: Iterable[Pending]) -> Outline:
    """What is stored with what waits; a change to something that is not there any more is left out."""
    pieces = {piece.uuid: piece for piece in stored}
    for change in pending:
        known = pieces.get(change.uuid)
        if known or change.kind == ChangeKind.ADDED:
            values = {**(known.values if known else {}), **change.after}
            pieces[change.uuid] = Piece(change.subject, change.uuid, values, change.kind, frozenset(change.after))
    return Outline(pieces)


def fingerprint(*said: object) -> str:
    """The same for the same words; tells whether somebody else changed them in between."""
    return sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()[:16]


def renumbered(rows: Sequence[Piece], piece: Piece, place: int) -> dict[UUID, int]:
    """New positions, of those rows only whose position changes, so that ``piece`` stands at ``place`` (from 1).

    ``rows`` are in order, with or without the piece. A place beyond the end is the end, one before the first the first.
    """
    others = [row for row in rows if row.uuid != piece.uuid]
    at = min(max(place, 1), len(others) + 1) - 1
    order = [*others[:at], piece, *others[at:]]
    return {row.uuid: n for n, row in enumerate(order, start=1) if row.position != n}


def next_code(codes: Sequence[str]) -> str:
    """The code after the last one, where that ends in a number: "FR.9" is followed by "FR.10"; else ""."""
    found = re.fullmatch(r"(.*?)(\d{1,6})", codes[-1]) if codes else None
    if found is None:
        return ""
    return f"{found[1]}{str(int(found[2]) + 1).zfill(len(found[2]))}"
