"""Organizations, their calendar and their settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lpm.people.enums import TermKind
from lpm.people.models import Closure, SchoolYear, Term
from tests.routes.common import HEADS, LOOKING, Answers, Expected
from tests.world import DAY, Place, World

ADMINISTRATORS = {"administrator", "far_administrator"}
# Looking at a school, as those do who know its people.
LOOK: Answers = {
    "own": {200: HEADS | LOOKING | {"office"}},
    "other_class": {200: HEADS | LOOKING | {"office"}},
    "other_school": {200: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {200: {"far_administrator"}},
}


def administering(status: int) -> Answers:
    places: Answers = {place: {status: {"administrator"}} for place in ("own", "other_class", "other_school")}
    return {**places, "other_district": {status: {"far_administrator"}}}


def objects(world: World, place: Place) -> dict[str, Any]:
    """A school year of the school, with a term and a closure; the organization of an address is the school."""
    dates = {"starts_on": DAY - timedelta(days=80), "ends_on": DAY + timedelta(days=200)}
    year, _made = SchoolYear.objects.get_or_create(
        organization=place.school, ends_in=2027, defaults={"title": "2026–2027", **dates}
    )
    term, _made = Term.objects.get_or_create(
        school_year=year, kind=TermKind.SEMESTER, defaults={"title": "Fall", **dates}
    )
    closure, _made = Closure.objects.get_or_create(
        organization=place.school, defaults={"title": "Snow day", "starts_on": DAY, "ends_on": DAY}
    )
    return {"organization": place.school, "year": year, "term": term, "closure": closure}


EXPECTED: dict[str, Expected] = {
    "people:organization-list": Expected(
        {place: {200: ADMINISTRATORS} for place in ("own", "other_class", "other_school", "other_district")}
    ),
    "people:organization-show": Expected(LOOK),
    "people:organization-add": Expected(administering(200)),
    "people:organization-change": Expected(administering(200)),
    "people:settings-change": Expected(administering(200)),
    "people:parts-change": Expected(administering(200)),
    "people:calendar-show": Expected(LOOK),
    "people:school-year-add": Expected(administering(200)),
    "people:school-year-change": Expected(administering(200)),
    "people:term-add": Expected(administering(200)),
    "people:term-change": Expected(administering(200)),
    "people:closure-add": Expected(administering(200)),
    "people:closure-change": Expected(administering(200)),
    "people:closure-remove": Expected(administering(302), method="post"),
}
SPAN = {"title": "Days", "starts_on": "2031-01-03", "ends_on": "2031-01-04"}  # of a year that nobody has
MORE: list[tuple[str, Expected]] = [
    ("people:organization-add", Expected(administering(422), method="post")),
    ("people:organization-change", Expected(administering(422), method="post")),
    ("people:settings-change", Expected(administering(302), method="post", payload={"valid_from": "2026-12-01"})),
    ("people:parts-change", Expected(administering(422), method="post")),
    (
        "people:parts-change",
        Expected(
            administering(302), method="post", payload={"who": "here", "valid_from": "2026-12-01", "is_sure": "true"}
        ),
    ),
    ("people:school-year-add", Expected(administering(302), method="post", payload=SPAN)),
    ("people:school-year-change", Expected(administering(422), method="post")),
    ("people:term-add", Expected(administering(422), method="post")),
    ("people:term-change", Expected(administering(422), method="post")),
    ("people:closure-add", Expected(administering(302), method="post", payload=SPAN)),
    ("people:closure-change", Expected(administering(302), method="post", payload=SPAN)),
]
