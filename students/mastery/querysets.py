from __future__ import annotations

from collections.abc import Iterable
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
    def rows(self) -> models.QuerySet[M_co, tuple[int, int, ScoreRow]]:
        """What calculations need, as plain tuples: student, target, then the fields of ``ScoreRow``."""
        fields = ("id", "kind", "level", "performed_on", "recorded_at", "voids_id")
        return self.values_list("student_id", "target_id", *fields)  # type: ignore[return-value]


class JudgementQuerySet(LogQuerySet[M_co]):
    def rows(self) -> models.QuerySet[M_co, tuple[int, int, JudgementRow]]:
        """What calculations need, as plain tuples: student, target, then the fields of ``JudgementRow``."""
        fields = ("id", "kind", "level", "recorded_at", "voids_id")
        return self.values_list("student_id", "target_id", *fields)  # type: ignore[return-value]
