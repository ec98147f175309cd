from __future__ import annotations

from typing import Any

from tests.routes.common import Answers, Expected
from tests.world import Place, World

ADMINISTRATORS: Answers = {
    "own": {200: {"administrator"}},
    "other_class": {200: {"administrator"}},
    "other_school": {200: {"administrator"}},
    "other_district": {200: {"far_administrator"}},
}

EXPECTED: dict[str, Expected] = {
    "people:roster-export": Expected(ADMINISTRATORS),
    "home:drop-change": Expected(ADMINISTRATORS),
}

MORE: list[tuple[str, Expected]] = [
    (
        "home:drop-change",  # an empty form
        Expected({place: {422: names[200]} for place, names in ADMINISTRATORS.items()}, method="post"),
    ),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    return {"organization": place.school}
