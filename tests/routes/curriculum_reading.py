"""Reading the curriculum: pages, pictures, search, and what is printed for the wall."""

from __future__ import annotations

from tests.routes.common import CURRICULUM, Expected

EXPECTED: dict[str, Expected] = {
    "curriculum:framework-steps": Expected(CURRICULUM),
    "curriculum:area-show": Expected(CURRICULUM),
    "curriculum:area-steps": Expected(CURRICULUM),
    "curriculum:topic-steps": Expected(CURRICULUM),
    "curriculum:topic-poster": Expected(CURRICULUM),
    "curriculum:topic-cards": Expected(CURRICULUM),
    "curriculum:target-show": Expected(CURRICULUM),
    "curriculum:target-card": Expected(CURRICULUM),
    "curriculum:search": Expected(rest=200),
}
