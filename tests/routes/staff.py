"""People who work in a school: the list, their accounts and their roles."""

from __future__ import annotations

from typing import Any

from lpm.people.enums import Role
from lpm.people.models import RoleGrant
from tests.routes.common import HEADS, Answers, Expected
from tests.routes.organizations import LOOK, administering
from tests.world import Place, World, grant, person


def objects(world: World, place: Place) -> dict[str, Any]:
    """Somebody of the school, who is at its office."""
    found = RoleGrant.objects.filter(organization=place.school, user__username__startswith="clerk of ").first()
    if found is None:
        found = grant(person(f"clerk of {place.school.name}", place.school), place.school, Role.OFFICE)
    return {"member": found.user, "grant": found}


# An operator sees that there are people, and not who they are.
DIRECTORY: Answers = {place: {200: names[200] - {"operator"}} for place, names in LOOK.items()}


def heading(status: int) -> Answers:
    return {
        "own": {status: HEADS},
        "other_class": {status: HEADS},
        "other_school": {status: {"teacher_here_leader_there", "administrator"}},
        "other_district": {status: {"far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "people:staff-list": Expected(LOOK),
    "people:staff-add": Expected(heading(200)),
    "people:user-show": Expected(DIRECTORY),
    "people:user-change": Expected(heading(200)),
    "people:user-close": Expected(heading(302), method="post"),
    "people:user-reopen": Expected(heading(302), method="post"),
    "people:role-grant": Expected(administering(200)),
    "people:role-end": Expected(administering(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("people:staff-add", Expected(heading(422), method="post")),
    ("people:user-change", Expected(heading(422), method="post")),
    ("people:role-grant", Expected(administering(422), method="post")),
    ("people:role-end", Expected(administering(302), method="post", payload={"last_day": "2026-11-19"})),
]
