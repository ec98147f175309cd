"""What somebody recorded themself, and what they may take back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from curriculum.models import Target
from lpm.lib.dates import end_of_day
from lpm.people.models import Student, User
from lpm.people.policy import Action, Relation
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment

TO_VOID = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.IMPORTED]


def is_head(person: User, student: Student, day: date) -> bool:
    """Whether ``person`` may take back what anybody recorded for the student; 1 query."""
    heads = Student.objects.visible_to(person, Action.VOID_MARK, day, through={Relation.LEADER, Relation.ADMINISTRATOR})
    return heads.filter(pk=student.pk).exists()


def voidable(student: Student, person: User, day: date) -> set[UUID]:
    """The marks of the student that ``person`` may take back with a reason: teachers their own, heads anybody's. 2
    queries."""
    rows = Assessment.objects.visible_to(person, Action.VOID_MARK, day).of_students([student.pk])
    rows = rows.filter(kind__in=TO_VOID, voided_by=None)
    if not is_head(person, student, day):
        rows = rows.filter(recorder=person)
    return set(rows.values_list("uuid", flat=True))


def older_marks(student: Student, target: Target, person: User, day: date) -> Any:
    """The marks of ``person`` in a cell that stand and are older than ``day``, newest first; 1 query.

    What is of today is undone; these are taken back with a reason.
    """
    begin = end_of_day(day - timedelta(days=1), student.school.time_zone)
    rows = Assessment.objects.visible_to(person, Action.VOID_MARK, day).of_students([student.pk])
    mine = rows.filter(target=target, recorder=person, kind__in=TO_VOID, recorded_at__lt=begin, voided_by=None)
    return mine.order_by("-recorded_at", "-pk")
