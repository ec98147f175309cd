"""The tree of organizations, what a hub page counts, and settings with where they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from lpm.people.access import in_force
from lpm.people.models import Group, Organization, PeopleSettings, Student, User
from lpm.people.policy import Action
from lpm.people.queries.staff import staff


# What holds where nobody has decided; the first three are the defaults of Organization.
@dataclass(frozen=True)
class Branch:
    """An organization and what stands under it, in order of name."""

    organization: Organization
    branches: list[Branch] = field(default_factory=list)

    def __iter__(self) -> Iterator[Branch]:
        return iter(self.branches)


def trees(organizations: Any) -> list[Branch]:
    """``organizations`` as trees; one whose parent is not among them stands at the top. One query."""
    branches = {row.pk: Branch(row) for row in organizations.by_name()}
    tops: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.organization.parent_id or 0)
        (above.branches if above else tops).append(branch)
    return tops


@dataclass(frozen=True)
class Counts:
    students: int
    staff: int
    groups: int


def count_people(organization: Organization, day: date) -> Counts:
    """At and below ``organization`` on ``day``: students who have not left, accounts of staff, groups. 3 queries."""
    still_here = Q(left_on__isnull=True) | Q(left_on__gte=day)
    students = Student.objects.unmerged().filter(still_here, school__lineage__ancestor=organization)
    people = staff(User.objects.filter(organization__lineage__ancestor=organization, is_active=True))
    groups = Group.objects.filter(in_force(day), school__lineage__ancestor=organization)
    return Counts(students.count(), people.count(), groups.count())


@dataclass(frozen=True)
class Setting:
    """``value`` of ``field`` is in force since ``since``, as ``organization`` decided; both None: nobody did."""

    field: str
    value: Any
    organization: Organization | None = None
    since: date | None = None


def settings_in_force(organization: Organization, day: date) -> dict[str, Setting]:
    """Every field of PeopleSettings. One query; ``since`` is the day from which that organization says the same."""
    rows = PeopleSettings.objects.filter(organization__below__descendant=organization, valid_from__lte=day)
    heard = list(rows.select_related("organization").order_by("organization__below__depth", "-valid_from"))
    return {name: _in_force(name, heard) for name in PeopleSettings.DEFAULTS}


def _in_force(name: str, heard: list[PeopleSettings]) -> Setting:
    """``heard`` nearest first, then newest first."""
    speaking: dict[int, PeopleSettings] = {}
    for row in heard:
        speaking.setdefault(row.organization_id, row)
    for row in speaking.values():
        if (value := getattr(row, name)) is not None:
            return Setting(name, value, row.organization, _since(name, value, row, heard))
    return Setting(name, PeopleSettings.DEFAULTS[name])


def _since(name: str, value: Any, row: PeopleSettings, heard: list[PeopleSettings]) -> date:
    since = row.valid_from
    for older in heard:
        if older.organization_id == row.organization_id:
            if getattr(older, name) != value:
                break
            since = older.valid_from
    return since


def own_settings(organization: Organization, day: date) -> PeopleSettings | None:
    """What the organization itself says as of ``day``."""
    rows = PeopleSettings.objects.filter(organization=organization, valid_from__lte=day)
    return rows.order_by("-valid_from").first()


def planned_settings(organization: Organization, day: date, fields: Collection[str]) -> list[PeopleSettings]:
    """What the organization, and those above it, have decided for days after ``day``; a day on which they say of
    ``fields`` what they said before is left out. In 2 queries."""
    rows = PeopleSettings.objects.filter(organization__below__descendant=organization)
    until_now = rows.filter(valid_from__lte=day).order_by("organization_id", "-valid_from").distinct("organization_id")
    said = {row.organization_id: _said(row, fields) for row in until_now}
    to_come = rows.filter(valid_from__gt=day).select_related("organization")
    found = []
    for row in to_come.order_by("valid_from", "organization__below__depth"):
        if _said(row, fields) != said.get(row.organization_id, [None] * len(fields)):
            found.append(row)
        said[row.organization_id] = _said(row, fields)
    return found


def _said(row: PeopleSettings, fields: Collection[str]) -> list[Any]:
    return [getattr(row, field) for field in fields]


def rights_at(user: User, organization: Organization, day: date, actions: Collection[Action]) -> frozenset[str]:
    """The names of those of the actions that somebody may do there, in 1 query."""
    here = Organization.objects.filter(pk=OuterRef("pk"))
    rights = {action.name: Exists(here.visible_to(user, action, day)) for action in actions}
    found = Organization.objects.filter(pk=organization.pk).annotate(**rights).values(*rights).get()
    return frozenset(name for name in rights if found[name])


def may(user: User, action: Action, organization: Organization, day: date) -> bool:
    return Organization.objects.visible_to(user, action, day).filter(pk=organization.pk).exists()
