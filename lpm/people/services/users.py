from __future__ import annotations

from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.models import Organization, User


@transaction.atomic
def create_user(
    *, username: str, given_name: str, family_name: str, organization: Organization, actor: User | None = None
) -> User:
    """Somebody who can be given roles; without a password until they set one."""
    user = User(username=username, given_name=given_name, family_name=family_name, organization=organization)
    user.set_unusable_password()
    user.save()
    record_entry(actor_id=actor.pk if actor else None, action="people.create_user", subject_uuid=user.uuid)
    return user
