"""The API, by session, and the tokens of programs; tests/mastery/test_api.py comes with tokens."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from lpm.people.models import ApiToken
from students.mastery.models import Assessment
from tests.routes.common import FAMILY, GROUP, HEADS, LOOKING, STUDENT, TEACHERS, Answers, Expected
from tests.world import DAY, Place, World

RECORDING: Answers = {
    "own": {201: TEACHERS, 403: {*FAMILY, "substitute", "case_manager", "counselor", *HEADS, *LOOKING}},
    "other_class": {403: HEADS | LOOKING},
    "other_school": {403: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {201: {"far_teacher"}, 403: {"far_administrator"}},
}
VOIDING: Answers = {
    "own": {201: {"teacher", *HEADS}, 403: TEACHERS - {"teacher"}},
    "other_class": {201: HEADS},
    "other_school": {201: {"teacher_here_leader_there", "administrator"}},
    "other_district": {201: {"far_teacher", "far_administrator"}},
}
TOKEN: Answers = {
    "own": {302: {"teacher"}},
    "other_class": {302: {"past_teacher"}},
    "other_school": {302: {"past_teacher"}},
    "other_district": {302: {"far_teacher"}},
}


def named(objects: dict[str, Any]) -> dict[str, Any]:
    return {"uuid": str(uuid4()), "student": str(objects["student"].uuid), "target": str(objects["target"].uuid)}


def assessment(objects: dict[str, Any]) -> dict[str, Any]:
    return {**named(objects), "level": "2.5", "performed_on": str(DAY)}


def judgement(objects: dict[str, Any]) -> dict[str, Any]:
    return {**named(objects), "level": "2.5", "kind": "set"}


def void(objects: dict[str, Any]) -> dict[str, Any]:
    return {"uuid": str(uuid4()), "reason": "typed in the wrong row"}


ONESELF = Expected(rest=200, anonymous=401)
EXPECTED: dict[str, Expected] = {
    "api:docs": Expected(rest=200),
    "api:schema": ONESELF,
    "api:me": ONESELF,
    "api:group-list": ONESELF,
    "api:student-list": ONESELF,
    "api:framework-list": ONESELF,
    "api:target-list": ONESELF,
    "api:group-states": Expected(GROUP, anonymous=401),
    "api:student-show": Expected(STUDENT, anonymous=401),
    "api:student-assessments": Expected(STUDENT, anonymous=401),
    "api:student-judgements": Expected(STUDENT, anonymous=401),
    "api:student-states": Expected(STUDENT, anonymous=401),
    "api:why-show": Expected(STUDENT, anonymous=401),
    "api:assessment-create": Expected(RECORDING, method="post", anonymous=401, body=assessment),
    "api:assessment-batch": Expected(rest=200, method="post", anonymous=401, body=lambda objects: {"assessments": []}),
    "api:assessment-void": Expected(VOIDING, method="post", anonymous=401, body=void),
    "api:judgement-create": Expected(RECORDING, method="post", anonymous=401, body=judgement),
    "api:judgement-batch": Expected(rest=200, method="post", anonymous=401, body=lambda objects: {"judgements": []}),
    "people:token-list": Expected(rest=200, accept="text/html"),
    "people:token-create": Expected(rest=302, accept="text/html"),  # to the password, first
    "people:token-revoke": Expected(TOKEN, method="post", accept="text/html"),
}
MORE: list[tuple[str, Expected]] = [
    ("people:token-create", Expected(rest=302, method="post", accept="text/html")),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """Evidence by a teacher of the place, on which nothing else here rests; and a teacher's token."""
    teachers = {"own": "teacher", "other_district": "far_teacher"}
    here = next(name for name, known in world.places.items() if known is place)
    teacher = world.people.get(teachers.get(here, ""))
    row = Assessment.objects.create(
        district=place.district,
        student=place.student,
        target=place.targets[1],
        level=place.framework.scale.low,
        recorder=teacher,
        performed_on=DAY,
    )
    token = ApiToken.objects.create(
        user=teacher or world.people["past_teacher"], name="a program", digest=f"of {here}", hint="abcd", expires_on=DAY
    )
    return {"assessment": row, "token": token}
