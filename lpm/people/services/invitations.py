"""Letters with a code, and what an adult becomes by using one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.lib.codes import digest, new_code
from lpm.people.access import in_force
from lpm.people.models import Guardianship, Household, Invitation, Organization, Student, User, district_id_of
from lpm.people.policy import Action
from lpm.people.queries.guardians import (
    HomeOfStudent,
    find_known,
    group_siblings,
    open_invitations,
    read_opened,
    state_of,
)
from lpm.people.services.guardians import check_may_change, check_may_manage, record_home

CODE_LENGTH = 12  # 60 bits
DAYS = 60
PLACES = 2
BATCH = 2000
UPDATE_BATCH = 500


class JoinError(Exception):
    """A code cannot be used as asked."""


class CodeSpent(JoinError):
    """No longer valid: used up, revoked, or over; or nobody is left whom it would open."""


class NothingOpens(JoinError):
    """The code is valid, and opens nothing to this person."""


class NameTaken(JoinError):
    """Somebody has that sign-in name."""


class NotKnown(JoinError):
    """The person is none of the guardians without a sign-in of that home, or no longer."""


@dataclass(frozen=True)
class Letter:
    """What is printed, this once: the code is kept nowhere."""

    household: Household
    children: list[Student]
    code: str
    expires_on: date


@dataclass(frozen=True)
class Batch:
    """The letters, and how many homes get none: contact is restricted or over there, or nobody is left."""

    letters: list[Letter]
    left_out: int


@transaction.atomic
def make_invitations(
    *,
    school: Organization,
    student_ids: Collection[int],
    day: date,
    actor: User,
    is_together: bool = True,
    has_known: bool = False,
    places: int = PLACES,
    days: int = DAYS,
) -> Batch:
    """A letter for each home of the students; in a constant number of queries for each 500.

    A student without a home gets one, together with those who have the very same guardians where ``is_together``.
    ``has_known`` puts the guardians in open contact into those new homes: whoever holds the code may say that they
    are one of them. Earlier codes of the homes die. Raises PermissionDenied.
    """
    if not Organization.objects.visible_to(actor, Action.MANAGE_STUDENT, day).filter(pk=school.pk).exists():
        raise PermissionDenied
    if student_ids:
        check_may_manage(student_ids, actor, day)
    made = _make_homes(student_ids, day, is_together=is_together, has_known=has_known)
    theirs = HomeOfStudent.objects.filter(student__in=student_ids).values("household")
    homes = list(Household.objects.select_for_update().filter(pk__in=theirs).order_by("pk"))
    batch = _invite({home.pk: home for home in homes}, day, actor, places=places, days=days)
    record_entry(
        actor_id=actor.pk,
        action="people.make_invitations",
        subject_uuid=school.uuid,
        district_id=district_id_of(school),
        letters=len(batch.letters),
        left_out=batch.left_out,
        new_households=made,
    )
    return batch


@transaction.atomic
def invite_household(*, household: Household, day: date, actor: User, places: int = PLACES, days: int = DAYS) -> Batch:
    """A letter for one home; its earlier codes die. Raises PermissionDenied."""
    check_may_change(household, actor, day)
    home = Household.objects.select_for_update().get(pk=household.pk)
    batch = _invite({home.pk: home}, day, actor, places=places, days=days)
    record_home("people.make_invitation", home, actor, letters=len(batch.letters))
    return batch


@transaction.atomic
def revoke_invitations(*, household: Household, day: date, actor: User | None) -> int:
    """The codes of a home die. Returns how many could still be used."""
    check_may_change(household, actor, day)
    count = open_invitations(day).filter(household=household).update(revoked_at=timezone.now())
    record_home("people.revoke_invitations", household, actor, codes=count)
    return count


def _make_homes(student_ids: Collection[int], day: date, *, is_together: bool, has_known: bool) -> int:
    """Homes for those who have none. Returns how many."""
    # Two who make letters for the same students at the same moment come one after the other.
    list(Student.objects.select_for_update().filter(pk__in=student_ids).order_by("pk").values_list("pk"))
    housed = set(HomeOfStudent.objects.filter(student__in=student_ids).values_list("student_id", flat=True))
    alone = Student.objects.filter(pk__in=set(student_ids) - housed).order_by("pk")
    districts = dict(alone.values_list("pk", "district_id"))
    groups = group_siblings(districts, day) if is_together else [[pk] for pk in districts]
    homes = [Household(district_id=districts[pks[0]]) for pks in groups]
    Household.objects.bulk_create(homes, batch_size=BATCH)
    lives_in = {pk: home for home, pks in zip(homes, groups, strict=True) for pk in pks}
    seats = [HomeOfStudent(household=home, student_id=pk) for pk, home in lives_in.items()]
    HomeOfStudent.objects.bulk_create(seats, batch_size=BATCH)
    if has_known:
        _move_in(lives_in, day)
    return len(homes)


def _move_in(lives_in: dict[int, Household], day: date) -> None:
    rows = Guardianship.objects.filter(in_force(day), student__in=lives_in, is_restricted=False, household=None)
    moving = list(rows)
    for row in moving:
        row.household = lives_in[row.student_id]
    Guardianship.objects.bulk_update(moving, ["household"], batch_size=UPDATE_BATCH)


def _invite(homes: dict[int, Household], day: date, actor: User, *, places: int, days: int) -> Batch:
    Invitation.objects.filter(household__in=homes, revoked_at__isnull=True).update(revoked_at=timezone.now())
    expires_on = day + timedelta(days=days)
    opened = read_opened(homes, day)
    letters = [
        Letter(home, opened[pk], new_code(CODE_LENGTH), expires_on) for pk, home in homes.items() if pk in opened
    ]
    rows = [
        Invitation(
            household=letter.household,
            digest=digest(letter.code),
            places=places,
            made_by=actor,
            expires_on=expires_on,
        )
        for letter in letters
    ]
    Invitation.objects.bulk_create(rows, batch_size=BATCH)
    letters.sort(key=lambda letter: (letter.children[0].sort_key, letter.household.pk))
    return Batch(letters, left_out=len(homes) - len(letters))


# Joining


@transaction.atomic
def join_household(*, invitation: Invitation, user: User, relationship: str, day: date) -> int:
    """Somebody with an account becomes a guardian of the children of the home. Returns of how many.

    What stands between them and a child stays as it is: a code lifts no restriction and opens no contact that is
    over. Raises CodeSpent, NothingOpens.
    """
    return _join(_lock(invitation, day), user, relationship, day)


@transaction.atomic
def join_anew(
    *,
    invitation: Invitation,
    given_name: str,
    family_name: str,
    username: str,
    password: str,
    language: str,
    relationship: str,
    day: date,
) -> User:
    """Somebody without an account makes one and becomes a guardian. Raises CodeSpent, NameTaken."""
    locked = _lock(invitation, day)
    user = User(
        given_name=given_name,
        family_name=family_name,
        organization=locked.household.district,
        email=username if "@" in username else "",
    )
    _enroll(user, username=username, password=password, language=language)
    _join(locked, user, relationship, day)
    return user


@transaction.atomic
def take_over_account(
    *,
    invitation: Invitation,
    guardian: User,
    username: str,
    password: str,
    language: str,
    relationship: str,
    day: date,
) -> User:
    """A guardian whom the office knew already gets a password. One of a roster keeps the sign-in name of the roster.

    Raises CodeSpent, NotKnown, NameTaken.
    """
    locked = _lock(invitation, day)
    known = find_known(locked.household, _children(locked, day), day)
    user = User.objects.select_for_update().filter(pk=guardian.pk, pk__in=known.values("pk")).first()
    if user is None:
        raise NotKnown
    _enroll(user, username=user.username if user.source_id else username, password=password, language=language)
    _join(locked, user, relationship, day, takes_place=True)
    return user


def record_failed_code(*, is_alarm: bool) -> None:
    """That somebody typed a code that opens nothing; what it was is kept nowhere. ``is_alarm``: so many did."""
    record_entry(actor_id=None, action="people.join_alarm" if is_alarm else "people.join_failed")


def _lock(invitation: Invitation, day: date) -> Invitation:
    """Two who use the last place at the same moment come one after the other. Raises CodeSpent."""
    rows = open_invitations(day).select_for_update(of=("self",)).select_related("household__district")
    locked = rows.filter(pk=invitation.pk).first()
    if locked is None:
        raise CodeSpent
    return locked


def _children(invitation: Invitation, day: date) -> list[Student]:
    """Raises CodeSpent."""
    children = read_opened([invitation.household_id], day).get(invitation.household_id)
    if not children:
        raise CodeSpent
    return children


def _enroll(user: User, *, username: str, password: str, language: str) -> None:
    """Save the person with a sign-in. A name that somebody chooses is theirs alone in the whole of Cairn, and is not
    the e-mail address of somebody else, who comes in by it."""
    others = User.objects.exclude(pk=user.pk)
    if others.filter(email__iexact=username).exists() or User.objects.named(username).exclude(pk=user.pk).exists():
        raise NameTaken
    user.username, user.language = username, language
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody took it this very moment
        raise NameTaken from None


def _join(invitation: Invitation, user: User, relationship: str, day: date, *, takes_place: bool = False) -> int:
    children = [child for child in _children(invitation, day) if child.user_id != user.pk]
    there = {row.student_id: row for row in Guardianship.objects.filter(guardian=user, student__in=children)}
    kept = [row for row in there.values() if state_of(row, day) == "open"]
    new = [child for child in children if child.pk not in there]
    if not kept and not new:
        raise NothingOpens
    if new or takes_place:
        Invitation.objects.filter(pk=invitation.pk, places__gt=0).update(places=F("places") - 1)
    _write_guardianships(invitation.household, user, new, kept, relationship, day)
    record_home("people.join_household", invitation.household, user, children=len(new) + len(kept))
    return len(new) + len(kept)


def _write_guardianships(
    household: Household, user: User, new: Sequence[Student], kept: Sequence[Guardianship], relationship: str, day: date
) -> None:
    rows = [
        Guardianship(
            district_id=child.district_id,
            guardian=user,
            student=child,
            household=household,
            relationship=relationship,
            starts_on=day,
        )
        for child in new
    ]
    Guardianship.objects.bulk_create(rows)
    for row in kept:
        row.household_id = row.household_id or household.pk
        row.relationship = row.relationship or relationship
    Guardianship.objects.bulk_update(kept, ["household", "relationship"])
