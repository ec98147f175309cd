from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from lpm.audit.services import record_entry
from lpm.people.enums import Role
from lpm.people.models import Organization, RoleGrant, User, district_id_of
from lpm.people.policy import Action
from lpm.people.queries.staff import propose_username
from lpm.people.services.organizations import RosterOwns, check_allowed
from lpm.people.services.roles import check_account, check_others_administer, check_rank

ROSTERED = frozenset({"given_name", "family_name", "username"})  # what a roster writes; an e-mail if it has one


class UsernameTaken(Exception):
    """Somebody else of the district signs in with this name."""


class EmailTaken(Exception):
    """Somebody else of the district has this address: with it, nobody could tell who comes in."""


class OwnAccount(Exception):
    """Nobody closes the account they are signed in with."""


@transaction.atomic
def create_user(
    *,
    username: str,
    given_name: str,
    family_name: str,
    organization: Organization,
    email: str = "",
    language: str = "",
    actor: User | None = None,
    day: date | None = None,
) -> User:
    """Somebody who can be given roles; without a password until they set one.

    An empty ``username`` is made from the name. ``day`` is when ``actor`` asks. Raises UsernameTaken, EmailTaken.
    """
    check_allowed(organization=organization, action=Action.MANAGE_STAFF, actor=actor, day=day)
    check_email_is_free(email, district_id_of(organization))
    user = User(
        username=username or propose_username(given_name, family_name, district_id_of(organization)),
        given_name=given_name,
        family_name=family_name,
        email=email,
        language=language,
        organization=organization,
    )
    user.set_unusable_password()
    _save(user)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.create_user",
        subject_uuid=user.uuid,
        district_id=user.district_id,
    )
    return user


def check_email_is_free(email: str, district_id: int | None) -> None:
    """Raises EmailTaken. Rosters may bring one address for several people, such as two children; people may not."""
    if email and User.objects.filter(email__iexact=email, district=district_id).exists():
        raise EmailTaken


def _save(user: User, fields: list[str] | None = None) -> None:
    """Raises UsernameTaken."""
    namesakes = User.objects.named(user.username).filter(district=district_id_of(user.organization))
    if namesakes.exclude(pk=user.pk).exists():
        raise UsernameTaken
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError:  # somebody was faster
        raise UsernameTaken from None


@transaction.atomic
def change_user(
    *,
    user: User,
    given_name: str,
    family_name: str,
    username: str,
    email: str,
    language: str,
    actor: User | None,
    day: date,
) -> User:
    """Raises UsernameTaken, EmailTaken; RosterOwns for what the roster writes; AboveActor."""
    check_account(user=user, actor=actor, day=day)
    wanted: dict[str, Any] = {
        "given_name": given_name,
        "family_name": family_name,
        "username": username,
        "email": email,
        "language": language,
    }
    changed = sorted(field for field, value in wanted.items() if getattr(user, field) != value)
    if user.source_id and not (ROSTERED | ({"email"} if user.email else set())).isdisjoint(changed):
        raise RosterOwns
    if email.casefold() != user.email.casefold():
        check_email_is_free(email, user.district_id)
    for field in changed:
        setattr(user, field, wanted[field])
    _save(user, changed)
    _record("people.change_user", user, actor, changed=changed)
    return user


@transaction.atomic
def close_account(*, user: User, actor: User | None, day: date) -> User:
    """The person signs in no more; what they did stays. Raises OwnAccount, AboveActor, LastAdministrator."""
    check_rank(user=user, actor=actor, day=day)
    if user == actor:
        raise OwnAccount
    held = RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), user=user, role=Role.ADMINISTRATOR)
    check_others_administer(list(held), day)
    return _switch(user, actor, "people.close_account", closes_on=min(user.closes_on or day, day))


@transaction.atomic
def reopen_account(*, user: User, actor: User | None, day: date) -> User:
    """The person can sign in again, with the roles and groups that are still in force. Raises AboveActor."""
    check_rank(user=user, actor=actor, day=day)
    return _switch(user, actor, "people.reopen_account", closes_on=None)


def _switch(user: User, actor: User | None, action: str, *, closes_on: date | None) -> User:
    """Somebody decided; a roster that says otherwise opens nothing while the day stands."""
    user.is_active, user.closes_on = closes_on is None, closes_on
    user.save(update_fields=["is_active", "closes_on"])
    _record(action, user, actor)
    return user


def record_sign_in(*, user: User) -> None:
    _record("people.sign_in", user, user)


def record_sign_out(*, user: User) -> None:
    _record("people.sign_out", user, user)


def record_failed_sign_in() -> None:
    """That somebody tried. What they typed may be a password in the wrong field: it is kept nowhere."""
    record_entry(actor_id=None, action="people.sign_in_failed")


def _record(action: str, user: User, actor: User | None, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=user.uuid,
        district_id=user.district_id,
        **details,
    )
