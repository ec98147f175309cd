"""The two logs of one student, row by row, as far as a reader sees them."""

from __future__ import annotations

from lpm.people.models import Student
from students.mastery.calculations.state import standing
from students.mastery.models import Assessment, Judgement
from students.mastery.queries.seen import Sight, read_seen_cells
from students.mastery.querysets import AssessmentQuerySet, JudgementQuerySet


def assessments_seen(student: Student, sight: Sight) -> AssessmentQuerySet[Assessment]:
    """The staff sees every row, those taken back with the rows that say so; others what stands and was released,
    for which 7 queries are needed."""
    rows = Assessment.objects.of_students([student.pk])
    if sight.is_staff:
        return rows
    cells = read_seen_cells(student, sight).values()
    return rows.filter(pk__in=[row.id for cell in cells for row in standing(cell.logs[0])])


def judgements_seen(student: Student, sight: Sight) -> JudgementQuerySet[Judgement]:
    """As ``assessments_seen``."""
    rows = Judgement.objects.of_students([student.pk])
    if sight.is_staff:
        return rows
    cells = read_seen_cells(student, sight).values()
    return rows.filter(pk__in=[row.id for cell in cells for row in standing(cell.logs[1])])
