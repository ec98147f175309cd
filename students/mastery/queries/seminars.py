"""Seminars: who comes, which ones a student may go to, which ones somebody teaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from lpm.lib.dates import end_of_day, school_day
from lpm.people.access import TEACHING_ROLES, in_force
from lpm.people.models import Enrollment, Group, Staffing, Student, User
from lpm.people.policy import Action
from students.mastery.models import Seminar

FURTHEST_ZONE = timedelta(days=2)  # a day begins somewhere else up to so much earlier


def coming(day: date, prefix: str = "") -> Q:
    """Seats of whoever comes: nobody has taken them out."""
    return Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": day})


def is_cancelled(seminar: Seminar) -> bool:
    """Its group ends before it meets."""
    group = seminar.group
    return group.ends_on is not None and group.ends_on < meeting_day(seminar.meets_at, group)


def meeting_day(meets_at: datetime, group: Group) -> date:
    return school_day(group.school.time_zone, meets_at)


def _with_names(rows: Any, day: date) -> Any:
    """With the group and school, ``taken`` places, and the ``teachers`` of the group."""
    teachers = Staffing.objects.filter(in_force(day), role__in=TEACHING_ROLES).select_related("user")
    taken = Count("group__enrollments__student", filter=coming(day, "group__enrollments__"), distinct=True)
    rows = rows.annotate(taken=taken).select_related("group__school", "made_by")
    ordered = teachers.order_by("user__sort_key", "pk")
    return rows.prefetch_related(Prefetch("group__staffing", ordered, to_attr="teachers"))


# --- a student


@dataclass(frozen=True)
class Offer:
    """A seminar as a student knows it. ``free`` is how many places are left, None where nobody counts them."""

    seminar: Seminar
    is_mine: bool
    is_cancelled: bool
    free: int | None
    hosts: Sequence[str]

    @property
    def may_join(self) -> bool:
        return not self.is_mine and self.free != 0


def read_offers(student: Student, day: date, now: datetime) -> list[Offer]:
    """The seminars of today and later to which the student goes, and the open ones of their teachers; in 2 queries.

    Who else comes, and why anybody was asked to come, is not in it.
    """
    rows = Seminar.objects.filter(meets_at__gte=end_of_day(day - timedelta(days=1), student.school.time_zone))
    mine = Enrollment.objects.filter(coming(day), group=OuterRef("group"), student=student)
    rows = _with_names(rows.annotate(is_mine=Exists(mine)), day)
    rows = rows.filter(Q(is_mine=True) | _open_to(student, day) & Q(meets_at__gt=now))
    return [_offer(row) for row in rows.order_by("meets_at", "pk")]


def open_seminars(student: Student, day: date, now: datetime) -> Any:
    """Those that the student may join while there are places."""
    return Seminar.objects.filter(_open_to(student, day), meets_at__gt=now)


def _open_to(student: Student, day: date) -> Q:
    """An open list of somebody who teaches the student."""
    lasting = in_force(day) & in_force(day, "group__") & in_force(day, "group__enrollments__")
    teachers = Staffing.objects.filter(lasting, role__in=TEACHING_ROLES, group__enrollments__student=student)
    theirs = Staffing.objects.filter(
        in_force(day), group=OuterRef("group"), role__in=TEACHING_ROLES, user__in=teachers.values("user")
    )
    return Q(Exists(theirs), is_open=True, group__district=student.district_id) & in_force(day, "group__")


def _offer(row: Any) -> Offer:
    free = None if row.places is None else max(0, row.places - row.taken)
    hosts = [staffing.user.name for staffing in row.group.teachers] or [row.made_by.name]
    return Offer(row, row.is_mine, is_cancelled(row), free, hosts)


# --- the teachers


def seminars_for(user: User, day: date) -> Any:
    """Those of the groups in which the person records."""
    groups = Group.objects.visible_to(user, Action.RECORD_MARK, day)
    return Seminar.objects.filter(group__in=groups).select_related("group__school")


def read_seminars(user: User, day: date) -> list[Seminar]:
    """Those of today and later that take place, in 2 queries."""
    rows = seminars_for(user, day).filter(meets_at__gte=end_of_day(day, "UTC") - FURTHEST_ZONE)
    found = _with_names(rows, day).order_by("meets_at", "pk")
    return [row for row in found if meeting_day(row.meets_at, row.group) >= day and not is_cancelled(row)]


def read_comers(seminar: Seminar, user: User, day: date) -> list[Student]:
    """Who comes, as far as the person may see them; by name."""
    seats = Enrollment.objects.filter(coming(day), group=seminar.group_id)
    rows = Student.objects.visible_to(user, Action.RECORD_MARK, day).filter(pk__in=seats.values("student"))
    return list(rows.named_for(user).by_name())
