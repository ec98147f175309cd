from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.people.calculations.class_list import Line
from lpm.people.models import Enrollment, Group, Student, User
from lpm.people.queries.groups import may_enroll, overlapping
from lpm.people.services.groups.group import check_dates, check_own, lock_group, note
from lpm.people.services.students import add_student

BATCH = 2000


class NotTheirs(Exception):
    """A student whom the actor may not put into a group."""


class OtherDistrict(Exception):
    """The student belongs to another district than the group."""


class AlreadyThere(Exception):
    """Somebody would be in the group twice on the same day. ``pks`` are those who are."""

    def __init__(self, pks: Collection[int]) -> None:
        super().__init__(f"{len(pks)} are there already.")
        self.pks = frozenset(pks)


@dataclass(frozen=True)
class Received:
    """How many students of a class list were put into the group, and how many of those are new records."""

    enrolled: int
    added: int


@transaction.atomic
def enroll_students(
    *,
    group: Group,
    students: Collection[Student],
    starts_on: date | None,
    ends_on: date | None,
    actor: User | None,
    day: date,
) -> int:
    """Put students into a group. Raises PermissionDenied, WrongDates, NotTheirs, OtherDistrict, AlreadyThere."""
    group = lock_group(group, actor, day)
    count = _enroll(group, [student.pk for student in students], starts_on, ends_on, actor, day)
    note(group, "people.enroll_students", actor, students=count)
    return count


@transaction.atomic
def receive_class_list(
    *,
    group: Group,
    student_ids: Collection[int],
    newcomers: Sequence[Line],
    starts_on: date | None,
    ends_on: date | None,
    actor: User,
    day: date,
) -> Received:
    """Put the students of a pasted list into a group; those nobody knows become provisional students of its school.

    Raises PermissionDenied, WrongDates, NotTheirs, OtherDistrict, AlreadyThere.
    """
    group = lock_group(group, actor, day)
    _enroll(group, student_ids, starts_on, ends_on, actor, day)
    added = [_add(group, line, actor, day) for line in newcomers]
    there = Enrollment.objects.filter(group=group, student__in=added)
    there.update(starts_on=starts_on, ends_on=ends_on)
    received = Received(enrolled=len(set(student_ids)) + len(added), added=len(added))
    note(group, "people.receive_class_list", actor, students=received.enrolled, added=received.added)
    return received


@transaction.atomic
def change_enrollment(
    *, enrollment: Enrollment, starts_on: date | None, ends_on: date | None, actor: User | None, day: date
) -> Enrollment:
    """Move the days of a student in a group; taking out is a last day, and deletes nothing.

    More days than before need what putting in needs. Raises PermissionDenied, FromRoster, WrongDates, NotTheirs,
    AlreadyThere.
    """
    group = lock_group(enrollment.group, actor, day)
    check_own(enrollment)
    check_dates(starts_on, ends_on)
    if _widens(enrollment, starts_on, ends_on):
        _check_may_enroll(group, [enrollment.student_id], actor, day)
    _check_free(group, [enrollment.student_id], starts_on, ends_on, leave_out=enrollment.pk)
    enrollment.starts_on, enrollment.ends_on = starts_on, ends_on
    enrollment.save(update_fields=["starts_on", "ends_on"])
    note(group, "people.change_enrollment", actor, enrollment=str(enrollment.uuid))
    return enrollment


def _enroll(
    group: Group,
    student_ids: Collection[int],
    starts_on: date | None,
    ends_on: date | None,
    actor: User | None,
    day: date,
) -> int:
    pks = sorted(set(student_ids))
    check_dates(starts_on, ends_on)
    _check_may_enroll(group, pks, actor, day)
    _check_free(group, pks, starts_on, ends_on)
    _write(group, pks, starts_on, ends_on)
    return len(pks)


def _write(group: Group, pks: Sequence[int], starts_on: date | None, ends_on: date | None) -> None:
    rows = [
        Enrollment(district_id=group.district_id, group=group, student_id=pk, starts_on=starts_on, ends_on=ends_on)
        for pk in pks
    ]
    Enrollment.objects.bulk_create(rows, batch_size=BATCH)


def _check_may_enroll(group: Group, pks: Collection[int], actor: User | None, day: date) -> None:
    """Raises NotTheirs, OtherDistrict."""
    rows = Student.objects.unmerged()
    if actor is not None:
        rows = may_enroll(actor, group, day)
    districts = dict(rows.filter(pk__in=pks).values_list("pk", "district_id"))
    if len(districts) != len(set(pks)):
        raise NotTheirs
    if set(districts.values()) - {group.district_id}:
        raise OtherDistrict


def _check_free(
    group: Group, pks: Collection[int], starts_on: date | None, ends_on: date | None, leave_out: int = 0
) -> None:
    """Raises AlreadyThere."""
    there = Enrollment.objects.filter(overlapping(starts_on, ends_on), group=group, student__in=pks)
    if found := set(there.exclude(pk=leave_out).values_list("student_id", flat=True)):
        raise AlreadyThere(found)


def _widens(enrollment: Enrollment, starts_on: date | None, ends_on: date | None) -> bool:
    low, high = date.min, date.max
    earlier = (starts_on or low) < (enrollment.starts_on or low)
    later = (ends_on or high) > (enrollment.ends_on or high)
    return earlier or later


def _add(group: Group, line: Line, actor: User, day: date) -> Student:
    if not line.given or not line.family:
        raise PermissionDenied  # the page offers no such line
    return add_student(
        school=group.school,
        given_name=line.given,
        family_name=line.family,
        grade=line.grade,
        born_on=line.born[0] if len(line.born) == 1 else None,
        actor=actor,
        day=day,
        is_provisional=True,
        group=group,
    )
