"""Students who go to another school, leave the district, or come (back) to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Caseload, Enrollment, Organization, Student, User, district_id_of
from lpm.people.policy import Action
from lpm.people.queries.year import find_released, goes_on
from lpm.people.services.stays import settle_stays
from lpm.people.signals import records_changed

AHEAD = timedelta(days=120)
BACK = timedelta(days=366)


class CannotMove(Exception):
    """The student stays where they are. The text is a sentence for the person."""


@transaction.atomic
def transfer_student(*, student: Student, school: Organization, starts_on: date, actor: User | None, day: date) -> None:
    """From ``starts_on`` the student is at another school of the district; coming back after leaving, too.

    Enrollments and caseloads at the school before end on the day before. Guardians keep their access, and the
    record stays as it is. Raises PermissionDenied unless the actor manages students at both schools, and CannotMove.
    """
    _check_manages(student, actor, day)
    _check_school(school, student.district_id, actor, day)
    locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    if locked.school_id == school.pk and locked.left_on is None:
        raise CannotMove(_("The student is at this school already."))
    _place(locked, school, starts_on, actor, day, action="people.transfer_student")


@transaction.atomic
def take_in_student(
    *,
    school: Organization,
    given_name: str,
    family_name: str,
    born_on: date,
    starts_on: date,
    actor: User | None,
    day: date,
) -> Student:
    """A student whom another school of the district has released is at ``school`` from ``starts_on``.

    Whoever takes in must know name and birth date: nobody is shown whom they might mean. Raises PermissionDenied,
    and CannotMove unless exactly one student is meant.
    """
    _check_school(school, district_id_of(school), actor, day)
    pks = [row.pk for row in find_released(school, given_name, family_name, born_on)]
    # Looked at again once they are held: another school may have been faster.
    found = list(Student.objects.select_for_update(no_key=True).filter(pk__in=pks, left_on__isnull=False))
    if len(found) != 1:
        raise CannotMove(_("Nobody whom another school has released has this name and birth date."))
    _place(found[0], school, starts_on, actor, day, action="people.take_in_student")
    return found[0]


@transaction.atomic
def release_student(*, student: Student, last_day: date, actor: User | None, day: date) -> None:
    """The student leaves the school, and the district with it, after ``last_day``.

    Enrollments and caseloads end then; the record stays, and guardians keep their access to it. Raises
    PermissionDenied, and CannotMove.
    """
    _check_manages(student, actor, day)
    locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    if locked.left_on == last_day:
        raise CannotMove(_("This is the last day already."))
    if not day - BACK <= last_day <= day + AHEAD:
        raise CannotMove(_("The last day is too far from today."))
    locked.left_on = last_day
    locked.save(update_fields=["left_on"])
    ended = end_ties(student_ids=[locked.pk], last_day=last_day)
    settle_stays(student_ids=[locked.pk], day=last_day + timedelta(days=1))
    _record(locked, actor, "people.release_student", enrollments=ended)


def _check_manages(student: Student, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day).filter(pk=student.pk).exists():
        raise PermissionDenied


def _place(student: Student, school: Organization, starts_on: date, actor: User | None, day: date, action: str) -> None:
    if not day - BACK <= starts_on <= day:
        raise CannotMove(_("The first day must be today or a day of the last twelve months."))
    before, last_day = student.school_id, starts_on - timedelta(days=1)
    if student.left_on is not None and student.left_on >= starts_on:
        raise CannotMove(_("The student was at the school before until later than this day."))
    student.left_on = None
    student.save(update_fields=["left_on"])
    ended = 0
    if before != school.pk:
        place_students(student_ids=[student.pk], school_id=school.pk)
        ended = end_ties(student_ids=[student.pk], school_ids=[before], last_day=last_day)
    settle_stays(student_ids=[student.pk], day=starts_on)
    _record(student, actor, action, school=str(school.uuid), enrollments=ended)
    records_changed.send(sender=Student, student_ids=[student.pk], day=day, school_ids={before, school.pk})


def _check_school(school: Organization, district_id: int | None, actor: User | None, day: date) -> None:
    """A school of the district, where the actor manages students."""
    schools = Organization.objects.filter(pk=school.pk, kind=OrganizationKind.SCHOOL, lineage__ancestor=district_id)
    if actor is not None:
        schools = schools.visible_to(actor, Action.MANAGE_STUDENT, day)
    if not schools.exists():
        raise PermissionDenied


def _record(student: Student, actor: User | None, action: str, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=student.uuid,
        district_id=student.district_id,
        **details,
    )


def place_students(*, student_ids: Collection[int], school_id: int) -> None:
    """They belong to the school now, and so do the accounts of those who belonged to the school before.

    The caller settles their stays, writes the audit and tells that records changed.
    """
    accounts = User.objects.filter(student__in=student_ids, organization=F("student__school"))
    User.objects.filter(pk__in=list(accounts.values_list("pk", flat=True))).update(organization_id=school_id)
    Student.objects.filter(pk__in=student_ids).update(school_id=school_id)


def end_ties(*, student_ids: Collection[int], last_day: date, school_ids: Collection[int] | None = None) -> int:
    """Enrollments of the students in groups of the schools end, and caseloads of people of the schools; None: all.

    What has not begun by then never does. Returns how many enrollments ended.
    """
    enrollments = Enrollment.objects.filter(goes_on(last_day), student__in=student_ids)
    caseloads = Caseload.objects.filter(goes_on(last_day), student__in=student_ids)
    if school_ids is not None:
        enrollments = enrollments.filter(group__school__in=school_ids)
        caseloads = caseloads.filter(manager__organization__in=school_ids)
    caseloads.update(ends_on=last_day)
    return enrollments.update(ends_on=last_day)
