from __future__ import annotations

from datetime import date

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.audit.services import record_entry
from lpm.people.models import User
from lpm.people.queries.sign_in import people_called
from lpm.people.services.roles import check_account

FAILED = "people.sign_in_failed"


class SeveralFit(Exception):
    """The name and the password fit people of two districts."""


def find_by_password(*, name: str, password: str) -> User | None:
    """Whose name, or e-mail address, and password these are; as much work when there is nobody of that name.

    Raises SeveralFit. A password of an older kind is kept in the newest from now on.
    """
    people = people_called(name)
    if not people:
        User().set_password(password)
    fitting = [person for person in people if person.check_password(password)]
    if len(fitting) > 1:
        raise SeveralFit
    return fitting[0] if fitting else None


@transaction.atomic
def count_failed_sign_in() -> None:
    """That somebody tried: one row a minute, with how many tries if it was more than one.

    What they typed may be a password in the wrong field: it is kept nowhere.
    """
    minute = timezone.now().replace(second=0, microsecond=0)
    row = Entry.objects.select_for_update().filter(at__gte=minute, action=FAILED).order_by("pk").first()
    if row is None:
        record_entry(actor_id=None, action=FAILED)
    else:
        row.details = {"count": row.details.get("count", 1) + 1}
        row.save(update_fields=["details"])


@transaction.atomic
def end_sessions(*, user: User, sessions: list[UserSession]) -> None:
    """End those that are the person's own; they are out at the next thing they do there."""
    for session in sessions:
        if session.user_id == user.pk:
            session.end()
    _record_own("people.end_sessions", user, count=len(sessions))


@transaction.atomic
def remove_second_step(*, person: User, actor: User | None, day: date) -> int:
    """Somebody lost it, and their spare codes: they come in by password, and set up another. How many keys went.

    For those who may change the person's account (``actor`` None: the shell). Raises PermissionDenied, AboveActor.
    """
    check_account(user=person, actor=actor, day=day)
    if actor == person:
        raise PermissionDenied
    count = int(Authenticator.objects.filter(user=person).delete()[0])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.remove_second_step",
        subject_uuid=person.uuid,
        district_id=person.district_id,
        count=count,
    )
    return count


@transaction.atomic
def record_sign_in_change(*, user: User, change: str) -> None:
    """That somebody changed how they come in: ``change`` is the word of the audit for it, such as set_password."""
    _record_own(f"people.{change}", user)


def _record_own(action: str, user: User, **details: int) -> None:
    record_entry(actor_id=user.pk, action=action, subject_uuid=user.uuid, district_id=user.district_id, **details)
