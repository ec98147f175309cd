"""How levels are made: methods, scales, settings, and what a change would do."""

from __future__ import annotations

from typing import Any

from students.mastery.enums import ChangeState
from students.mastery.models import MethodRule
from tests.routes.common import Answers, Expected
from tests.world import DAY, Place, World

LEADS = {"administrator", "curriculum_lead"}


def setting(status: int) -> Answers:
    places: Answers = {place: {status: LEADS} for place in ("own", "other_class", "other_school")}
    return {**places, "other_district": {status: {"far_administrator"}}}


EXPECTED: dict[str, Expected] = {
    "mastery:ways-list": Expected(setting(200)),
    "mastery:ways-show": Expected(setting(200)),
    "mastery:scale-move": Expected(setting(200)),
    "mastery:options-change": Expected(setting(200)),
    "mastery:change-show": Expected(setting(200)),
    "mastery:change-decide": Expected(setting(302), method="post", payload={"step": "drop"}),
}
MORE: list[tuple[str, Expected]] = [
    ("mastery:scale-move", Expected(setting(200), method="post")),  # without a scale: to choose one
    ("mastery:ways-show", Expected(setting(422), method="post", payload={"method": "mean"})),
    ("mastery:ways-show", Expected(setting(422), method="post", payload={"method": "decaying", "look": "1"})),
    ("mastery:options-change", Expected(setting(302), method="post", payload={"valid_from": "2026-12-01"})),
    ("mastery:options-change", Expected(setting(422), method="post")),
    ("mastery:change-decide", Expected(setting(422), method="post", payload={"step": "apply"})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """A change that was counted, of the school's own method."""
    change, _made = MethodRule.objects.get_or_create(
        organization=place.school,
        framework=place.framework,
        method="highest",
        defaults={"valid_from": DAY, "state": ChangeState.COUNTED},
    )
    return {"change": change}
