"""Bringing in what was recorded some time ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from curriculum.models import Target
from lpm.people.models import Group, Student, User
from students.mastery.enums import JudgementKind
from students.mastery.models import Assessment
from students.mastery.services.derive import rebuild_students
from students.mastery.services.record.append import append, judge
from students.mastery.services.record.check import check_date, check_level, load_target_in_use


@dataclass(frozen=True)
class PastMark:
    """A mark that was made, and recorded, some time ago."""

    student: Student
    target: Target
    level: Decimal
    recorder: User
    group: Group | None
    performed_on: date
    recorded_at: datetime


@transaction.atomic
def record_history(*, marks: Sequence[PastMark], day: date) -> None:
    """Bring in marks with the moment they were recorded at, all or none. Raises ``MarkRefused``.

    Everything derived about their students is made again, once.
    """
    students = {mark.student.pk: mark.student for mark in marks}
    pairs = {(mark.target.pk, mark.student.school_id): mark for mark in marks}
    targets = {key[0]: load_target_in_use(mark.target, mark.student) for key, mark in pairs.items()}
    for mark in marks:
        check_level(mark.level, targets[mark.target.pk])
        check_date(mark.performed_on, day)
    rows = [_past_row(mark) for mark in marks]
    append(rows, [judge(row, JudgementKind.SET) for row in rows])
    rebuild_students(students=list(students.values()), day=day)


def _past_row(mark: PastMark) -> Assessment:
    return Assessment(
        district_id=mark.student.district_id,
        student=mark.student,
        target=mark.target,
        level=mark.level,
        recorder=mark.recorder,
        group=mark.group,
        performed_on=mark.performed_on,
        recorded_at=mark.recorded_at,
    )
