from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from zoneinfo import available_timezones

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Lineage, Organization, RosterSource, User, district_id_of
from lpm.people.policy import Action

PARENT_KINDS: dict[str, OrganizationKind | None] = {
    OrganizationKind.CONSORTIUM: None,
    OrganizationKind.DISTRICT: OrganizationKind.CONSORTIUM,
    OrganizationKind.SCHOOL: OrganizationKind.DISTRICT,
    OrganizationKind.TEAM: OrganizationKind.SCHOOL,
}
MAY_STAND_ALONE = {OrganizationKind.CONSORTIUM, OrganizationKind.DISTRICT}
BATCH = 2000


class WrongParent(Exception):
    """A team belongs to a school, a school to a district, a district to a consortium or to nothing."""


class UnknownTimeZone(Exception):
    """There is no time zone of this name."""


class RosterOwns(Exception):
    """What a roster sends is changed in the roster: here, the next one would change it back."""


def check_allowed(*, organization: Organization | None, action: Action, actor: User | None, day: date | None) -> None:
    """Raises PermissionDenied. Nobody (the shell) may; a person may where a right of theirs says so, and when."""
    if actor is None:
        return
    if organization is None or day is None:
        raise PermissionDenied
    if not Organization.objects.visible_to(actor, action, day).filter(pk=organization.pk).exists():
        raise PermissionDenied


@transaction.atomic
def create_organization(
    *,
    kind: OrganizationKind,
    name: str,
    parent: Organization | None,
    actor: User | None = None,
    day: date | None = None,
    time_zone: str | None = None,
    language: str | None = None,
    source: RosterSource | None = None,
    sourced_id: str = "",
) -> Organization:
    """Time zone and language are those of the parent unless given; settings are always the parent's.

    ``day`` is when ``actor`` asks. Raises WrongParent, UnknownTimeZone.
    """
    check_allowed(organization=parent, action=Action.MANAGE_ORGANIZATION, actor=actor, day=day)
    if time_zone:
        check_time_zone(time_zone)
    organization = Organization(kind=kind, name=name, parent=parent, source=source, sourced_id=sourced_id)
    place_organizations(organizations=[organization], time_zone=time_zone, language=language)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.create_organization",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        kind=kind,
    )
    return organization


@transaction.atomic
def place_organizations(
    *, organizations: Sequence[Organization], time_zone: str | None = None, language: str | None = None
) -> None:
    """Save new organizations, with their lineage, below parents that are saved already. Raises WrongParent.

    The caller writes the audit entry.
    """
    for organization in organizations:
        check_parent(organization)
        _settle(organization, time_zone, language)
    Organization.objects.bulk_create(organizations, batch_size=BATCH)
    above = _lineages({organization.parent_id for organization in organizations if organization.parent_id})
    Lineage.objects.bulk_create(
        [row for organization in organizations for row in _lineage(organization, above)], batch_size=BATCH
    )


@transaction.atomic
def change_organization(
    *, organization: Organization, name: str, time_zone: str, language: str, actor: User | None, day: date
) -> int:
    """Returns how many organizations have another time zone now: what is below goes along where it kept the same one.

    Raises RosterOwns when the roster gives the name, UnknownTimeZone.
    """
    check_allowed(organization=organization, action=Action.MANAGE_ORGANIZATION, actor=actor, day=day)
    check_time_zone(time_zone)
    if organization.source_id and name != organization.name:
        raise RosterOwns
    wanted = {"name": name, "time_zone": time_zone, "language": language}
    changed = sorted(field for field, value in wanted.items() if getattr(organization, field) != value)
    moved = _move_below(organization, time_zone) if "time_zone" in changed else 0
    for field in changed:
        setattr(organization, field, wanted[field])
    organization.save(update_fields=changed)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.change_organization",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        changed=changed,
        moved=moved,
    )
    return moved


def check_time_zone(name: str) -> None:
    """Raises UnknownTimeZone."""
    if name not in available_timezones():
        raise UnknownTimeZone


def _move_below(organization: Organization, time_zone: str) -> int:
    """Step by step down, as long as the time zone is the old one. Returns how many moved, ``organization`` included."""
    moved, step = {organization.pk}, {organization.pk}
    while step:
        alike = Organization.objects.filter(parent__in=step, time_zone=organization.time_zone)
        step = set(alike.values_list("pk", flat=True))
        moved |= step
    Organization.objects.filter(pk__in=moved).update(time_zone=time_zone)
    return len(moved)


def check_parent(organization: Organization) -> None:
    """Raises WrongParent."""
    parent = organization.parent
    if parent is None and organization.kind in MAY_STAND_ALONE:
        return
    if parent is None or parent.kind != PARENT_KINDS[organization.kind]:
        raise WrongParent(f"A {organization.kind} cannot stand under {parent.kind if parent else 'nothing'}.")


def _settle(organization: Organization, time_zone: str | None, language: str | None) -> None:
    """Bulk writing skips ``save``; and a school keeps the hours of its district, and what its settings say."""
    above = organization.parent or organization  # a new one holds the defaults
    organization.time_zone = time_zone or above.time_zone
    organization.language = language or above.language
    organization.opens_before = above.opens_before
    organization.closes_after = above.closes_after
    organization.age_of_rights = above.age_of_rights
    organization.parts = list(above.parts)
    organization.fill_sort_key()


def _lineages(pks: set[int]) -> dict[int, list[tuple[int, int]]]:
    """For each organization: (ancestor, depth), itself included."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if not pks:
        return found
    for row in Lineage.objects.filter(descendant__in=pks):
        found[row.descendant_id].append((row.ancestor_id, row.depth))
    return found


def _lineage(organization: Organization, above: dict[int, list[tuple[int, int]]]) -> list[Lineage]:
    ancestors = above[organization.parent_id] if organization.parent_id else []
    steps = [(organization.pk, 0), *((pk, depth + 1) for pk, depth in ancestors)]
    return [Lineage(ancestor_id=pk, descendant=organization, depth=depth) for pk, depth in steps]
