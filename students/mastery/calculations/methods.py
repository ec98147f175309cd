"""From evidence scores to a suggested level. Pure functions; exact in Decimal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext

DIGITS = 28  # kept inside a calculation; mastery levels need 12 at least
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


@dataclass(frozen=True)
class Parameter:
    default: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Method:
    """``calculate`` gives the exact value for the scores, oldest first; ``version`` grows when it would change."""

    calculate: Callable[..., Decimal]
    least: int = 1
    version: int = 1
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


def decaying(scores: Sequence[Decimal], *, weight: Decimal) -> Decimal:
    """d1 = s1, then dk = (1 - weight) * d(k-1) + weight * sk: the newest score counts ``weight``."""
    value = scores[0]
    for score in scores[1:]:
        value = (1 - weight) * value + weight * score
    return value


METHODS: dict[str, Method] = {
    "decaying": Method(
        decaying,
        parameters={"weight": Parameter(Decimal("0.65"), Decimal("0.50"), Decimal("0.99"))},
    ),
}


def suggest_exactly(
    method: str, scores: Sequence[Decimal], *, scale: ScaleRange, **parameters: Decimal
) -> Decimal | None:
    """The method's unrounded result; see ``suggest``."""
    chosen = _method(method)
    values = _checked(method, chosen, parameters)
    for score in scores:
        if not scale.low <= score <= scale.high:
            raise ValueError(f"score {score} is outside the scale {scale.low} to {scale.high}")
    if len(scores) < chosen.least:
        return None
    with localcontext() as context:
        context.prec = DIGITS
        return chosen.calculate(scores, **values)


def suggest(method: str, scores: Sequence[Decimal], *, scale: ScaleRange, **parameters: Decimal) -> Decimal | None:
    """What ``method`` makes of ``scores`` (oldest first), to two places; None when they are too few.

    Raises ValueError for an unknown method or parameter, a parameter out of its range, or a score off the scale.
    """
    value = suggest_exactly(method, scores, scale=scale, **parameters)
    return None if value is None else round_half_away(value, PLACES)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise ValueError(f"unknown method {name!r}; there are {', '.join(sorted(METHODS))}")
    return METHODS[name]


def _checked(name: str, method: Method, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    if unknown := given.keys() - method.parameters.keys():
        raise ValueError(f"{name} has no parameter {', '.join(sorted(unknown))}")
    values = {}
    for key, parameter in method.parameters.items():
        value = values[key] = given.get(key, parameter.default)
        if not parameter.low <= value <= parameter.high:
            raise ValueError(f"{key} of {name} must be from {parameter.low} to {parameter.high}, not {value}")
    return values
