from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Lineage, Organization, RosterSource, User, district_id_of

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


@transaction.atomic
def create_organization(
    *,
    kind: OrganizationKind,
    name: str,
    parent: Organization | None,
    actor: User | None = None,
    time_zone: str | None = None,
    language: str | None = None,
    source: RosterSource | None = None,
    sourced_id: str = "",
) -> Organization:
    """Time zone and language are those of the parent unless given. Raises WrongParent."""
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


def check_parent(organization: Organization) -> None:
    """Raises WrongParent."""
    parent = organization.parent
    if parent is None and organization.kind in MAY_STAND_ALONE:
        return
    if parent is None or parent.kind != PARENT_KINDS[organization.kind]:
        raise WrongParent(f"A {organization.kind} cannot stand under {parent.kind if parent else 'nothing'}.")


def _settle(organization: Organization, time_zone: str | None, language: str | None) -> None:
    """Bulk writing skips ``save``; and a school keeps the hours of its district."""
    above = organization.parent or organization  # a new one holds the defaults
    organization.time_zone = time_zone or above.time_zone
    organization.language = language or above.language
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
