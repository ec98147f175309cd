"""Messages: whoever writes, and whoever reads along."""

from __future__ import annotations

from typing import Any

from students.threads.models import Message, Thread
from tests.routes.common import HEADS, PLACES, TEACHERS, Answers, Expected
from tests.world import Place, World, guard, person

WRITERS = {"student", "guardian", "guardian_from_nowhere", "case_manager", *TEACHERS}
TEXT = {"text": "Can we talk about step 2?", "language": "en"}
OVERSEERS = {
    "own": {*HEADS, "privacy_officer"},
    "other_class": {*HEADS, "privacy_officer"},
    "other_school": {"teacher_here_leader_there", "administrator", "privacy_officer"},
    "other_district": {"far_administrator"},
}
TRANSLATORS = {place: names - {"privacy_officer"} for place, names in OVERSEERS.items()}


def of(status: int, own: set[str], far: set[str]) -> Answers:
    """Whoever writes at the own place and in the other district; nobody is known at the other two."""
    return {"own": {status: own}, "other_district": {status: far}}


def overseeing() -> Answers:
    return {place: {200: names} for place, names in OVERSEERS.items()}


def translating(status: int) -> Answers:
    writers = {"own": {"teacher"}, "other_district": {"far_teacher"}}
    return {place: {status: TRANSLATORS[place] | writers.get(place, set())} for place in PLACES}


EXPECTED: dict[str, Expected] = {
    "threads:thread-list": Expected(rest=200),
    "threads:thread-choose": Expected(of(200, WRITERS, {"far_teacher"})),
    "threads:thread-begin": Expected(of(200, {"student", "guardian", "guardian_from_nowhere"}, {"far_teacher"})),
    "threads:thread-show": Expected(of(200, {"guardian", "teacher"}, {"far_teacher"})),
    "threads:message-translate": Expected(translating(200)),
    "threads:overseen-show": Expected(overseeing()),
    "threads:overseen-of-student": Expected(overseeing()),
    "threads:overseen-at-school": Expected(overseeing()),
}
MORE: list[tuple[str, Expected]] = [
    (
        "threads:thread-begin",
        Expected(
            of(302, {"student", "guardian", "guardian_from_nowhere"}, {"far_teacher"}), method="post", payload=TEXT
        ),
    ),
    ("threads:thread-show", Expected(of(302, {"guardian", "teacher"}, {"far_teacher"}), method="post", payload=TEXT)),
    ("threads:message-translate", Expected(translating(302), method="post", payload={**TEXT, "language": "es"})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """A thread of the teacher with a guardian and what the latter wrote; somebody to whom nobody has written yet."""
    staff, guardian, other = _people(world, place)
    thread = Thread.objects.create(district=place.district, student=place.student, staff=staff, guardian=guardian)
    message = Message.objects.create(
        district=place.district, thread=thread, author=guardian, text="How is it going?", language="fr"
    )
    return {"thread": thread, "message": message, "person": other}


def _people(world: World, place: Place) -> Any:
    if place is world.places["own"]:
        return world.people["teacher"], world.people["guardian"], world.people["co_teacher"]
    guardian, other = (
        person(f"{name} of {place.student.family_name}", place.district) for name in ("mother", "father")
    )
    guard(guardian, place.student)
    guard(other, place.student)
    staff = world.people["far_teacher"]
    return (staff if place is world.places["other_district"] else person(place.group.name, None)), guardian, other
