"""Running a method of the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation, localcontext
from functools import lru_cache

from students.mastery.calculations.methods.formulas import EXACTLY, SETTLED
from students.mastery.calculations.methods.registry import METHODS, Method, Value, check_parameters, find_method
from students.mastery.calculations.methods.scale import PLACES, ScaleRange, round_half_away

Calculation = Callable[[Sequence[Decimal]], Decimal | None]


def prepare(method: str, scale: ScaleRange, **parameters: Value) -> Calculation:
    """The method, checked once for use on many cells: from scores, oldest first, to its unrounded result.

    The result is None when the scores are insufficient, exact to 20 decimal places, and always within the scale.
    Raises ValueError for an unknown method or parameter or a parameter out of its range; the calculation does for a
    score off the scale.
    """
    return _prepared(method, find_method(method), scale, tuple(parameters.items()))


@lru_cache(maxsize=32)
def _prepared(name: str, method: Method, scale: ScaleRange, parameters: tuple[tuple[str, Value], ...]) -> Calculation:
    values = check_parameters(name, parameters, scale=scale)
    least, low, high = method.least_scores(values), scale.low, scale.high

    @lru_cache(maxsize=2048)  # on a scale of a few levels the same few scores come again and again
    def calculation(scores: tuple[Decimal, ...]) -> Decimal | None:
        check_scores(scores, low, high)
        if len(scores) < least:
            return None
        with localcontext(EXACTLY):
            value = method.calculate(scores, **values)
            if value is None:
                return None
            return (min(max(value, low), high) if method.is_fit else value).quantize(SETTLED)

    return lambda scores: calculation(tuple(scores))


def check_scores(scores: Sequence[Decimal], low: Decimal, high: Decimal) -> None:
    """ValueError when one of them is outside the scale from ``low`` to ``high``."""
    try:
        for score in scores:
            if not low <= score <= high:
                raise ValueError(f"score {score} is outside the scale {low} to {high}")
    except InvalidOperation:
        raise ValueError(f"a score that is not a number is outside the scale {low} to {high}") from None


def suggest_exactly(
    method: str, scores: Sequence[Decimal], *, scale: ScaleRange, **parameters: Value
) -> Decimal | None:
    """The method's unrounded result; see ``suggest``."""
    return prepare(method, scale, **parameters)(scores)


def suggest(method: str, scores: Sequence[Decimal], *, scale: ScaleRange, **parameters: Value) -> Decimal | None:
    """What ``method`` makes of ``scores`` (oldest first), to two places; None when they are insufficient.

    Raises ValueError for an unknown method or parameter, a parameter out of its range, or a score off the scale.
    """
    value = suggest_exactly(method, scores, scale=scale, **parameters)
    return None if value is None else round_half_away(value, PLACES)


def explain(method: str, **parameters: Value) -> str:
    """The method in one sentence for families, in the reader's language. Raises ValueError as ``suggest`` does."""
    values = check_parameters(method, parameters)
    return METHODS[method].sentence(**values)
