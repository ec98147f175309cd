"""What teachers decided, cell by cell."""

from __future__ import annotations

from collections.abc import Collection

from students.mastery.calculations import Cell
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement


def judgements_in_force(cells: Collection[Cell]) -> dict[Cell, Judgement]:
    """The newest judgement that stands on each of the cells, with its judge; none where it was lifted. 1 query."""
    students, targets = {student for student, _ in cells}, {target for _, target in cells}
    rows = Judgement.objects.filter(student__in=students, target__in=targets, voided_by__isnull=True)
    rows = rows.exclude(kind=JudgementKind.VOID).select_related("judge").order_by("recorded_at", "pk")
    newest = {(row.student_id, row.target_id): row for row in rows}
    return {cell: row for cell, row in newest.items() if cell in cells and row.kind != JudgementKind.LIFTED}
