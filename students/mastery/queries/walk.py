"""Walking the room, and the sheet that is walked with on paper: one group, one to four targets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from curriculum.models import Scale, Target
from lpm.people.models import Group, Student, User
from students.mastery.enums import AssessmentKind
from students.mastery.models import Absence, Assessment
from students.mastery.queries.grid import GridCell, GridTarget, read_grid

HALF = Decimal("0.5")
NOTED = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.OFFERED]


@dataclass(frozen=True)
class WalkRow:
    """A student, with the number on the sheet, and the look of each target."""

    number: int
    uuid: str
    name: str
    cells: Sequence[GridCell]
    is_absent: bool


@dataclass(frozen=True)
class Walk:
    targets: Sequence[GridTarget]
    rows: Sequence[WalkRow]


def read_walk(group: Group, students: Any, targets: Any, day: date) -> Walk:
    """``students`` (those the reader may see, in their order) by ``targets``; in 5 queries.

    Numbers are of the whole class list of ``day``, so that a sheet keeps them when somebody has left since.
    """
    grid = read_grid(students, targets, day=day)
    numbers = _numbers(group, day)
    absences = Absence.objects.filter(group=group, day=day)
    absent = {str(uuid) for uuid in absences.values_list("student__uuid", flat=True)}
    rows = [WalkRow(numbers.get(row.uuid, 0), row.uuid, row.name, row.cells, row.uuid in absent) for row in grid.rows]
    return Walk(grid.targets, rows)


def _numbers(group: Group, day: date) -> dict[str, int]:
    listed = Student.objects.enrolled_in(group.pk, day).by_name().values_list("uuid", flat=True)
    return {str(uuid): number for number, uuid in enumerate(listed, start=1)}


def read_noted(recorder: User, targets: Sequence[Target], day: date) -> dict[tuple[str, str], list[Decimal]]:
    """The levels that somebody noted of ``day`` already, by student and target, so that nothing is typed twice."""
    rows = Assessment.objects.filter(recorder=recorder, target__in=targets, performed_on=day, kind__in=NOTED)
    standing = rows.filter(voided_by__isnull=True).order_by("recorded_at", "pk")
    noted: dict[tuple[str, str], list[Decimal]] = {}
    for student, target, level in standing.values_list("student__uuid", "target__uuid", "level"):
        if level is not None:
            noted.setdefault((str(student), str(target)), []).append(level)
    return noted


def read_sent(recorder: User, uuids: Collection[UUID]) -> dict[UUID, tuple[Decimal | None, bool]]:
    """Of the marks with these identities, the level, and whether it was practice."""
    rows = Assessment.objects.filter(recorder=recorder, uuid__in=uuids).values_list("uuid", "level", "kind")
    return {uuid: (level, kind == AssessmentKind.PRACTICE) for uuid, level, kind in rows}


def find_walk_target(group: Group, targets: Any) -> Target | None:
    """The one of ``targets`` that was last worked on in the group, else the first of them; in at most 2 queries."""
    newest = Assessment.objects.filter(group=group).order_by("-recorded_at").values_list("target", flat=True)[:1]
    target: Target | None = targets.filter(pk__in=newest).first() or targets.in_order().first()
    return target


def whole_levels(scale: Scale) -> list[Decimal]:
    """What there is to tap: the whole levels, from the lowest; every level of a scale that has no whole ones."""
    step = scale.step if scale.step >= 1 else Decimal(1)
    low = scale.low.to_integral_value(ROUND_CEILING) if scale.step < 1 else scale.low
    return [low + step * number for number in range(int((scale.high - low) / step) + 1)]


def has_halves(scale: Scale) -> bool:
    return scale.step <= HALF and HALF % scale.step == 0
