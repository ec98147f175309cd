"""What stands behind a level, and how long it has stood. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from students.mastery.calculations.methods import METHODS, check_parameters, suggest_exactly
from students.mastery.calculations.methods.scale import ScaleRange
from students.mastery.calculations.state import Ways


def looks_at(levels: Sequence[Decimal], ways: Ways) -> list[bool]:
    """Which of the levels, oldest first, the method computes with: it may take the newest alone, or the best."""
    values = check_parameters(ways.method, ways.parameters, scale=ways.scale)
    if ways.method == "most_recent":
        return _newest(levels, 1)
    if ways.method == "highest":
        return [level == max(levels) for level in levels]
    if ways.method == "n_times":
        least = Decimal(values["level"] or ways.scale.proficient)
        return [level >= least for level in levels]
    return _newest(levels, int(values.get("last") or len(levels)))


def _newest(levels: Sequence[Decimal], count: int) -> list[bool]:
    return [number >= len(levels) - count for number in range(len(levels))]


def least_scores(ways: Ways) -> int:
    """How many pieces of evidence the method needs before it says a level."""
    return METHODS[ways.method].least_scores(check_parameters(ways.method, ways.parameters, scale=ways.scale))


class Touched(Protocol):
    """What says when a level was last looked at: a state, computed or stored, or these of its values."""

    @property
    def is_proficient(self) -> bool: ...

    @property
    def last_performed_on(self) -> date | None: ...

    @property
    def changed_at(self) -> datetime | None: ...


def touched_on(state: Touched) -> date | None:
    """The day of the newest evidence; of a level without any, the day on which it was decided."""
    if state.last_performed_on is not None or state.changed_at is None:
        return state.last_performed_on
    return state.changed_at.date()


def is_due_another_look(state: Touched, day: date, recency_days: int | None) -> bool:
    """Whether a proficient target was left alone for longer than ``recency_days`` by ``day``; None: never."""
    last = touched_on(state)
    if recency_days is None or last is None or not state.is_proficient:
        return False
    return day - last > timedelta(days=recency_days)


def topic_level(levels: Collection[Decimal], scale: ScaleRange) -> Decimal | None:
    """The median of a topic's current levels, to the nearest step of the scale; None without any."""
    if not levels:
        return None
    median = suggest_exactly("median", sorted(levels), scale=scale)
    return None if median is None else scale.nearest(median)


def next_level(described: Collection[Decimal], level: Decimal | None, proficient: Decimal) -> Decimal | None:
    """The lowest described level above the present one; before there is evidence, the one that meets the target."""
    ahead = [one for one in described if (one >= proficient if level is None else one > level)]
    return min(ahead, default=None)
