"""Contacts, homes, letters, and the pages on which a family begins."""

from __future__ import annotations

from typing import Any

from lpm.people.models import Household
from tests.routes.common import HEADS, TEACHERS, Answers, Expected
from tests.world import Place, World, guard, person

HERE, THERE = HEADS | {"office"}, {"teacher_here_leader_there", "administrator"}
READERS = {"case_manager", "counselor", "privacy_officer", *TEACHERS}
CONTACTS: Answers = {
    "own": {200: HERE | READERS},
    "other_class": {200: HERE | {"privacy_officer"}},
    "other_school": {200: THERE | {"privacy_officer"}},
    "other_district": {200: {"far_teacher", "far_administrator"}},
}


def managing(status: int) -> Answers:
    return {
        "own": {status: HERE},
        "other_class": {status: HERE},
        "other_school": {status: THERE},
        "other_district": {status: {"far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "people:student-contacts": Expected(CONTACTS),
    "people:guardian-add": Expected(managing(200)),
    "people:guardianship-change": Expected(managing(200)),
    "people:guardianship-restrict": Expected(managing(302), method="post"),
    "people:guardianship-write": Expected(managing(302), method="post"),
    "people:household-add": Expected(managing(302), method="post"),
    "people:household-show": Expected(managing(200)),
    "people:household-change": Expected(managing(302), method="post"),
    "people:household-join": Expected(managing(302), method="post"),
    "people:household-leave": Expected(managing(302), method="post"),
    "people:household-invite": Expected(managing(200), method="post", payload={"places": "2", "days": "60"}),
    "people:invitation-revoke": Expected(managing(302), method="post"),
    "people:household-guess": Expected(managing(200)),
    "people:invitation-choose": Expected(managing(200)),
    "people:invitation-make": Expected(managing(200), method="post", payload={"places": "2", "days": "60"}),
    "people:join": Expected(is_public=True, rest=200, anonymous=200),
    "people:join-account": Expected(is_public=True, rest=302, anonymous=302),
    "people:join-confirm": Expected(rest=302),
}
MORE: list[tuple[str, Expected]] = [
    ("people:guardian-add", Expected(managing(422), method="post")),
    ("people:guardianship-change", Expected(managing(302), method="post")),
    ("people:household-guess", Expected(managing(422), method="post")),
    ("people:join", Expected(is_public=True, method="post", rest=422, anonymous=422)),
    ("people:join-account", Expected(is_public=True, method="post", rest=302, anonymous=302)),
    ("people:join-confirm", Expected(method="post", rest=302)),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """A home of the student, and a guardian there whom nobody is signed in as."""
    household = Household.objects.create(district=place.district)
    household.students.add(place.student)
    guardian = person(f"guardian at {place.group.name}", place.district)
    return {"household": household, "guardianship": guard(guardian, place.student, household=household)}
