"""The next school year, transfers, arrivals, entry points, and handing over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lpm.people.models import SchoolYear
from tests.routes import staff
from tests.routes.common import HEADS, LOOKING, TEACHERS, Answers, Expected
from tests.world import DAY, Place, World


def objects(world: World, place: Place) -> dict[str, Any]:
    """The school's next year; and somebody of the school who may leave."""
    year, _made = SchoolYear.objects.get_or_create(
        organization=place.school,
        ends_in=2028,
        defaults={
            "title": "2027–2028",
            "starts_on": DAY + timedelta(days=280),
            "ends_on": DAY + timedelta(days=570),
        },
    )
    return {"next_year": year, "user": staff.objects(world, place)["member"]}


def heading(status: int) -> Answers:
    return {
        "own": {status: HEADS},
        "other_class": {status: HEADS},
        "other_school": {status: {"teacher_here_leader_there", "administrator"}},
        "other_district": {status: {"far_administrator"}},
    }


def managing(status: int) -> Answers:
    places = heading(status)
    return places | {place: {status: HEADS | {"office"}} for place in ("own", "other_class")}


def starting(status: int) -> Answers:
    """Teachers say where a student starts; whoever may see the student is told that they may not."""
    families = {"student", "guardian", "guardian_from_nowhere"}
    return {
        "own": {
            status: TEACHERS,
            403: {*families, "substitute", "case_manager", "counselor", *HEADS, *LOOKING},
        },
        "other_class": {403: HEADS | LOOKING},
        "other_school": {403: {"teacher_here_leader_there", "administrator", *LOOKING}},
        "other_district": {status: {"far_teacher"}, 403: {"far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "people:rollover": Expected(heading(200)),
    "people:rollover-preview": Expected(heading(200)),
    "people:student-take-in": Expected(managing(200)),
    "people:student-transfer": Expected(managing(200)),
    "people:student-arrival": Expected(managing(200)),
    "people:handover": Expected(heading(200)),
    "mastery:entry-points": Expected(starting(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("people:rollover-preview", Expected(heading(422), method="post", payload={"apply": "apply"})),
    ("people:student-take-in", Expected(managing(422), method="post")),
    ("people:student-transfer", Expected(managing(422), method="post")),
    ("people:handover", Expected(heading(302), method="post", payload={"last_day": "2026-11-30"})),
    ("mastery:entry-points", Expected(starting(302), method="post")),
]
