from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from django.db import models

from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.calculations import JudgementRow, ScoreRow

if TYPE_CHECKING:
    from typing import Self

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class LogQuerySet(AboutStudentQuerySet[M_co]):
    def of_cell(self, student_id: int, target_id: int) -> Self:
        return self.filter(student_id=student_id, target_id=target_id)

    def of_students(self, student_ids: Iterable[int]) -> Self:
        return self.filter(student_id__in=list(student_ids))


class AssessmentQuerySet(LogQuerySet[M_co]):
    def rows(self) -> Iterator[tuple[int, int, ScoreRow]]:
        """What calculations need: student, target, row."""
        fields = ("student_id", "target_id", "id", "kind", "level", "performed_on", "recorded_at", "voids_id")
        for student, target, *values in self.values_list(*fields):
            yield student, target, ScoreRow(*values)


class JudgementQuerySet(LogQuerySet[M_co]):
    def rows(self) -> Iterator[tuple[int, int, JudgementRow]]:
        """What calculations need: student, target, row."""
        fields = ("student_id", "target_id", "id", "kind", "level", "recorded_at", "voids_id")
        for student, target, *values in self.values_list(*fields):
            yield student, target, JudgementRow(*values)
