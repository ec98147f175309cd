"""What the numbers mean, in the words of the scale in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from students.home.queries.areas import AreaView


@dataclass(frozen=True)
class Meaning:
    """What a level of the scale means; ``is_goal`` is the one that meets a target."""

    value: Decimal
    name: str
    words: str
    is_goal: bool


def read_meanings(areas: Iterable[AreaView]) -> list[Meaning]:
    """The levels of the scale in use, highest first, in 1 query. Words that came with Cairn are translated."""
    scale = next((topic.topic.area.framework.scale for area in areas for topic in area.topics), None)
    if scale is None:
        return []
    levels = scale.levels.order_by("-value")
    return [
        Meaning(level.value, level.said_name, level.said_description, level.value == scale.proficient)
        for level in levels
    ]
