"""What is counted of the students of a school, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from students.mastery.calculations.suppression import Band, band_of

LEARNED_DAYS = 28  # a target was met in them
HEARD_DAYS = 14  # a teacher said something to the student: a mark, a remark, a reply
WAITING_DAYS = 7  # longer than that a student waits for an answer
WELL = 80  # percent who learned or were heard from: from here on it goes well
FEW_WAIT = 10  # percent who wait: up to here it goes well
GAP = 10  # points of percent that are worth a word


@dataclass(frozen=True)
class Tally:
    """True counts of a group of students; targets are added up over all of them."""

    students: int = 0
    learned: int = 0
    heard: int = 0
    waiting: int = 0
    met: int = 0
    under_way: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Told:
    """A tally as it may be told: shares as bands, targets as a whole number for each student."""

    students: int
    learned: Band
    heard: Band
    waiting: Band
    met: int
    under_way: int


def tell(tally: Tally) -> Told:
    """Of a group that may be shown. Halves are rounded up."""
    total = tally.students
    return Told(
        students=total,
        learned=band_of(tally.learned, total),
        heard=band_of(tally.heard, total),
        waiting=band_of(tally.waiting, total),
        met=(2 * tally.met + total) // (2 * total),
        under_way=(2 * tally.under_way + total) // (2 * total),
    )


def add_up(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def stand_out(bands: Sequence[Band]) -> list[int]:
    """Which of the shares are smaller than the middle one, beyond doubt and by GAP points or more: their places.

    None where these are more than a third, for then it is a matter of the whole.
    """
    lows = sorted(band.low for band in bands)
    found = [place for place, band in enumerate(bands) if band.high + GAP <= lows[len(lows) // 2]]
    return found if len(found) <= max(1, len(lows) // 3) else []
