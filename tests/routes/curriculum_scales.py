"""Scales, and which one a draft uses."""

from __future__ import annotations

from typing import Any

from tests.routes.common import PLACES, Answers, Expected
from tests.world import Place, World

LEADS = {"administrator", "curriculum_lead"}


def anywhere(status: int) -> Answers:
    return {place: {status: LEADS | {"far_administrator"}} for place in PLACES}


def answering(status: int) -> Answers:
    return {place: {status: LEADS} for place in PLACES[:3]} | {"other_district": {status: {"far_administrator"}}}


EXPECTED: dict[str, Expected] = {
    "curriculum:scale-list": Expected(anywhere(200)),
    "curriculum:scale-create": Expected(anywhere(200)),
    "curriculum:scale-change": Expected(answering(200)),
    "curriculum:scale-choose": Expected(answering(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("curriculum:scale-create", Expected(anywhere(422), method="post", payload={"name": "Ours"})),
    ("curriculum:scale-change", Expected(answering(422), method="post", payload={"name": ""})),
    ("curriculum:scale-choose", Expected(answering(422), method="post", payload={"scale": "none"})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    return {"scale": place.framework.scale}
