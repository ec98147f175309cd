"""The grid: students by targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from curriculum.models import Topic
from lpm.people.models import Group
from students.mastery.calculations import Cell
from students.mastery.models import Assessment, MasteryState
from students.mastery.queries.grid.looks import EMPTY_CELL, LOOK_FIELDS, GridCell, cell_of

BUCKETS = (4, 3, 2, 1, 0, None)  # of the bar of a class: whole levels, highest first; None is no level
OVERLAP = timedelta(seconds=10)  # for what was being written while somebody else looked


@dataclass(frozen=True)
class Share:
    """A part of the bar of a class: how many have a level of ``bucket``, after how many with higher ones."""

    bucket: int | None
    start: int
    count: int


@dataclass(frozen=True)
class GridTarget:
    """A column: one target. ``shares`` is the class on it, by level."""

    uuid: str
    code: str
    title: str
    i_can: str
    proficient_count: int
    topic: str = ""
    shares: tuple[Share, ...] = ()
    begins_topic: bool = False


@dataclass(frozen=True)
class GridRow:
    """A student. ``group`` is the one that marks belong to where a grid has students of several; "" is no mark."""

    uuid: str
    name: str
    cells: list[GridCell]
    group: str = ""


@dataclass(frozen=True)
class Grid:
    """Students by targets. ``fingerprint`` changes when a row or column comes, goes or moves."""

    targets: list[GridTarget]
    rows: list[GridRow]
    fingerprint: str

    @property
    def topics(self) -> list[tuple[str, int]]:
        """The titles over the columns, with how many columns each is over."""
        return [(title, len(list(found))) for title, found in groupby(self.targets, lambda target: target.topic)]

    @property
    def waiting_count(self) -> int:
        return sum(cell.waits for row in self.rows for cell in row.cells)


Keep = Callable[[int, Sequence[GridCell]], bool]  # of a student and the cells of the row


def read_grid(
    students: Any, targets: Any, *, keeps: Keep | None = None, groups: Mapping[int, str] | None = None
) -> Grid:
    """The grid of ``students`` by ``targets`` (querysets in their order), in 3 queries.

    ``keeps`` chooses the rows; ``groups`` says by student where marks belong, in a grid of several groups.
    """
    columns = list(
        targets.values_list("pk", "uuid", "code", "short_title", "statement", "i_can", "topic_id", "topic__title")
    )
    people = list(students.only("uuid", "given_name", "preferred_name", "family_preferred_name", "family_name"))
    cells = _read_cells([person.pk for person in people], [column[0] for column in columns])
    found = [(person, [cells.get((person.pk, column[0]), EMPTY_CELL) for column in columns]) for person in people]
    rows = [
        GridRow(str(person.uuid), person.name, line, (groups or {}).get(person.pk, ""))
        for person, line in found
        if keeps is None or keeps(person.pk, line)
    ]
    heads = _heads(columns, rows)
    return Grid(heads, rows, _fingerprint(rows, heads))


def _read_cells(students: list[int], targets: list[int]) -> dict[Cell, GridCell]:
    kept: dict[tuple[Any, ...], GridCell] = {}
    cells: dict[Cell, GridCell] = {}
    states = MasteryState.objects.filter(student_id__in=students, target_id__in=targets)
    for student, target, *look in states.values_list("student_id", "target_id", *LOOK_FIELDS):
        key = tuple(look)
        if key not in kept:
            kept[key] = cell_of(*look)
        cells[student, target] = kept[key]
    return cells


def _heads(columns: list[Any], rows: list[GridRow]) -> list[GridTarget]:
    known = {id(cell): cell for row in rows for cell in row.cells}
    heads = []
    before = None
    for number, (_pk, uuid, code, short, statement, i_can, topic_id, topic) in enumerate(columns):
        counts = Counter(id(row.cells[number]) for row in rows)
        column = [(known[key], count) for key, count in counts.items()]
        met = sum(count for cell, count in column if cell.is_proficient)
        words = (code, short or statement, i_can or statement)
        heads.append(GridTarget(str(uuid), *words, met, topic, _shares(column), topic_id != before))
        before = topic_id
    return heads


def _shares(column: list[tuple[GridCell, int]]) -> tuple[Share, ...]:
    counts: Counter[int | None] = Counter()
    for cell, count in column:
        counts[None if cell.level is None else min(int(cell.level), 4)] += count
    shares = []
    start = 0
    for bucket in BUCKETS:
        shares.append(Share(bucket, start, counts[bucket]))
        start += counts[bucket]
    return tuple(shares)


def _fingerprint(rows: list[GridRow], targets: list[GridTarget]) -> str:
    axes = "".join([row.uuid for row in rows] + [target.uuid for target in targets])
    return sha256(axes.encode()).hexdigest()[:16]


def find_topic(group: Group, topics: Any) -> Topic | None:
    """The topic last worked on in the group, else the first of ``topics``; in at most 2 queries."""
    newest = (
        Assessment.objects.filter(group=group).order_by("-recorded_at").values_list("target__topic_id", flat=True)[:1]
    )
    topic: Topic | None = topics.filter(pk__in=newest).first() or topics.in_order().first()
    return topic


def read_changed(students: Any, targets: Any, since: datetime) -> list[tuple[str, str, GridCell]]:
    """The cells of ``students`` by ``targets`` that anybody changed after ``since``, or just before: student, target,
    look; in 1 query, 2 where there are some.
    """
    states = MasteryState.objects.filter(
        changed_at__gt=since - OVERLAP, student__in=students.order_by().values("pk"), target__in=targets.order_by()
    )
    found = states.order_by("student_id", "target_id").values_list("student__uuid", "target__uuid", *LOOK_FIELDS)
    return [(str(student), str(target), cell_of(*look)) for student, target, *look in found]
