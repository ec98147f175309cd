"""Where a student probably starts on a progression, from what is usual and a few quick checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_CHECKS = 3


@dataclass(frozen=True)
class Start:
    """Places on the progression, from 0: where to start, and what to ask next; None when that is clear enough."""

    at: int
    ask: int | None


def propose_start(count: int, usual: int | None, checks: Mapping[int, bool]) -> Start:
    """``count`` targets along the progression; ``usual`` is the first of the student's grade, else the first of all.

    ``checks`` says of places whether the student was proficient there. The start is the lowest place where they were
    not, else the one after the highest where they were. What is asked is the start itself, then what lies before it;
    at most MOST_CHECKS in all. ValueError when there is no target.
    """
    if count < 1:
        raise ValueError("a progression without targets has no start")
    below = [place for place, is_met in checks.items() if not is_met]
    above = [place for place, is_met in checks.items() if is_met]
    if below:
        at = min(below)
    elif above:
        at = min(max(above) + 1, count - 1)
    else:
        at = usual or 0
    unasked = [place for place in (at, at - 1) if place >= 0 and place not in checks]
    return Start(at, unasked[0] if unasked and len(checks) < MOST_CHECKS and not _is_clear(at, checks) else None)


def _is_clear(at: int, checks: Mapping[int, bool]) -> bool:
    """Not proficient there, and proficient on the one before, or there is none before."""
    return checks.get(at) is False and (at == 0 or checks.get(at - 1) is True)
