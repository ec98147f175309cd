from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from lpm.people.access import TEACHING_ROLES
from lpm.people.enums import StaffRole
from lpm.people.models import Group, Staffing, User
from lpm.people.policy import HEADS, Relation
from lpm.people.queries.groups import overlapping, staff_of_district, staff_of_school
from lpm.people.services.groups.enrollments import AlreadyThere
from lpm.people.services.groups.group import check_dates, check_own, lock_group, may_manage, note
from lpm.people.services.roles import WrongDates, note_stay

LONGEST_SUBSTITUTION = 60  # days, both ends counted
OFFICES = [Relation.OFFICE, Relation.LEADER, Relation.ADMINISTRATOR]


class NotStaff(Exception):
    """The person is not on the list of staff from which the group may choose."""


class LastTeacher(Exception):
    """The group would go on without a teacher."""


class TooLong(Exception):
    """Nobody stands in for more than ``LONGEST_SUBSTITUTION`` days at a time."""


@transaction.atomic
def add_staff(
    *,
    group: Group,
    user: User,
    role: StaffRole,
    starts_on: date | None,
    ends_on: date | None,
    actor: User | None,
    day: date,
) -> Staffing:
    """Somebody of the school's staff teaches or co-teaches.

    Raises PermissionDenied, WrongDates, NotStaff, AlreadyThere.
    """
    group = lock_group(group, actor, day)
    check_dates(starts_on, ends_on)
    if not staff_of_school(group.school, day).filter(pk=user.pk).exists():
        raise NotStaff
    _check_not_oneself(group, user, actor, day)
    _check_free([group], user, TEACHING_ROLES, starts_on, ends_on)
    staffing = Staffing.objects.create(group=group, user=user, role=role, starts_on=starts_on, ends_on=ends_on)
    note_stay(user, ends_on)
    note(group, "people.add_staff", actor, staffing=str(staffing.uuid), role=role)
    return staffing


@transaction.atomic
def change_staff(
    *, staffing: Staffing, starts_on: date | None, ends_on: date | None, actor: User | None, day: date
) -> Staffing:
    """Move the days of a teacher or co-teacher.

    Raises PermissionDenied, FromRoster, WrongDates, AlreadyThere, and LastTeacher unless an office decides it.
    """
    group = lock_group(staffing.group, actor, day)
    check_own(staffing)
    check_dates(starts_on, ends_on)
    if (ends_on or date.max) > (staffing.ends_on or date.max):
        _check_not_oneself(group, staffing.user, actor, day, leave_out=staffing.pk)
    _check_free([group], staffing.user, TEACHING_ROLES, starts_on, ends_on, leave_out=staffing.pk)
    if not may_manage(group, actor, day, through=OFFICES):
        _check_somebody_stays(group, staffing, ends_on)
    staffing.starts_on, staffing.ends_on = starts_on, ends_on
    staffing.save(update_fields=["starts_on", "ends_on"])
    note(group, "people.change_staff", actor, staffing=str(staffing.uuid))
    return staffing


@transaction.atomic
def assign_substitute(
    *, groups: Sequence[Group], user: User, first_day: date, last_day: date, actor: User | None, day: date
) -> list[Staffing]:
    """Somebody of the district's staff stands in for the teachers of the groups, on these days and no other.

    Raises PermissionDenied, WrongDates, TooLong, NotStaff, AlreadyThere.
    """
    held = [lock_group(group, actor, day) for group in sorted(groups, key=lambda group: group.pk)]
    check_dates(max(first_day, day), last_day)
    if (last_day - first_day).days >= LONGEST_SUBSTITUTION:
        raise TooLong
    for group in held:
        if not staff_of_district(group.district_id).filter(pk=user.pk).exists():
            raise NotStaff
        _check_not_oneself(group, user, actor, day)
    _check_free(held, user, [StaffRole.SUBSTITUTE], first_day, last_day)
    rows = [
        Staffing(group=group, user=user, role=StaffRole.SUBSTITUTE, starts_on=first_day, ends_on=last_day)
        for group in held
    ]
    Staffing.objects.bulk_create(rows)
    for row in rows:
        note(row.group, "people.assign_substitute", actor, staffing=str(row.uuid), days=(last_day - first_day).days + 1)
    return rows


@transaction.atomic
def withdraw_substitute(*, staffing: Staffing, actor: User | None, day: date) -> None:
    """Nothing opens for them any more. Days that are over stay written down.

    Raises PermissionDenied, FromRoster, WrongDates when they are over already.
    """
    group = lock_group(staffing.group, actor, day)
    check_own(staffing)
    if staffing.role != StaffRole.SUBSTITUTE or (staffing.ends_on and staffing.ends_on < day):
        raise WrongDates(f"{staffing.ends_on} is over.")
    note(group, "people.withdraw_substitute", actor, staffing=str(staffing.uuid))
    if staffing.starts_on and staffing.starts_on >= day:
        staffing.delete()
        return
    staffing.ends_on = day - timedelta(days=1)
    staffing.save(update_fields=["ends_on"])


def _check_not_oneself(group: Group, user: User, actor: User | None, day: date, leave_out: int = 0) -> None:
    """Nobody opens a group to themselves, or again after their last day, but who leads the school.

    Raises PermissionDenied.
    """
    if actor is None or user.pk != actor.pk or may_manage(group, actor, day, through=HEADS):
        return
    there = Staffing.objects.filter(overlapping(day, None), group=group, user=user, role__in=TEACHING_ROLES)
    if not there.exclude(pk=leave_out).exists():
        raise PermissionDenied


def _check_free(
    groups: Collection[Group],
    user: User,
    roles: Collection[StaffRole],
    starts_on: date | None,
    ends_on: date | None,
    leave_out: int = 0,
) -> None:
    """Raises AlreadyThere."""
    there = Staffing.objects.filter(overlapping(starts_on, ends_on), group__in=groups, user=user, role__in=roles)
    if there.exclude(pk=leave_out).exists():
        raise AlreadyThere([user.pk])


def _check_somebody_stays(group: Group, staffing: Staffing, ends_on: date | None) -> None:
    """Raises LastTeacher when nobody teaches on the day after ``ends_on``, while the group goes on."""
    if ends_on is None or (group.ends_on and group.ends_on <= ends_on):
        return
    after = ends_on + timedelta(days=1)
    there = Staffing.objects.filter(overlapping(after, after), group=group, role__in=TEACHING_ROLES)
    if not there.filter(~Q(pk=staffing.pk)).exists():
        raise LastTeacher
