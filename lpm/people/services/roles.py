from __future__ import annotations

from datetime import date

from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.enums import Role
from lpm.people.models import Organization, RoleGrant, User, district_id_of


class WrongDates(Exception):
    """The last day lies before the first."""


@transaction.atomic
def grant_role(
    *,
    user: User,
    organization: Organization,
    role: Role,
    starts_on: date,
    ends_on: date | None = None,
    actor: User | None = None,
) -> RoleGrant:
    """Give ``role`` over ``organization`` and everything under it, both days included. Raises WrongDates."""
    if ends_on and ends_on < starts_on:
        raise WrongDates(f"{ends_on} lies before {starts_on}.")
    grant = RoleGrant.objects.create(
        user=user, organization=organization, role=role, starts_on=starts_on, ends_on=ends_on
    )
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.grant_role",
        subject_uuid=user.uuid,
        district_id=district_id_of(organization),
        role=role,
        organization=str(organization.uuid),
    )
    return grant
