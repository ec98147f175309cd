"""Who sees a record and has seen it, everything about a person, operators, the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from lpm.people.models import OperatorSession
from tests.routes.common import FAMILY, Answers, Expected
from tests.world import Place, World

ACCESS: Answers = {
    "own": {200: {*FAMILY, "leader", "administrator", "privacy_officer"}},
    "other_class": {200: {"leader", "administrator", "privacy_officer"}},
    "other_school": {200: {"teacher_here_leader_there", "administrator", "privacy_officer"}},
    "other_district": {200: {"far_administrator"}},
}
OFFICER: Answers = {place: {200: {"privacy_officer"}} for place in ("own", "other_class", "other_school")}
ERASING: Answers = {place: {302: {"privacy_officer"}} for place in OFFICER}
AUDIT: Answers = {
    **{place: {200: {"administrator", "privacy_officer"}} for place in OFFICER},
    "other_district": {200: {"far_administrator"}},
}
EVERYWHERE = ("own", "other_class", "other_school", "other_district")
OPERATORS: Answers = {place: {200: {"operator", "past_operator"}} for place in EVERYWHERE}

EXPECTED: dict[str, Expected] = {
    "people:student-access": Expected(ACCESS),
    # The student is a child: may see this page, and decide nothing.
    "people:student-allow": Expected({"own": {403: {"student"}}}, method="post"),
    "people:person-export": Expected(OFFICER),
    "people:person-erase": Expected(OFFICER),
    "people:operator-session": Expected(OPERATORS),
    "people:operator-end": Expected({place: {302: {"operator"}} for place in EVERYWHERE}, method="post"),
    "people:audit-list": Expected(AUDIT),
}
MORE: list[tuple[str, Expected]] = [
    (
        "people:person-erase",
        Expected(ERASING, method="post", payload={"reason": "request of the family", "typed": "erase"}),
    ),
    (
        "people:operator-session",
        Expected({place: {422: {"operator", "past_operator"}} for place in EVERYWHERE}, method="post"),
    ),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    now = timezone.now()
    session = OperatorSession.objects.create(
        operator=world.people["operator"],
        organization=place.district,
        reason="Somebody cannot sign in",
        starts_at=now - timedelta(hours=2),
        ends_at=now - timedelta(hours=1),
    )
    return {"person": place.student, "district": place.district, "session": session}
