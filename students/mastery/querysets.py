from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from lpm.people.models import Student
from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.calculations import JudgementRow, ScoreRow

if TYPE_CHECKING:
    from datetime import date
    from typing import Self

    from lpm.people.models import User
    from lpm.people.policy import Action

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


WHOSE = Coalesce("student__merged_into_id", "student_id")


class LogQuerySet(AboutStudentQuerySet[M_co]):
    """Rows of a log. Those of a record that was merged into another count for that one, and stay where they are."""

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        students = Student.objects.visible_to(user, action, day)
        return self.filter(Q(student__in=students) | Q(student__merged_into__in=students))

    def of_students(self, student_ids: Iterable[int]) -> Self:
        return self.filter(student__in=Student.objects.records_of(list(student_ids)))


class AssessmentQuerySet(LogQuerySet[M_co]):
    def rows(self) -> Iterator[tuple[int, int, ScoreRow]]:
        """What calculations need: student, target, row."""
        fields = (WHOSE, "target_id", "id", "kind", "level", "performed_on", "recorded_at", "voids_id", "goal")
        for student, target, *values in self.values_list(*fields):
            yield student, target, ScoreRow(*values)


class JudgementQuerySet(LogQuerySet[M_co]):
    def rows(self) -> Iterator[tuple[int, int, JudgementRow]]:
        """What calculations need: student, target, row."""
        fields = (WHOSE, "target_id", "id", "kind", "level", "recorded_at", "voids_id", "unseen_id")
        for student, target, *values in self.values_list(*fields):
            yield student, target, JudgementRow(*values)
