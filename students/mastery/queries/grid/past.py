"""A grid of a past day, what changed since one, and what was left alone for long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from lpm.people.models import Student
from students.mastery.calculations import Cell
from students.mastery.calculations.why import is_due_another_look
from students.mastery.models import MasterySettings
from students.mastery.queries.as_of import read_grid_as_of
from students.mastery.queries.grid.looks import GridCell, differ, look_of

Columns = list[tuple[int, GridCell]]  # targets, with what stands there where nothing is known
IsDue = Callable[[bool, date | None, datetime | None], bool]  # proficient, last shown, changed


class _Touched(NamedTuple):
    is_proficient: bool
    last_performed_on: date | None
    changed_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """As of which day a grid shows the record (None: now), or since which day it marks what changed, and after how
    many days a proficient target is worth another look (None: never)."""

    as_of: date | None = None
    since: date | None = None
    recency_days: int | None = None

    @property
    def is_past(self) -> bool:
        """Whether the grid is to look at alone."""
        return self.as_of is not None or self.since is not None

    def dues(self, day: date) -> IsDue:
        if self.recency_days is None:
            return lambda *_touched: False
        return lambda *touched: is_due_another_look(_Touched(*touched), day, self.recency_days)


NOW = Standing()


def recency_of(school_id: int, day: date) -> int | None:
    """1 query."""
    days: int | None = MasterySettings.objects.in_force(school_id, day, "recency_days").get("recency_days")
    return days


def read_past(
    people: list[Student], columns: Columns, day: date, recency_days: int | None = None
) -> dict[Cell, GridCell]:
    """The cells at the end of ``day``; people come with their schools. Equal cells are the same object."""
    kept: dict[GridCell, GridCell] = {}
    nothing = dict(columns)
    cells: dict[Cell, GridCell] = {}
    for (student, target), state in read_grid_as_of(people, list(nothing), day).items():
        is_due = is_due_another_look(state, day, recency_days)
        cell = replace(look_of(state), is_strand=nothing[target].is_strand, is_due=is_due)
        cells[student, target] = kept.setdefault(cell, cell)
    return cells


def compare(
    people: list[Student], columns: Columns, before: Mapping[Cell, GridCell], now: Mapping[Cell, GridCell]
) -> dict[Cell, GridCell]:
    """The cells of ``now``; those that say something else than ``before`` carry what that was."""
    kept: dict[GridCell, GridCell] = {}
    cells = dict(now)
    for person in people:
        for target, nothing in columns:
            place = (person.pk, target)
            was, cell = before.get(place, nothing), now.get(place, nothing)
            if differ(was, cell):
                marked = replace(cell, was=was)
                cells[place] = kept.setdefault(marked, marked)
    return cells
