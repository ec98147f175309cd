from __future__ import annotations

from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.models import Organization, User, district_id_of


@transaction.atomic
def create_user(
    *, username: str, given_name: str, family_name: str, organization: Organization, actor: User | None = None
) -> User:
    """Somebody who can be given roles; without a password until they set one."""
    user = User(username=username, given_name=given_name, family_name=family_name, organization=organization)
    user.set_unusable_password()
    user.save()
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.create_user",
        subject_uuid=user.uuid,
        district_id=district_id_of(organization),
    )
    return user


def record_sign_in(*, user: User) -> None:
    _record_own("people.sign_in", user)


def record_sign_out(*, user: User) -> None:
    _record_own("people.sign_out", user)


def record_failed_sign_in() -> None:
    """That somebody tried. What they typed may be a password in the wrong field: it is kept nowhere."""
    record_entry(actor_id=None, action="people.sign_in_failed")


def _record_own(action: str, user: User) -> None:
    record_entry(actor_id=user.pk, action=action, subject_uuid=user.uuid, district_id=district_id_of(user.organization))
