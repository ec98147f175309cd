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
}


def objects(world: World, place: Place) -> dict[str, Any]:
    return {"organization": place.school}
