"""Levels in words and figures."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

Level = Decimal | float | str | None

HUNDREDTH = Decimal("0.01")


def level_value(value: Level) -> str:
    """The level as machines read it, with one place or two: "3.0" or "2.25" in every language; "" for none."""
    if value is None or value == "":
        return ""
    return str(Decimal(str(value)).quantize(HUNDREDTH, ROUND_HALF_UP)).removesuffix("0")


def level_text(value: Level) -> str:
    """The level as people read it: "3.0" in English, "3,0" in Spanish."""
    number = level_value(value)
    return number_format(number, len(number.partition(".")[2])) if number else ""
