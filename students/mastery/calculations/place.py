"""Roll-ups of one student: counts first, then the place on a progression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from students.mastery.enums import MasteryStatus

ASIDE = {MasteryStatus.EXCUSED, MasteryStatus.ASSUMED}
UNTOUCHED = {MasteryStatus.NOT_STARTED, MasteryStatus.NO_EVIDENCE}


@dataclass(frozen=True)
class Step:
    """How a student stands on one target."""

    target_id: int
    status: MasteryStatus = MasteryStatus.NOT_STARTED
    is_proficient: bool = False

    @property
    def is_behind_them(self) -> bool:
        """Whether the path goes on after it: proficient, or set aside."""
        return self.is_proficient or self.status in ASIDE


@dataclass(frozen=True)
class Counts:
    target_count: int
    proficient_count: int
    under_way_count: int
    aside_count: int


def count_targets(steps: Iterable[Step]) -> Counts:
    """Each target once: proficient, set aside (excused or assumed), under way, else not started."""
    steps = list(steps)
    proficient = sum(step.is_proficient for step in steps)
    aside = sum(step.status in ASIDE and not step.is_proficient for step in steps)
    untouched = sum(step.status in UNTOUCHED for step in steps)
    return Counts(len(steps), proficient, len(steps) - proficient - aside - untouched, aside)


def find_place(
    steps: Sequence[Step],
    requires: Mapping[int, AbstractSet[int]],
    behind: AbstractSet[int],
) -> int | None:
    """ "You are here": the first target in order that is open and whose prerequisites are behind the student.

    ``requires`` maps a target to its prerequisites, ``behind`` holds every target, of any topic, that is
    proficient or set aside. Without such a target the first open one; None when the whole topic is behind them.
    """
    opened = [step.target_id for step in steps if not step.is_behind_them]
    ready = [target for target in opened if requires.get(target, frozenset()) <= behind]
    return next(iter(ready or opened), None)
