"""Those who see to it that records are kept as the law says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from lpm.people.enums import OrganizationKind
from lpm.people.models import OperatorSession, Organization, PeopleSettings, User
from lpm.people.policy import Action, Relation

MOST = 50


@dataclass(frozen=True)
class Keeping:
    """A district; ``years`` is for how long records are kept, None where nobody has decided; ``sessions`` of operators
    are open there now."""

    district: Organization
    years: int | None
    sessions: int


@dataclass(frozen=True)
class Privacy:
    districts: Sequence[Keeping]

    def __bool__(self) -> bool:
        return bool(self.districts)

    @property
    def sentence(self) -> str:
        if any(one.sessions for one in self.districts):
            return _("An operator looks into the records at the moment.")
        if any(one.years is None for one in self.districts):
            return _("Nobody has decided yet for how long records are kept.")
        return _("Nobody from outside looks into the records, and it is decided for how long they are kept.")


def read_privacy(user: User, day: date, now: datetime) -> Privacy:
    """In 3 queries, 1 where somebody has no district to see to."""
    places = Organization.objects.visible_to(user, Action.VIEW_AUDIT, day, through=[Relation.PRIVACY_OFFICER])
    districts = list(places.filter(kind=OrganizationKind.DISTRICT).by_name()[:MOST])
    open_now = OperatorSession.objects.filter(starts_at__lte=now, ends_at__gt=now)
    if not districts:
        return Privacy([])
    sessions = list(open_now.values_list("organization__below__descendant", flat=True))
    years = _read_years(districts, day)
    return Privacy([Keeping(one, years.get(one.pk), sessions.count(one.pk)) for one in districts])


def _read_years(districts: Sequence[Organization], day: date) -> dict[int, int]:
    """As ``DatedSettings.in_force`` has it, of all of them in 1 query."""
    rows = PeopleSettings.objects.filter(organization__below__descendant__in=districts, valid_from__lte=day)
    place = ("organization__below__descendant", "organization__below__depth")
    newest = rows.order_by(*place, "-valid_from").distinct(*place).values_list(*place, "retention_years")
    years: dict[int, int] = {}
    for district, _depth, said in newest:
        if said is not None:
            years.setdefault(district, said)
    return years
