"""Who needs what today, whom a teacher has not heard from, and seminars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from lpm.people.enums import GroupKind
from lpm.people.models import Enrollment, Group, Staffing
from students.mastery.models import Seminar
from tests.routes.common import PLACES, Answers, Expected
from tests.routes.mastery_showing import RECORDERS, anywhere, own, teaching
from tests.world import Place, World


def reading(status: int) -> Answers:
    """The form names a target: for whoever records in a school that teaches it."""
    north = RECORDERS - {"far_teacher"}
    return {place: {status: {"far_teacher"} if place == "other_district" else north} for place in PLACES}


EXPECTED: dict[str, Expected] = {
    "mastery:needs-show": Expected(anywhere(200)),
    "mastery:forgotten-list": Expected(anywhere(200)),
    "mastery:seminar-create": Expected(anywhere(200)),
    "mastery:seminar-change": Expected(teaching(200)),
    "mastery:seminar-cancel": Expected(teaching(302), method="post"),
    "mastery:seminar-join": Expected(own(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("mastery:seminar-create", Expected(reading(422), method="post")),
    ("mastery:seminar-create", Expected(reading(200), method="post", payload={"step": "choose"})),
    ("mastery:seminar-change", Expected(teaching(422), method="post", payload={"name": ""})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """A seminar held by whoever teaches the group of the place."""
    school, day = place.school, timezone.now().date()
    group = Group.objects.create(
        district=place.district, school=school, kind=GroupKind.SEMINAR, name="Workshop", starts_on=day
    )
    teachers = Staffing.objects.filter(group=place.group).values_list("user", "role", "starts_on", "ends_on")
    Staffing.objects.bulk_create(
        Staffing(group=group, user_id=user, role=role, starts_on=begin, ends_on=end)
        for user, role, begin, end in teachers
    )
    Enrollment.objects.create(district=place.district, group=group, student=place.student)
    host = world.people["far_teacher" if place is world.other_district else "teacher"]
    meets_at = timezone.now() + timedelta(days=1)
    return {"seminar": Seminar.objects.create(group=group, meets_at=meets_at, is_open=True, made_by=host)}
