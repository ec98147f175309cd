"""Nobody forgotten: the students whom somebody has not heard from for a while. For that person's eyes alone."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from lpm.lib.dates import school_day
from lpm.people.access import TEACHING_ROLES, in_force
from lpm.people.models import Enrollment, Group, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.queries.calendar import calendar_of
from students.mastery.enums import AssessmentKind
from students.mastery.models import Absence, Assessment, ReadyRequest, Remark
from students.mastery.queries.grid.rows import FURTHEST, QUIET_DAYS
from students.mastery.querysets import WHOSE

HEARD = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.OFFERED]


@dataclass(frozen=True)
class Quiet:
    """A student who was in a group of the person all the while. ``since`` is the first day on which there was nothing,
    ``last`` the day of what was recorded before (None: nothing ever), ``days`` those with school from then on."""

    student_id: int
    group_id: int
    since: date
    last: date | None
    days: int


@dataclass(frozen=True)
class Forgotten:
    """``absent_count``: on how many days they were seen to be absent."""

    student: Student
    group: Group
    last: date | None
    days: int
    absent_count: int


@dataclass(frozen=True)
class _Seat:
    """A student in a group of the person: since when they could have heard from one another."""

    student_id: int
    group_id: int
    school_id: int
    begin: date


def count_forgotten(user: User, day: date) -> int:
    """In 3 queries, and 3 for each school."""
    return len(find_quiet(user, day))


def read_forgotten(user: User, day: date) -> list[Forgotten]:
    """Who waits longest comes first; in 6 queries, and 3 for each school."""
    found = find_quiet(user, day)
    ids = [one.student_id for one in found]
    students = Student.objects.visible_to(user, Action.RECORD_MARK, day).filter(pk__in=ids).named_for(user).in_bulk()
    groups = Group.objects.in_bulk({one.group_id for one in found})
    absences = _absences(ids, min((one.since for one in found), default=day))
    rows = [
        Forgotten(
            students[one.student_id],
            groups[one.group_id],
            one.last,
            one.days,
            sum(gone >= one.since for gone in absences[one.student_id]),
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: (-row.days, row.student.sort_key, row.student.pk))


def find_quiet(user: User, day: date) -> list[Quiet]:
    """The students of the person's groups of whom they recorded nothing in the last QUIET_DAYS days with school."""
    seats = _seats(user, day)
    if not seats:
        return []
    heard = _heard(user)
    schools = Organization.objects.in_bulk({seat.school_id for seat in seats})
    days = {pk: _school_days(school, day) for pk, school in schools.items()}
    found = [_quiet(seat, heard, schools[seat.school_id].time_zone, days[seat.school_id]) for seat in seats]
    return [one for one in found if one.days >= QUIET_DAYS]


def _seats(user: User, day: date) -> list[_Seat]:
    """One for each student: the one that began first. Groups that meet once are none of these."""
    teaches = {"group__staffing__user": user, "group__staffing__role__in": TEACHING_ROLES}
    rows = Enrollment.objects.filter(
        in_force(day) & in_force(day, "group__") & in_force(day, "group__staffing__"),
        **teaches,
        group__in=Group.objects.visible_to(user, Action.RECORD_MARK, day),  # few, and known: the way to all else
        group__seminar__isnull=True,
        student__in=Student.objects.visible_to(user, Action.RECORD_MARK, day),
    )
    starts = ("starts_on", "group__starts_on", "group__staffing__starts_on")
    seats: dict[int, _Seat] = {}
    for student, group, school, *begins in rows.values_list("student_id", "group_id", "group__school_id", *starts):
        begin = max([day - timedelta(days=FURTHEST), *(begin for begin in begins if begin)])
        seat = _Seat(student, group, school, begin)
        known = seats.get(student)
        if known is None or (begin, group) < (known.begin, known.group_id):
            seats[student] = seat
    return list(seats.values())


def _heard(user: User) -> dict[int, datetime]:
    """When the person last recorded something of each student: evidence, a remark, an answer; in 1 query."""
    marks: Any = Assessment.objects.filter(recorder=user, kind__in=HEARD, voided_by=None)
    remarks: Any = Remark.objects.filter(author=user, voids=None, voided_by=None)
    answers: Any = ReadyRequest.objects.filter(answered_by=user, answered_at__isnull=False)
    newest = [
        rows.order_by().annotate(whose=WHOSE).values("whose").annotate(at=Max(moment)).values_list("whose", "at")
        for rows, moment in ((marks, "recorded_at"), (remarks, "recorded_at"), (answers, "answered_at"))
    ]
    heard: dict[int, datetime] = {}
    for student, at in newest[0].union(*newest[1:], all=True):
        heard[student] = max(at, heard.get(student, at))
    return heard


def _school_days(school: Organization, day: date) -> Sequence[date]:
    """Of the last FURTHEST days; where nobody entered a school year, all weekdays on which there would be school."""
    calendar = calendar_of(school)
    first = day - timedelta(days=FURTHEST)
    if not calendar.years:
        calendar = replace(calendar, years=[(first, day)])
    return calendar.days(first, day)


def _quiet(seat: _Seat, heard: Mapping[int, datetime], zone: str, days: Sequence[date]) -> Quiet:
    at = heard.get(seat.student_id)
    last = school_day(zone, at) if at else None
    since = max(seat.begin, last + timedelta(days=1)) if last else seat.begin
    return Quiet(seat.student_id, seat.group_id, since, last, len(days) - bisect_left(days, since))


def _absences(students: Collection[int], since: date) -> Mapping[int, set[date]]:
    rows = Absence.objects.filter(student__in=students, day__gte=since)
    found: dict[int, set[date]] = defaultdict(set)
    for student, day in rows.values_list("student_id", "day"):
        found[student].add(day)
    return found
