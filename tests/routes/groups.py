"""Groups: making one, its people, a class list, substitutes."""

from __future__ import annotations

from datetime import date
from typing import Any

from lpm.people.enums import StaffRole
from lpm.people.models import Enrollment, Staffing
from tests.routes.common import GROUP, HEADS, SOUTH, TEACHERS, Answers, Expected
from tests.world import Place, World, teach

OFFICES = HEADS | {"office"}
MANAGED: dict[str, set[str]] = {
    "own": TEACHERS | OFFICES,
    "other_class": OFFICES,
    "other_school": {"teacher_here_leader_there", "administrator"},
    "other_district": SOUTH,
}
MADE: dict[str, set[str]] = {
    "own": TEACHERS | OFFICES | {"school_teacher"},
    "other_class": TEACHERS | OFFICES | {"school_teacher"},
    "other_school": {"teacher_here_leader_there", "administrator"},
    "other_district": SOUTH,
}


def answering(who: dict[str, set[str]], status: int) -> Answers:
    return {place: {status: names} for place, names in who.items()}


SHOWN: Answers = {place: {200: answers[200] | MANAGED[place]} for place, answers in GROUP.items()}
LAST: Answers = {
    **answering(MANAGED, 302),
    "other_district": {302: {"far_administrator"}, 422: {"far_teacher"}},  # nobody else teaches there
}
SAVE = {"step": "save"}
SEMINAR = {"name": "Kites", "kind": "seminar"}
DAYS = {"starts_on": "2026-09-01", "ends_on": "2026-11-30"}

EXPECTED: dict[str, Expected] = {
    "people:group-create": Expected(answering(MADE, 200)),
    "people:group-show": Expected(SHOWN),
    "people:group-change": Expected(answering(MANAGED, 200)),
    "people:enrollment-create": Expected(answering(MANAGED, 200)),
    "people:group-paste": Expected(answering(MANAGED, 200)),
    "people:enrollment-change": Expected(answering(MANAGED, 200)),
    "people:staffing-create": Expected(answering(MANAGED, 200)),
    "people:staffing-change": Expected(answering(MANAGED, 200)),
    "people:substitute-create": Expected(answering(MANAGED, 200)),
    "people:substitute-withdraw": Expected(answering(MANAGED, 302), method="post"),
    "people:morning": Expected(rest=200),
}
MORE: list[tuple[str, Expected]] = [
    ("people:group-create", Expected(answering(MADE, 302), method="post", payload=SEMINAR)),
    ("people:group-change", Expected(answering(MANAGED, 302), method="post", payload=SEMINAR)),
    ("people:enrollment-create", Expected(answering(MANAGED, 422), method="post", payload=SAVE)),
    ("people:group-paste", Expected(answering(MANAGED, 200), method="post", payload={"text": "Nobody Known"})),
    ("people:group-paste", Expected(answering(MANAGED, 422), method="post", payload={"text": "Nobody Known", **SAVE})),
    ("people:enrollment-change", Expected(answering(MANAGED, 302), method="post", payload=DAYS)),
    ("people:staffing-create", Expected(answering(MANAGED, 422), method="post", payload=SAVE)),
    ("people:staffing-change", Expected(LAST, method="post", payload=DAYS)),
    ("people:substitute-create", Expected(answering(MANAGED, 422), method="post", payload=SAVE)),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """Where nobody teaches, somebody did long ago; and somebody is to stand in next year, who teaches there or near."""
    teacher = world.people["far_teacher" if place is world.places["other_district"] else "teacher"]
    led = Staffing.objects.filter(group=place.group, user=teacher, role=StaffRole.TEACHER).first()
    long_ago = {"starts_on": date(2025, 9, 1), "ends_on": date(2025, 9, 2)}
    later = {"starts_on": date(2027, 5, 3), "ends_on": date(2027, 5, 4)}
    return {
        "organization": place.school,
        "enrollment": Enrollment.objects.get(group=place.group, student=place.student),
        "staffing": led or teach(teacher, place.group, **long_ago),
        "substitution": teach(teacher, place.group, role=StaffRole.SUBSTITUTE, **later),
    }
