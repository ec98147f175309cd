"""The levels that exist, and rounding to them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("0.01")


@dataclass(frozen=True)
class ScaleRange:
    """The levels that exist: ``low`` to ``high`` in steps of ``step``; ``proficient`` and above meets a target."""

    low: Decimal
    high: Decimal
    step: Decimal
    proficient: Decimal

    def holds(self, level: Decimal) -> bool:
        """Whether ``level`` lies on the scale and on one of its steps."""
        return self.low <= level <= self.high and (level - self.low) % self.step == 0

    def nearest(self, value: Decimal) -> Decimal:
        """The level nearest to ``value``; halves go up, away from the low end."""
        return self.low + round_half_away(value - self.low, self.step)

    def levels(self) -> list[Decimal]:
        """Every level, lowest first."""
        count = int((self.high - self.low) / self.step)
        return [self.low + self.step * n for n in range(count + 1)]


def round_half_away(value: Decimal, step: Decimal) -> Decimal:
    """``value`` to the nearest multiple of ``step``; halves go away from zero, unlike Python's ``round``."""
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
