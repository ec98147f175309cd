"""Which curricula an organization uses, which are on offer to it, and whom a decision touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, FrameworkAdoption
from lpm.people import access
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization


@dataclass(frozen=True)
class Used:
    """A framework that an organization uses; ``own`` is its own decision, ``above`` those of organizations above."""

    framework: Framework
    own: FrameworkAdoption | None
    above: list[FrameworkAdoption]


@dataclass(frozen=True)
class Adoptions:
    """``offered`` is published by an organization at or above, and not in use; ``ended`` was the organization's own."""

    used: list[Used]
    offered: list[Framework]
    ended: list[FrameworkAdoption]


def read_adoptions(organization: Organization) -> Adoptions:
    """The curricula of one organization, in 4 queries."""
    above = Organization.objects.filter(below__descendant=organization).values("pk")
    decided = FrameworkAdoption.objects.filter(organization__in=above, ended_on__isnull=True)
    decided = decided.select_related("organization").order_by("adopted_on", "pk")
    rows = Framework.objects.used_by(organization.pk).select_related("owner").by_title()
    used = list(rows.prefetch_related(Prefetch("adoptions", decided, to_attr="decided")))
    offered = Framework.objects.filter(owner__in=above, status=FrameworkStatus.PUBLISHED).select_related("owner")
    ended = organization.adoptions.filter(ended_on__isnull=False).select_related("framework__owner")
    return Adoptions(
        [_used(framework, organization) for framework in used],
        list(offered.exclude(pk__in=[framework.pk for framework in used]).by_title()),
        list(ended.order_by("-ended_on", "-pk")),
    )


def _used(framework: Framework, organization: Organization) -> Used:
    decided: list[FrameworkAdoption] = framework.decided  # type: ignore[attr-defined]  # by the prefetch above
    own = next((adoption for adoption in decided if adoption.organization_id == organization.pk), None)
    return Used(framework, own, [adoption for adoption in decided if adoption.organization_id != organization.pk])


@dataclass(frozen=True)
class Touched:
    """Whom a decision about a framework touches: schools, and groups that meet, at and below the organization."""

    school_count: int
    group_count: int


def count_touched(organization: Organization, day: date) -> Touched:
    """In 2 queries."""
    schools = Organization.objects.under(organization).filter(kind=OrganizationKind.SCHOOL)
    groups = Group.objects.filter(access.in_force(day), school__lineage__ancestor=organization)
    return Touched(schools.count(), groups.count())


def users_below(framework: Framework, organization: Organization) -> list[Organization]:
    """Who below the organization has decided for the framework, by name, in 1 query."""
    decided = FrameworkAdoption.objects.filter(framework=framework, ended_on__isnull=True).values("organization")
    return list(Organization.objects.under(organization).exclude(pk=organization.pk).filter(pk__in=decided).by_name())
