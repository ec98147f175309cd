"""The grid: students by targets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from curriculum.models import Topic
from lpm.people.models import Group
from students.mastery.calculations import Cell
from students.mastery.enums import MasteryStatus
from students.mastery.models import Assessment, MasteryState


@dataclass(frozen=True)
class GridTarget:
    """A column: one target."""

    uuid: str
    code: str
    title: str
    i_can: str
    proficient_count: int


@dataclass(frozen=True)
class GridCell:
    """What one cell shows; equal cells are the same object, so that each is rendered once."""

    level: Decimal | None
    status: str
    is_confirmed: bool
    is_flagged: bool


@dataclass(frozen=True)
class GridRow:
    uuid: str
    name: str
    cells: list[GridCell]


@dataclass(frozen=True)
class Grid:
    """Students by targets. ``fingerprint`` changes when a row or column comes, goes or moves."""

    targets: list[GridTarget]
    rows: list[GridRow]
    fingerprint: str


EMPTY_CELL = GridCell(None, MasteryStatus.NOT_STARTED, is_confirmed=False, is_flagged=False)


def read_grid(students: Any, targets: Any) -> Grid:
    """The grid of ``students`` by ``targets`` (querysets in their order), in 3 queries."""
    columns = list(targets.values_list("pk", "uuid", "code", "short_title", "statement", "i_can"))
    people = list(students.only("uuid", "given_name", "preferred_name", "family_preferred_name", "family_name"))
    cells, proficient = _read_cells([person.pk for person in people], [column[0] for column in columns])
    rows = [
        GridRow(
            str(person.uuid),
            person.name,
            [cells.get((person.pk, column[0]), EMPTY_CELL) for column in columns],
        )
        for person in people
    ]
    heads = [
        GridTarget(str(uuid), code, short or statement, i_can or statement, proficient[pk])
        for pk, uuid, code, short, statement, i_can in columns
    ]
    return Grid(heads, rows, _fingerprint(rows, heads))


def _read_cells(students: list[int], targets: list[int]) -> tuple[dict[Cell, GridCell], Counter[int]]:
    kept: dict[tuple[Any, ...], GridCell] = {}
    cells: dict[Cell, GridCell] = {}
    proficient: Counter[int] = Counter()
    states = MasteryState.objects.filter(student_id__in=students, target_id__in=targets)
    for student, target, is_proficient, level, status, judged, is_flagged in states.values_list(
        "student_id", "target_id", "is_proficient", "level", "status", "judged", "is_flagged"
    ):
        look = (level, status, judged is not None, is_flagged)
        cells[student, target] = kept.setdefault(look, GridCell(*look))
        proficient[target] += is_proficient
    return cells, proficient


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
