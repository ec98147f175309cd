"""What a cell of the grid shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lpm.lib.levels import level_value
from students.mastery.calculations import State
from students.mastery.calculations.place import UNTOUCHED
from students.mastery.enums import MasteryStatus
from students.mastery.models import MasteryState

LOOK_FIELDS = (
    "level",
    "status",
    "judged",
    "is_flagged",
    "newest",
    "suggested",
    "is_proficient",
    "is_automatic",
    "is_contested",
)


@dataclass(frozen=True)
class GridCell:
    """What one cell shows; equal cells are the same object, so that each is rendered once.

    ``is_strand``: of habits or reasoning, where nothing is proficient. Status OFF: the strand is off by plan.
    ``is_due``: proficient, and left alone for longer than the school wants. ``was`` is the cell on the day with which
    a grid is compared, where it said something else.
    """

    level: Decimal | None
    status: str
    is_confirmed: bool
    is_flagged: bool
    newest: Decimal | None = None
    suggested: Decimal | None = None
    is_proficient: bool = False
    is_automatic: bool = False
    is_contested: bool = False
    is_strand: bool = False
    is_due: bool = False
    was: GridCell | None = None

    @property
    def waits(self) -> bool:
        """Whether a teacher may still accept what is suggested."""
        return self.level is not None and not self.is_confirmed

    @property
    def agrees(self) -> bool:
        """Whether it waits, and the newest evidence says the same as all of it."""
        return self.waits and self.suggested == self.newest


OFF = "off"
EMPTY_CELL = GridCell(None, MasteryStatus.NOT_STARTED, is_confirmed=False, is_flagged=False)
EMPTY_STRAND = replace(EMPTY_CELL, is_strand=True)
OFF_CELL = replace(EMPTY_STRAND, status=OFF)


def cell_of(level: Any, status: str, judged: Any, is_flagged: bool, *others: Any) -> GridCell:
    """The cell of the values of LOOK_FIELDS, in that order."""
    return GridCell(level, status, judged is not None, is_flagged, *others)


def look_of(state: State | MasteryState) -> GridCell:
    return cell_of(*(getattr(state, name) for name in LOOK_FIELDS))


def differ(was: GridCell, now: GridCell) -> bool:
    """Whether the cell says another level, or another reason for having none."""
    if {was.status, now.status} <= UNTOUCHED:
        return False
    return (was.status, was.level) != (now.status, now.level)


def look_as_dict(cell: GridCell) -> dict[str, Any]:
    """The cell as a script paints it; levels as machines read them, None for none."""
    return {
        "level": level_value(cell.level) or None,
        "status": cell.status,
        "confirmed": cell.is_confirmed,
        "flagged": cell.is_flagged,
        "automatic": cell.is_automatic,
        "contested": cell.is_contested,
        "due": cell.is_due,
        "proficient": cell.is_proficient,
        "newest": level_value(cell.newest) or None,
        "suggested": level_value(cell.suggested) or None,
    }
