"""What would change a suggested level: found by running the method, never by a rule about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from students.mastery.calculations.methods import Calculation, ScaleRange, Value, prepare

MOST = 5  # pieces of work that a student can be told to look ahead to


@dataclass(frozen=True)
class Onward:
    """``count`` more pieces of work at ``at_level`` make the suggested level ``becomes``; fewer do not."""

    count: int
    at_level: Decimal
    becomes: Decimal


def what_would_change(
    method: str, scores: Sequence[Decimal], *, scale: ScaleRange, **parameters: Value
) -> Onward | None:
    """The shortest way on: to proficient, or from there to a higher level; None when five pieces show no way.

    ``scores`` oldest first. Pieces are all at one level: the proficient one (from there: the next), and higher ones
    only where these lead nowhere. Where proficient is out of reach, any higher level will do. Raises ValueError as
    ``suggest`` does.
    """
    calculate = prepare(method, scale, **parameters)
    now = _level(calculate, scores, scale)
    goals = [goal for goal in (scale.proficient, _next(now, scale)) if goal is not None and (now is None or goal > now)]
    tries = ((at_level, goal) for at_level in _levels_to_show(now, scale) for goal in goals)
    found = (_onward(calculate, scores, scale, at_level, goal) for at_level, goal in tries)
    return next((onward for onward in found if onward), None)


def _next(now: Decimal | None, scale: ScaleRange) -> Decimal | None:
    """The level after ``now``; the lowest after none."""
    return next((level for level in scale.levels() if now is None or level > now), None)


def _levels_to_show(now: Decimal | None, scale: ScaleRange) -> Iterator[Decimal]:
    return (level for level in scale.levels() if level >= scale.proficient and (now is None or level > now))


def _onward(
    calculate: Calculation, scores: Sequence[Decimal], scale: ScaleRange, at_level: Decimal, goal: Decimal
) -> Onward | None:
    """With the fewest pieces at ``at_level`` that reach ``goal``."""
    for count in range(1, MOST + 1):
        becomes = _level(calculate, [*scores, *[at_level] * count], scale)
        if becomes is not None and becomes >= goal:
            return Onward(count, at_level, becomes)
    return None


def _level(calculate: Calculation, scores: Sequence[Decimal], scale: ScaleRange) -> Decimal | None:
    value = calculate(scores)
    return None if value is None else scale.nearest(value)
