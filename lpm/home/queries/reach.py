"""How far somebody's roles reach: schools of their own, and what stands above schools."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, User
from lpm.people.policy import Action, Relation

ABOVE_SCHOOLS = {OrganizationKind.CONSORTIUM, OrganizationKind.DISTRICT}


@dataclass(frozen=True)
class Reach:
    """``schools`` are those given to somebody one by one; ``tops`` what they have from above, with the ``districts``
    and the schools, ``below``, in it."""

    schools: Sequence[Organization]
    tops: Sequence[Organization] = ()
    districts: Sequence[Organization] = ()
    below: Sequence[Organization] = ()

    def __bool__(self) -> bool:
        return bool(self.schools or self.tops)


NOWHERE = Reach(())


def find_reach(user: User, action: Action, day: date, through: Collection[Relation] = tuple(Relation)) -> Reach:
    """Where somebody may do ``action``; in 1 query, by name, none for whoever may nowhere."""
    if not Organization.objects.any_visible_to(user, action, day, through=through):
        return NOWHERE
    rows = {row.pk: row for row in Organization.objects.visible_to(user, action, day, through=through).by_name()}
    tops = [row for row in rows.values() if row.kind in ABOVE_SCHOOLS and row.parent_id not in rows]
    schools = [row for row in rows.values() if row.kind == OrganizationKind.SCHOOL]
    return Reach(
        schools=[row for row in schools if row.parent_id not in rows],
        tops=tops,
        districts=[row for row in rows.values() if row.kind == OrganizationKind.DISTRICT],
        below=[row for row in schools if row.parent_id in rows],
    )
