"""Students by hand: adding, changing, what they are called, and their sign-in."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.text import sort_key
from lpm.people.enums import OrganizationKind
from lpm.people.models import Enrollment, Group, Organization, Student, User, district_id_of
from lpm.people.policy import Action
from lpm.people.services.stays import settle_stays

FIELDS = ("given_name", "family_name", "born_on", "grade")


class NoSchool(Exception):
    """Students belong to a school."""


class OwnedByRoster(Exception):
    """What a roster brings, and would bring again, is changed where the roster is made."""


class UsernameTaken(Exception):
    """Somebody else of the district signs in by this name."""


class HasSignIn(Exception):
    """The student signs in already."""


@dataclass(frozen=True)
class Names:
    """What a student is called, by who reads; an empty name falls back to the given name."""

    preferred_name: str = ""
    pronouns: str = ""
    family_preferred_name: str = ""
    family_pronouns: str = ""
    transcript_preferred_name: str = ""
    transcript_pronouns: str = ""


@transaction.atomic
def add_student(
    *,
    school: Organization,
    given_name: str,
    family_name: str,
    grade: str = "",
    born_on: date | None = None,
    actor: User | None,
    day: date,
    is_provisional: bool = False,
    group: Group | None = None,
) -> Student:
    """A student who belongs to ``school`` from ``day`` on, and is in ``group`` from then on, if one is named.

    Whoever may change a group of the school may add a provisional record to it; without that it takes the right over
    the students of the school. Raises NoSchool, PermissionDenied.
    """
    district_id = district_id_of(school)
    if school.kind != OrganizationKind.SCHOOL or district_id is None:
        raise NoSchool
    _check_may_add(school, group, actor, day, is_provisional)
    student = Student(
        district_id=district_id,
        school=school,
        given_name=given_name,
        family_name=family_name,
        grade=grade,
        born_on=born_on,
        is_provisional=is_provisional,
    )
    student.save()
    settle_stays(student_ids=[student.pk], day=day)
    if group is not None:
        Enrollment.objects.create(district_id=student.district_id, group=group, student=student, starts_on=day)
    _record("people.add_student", student, actor, is_provisional=is_provisional, group=str(group.uuid) if group else "")
    return student


def _check_may_add(
    school: Organization, group: Group | None, actor: User | None, day: date, is_provisional: bool
) -> None:
    if group is not None and group.school_id != school.pk:
        raise PermissionDenied(_("This group is at another school."))
    if actor is None:
        return
    schools = Organization.objects.visible_to(actor, Action.MANAGE_STUDENT, day)
    if schools.filter(pk=school.pk).exists():
        return
    groups = Group.objects.visible_to(actor, Action.MANAGE_GROUP, day)
    if not is_provisional or group is None or not groups.filter(pk=group.pk).exists():
        raise PermissionDenied(_("You may not add students here."))


def owned_by_roster(student: Student) -> frozenset[str]:
    """The fields that a roster has filled, and will fill again."""
    if student.source_id is None:
        return frozenset()
    return frozenset(name for name in FIELDS if getattr(student, name) not in ("", None))


@transaction.atomic
def change_student(
    *,
    student: Student,
    given_name: str,
    family_name: str,
    grade: str,
    born_on: date | None,
    is_provisional: bool,
    actor: User | None,
    day: date,
) -> None:
    """Raises OwnedByRoster when a field would change that a roster brings; PermissionDenied."""
    student = _lock_permitted(student, actor, day)
    said = dict(zip(FIELDS, (given_name, family_name, born_on, grade), strict=True))
    changed = {name for name, value in said.items() if getattr(student, name) != value}
    if changed & owned_by_roster(student):
        raise OwnedByRoster
    for name, value in said.items():
        setattr(student, name, value)
    student.is_provisional = is_provisional
    student.save(update_fields=[*FIELDS, "is_provisional"])
    settle_stays(student_ids=[student.pk], day=day)
    _record("people.change_student", student, actor, fields=sorted(changed))


@transaction.atomic
def change_names(*, student: Student, names: Names, actor: User | None, day: date) -> None:
    """What the student is called, by who reads. Raises PermissionDenied."""
    student = _lock_permitted(student, actor, day)
    said = asdict(names)
    changed = {name for name, value in said.items() if getattr(student, name) != value}
    for name, value in said.items():
        setattr(student, name, value)
    student.save(update_fields=list(said))
    _record("people.change_names", student, actor, fields=sorted(changed))


@transaction.atomic
def give_sign_in(*, student: Student, username: str, actor: User | None, day: date) -> User:
    """An account for the student, without a password until one is set.

    Raises HasSignIn, UsernameTaken, PermissionDenied.
    """
    student = _lock_permitted(student, actor, day)
    if student.user_id is not None:
        raise HasSignIn
    user = User(
        username=username,
        given_name=student.given_name,
        family_name=student.family_name,
        organization_id=student.school_id,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise UsernameTaken from None
    student.user = user
    student.save(update_fields=["user"])
    _record("people.give_sign_in", student, actor, user=str(user.uuid))
    return user


@transaction.atomic
def take_sign_in(*, student: Student, actor: User | None, day: date) -> None:
    """The student goes on without a sign-in: the account is closed, and stays, for what was done with it.

    Raises OwnedByRoster, PermissionDenied.
    """
    student = _lock_permitted(student, actor, day)
    user = student.user
    if user is None:
        return
    if user.source_id is not None:
        raise OwnedByRoster
    student.user = None
    student.save(update_fields=["user"])
    user.is_active = False
    user.save(update_fields=["is_active"])
    _record("people.take_sign_in", student, actor, user=str(user.uuid))


def propose_username(student: Student) -> str:
    """``given.family``, in plain letters, with a number when others of the district have that."""
    words = re.findall(r"[a-z0-9]+", f"{_plain(student.given_name)} {_plain(student.family_name)}")
    stem = ".".join([*words[:1], *words[-1:]] if len(words) > 1 else words) or "student"
    taken = User.objects.filter(district=student.district_id, username__istartswith=stem)
    names = {name.lower() for name in taken.values_list("username", flat=True)}
    return next(name for number in range(1, len(names) + 2) if (name := _numbered(stem, number)) not in names)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", sort_key(name))


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}{number}"


def _lock_permitted(student: Student, actor: User | None, day: date) -> Student:
    """The student as they are now, held to the end of the transaction. Raises PermissionDenied."""
    rows = Student.objects.filter(pk=student.pk)
    if actor is not None:
        rows = rows.visible_to(actor, Action.MANAGE_STUDENT, day)
    found: Student | None = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise PermissionDenied(_("You may not change this student."))
    return found


def _record(action: str, student: Student, actor: User | None, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=student.uuid,
        district_id=student.district_id,
        **details,
    )
