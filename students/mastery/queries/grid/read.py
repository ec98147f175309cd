"""The grid: students by targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from curriculum.models import Topic
from lpm.people.models import Group, Student
from students.mastery.calculations import Cell
from students.mastery.models import Assessment, MasteryState
from students.mastery.queries.grid.looks import (
    EMPTY_CELL,
    EMPTY_STRAND,
    LOOK_FIELDS,
    OFF_CELL,
    GridCell,
    cell_of,
)
from students.mastery.queries.grid.past import NOW, Columns, IsDue, Standing, compare, read_past
from students.mastery.queries.pauses import is_strand, read_pauses

BUCKETS = (4, 3, 2, 1, 0, None)  # of the bar of a class: whole levels, highest first; None is no level
COLUMN = (
    *("pk", "uuid", "code", "short_title", "statement", "i_can", "topic_id", "topic__title"),
    *("topic__area_id", "topic__area__domain"),
)
NAMES = (
    *("uuid", "given_name", "preferred_name", "family_preferred_name", "family_name"),
    *("school_id", "merged_into_id"),
)
TOUCHED = ("last_performed_on", "changed_at")
PROFICIENT = LOOK_FIELDS.index("is_proficient")
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
    is_strand: bool = False


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

    @property
    def changed(self) -> tuple[int, int]:
        """How many cells say something else than on the day compared with, and of how many students."""
        counts = [sum(cell.was is not None for cell in row.cells) for row in self.rows]
        return sum(counts), sum(count > 0 for count in counts)


Keep = Callable[[int, Sequence[GridCell]], bool]  # of a student and the cells of the row


def read_grid(
    students: Any,
    targets: Any,
    *,
    day: date,
    standing: Standing = NOW,
    keeps: Keep | None = None,
    groups: Mapping[int, str] | None = None,
) -> Grid:
    """The grid of ``students`` by ``targets`` (querysets in their order), in 3 queries, 4 where there are strands, and
    5 more for each school where a past day is asked for.

    A strand that is off for a student on the day shows nothing but that.

    ``keeps`` chooses the rows; ``groups`` says by student where marks belong, in a grid of several groups.
    """
    columns = list(targets.values_list(*COLUMN))
    people = list(_people(students, standing))
    strands = {column[0]: column[-2] for column in columns if is_strand(column[-1])}
    empty = _empty(columns)
    cells = _read_standing(people, empty, strands, standing, day)
    cells |= _read_off([person.pk for person in people], strands, standing.as_of or day)
    found = [(person, [cells.get((person.pk, pk), nothing) for pk, nothing in empty]) for person in people]
    rows = [
        GridRow(str(person.uuid), person.name, line, (groups or {}).get(person.pk, ""))
        for person, line in found
        if keeps is None or keeps(person.pk, line)
    ]
    heads = _heads(columns, rows)
    return Grid(heads, rows, _fingerprint(rows, heads))


def _empty(columns: list[Any]) -> Columns:
    """What stands where nothing is known, by target."""
    return [(column[0], EMPTY_STRAND if is_strand(column[-1]) else EMPTY_CELL) for column in columns]


def _read_off(students: list[int], strands: Mapping[int, int], day: date) -> dict[Cell, GridCell]:
    if not strands:
        return {}
    pauses = read_pauses(students)
    return {
        (student, target): OFF_CELL
        for target, area in strands.items()
        for student in students
        if pauses.holds(student, area, day)
    }


def _people(students: Any, standing: Standing) -> Any:
    """With their schools where a past day is asked for."""
    if not standing.is_past:
        return students.only(*NAMES)
    return students.select_related("school").only(*NAMES, "school__time_zone")


def _read_standing(
    people: list[Student], empty: Columns, strands: Collection[int], standing: Standing, day: date
) -> dict[Cell, GridCell]:
    if standing.as_of is not None:
        return read_past(people, empty, standing.as_of, standing.recency_days)
    students, targets = [person.pk for person in people], [pk for pk, _nothing in empty]
    cells = _read_cells(students, targets, strands, standing.dues(day))
    if standing.since is None:
        return cells
    return compare(people, empty, read_past(people, empty, standing.since, None), cells)


def _read_cells(
    students: list[int], targets: list[int], strands: Collection[int], is_due: IsDue
) -> dict[Cell, GridCell]:
    kept: dict[tuple[Any, ...], GridCell] = {}
    cells: dict[Cell, GridCell] = {}
    states = MasteryState.objects.filter(student_id__in=students, target_id__in=targets)
    for student, target, last, at, *look in states.values_list("student_id", "target_id", *TOUCHED, *LOOK_FIELDS):
        key = (*look, target in strands, is_due(look[PROFICIENT], last, at))
        if key not in kept:
            kept[key] = cell_of(*key)
        cells[student, target] = kept[key]
    return cells


def _heads(columns: list[Any], rows: list[GridRow]) -> list[GridTarget]:
    known = {id(cell): cell for row in rows for cell in row.cells}
    heads = []
    before = None
    for number, (_pk, uuid, code, short, statement, i_can, topic_id, topic, _area, domain) in enumerate(columns):
        counts = Counter(id(row.cells[number]) for row in rows)
        column = [(known[key], count) for key, count in counts.items()]
        met = sum(count for cell, count in column if cell.is_proficient)
        words = (code, short or statement, i_can or statement)
        heads.append(GridTarget(str(uuid), *words, met, topic, _shares(column), topic_id != before, is_strand(domain)))
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


def read_changed(students: Any, targets: Any, since: datetime, is_due: IsDue) -> list[tuple[str, str, GridCell]]:
    """The cells of ``students`` by ``targets`` that anybody changed after ``since``, or just before: student, target,
    look; in 1 query, 2 where there are some.
    """
    states = MasteryState.objects.filter(
        changed_at__gt=since - OVERLAP, student__in=students.order_by().values("pk"), target__in=targets.order_by()
    )
    found = states.order_by("student_id", "target_id").values_list(
        "student__uuid", "target__uuid", *TOUCHED, *LOOK_FIELDS
    )
    return [
        (str(student), str(target), replace(cell_of(*look), is_due=is_due(look[PROFICIENT], last, at)))
        for student, target, last, at, *look in found
    ]
