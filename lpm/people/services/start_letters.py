"""Letters with which somebody who has no password, and perhaps no e-mail, sets their first one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.lib.codes import digest, new_code
from lpm.people.enums import BadgePurpose
from lpm.people.models import Badge, Student, User
from lpm.people.policy import Action
from lpm.people.queries.staff import staff
from lpm.people.queries.start_letters import can_begin, find_letter, letter_is_good, with_duties
from lpm.people.services.roles import check_account

CODE_LENGTH = 12  # 60 bits
LASTS = timedelta(days=30)


class LetterSpent(Exception):
    """The letter was used, replaced or is over, or whose it is comes in no more."""


@dataclass(frozen=True)
class StartLetter:
    """A letter to print; ``code`` is kept nowhere and cannot be printed again."""

    user: User
    code: str
    expires_on: date


@dataclass(frozen=True)
class StartLetters:
    """``left_out`` is how many get none: they have a password, or their account is closed."""

    letters: list[StartLetter]
    left_out: int


@transaction.atomic
def make_start_letters(*, users: Collection[User], actor: User, day: date, anew: bool = False) -> StartLetters:
    """A letter for each of the staff and students among ``users`` who has no password; the one before opens nothing.

    ``anew``: for those too who have one and forgot it; until they use the letter it stays as it is. Whoever manages a
    student gives the student letters, and whoever may change an account of the staff gives those; nobody gives
    themselves one. Raises PermissionDenied, AboveActor.
    """
    rows = User.objects.select_for_update(no_key=True, of=("self",)).select_related("organization")
    held = list(rows.filter(pk__in=[user.pk for user in users]).order_by("sort_key", "pk"))
    _check_may(held, actor, day)
    open_accounts = set(User.objects.filter(can_begin(day), pk__in=[user.pk for user in held]).values_list("pk"))
    given = [user for user in held if (user.pk,) in open_accounts and (anew or not user.has_usable_password())]
    _revoke(given)
    letters = [StartLetter(user, new_code(CODE_LENGTH), day + LASTS) for user in given]
    Badge.objects.bulk_create(
        Badge(
            user=letter.user,
            digest=digest(letter.code),
            purpose=BadgePurpose.START,
            made_by=actor,
            expires_on=letter.expires_on,
        )
        for letter in letters
    )
    made = StartLetters(letters, len(held) - len(letters))
    _record_made(held, actor, made)
    return made


def _check_may(users: list[User], actor: User, day: date) -> None:
    """Raises PermissionDenied, AboveActor."""
    keys = {user.pk for user in users}
    managed = Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day).filter(user__in=keys)
    students = set(managed.values_list("user_id", flat=True))
    working = set(staff(User.objects.filter(pk__in=keys)).values_list("pk", flat=True))
    if actor.pk in keys or keys - students - working:
        raise PermissionDenied
    by_record = students - with_duties(keys)
    for user in users:
        if user.pk not in by_record:
            check_account(user=user, actor=actor, day=day)


def _revoke(users: Collection[User]) -> None:
    Badge.objects.filter(letter_is_good(date.min), user__in=users).update(revoked_at=timezone.now())


def _record_made(users: list[User], actor: User, made: StartLetters) -> None:
    record_entry(
        actor_id=actor.pk,
        action="people.make_start_letters",
        subject_uuid=users[0].uuid if len(users) == 1 else None,
        district_id=users[0].district_id if users else actor.district_id,
        letters=len(made.letters),
        left_out=made.left_out,
    )


@transaction.atomic
def use_start_letter(*, letter: Badge, password: str) -> User:
    """Its owner has this password from now on, and is signed in nowhere any more; the letter is used.

    Of two who use it at the same moment one comes too late. Raises LetterSpent.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=letter.user_id)
    good = find_letter(uuid=letter.uuid)
    if good is None:
        raise LetterSpent
    Badge.objects.filter(pk=good.pk).update(used_at=timezone.now())
    user.set_password(password)
    user.save(update_fields=["password"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    record_entry(
        actor_id=user.pk, action="people.use_start_letter", subject_uuid=user.uuid, district_id=user.district_id
    )
    return user


def revoke_start_letters(*, user: User) -> None:
    """Somebody has set a password another way: a letter that lies about sets none any more."""
    _revoke([user])
