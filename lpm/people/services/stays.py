"""Where students are, and were: the history behind ``Student.school`` and ``Student.grade``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from lpm.people.models import SchoolStay, Student

BATCH = 2000


@transaction.atomic
def settle_stays(*, student_ids: Collection[int], day: date) -> int:
    """Bring the stays of the students in line with their school, grade and last day as they are now.

    A stay that says otherwise ends on the day before ``day`` (one that began on ``day`` is corrected), and one that
    fits begins on ``day``, or goes on when it had only just ended. Whoever has left has no open stay: it ends with
    their last day. Records that were merged into others are left as they are. Returns how many students had
    something to settle; in at most 7 queries for each 2,000 students.
    """
    pks = sorted(student_ids)
    return sum(_settle(pks[start : start + BATCH], day) for start in range(0, len(pks), BATCH))


def _settle(pks: list[int], day: date) -> int:
    students = Student.objects.unmerged().filter(pk__in=pks)
    fits = Q(school=F("student__school"), grade=F("student__grade"), student__left_on__isnull=True)
    open_stays = SchoolStay.objects.filter(ends_on__isnull=True)
    wrong = list(open_stays.filter(student__in=students).exclude(fits).select_related("student"))
    _end(wrong, day)
    without = ~Exists(open_stays.filter(student=OuterRef("pk")))
    missing = list(students.filter(without, left_on__isnull=True))
    _begin(missing, day)
    return len({stay.student_id for stay in wrong} | {student.pk for student in missing})


def _end(stays: Sequence[SchoolStay], day: date) -> None:
    """Those that would have begun today never were."""
    never, ended = [], []
    for stay in stays:
        last = stay.student.left_on or day - timedelta(days=1)
        first = stay.starts_on or last
        if last < first and first >= day:
            never.append(stay.pk)
        else:
            stay.ends_on = max(first, last)
            ended.append(stay)
    if never:
        SchoolStay.objects.filter(pk__in=never).delete()
    SchoolStay.objects.bulk_update(ended, ["ends_on"])


def _begin(students: Sequence[Student], day: date) -> None:
    """A stay that ended yesterday, or is to end later, goes on where it fits, and is cut short where it does not."""
    yesterday = day - timedelta(days=1)
    late = SchoolStay.objects.filter(student__in=students, ends_on__gte=yesterday).order_by("ends_on", "pk")
    last = {stay.student_id: stay for stay in late} if students else {}
    going_on = {student.pk for student in students if _is_same(last.get(student.pk), student)}
    for stay in last.values():
        stay.ends_on = None if stay.student_id in going_on else max(yesterday, stay.starts_on or yesterday)
    SchoolStay.objects.bulk_update(last.values(), ["ends_on"])
    SchoolStay.objects.bulk_create([_stay(student, day) for student in students if student.pk not in going_on])


def _is_same(stay: SchoolStay | None, student: Student) -> bool:
    return stay is not None and (stay.school_id, stay.grade) == (student.school_id, student.grade)


def _stay(student: Student, day: date) -> SchoolStay:
    return SchoolStay(
        district_id=student.district_id,
        student=student,
        school_id=student.school_id,
        grade=student.grade,
        starts_on=day,
    )
