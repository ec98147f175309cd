"""Where what was shown on targets that end counts from then on: as rows, and as a drawing when they are few."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import Truncator

from curriculum.calculations.revisions import Drawing, draw_crosswalk
from curriculum.enums import Carries
from curriculum.queries.revisions.parts import Parts

MOST_DRAWN = 40
LONGEST_DRAWN = 32  # letters in a box
MOST_LISTED = 200


@dataclass(frozen=True)
class CrosswalkLine:
    old: str
    new: str
    follows: str
    is_new: bool  # the target begins with this revision


@dataclass(frozen=True)
class Walk:
    """``lines`` are the first 200 of ``count``."""

    lines: list[CrosswalkLine]
    count: int
    drawing: Drawing | None

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def read_crosswalk(parts: Parts) -> Walk:
    """No query of its own."""
    rows = [(str(parts.by_pk[row.source_id].uuid), str(row.destination_uuid), row.carries) for row in parts.crosswalk]
    added = {str(change.subject_uuid) for change in parts.changes if change.kind == "added"}
    lines = [
        CrosswalkLine(parts.at(old).name, parts.at(new).name, str(Carries(carries).label), new in added)
        for old, new, carries in rows[:MOST_LISTED]
    ]
    names = {uuid: Truncator(parts.at(uuid).name).chars(LONGEST_DRAWN) for row in rows for uuid in row[:2]}
    drawing = draw_crosswalk(rows, names) if 0 < len(rows) <= MOST_DRAWN else None
    return Walk(lines, len(rows), drawing)
