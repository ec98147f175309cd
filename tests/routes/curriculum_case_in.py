"""Routes of curricula that come in as CASE packages."""

from __future__ import annotations

from tests.routes.common import APPLYING, Expected

EXPECTED: dict[str, Expected] = {
    "home:import-map": Expected(APPLYING, method="post"),
}
