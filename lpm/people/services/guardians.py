"""Guardians of students, and the homes they live in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.people.models import Guardianship, Household, Invitation, Student, StudentMerge, User
from lpm.people.policy import Action
from lpm.people.services.caseloads import check_sees
from lpm.people.services.users import check_email_is_free


class GuardianError(Exception):
    """What was asked for makes no sense."""


class AlreadyGuardian(GuardianError):
    """The person is a guardian of the student, with whatever contact there is."""


class OwnGuardian(GuardianError):
    """Nobody is their own guardian."""


class OwnedByRoster(GuardianError):
    """The dates of a guardian whom a roster names are the roster's."""


class WrongHousehold(GuardianError):
    """The student does not live in the household, or in another district."""


class EndsBeforeItBegins(GuardianError):
    """The last day of contact lies before the first."""


class NotRestricted(GuardianError):
    """Whoever is in contact may write anyway."""


@transaction.atomic
def add_guardian(
    *,
    student: Student,
    guardian: User,
    relationship: str,
    day: date,
    actor: User | None,
    household: Household | None = None,
) -> Guardianship:
    """Open the record to ``guardian`` from ``day`` on. Raises AlreadyGuardian, OwnGuardian, WrongHousehold."""
    check_may_manage([student.pk], actor, day)
    if actor == guardian:
        check_sees(student, guardian, day)
    if student.user_id == guardian.pk:
        raise OwnGuardian
    if Guardianship.objects.filter(student=student, guardian=guardian).exists():
        raise AlreadyGuardian
    _check_lives_in(student, household)
    row = Guardianship.objects.create(
        district_id=student.district_id,
        student=student,
        guardian=guardian,
        relationship=relationship,
        household=household,
        starts_on=day,
    )
    _record("people.add_guardian", row, actor)
    return row


@transaction.atomic
def add_new_guardian(
    *,
    student: Student,
    given_name: str,
    family_name: str,
    email: str,
    relationship: str,
    day: date,
    actor: User | None,
    household: Household | None = None,
) -> Guardianship:
    """A guardian whom nobody knew yet; they choose a sign-in name and a password when they use a letter's code.

    Raises EmailTaken, WrongHousehold.
    """
    check_may_manage([student.pk], actor, day)
    check_email_is_free(email, student.district_id)
    user = User(
        username=f"~{uuid4().hex}",
        given_name=given_name,
        family_name=family_name,
        email=email,
        organization=student.district,
    )
    user.set_unusable_password()
    user.save()
    return add_guardian(
        student=student, guardian=user, relationship=relationship, household=household, day=day, actor=actor
    )


@transaction.atomic
def change_guardianship(
    *,
    guardianship: Guardianship,
    relationship: str,
    household: Household | None,
    ends_on: date | None,
    day: date,
    actor: User | None,
) -> None:
    """``ends_on`` is the last day of contact. Raises OwnedByRoster, EndsBeforeItBegins, WrongHousehold."""
    check_may_manage([guardianship.student_id], actor, day)
    row = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
    _check_last_day(row, ends_on)
    _check_lives_in(row.student, household)
    homes = {row.household_id, household.pk if household else None}
    row.relationship, row.household, row.ends_on = relationship, household, ends_on
    row.save(update_fields=["relationship", "household", "ends_on"])
    if ends_on:
        _revoke([home for home in homes if home])
    _record("people.change_guardian", row, actor, ends_on=ends_on.isoformat() if ends_on else None)


def _check_last_day(row: Guardianship, ends_on: date | None) -> None:
    if row.source_id and ends_on != row.ends_on:
        raise OwnedByRoster
    if ends_on and row.starts_on and ends_on < row.starts_on:
        raise EndsBeforeItBegins


@transaction.atomic
def restrict_guardian(*, guardianship: Guardianship, is_restricted: bool, day: date, actor: User | None) -> None:
    """Close the record to the guardian, at once and whatever a roster says, or lift that. Codes of their home die.

    To write to teachers is closed with it, until ``let_guardian_write`` opens that anew.
    """
    check_may_manage([guardianship.student_id], actor, day)
    row = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
    row.is_restricted, row.may_write = is_restricted, False
    row.save(update_fields=["is_restricted", "may_write"])
    _let_be_by_merges(row)
    if is_restricted and row.household_id:
        _revoke([row.household_id])
    _record("people.restrict_contact" if is_restricted else "people.lift_restriction", row, actor)


@transaction.atomic
def let_guardian_write(*, guardianship: Guardianship, may_write: bool, day: date, actor: User | None) -> None:
    """Let a restricted guardian write to teachers and read their answers, or end that; the record stays closed.

    Raises NotRestricted.
    """
    check_may_manage([guardianship.student_id], actor, day)
    row = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
    if not row.is_restricted:
        raise NotRestricted
    row.may_write = may_write
    row.save(update_fields=["may_write"])
    _let_be_by_merges(row)
    _record("people.let_guardian_write" if may_write else "people.end_guardian_writing", row, actor)


def _let_be_by_merges(row: Guardianship) -> None:
    """Somebody decided: what a merge restricted or silenced is not lifted when it is taken back."""
    for merge in StudentMerge.objects.select_for_update().filter(student=row.student_id, undone_at__isnull=True):
        lists = [merge.moved.get(what, []) for what in ("restricted", "silenced")]
        for pks in [pks for pks in lists if row.pk in pks]:
            pks.remove(row.pk)
            merge.save(update_fields=["moved"])


@transaction.atomic
def make_household(*, students: Collection[Student], day: date, actor: User | None) -> Household:
    """A home of the students, who are of one district. Raises WrongHousehold."""
    check_may_manage([student.pk for student in students], actor, day)
    districts = {student.district_id for student in students}
    if len(districts) != 1:
        raise WrongHousehold
    household = Household.objects.create(district_id=districts.pop())
    household.students.set(students)
    record_home("people.make_household", household, actor, students=len(students))
    return household


@transaction.atomic
def change_household(*, household: Household, label: str, language: str, day: date, actor: User | None) -> None:
    check_may_change(household, actor, day)
    household.label, household.language = label, language
    household.save(update_fields=["label", "language"])
    record_home("people.change_household", household, actor)


@transaction.atomic
def add_to_household(*, household: Household, student: Student, day: date, actor: User | None) -> None:
    """Codes that are out name other children: they die. Raises WrongHousehold."""
    check_may_change(household, actor, day)
    check_may_manage([student.pk], actor, day)
    if student.district_id != household.district_id:
        raise WrongHousehold
    household.students.add(student)
    _revoke([household.pk])
    record_home("people.add_to_household", household, actor, student=str(student.uuid))


@transaction.atomic
def remove_from_household(*, household: Household, student: Student, day: date, actor: User | None) -> None:
    """The adults of the home stay guardians of the student; codes that are out die."""
    check_may_manage([student.pk], actor, day)
    household.students.remove(student)
    household.guardianships.filter(student=student).update(household=None)
    _revoke([household.pk])
    record_home("people.remove_from_household", household, actor, student=str(student.uuid))


def check_may_manage(student_ids: Collection[int], actor: User | None, day: date) -> None:
    """Raises PermissionDenied unless ``actor`` may change each of the students. Nobody (the shell) may."""
    if actor is None:
        return
    allowed = Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day).filter(pk__in=student_ids)
    if not student_ids or allowed.count() != len(set(student_ids)):
        raise PermissionDenied


def check_may_change(household: Household, actor: User | None, day: date) -> None:
    """Whoever looks after one of the children looks after the home."""
    allowed = Household.objects.visible_to(actor, Action.MANAGE_STUDENT, day) if actor else Household.objects.all()
    if not allowed.filter(pk=household.pk).exists():
        raise PermissionDenied


def _check_lives_in(student: Student, household: Household | None) -> None:
    if household is not None and not household.students.filter(pk=student.pk).exists():
        raise WrongHousehold


def _revoke(household_ids: Collection[int]) -> None:
    Invitation.objects.filter(household__in=household_ids, revoked_at__isnull=True).update(revoked_at=timezone.now())


def _record(action: str, row: Guardianship, actor: User | None, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=row.student.uuid,
        district_id=row.district_id,
        guardian=str(row.guardian.uuid),
        **details,
    )


def record_home(action: str, household: Household, actor: User | None, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=household.uuid,
        district_id=household.district_id,
        **details,
    )
