"""Dated settings of organizations, and what rules of access read of them beside the organization."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.people.models import Organization, PeopleSettings, User, district_id_of
from lpm.people.policy import Action
from lpm.people.services.dated import decide_from
from lpm.people.services.organizations import check_allowed

KEPT_BESIDE = ("opens_before", "closes_after", "age_of_rights", "parts")


class TooLate(Exception):
    """The day is over: what people could see on it cannot be changed any more."""


@transaction.atomic
def change_settings(
    *, organization: Organization, valid_from: date, values: Mapping[str, Any], actor: User | None, day: date
) -> PeopleSettings:
    """What the organization decides from ``valid_from`` on: the fields of ``values``; None leaves one to those above.

    What is not among them stays as it was decided before. A later day for which something else is planned goes along.

    Raises TooLate when ``valid_from`` lies before ``day``.
    """
    check_allowed(organization=organization, action=Action.MANAGE_ORGANIZATION, actor=actor, day=day)
    if valid_from < day:
        raise TooLate
    row, changes = decide_from(
        rows=PeopleSettings,
        fields=list(PeopleSettings.DEFAULTS),
        organization=organization,
        valid_from=valid_from,
        values=values,
    )
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.change_settings",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        valid_from=valid_from.isoformat(),
        changes=changes,
    )
    settle_settings(day=day, organization=organization)
    return row


@transaction.atomic
def settle_settings(*, day: date, organization: Organization | None = None) -> int:
    """Write what is in force on ``day`` beside every organization at or below ``organization`` (None: beside all).

    One statement. Returns how many organizations changed; a second time it is none.
    """
    return _settle(Organization.objects.under(organization) if organization else Organization.objects.all(), day)


@transaction.atomic
def settle_settings_everywhere() -> int:
    """As ``settle_settings``, each organization on the day that it is there; a statement for each time zone."""
    zones = Organization.objects.order_by().values_list("time_zone", flat=True).distinct()
    return sum(_settle(Organization.objects.filter(time_zone=zone), school_day(zone)) for zone in list(zones))


def _settle(organizations: Any, day: date) -> int:
    wanted = {f"new_{field}": _in_force(field, day) for field in KEPT_BESIDE}
    same = Q(**{field: F(f"new_{field}") for field in KEPT_BESIDE})
    stale = Organization.objects.filter(pk__in=organizations.order_by().values("pk")).annotate(**wanted).exclude(same)
    return int(stale.update(**{field: F(f"new_{field}") for field in KEPT_BESIDE}))


def _in_force(field: str, day: date) -> Coalesce:
    """As ``DatedSettingsQuerySet.in_force`` has it, as an expression: for every organization in one statement."""
    by_then = PeopleSettings.objects.filter(valid_from__lte=day)
    newer = by_then.filter(organization=OuterRef("organization"), valid_from__gt=OuterRef("valid_from"))
    speaking = by_then.filter(~Exists(newer), organization__below__descendant=OuterRef("pk"))
    nearest = speaking.exclude(**{field: None}).order_by("organization__below__depth").values(field)[:1]
    return Coalesce(Subquery(nearest), getattr(Organization(), field))  # a new one holds the defaults
