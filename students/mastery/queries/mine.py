"""What somebody recorded themself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from curriculum.models import Target
from lpm.lib.dates import end_of_day
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment

TO_VOID = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.IMPORTED]


def older_marks(student: Student, target: Target, person: User, day: date) -> Any:
    """The marks of ``person`` in a cell that stand and are older than ``day``, newest first; 1 query.

    What is of today is undone; these are taken back with a reason.
    """
    begin = end_of_day(day - timedelta(days=1), student.school.time_zone)
    rows = Assessment.objects.visible_to(person, Action.VOID_MARK, day).of_students([student.pk])
    mine = rows.filter(target=target, recorder=person, kind__in=TO_VOID, recorded_at__lt=begin, voided_by=None)
    return mine.order_by("-recorded_at", "-pk")
