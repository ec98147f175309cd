"""What a school has turned on, for whom the rest has not begun, and whom a change would touch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from lpm.people.access import in_force
from lpm.people.enums import OrganizationKind, Part
from lpm.people.models import Guardianship, Organization, PeopleSettings, Student, User
from lpm.people.policy import OPENED_BY, Action
from lpm.people.queries.organizations import Setting, planned_settings, settings_in_force

PAGES = OPENED_BY[Action.VIEW_STUDENT]


def waiting_for_pages(user: User, day: date) -> Any:
    """Who somebody is, or whose guardian, where the school has not turned on the pages for it; as they call them.

    To see who looks at a record waits for no part: it says who stands to whom.
    """
    theirs = Student.objects.visible_to(user, Action.VIEW_ACCESS, day, through=list(PAGES))
    shown = Student.objects.visible_to(user, Action.VIEW_STUDENT, day)
    waiting = theirs.exclude(pk__in=shown.values("pk"))
    return waiting.named_for(user).select_related("school").by_name()


def waiting_children(user: User, day: date) -> list[Student]:
    """Whose guardian somebody is, where the school has not opened the family pages yet. In 1 query."""
    return list(waiting_for_pages(user, day).exclude(user=user))


def parts_in_force(organization: Organization, day: date) -> Setting:
    """Who decided which parts are on. One query."""
    return settings_in_force(organization, day)["parts"]


def planned_parts(organization: Organization, day: date) -> list[PeopleSettings]:
    """What it, or one above it, has decided for days to come, in their order. In 2 queries."""
    return planned_settings(organization, day, ["parts"])


@dataclass(frozen=True)
class Turned:
    """A part that a change turns on or off, for how many."""

    part: Part
    is_on: bool


@dataclass(frozen=True)
class Touched:
    """What a change would do on its day: ``schools`` go along, ``apart`` have decided themselves."""

    turned: Sequence[Turned]
    schools: Sequence[Organization]
    apart: Sequence[Organization]
    student_count: int
    guardian_count: int


def read_touched(organization: Organization, parts: Collection[str] | None, day: date) -> Touched:
    """If ``organization`` decided ``parts`` from ``day`` on (None: left it to those above). In 7 queries."""
    before = set(parts_in_force(organization, day).value)
    after = set(_left_to(organization, day) if parts is None else parts)
    turned = [Turned(part, part in after) for part in Part if (part in before) != (part in after)]
    schools, apart = _schools(organization, day)
    here = Q(left_on__isnull=True) | Q(left_on__gte=day)
    students = Student.objects.unmerged().filter(here, school__in=[school.pk for school in schools])
    links = Guardianship.objects.filter(in_force(day), is_restricted=False, student__in=students.values("pk"))
    guardians = links.order_by().values("guardian").distinct()
    return Touched(turned, schools, apart, students.count(), guardians.count())


def _left_to(organization: Organization, day: date) -> Collection[str]:
    above = organization.parent
    parts: Collection[str] = parts_in_force(above, day).value if above else PeopleSettings.DEFAULTS["parts"]
    return parts


def _schools(organization: Organization, day: date) -> tuple[list[Organization], list[Organization]]:
    """The schools at or below it: those that go along with what it decides, and those that go their own way."""
    below = PeopleSettings.objects.filter(valid_from__lte=day, organization__lineage__ancestor=organization)
    newest = below.exclude(organization=organization).order_by("organization_id", "-valid_from")
    deciding = [row.organization_id for row in newest.distinct("organization_id") if row.parts is not None]
    rows = Organization.objects.under(organization).filter(kind=OrganizationKind.SCHOOL)
    own = set(
        rows.filter(pk__in=Organization.objects.filter(lineage__ancestor__in=deciding)).values_list("pk", flat=True)
    )
    schools = list(rows.by_name())
    return [school for school in schools if school.pk not in own], [school for school in schools if school.pk in own]
