"""Students who are ready to show something, their teachers' queue, and what substitutes saw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from students.mastery.models import ReadyRequest, ShowingSession
from tests.routes.common import PLACES, STUDENT, TEACHERS, Answers, Expected
from tests.world import Place, World

RECORDERS = {*TEACHERS, "school_teacher", "far_teacher"}  # of any group, whatever the address names


def teaching(status: int) -> Answers:
    return {"own": {status: set(TEACHERS)}, "other_district": {status: {"far_teacher"}}}


def anywhere(status: int) -> Answers:
    """What names nothing in its address is the same at every place."""
    return {place: {status: RECORDERS} for place in PLACES}


OWN: Answers = {
    place: {403: set(names) - {"student"}} | ({200: {"student"}} if place == "own" else {})
    for place, answers in STUDENT.items()
    for names in answers.values()
}


def own(status: int) -> Answers:
    """The student alone; whoever else may see the student is told that they may not do this."""
    return {place: {(status if code == 200 else code): names for code, names in OWN[place].items()} for place in PLACES}


EXPECTED: dict[str, Expected] = {
    "mastery:ready-list": Expected(STUDENT),
    "mastery:ready-ask": Expected(own(200)),
    "mastery:self-record": Expected(own(200)),
    "mastery:ready-withdraw": Expected(own(302), method="post"),
    "mastery:request-list": Expected(anywhere(200)),
    "mastery:request-answer": Expected(teaching(200)),
    "mastery:request-return": Expected(teaching(302), method="post", payload={"reply": "Read it once more."}),
    "mastery:session-create": Expected(anywhere(200)),
    "mastery:session-show": Expected(teaching(200)),
    "mastery:session-seat": Expected(teaching(302), method="post"),
    "mastery:session-cancel": Expected(teaching(302), method="post"),
    "mastery:offered-settle": Expected(anywhere(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("mastery:ready-ask", Expected(own(302), method="post", payload={"done_since": "I practised.", "level": "2.5"})),
    ("mastery:self-record", Expected(own(302), method="post")),
    ("mastery:request-answer", Expected(teaching(302), method="post")),
    ("mastery:session-create", Expected(anywhere(422), method="post")),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    host = world.people["far_teacher" if place is world.other_district else "teacher"]
    session = ShowingSession.objects.create(
        district=place.district,
        group=place.group,
        host=host,
        starts_at=timezone.now() + timedelta(days=1),
        places=3,
    )
    ready = ReadyRequest.objects.create(
        district=place.district,
        student=place.student,
        target=place.targets[1],
        done_since="I read it again.",
        session=session,
    )
    return {"showing": session, "ready": ready}
