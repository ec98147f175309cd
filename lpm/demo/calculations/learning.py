"""How one student goes along the progressions: each with their own start and pace, with setbacks and forgetting.

Everything here is drawn from the ``Random`` that is handed in, and knows neither people nor days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from lpm.demo.calculations.words import PROFICIENT

NOTHING, HALF, WHOLE = Decimal("0.0"), Decimal("0.5"), Decimal("1.0")
LOWEST, HIGHEST = Decimal("0.5"), Decimal("4.0")
SLOWEST, FASTEST = 0.45, 1.7
A_YEAR = 0.9  # of the progressions, written for ten years, is what most learn in a year
GOES_BEYOND = 0.12  # of those who have met a target work on it once more
FORGETS = 0.3  # of what is looked at again after the summer


@dataclass(frozen=True)
class Progression:
    """A topic: the codes of its targets from early to advanced, and the grade (0 is kindergarten) in which most meet
    each; None where they belong to no grade, as with habits."""

    code: str
    targets: tuple[str, ...]
    grades: tuple[float | None, ...]

    @property
    def has_order(self) -> bool:
        return None not in self.grades


@dataclass(frozen=True)
class Area:
    """``domain`` is content, reasoning or habits."""

    code: str
    domain: str
    topics: tuple[Progression, ...]


@dataclass
class Place:
    """Where somebody is on a progression: the next target to meet, and the level reached on it so far."""

    index: int
    level: Decimal | None = None
    met: int | None = None  # the target met last, since there was a record


@dataclass(frozen=True)
class Step:
    """What was shown: on the target of this number, at this level."""

    index: int
    level: Decimal
    is_again: bool = False  # looked at after the summer


@dataclass
class Learner:
    """``start`` is the grade in which they would be if all learned alike; ``slump`` are weeks in which it goes slowly,
    ``away`` weeks of illness, each as (year counted back, week)."""

    key: str
    start: float
    pace: float
    attention: float  # how often teachers get to see something, around 1
    habit: float
    away: frozenset[tuple[int, int]] = frozenset()
    slump: frozenset[tuple[int, int]] = frozenset()
    places: dict[str, Place] = field(default_factory=dict)
    shown: dict[str, Decimal] = field(default_factory=dict)  # of targets without order

    def pace_in(self, back: int, week: int) -> float:
        return self.pace * (0.5 if (back, week) in self.slump else 1.0)


def make_learner(random: Random, key: str, grade: int, years: int) -> Learner:
    """``grade`` is that in which they were when the record began."""
    pace = min(FASTEST, max(SLOWEST, random.gauss(1.0, 0.27)))
    return Learner(
        key=key,
        start=max(-0.5, grade * A_YEAR + random.gauss(0.1, 0.35) + (pace - 1) * grade * 0.25),
        pace=pace,
        attention=min(1.5, max(0.5, random.gauss(1.0, 0.15))),
        habit=min(3.4, max(1.4, random.gauss(2.5, 0.5))),
        away=frozenset(_away(random, years)),
        slump=frozenset(_slump(random, years)),
    )


def _away(random: Random, years: int) -> set[tuple[int, int]]:
    """A week of the flu in winter for some, another week for others."""
    found = set()
    for back in range(years):
        if random.random() < 0.22:
            found.add((back, random.choice([19, 21, 22])))
        if random.random() < 0.3:
            found |= {(back, week + n) for week in [random.randrange(2, 40)] for n in range(random.choice([1, 1, 2]))}
    return found


def _slump(random: Random, years: int) -> set[tuple[int, int]]:
    """One in ten has weeks in which other things weigh more."""
    if random.random() > 0.1:
        return set()
    back, first = random.randrange(years), random.randrange(4, 30)
    return {(back, first + n) for n in range(7)}


def enter(random: Random, learner: Learner, topic: Progression) -> Place:
    """Where the learner begins on the topic; what lies before is taken as known."""
    at = learner.start + random.gauss(0, 0.45)
    index = next((n for n, grade in enumerate(topic.grades) if grade is None or grade >= at), len(topic.targets))
    place = learner.places[topic.code] = Place(index)
    return place


def work_on(random: Random, place: Place, topic: Progression, pace: float) -> Step | None:
    """The next thing shown on the topic, and the place after it; None when there is nothing left there."""
    if place.index >= len(topic.targets):
        return None
    place.level = next_level(random, place.level, pace)
    step = Step(place.index, place.level)
    if place.level >= PROFICIENT:
        place.met = place.index
        if place.level == HIGHEST or random.random() > GOES_BEYOND:
            place.index, place.level = place.index + 1, None
    return step


def look_again(random: Random, place: Place) -> Step | None:
    """What was met before the summer: it holds, or has to be met anew."""
    if place.met is None:
        return None
    index, place.met = place.met, None
    if random.random() > FORGETS:
        return Step(index, PROFICIENT + random.choice([NOTHING, NOTHING, HALF]), is_again=True)
    level = random.choice([Decimal("2.0"), Decimal("2.5"), Decimal("2.5")])
    place.index, place.level = index, level
    return Step(index, level, is_again=True)


def next_level(random: Random, level: Decimal | None, pace: float) -> Decimal:
    """Upwards in halves and wholes, at times not at all, at times back by a half. A first try shows the beginning."""
    if level is None:
        if pace > 1.15 and random.random() < 0.25:
            return random.choice([Decimal("2.5"), PROFICIENT])
        return random.choice([HALF, WHOLE, WHOLE, WHOLE, Decimal("1.5"), Decimal("1.5"), Decimal("2.0")])
    drawn = random.random()
    upwards = min(0.9, max(0.35, 0.72 * pace))
    if drawn < upwards:
        level += WHOLE if random.random() < 0.4 else HALF
    elif drawn > 0.9:
        level -= HALF
    return min(HIGHEST, max(LOWEST, level))


def show_habit(random: Random, learner: Learner, target: str) -> Decimal:
    """In whole levels, told in words; they grow slowly and seldom go back."""
    before = learner.shown.get(target)
    drawn = Decimal(round(min(4.0, max(1.0, random.gauss(learner.habit, 0.55)))))
    learner.habit = min(3.8, learner.habit + 0.012)
    learner.shown[target] = drawn if before is None else max(drawn, before - 1)
    return learner.shown[target]


def show_reasoning(random: Random, learner: Learner, target: str) -> Decimal:
    """No order among them: any may be seen, at first with help."""
    level = next_level(random, learner.shown.get(target), learner.pace * 0.8)
    learner.shown[target] = level
    return level


def has_work_left(learner: Learner, topics: Sequence[Progression]) -> list[Progression]:
    return [topic for topic in topics if learner.places[topic.code].index < len(topic.targets)]
