"""Curricula as spreadsheets."""

from __future__ import annotations

from tests.routes.common import PLACES, Expected

LEADS = {"administrator", "curriculum_lead"}

EXPECTED: dict[str, Expected] = {
    "curriculum:sheet-template": Expected({place: {200: LEADS | {"far_administrator"}} for place in PLACES}),
    "curriculum:framework-sheet": Expected(
        {place: {200: {*LEADS, "writer"}} for place in PLACES[:3]} | {"other_district": {200: {"far_administrator"}}}
    ),
}
