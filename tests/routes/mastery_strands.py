"""Habits and reasoning that are off for a student by plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from curriculum.enums import Domain
from curriculum.models import ContentArea, Framework
from students.mastery.models import StrandPause
from tests.routes.common import HEADS, LOOKING, TEACHERS, Answers, Expected
from tests.world import DAY, Place, World

READERS = {"student", "guardian", "guardian_from_nowhere", "substitute", "counselor"}


def pausing(done: int) -> Answers:
    """Teachers, the case manager and the heads; who may look otherwise is told that they may not do this."""
    return {
        "own": {done: {*TEACHERS, "case_manager", *HEADS}, 403: {*READERS, *LOOKING}},
        "other_class": {done: HEADS, 403: LOOKING},
        "other_school": {done: {"teacher_here_leader_there", "administrator"}, 403: LOOKING},
        "other_district": {done: {"far_teacher", "far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "mastery:strand-pauses": Expected(pausing(200)),
    "mastery:strand-resume": Expected(pausing(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [("mastery:strand-pauses", Expected(pausing(422), method="post"))]


def objects(world: World, place: Place) -> dict[str, Any]:
    framework = Framework.objects.create(
        owner=place.district, scale=place.framework.scale, title="Habits", case_identifier=f"habits {place.group.pk}"
    )
    area = ContentArea.objects.create(
        framework=framework, case_identifier="habits", title="Habits", domain=Domain.HABITS, position=1
    )
    pause = StrandPause.objects.create(
        district=place.district, student=place.student, area=area, starts_on=DAY - timedelta(days=3)
    )
    return {"pause": pause}
