"""What somebody wrote about a student, put into another language."""

from __future__ import annotations

from typing import Any

from students.mastery.enums import RequestState
from students.mastery.models import Assessment, ReadyRequest, Remark
from tests.routes.common import HEADS, LOOKING, TEACHERS, Answers, Expected
from tests.world import DAY, Place, World


def translating(status: int) -> Answers:
    return {
        "own": {status: {"case_manager", *TEACHERS, *HEADS}, 403: {"substitute", "counselor", *LOOKING}},
        "other_class": {status: set(HEADS), 403: LOOKING},
        "other_school": {status: {"teacher_here_leader_there", "administrator"}, 403: LOOKING},
        "other_district": {status: {"far_teacher", "far_administrator"}},
    }


ROUTES = ("mastery:comment-translate", "mastery:remark-translate", "mastery:reply-translate")
EXPECTED: dict[str, Expected] = {route: Expected(translating(200)) for route in ROUTES}
MORE = [
    (route, Expected(translating(302), method="post", payload={"language": "en", "text": "Well said."}))
    for route in ROUTES
]


def objects(world: World, place: Place) -> dict[str, Any]:
    author = world.people["far_teacher" if place is world.other_district else "teacher"]
    about = {"district": place.district, "student": place.student, "target": place.targets[1]}
    comment = Assessment.objects.create(
        **about, level=3, recorder=author, performed_on=DAY, comment="Bien dicho.", language="es"
    )
    remark = Remark.objects.create(**about, author=author, text="Bien dicho.", language="es")
    reply = ReadyRequest.objects.create(
        **about, state=RequestState.RETURNED, done_since="I read.", reply="Léelo otra vez.", reply_language="es"
    )
    return {"commented": comment, "remark": remark, "reply": reply}
