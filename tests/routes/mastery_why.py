"""Why a level is what it is."""

from __future__ import annotations

from tests.routes.common import STUDENT, Expected

EXPECTED: dict[str, Expected] = {
    "mastery:why-show": Expected(STUDENT),
}
