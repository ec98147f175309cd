"""What a family is shown of one cell, morning by morning. Pure.

The record reaches families on school mornings. A level that would be lower than the one they read before waits until a
teacher decided it: until then they are shown the record as it stood on the last morning before it fell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from students.mastery.calculations.follow import Logs
from students.mastery.calculations.state import JudgementRow, ScoreRow, State, Ways, compute_state, standing


def hold_back(
    scores: Iterable[ScoreRow], judgements: Iterable[JudgementRow], ways: Ways, mornings: Sequence[datetime]
) -> Logs:
    """The rows that a family is shown: those of every morning up to the last that did not lower the level by itself.

    ``mornings`` in order; a row is shown on the first of them after it was recorded. What was taken back is left out
    from the beginning, so that a mistake holds up nothing.
    """
    stand: Logs = (standing(scores), standing(judgements))
    shown: Logs = ([], [])
    read: Decimal | None = None
    for number in sorted({bisect_right(mornings, row.recorded_at) for rows in stand for row in rows}):
        released = _recorded_by(stand, mornings, number)
        state = compute_state(*released, ways)
        if not lowers_by_itself(state, read):
            shown, read = released, read if state.level is None else state.level
    return shown


def _recorded_by(logs: Logs, mornings: Sequence[datetime], number: int) -> Logs:
    """The rows shown on the morning of this number, or before."""
    scores, judgements = logs
    return (
        [row for row in scores if bisect_right(mornings, row.recorded_at) <= number],
        [row for row in judgements if bisect_right(mornings, row.recorded_at) <= number],
    )


def lowers_by_itself(state: State, read: Decimal | None) -> bool:
    """Whether the level is lower than the one that was read before, and no teacher decided it."""
    return read is not None and state.level is not None and state.level < read and not is_decided(state)


def is_decided(state: State) -> bool:
    """Whether a teacher confirmed or set the level; a suggestion that was accepted by itself is none of that."""
    return state.judged is not None and not state.is_automatic


def family_level(
    scores: Iterable[ScoreRow], judgements: Iterable[JudgementRow], ways: Ways, mornings: Sequence[datetime]
) -> Decimal | None:
    """The level that a family reads after these mornings; None where there is none."""
    return compute_state(*hold_back(scores, judgements, ways, mornings), ways).level
