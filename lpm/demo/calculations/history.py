"""What teachers and students of a town recorded, week after week: plain values, for whoever writes them down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from lpm.demo.calculations import words
from lpm.demo.calculations.calendar import Year
from lpm.demo.calculations.families import Child
from lpm.demo.calculations.learning import (
    HALF,
    HIGHEST,
    LOWEST,
    NOTHING,
    Area,
    Learner,
    Progression,
    Step,
    enter,
    has_work_left,
    look_again,
    make_learner,
    show_habit,
    show_reasoning,
    work_on,
)
from lpm.demo.calculations.plan import Plan
from lpm.demo.calculations.schools import Section
from lpm.demo.calculations.words import PROFICIENT

ZONE = ZoneInfo("America/New_York")
CONTENT, REASONING, HABITS = "content", "reasoning", "habits"
RATES = {"MATH": 0.87, "ELA": 0.56, "SCI": 0.41}  # marks in a week of class
REASONING_RATE, HABITS_RATE = 0.13, 0.16
UNIT = 5  # weeks in which a class is about one topic
OWN_TOPIC = 0.2  # how often somebody works on another one
AFTER_SUMMER = 4  # weeks in which teachers look at what was there before
ASKS_FROM = 2  # grade


@dataclass(frozen=True, slots=True)
class Mark:
    """``by`` is the key of a worker, or of the student themselves where ``kind`` is self."""

    pupil: str
    target: str
    kind: str
    level: Decimal | None
    judges: bool
    seen_on: date
    at: datetime
    by: str
    section: str
    comment: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The target was taken as known when the student's record began."""

    pupil: str
    target: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A student asked to show something. ``state`` is waiting, answered or returned; ``mark`` is the answer."""

    pupil: str
    target: str
    at: datetime
    done_since: str
    state: str = "waiting"
    by: str = ""
    answered_at: datetime | None = None
    mark: Mark | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A word about a student on a target, for the family too or for the staff alone."""

    pupil: str
    target: str
    at: datetime
    by: str
    text: str
    is_for_family: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """The student was not in the class on the day."""

    pupil: str
    section: str
    day: date
    by: str


@dataclass
class Chronicle:
    marks: list[Mark] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)


@dataclass
class _Town:
    """What is known while the years go by."""

    plan: Plan
    areas: Sequence[Area]
    learners: dict[str, Learner]
    out: Chronicle
    entered: set[tuple[str, str]] = field(default_factory=set)

    @property
    def children(self) -> Mapping[str, Child]:
        return {key: self.plan.children[key][1] for key in self.learners}


def make_chronicle(plan: Plan, town: int, areas: Sequence[Area]) -> Chronicle:
    """Everything recorded in the schools of the town before ``plan.day``."""
    here = _Town(plan, areas, _learners(plan, town), Chronicle())
    for year in plan.years:
        for week, days in year.weeks(plan.day):
            for number, section in enumerate(plan.sections[year.back]):
                if section.school[:-1] == str(town):
                    _Week(here, year, week, days, section, number).record()
    here.out.asked += _open_requests(here)
    return here.out


def _learners(plan: Plan, town: int) -> dict[str, Learner]:
    found = {}
    for key, (family, child) in plan.children.items():
        if family.town != town:
            continue
        random = Random(f"{plan.seed} learner {key}")  # noqa: S311 (made-up learning)
        first = max((year.back for year in plan.years if child.is_there(year.back, 99)), default=0)
        found[key] = make_learner(random, key, max(0, child.grade - first), len(plan.years))
    return found


@cache
def _afternoon(day: date, hour: int = 14) -> datetime:
    return datetime.combine(day, time(hour, 30), tzinfo=ZONE).astimezone(UTC)


class _Week:
    """A class in a week: its teacher sits down on one or two days and records what was seen."""

    def __init__(self, here: _Town, year: Year, week: int, days: list[date], section: Section, number: int) -> None:
        self.here, self.year, self.week, self.section = here, year, week, section
        self.random = Random(f"{here.plan.seed} {section.key} {week}")  # noqa: S311 (made-up learning)
        self.days = days
        self.desks = sorted(self.random.sample(days, min(len(days), 2)))  # days on which the teacher records
        self.seconds = dict.fromkeys(self.desks, 60 * (number % 90))

    def record(self) -> None:
        areas = list(self._areas())
        for key in self.section.pupils:
            learner, child = self.here.learners[key], self.here.plan.children[key][1]
            if not child.is_there(self.year.back, self.week):
                continue
            is_away = (self.year.back, self.week) in learner.away
            if is_away and self.year.back == 0:
                self._miss(key)
            for area, rate in areas:
                self._begin(learner, area)
                if not is_away and self.random.random() < rate * learner.attention:
                    self._see(learner, child, area)

    def _miss(self, pupil: str) -> None:
        """Noted on the days on which the teacher sits down."""
        by = self.section.teachers[0]
        self.here.out.missed += [Missed(pupil, self.section.key, day, by) for day in self.desks]

    def _areas(self) -> Iterator[tuple[Area, float]]:
        """What is recorded in this class, and how often in a week."""
        subject, is_advisory = self.section.subject, self.section.is_advisory
        for area in self.here.areas:
            if area.domain == HABITS and not subject:
                yield area, HABITS_RATE
            elif area.domain == REASONING and not is_advisory:
                yield area, REASONING_RATE / (3 if subject else 1)
            elif area.domain == CONTENT and not is_advisory and subject in {"", area.code}:
                yield area, RATES.get(area.code, 0.3)

    def _begin(self, learner: Learner, area: Area) -> None:
        """The first time that somebody is seen in an area, their entry points are set: what lies before is taken as
        known, and of what they met last there is a level in the papers that came with them."""
        if (learner.key, area.code) in self.here.entered:
            return
        self.here.entered.add((learner.key, area.code))
        at = _afternoon(self.desks[0], 9)
        for topic in area.topics if area.domain == CONTENT else ():
            place = enter(self.random, learner, topic)
            known = max(0, place.index - self.random.choice([0, 1, 1, 2]))
            by = self.section.teachers[0]
            self.here.out.entries += [Entry(learner.key, code, at, by) for code in topic.targets[:known]]
            for code in topic.targets[known : place.index]:
                level = self.random.choice([PROFICIENT, PROFICIENT, PROFICIENT + HALF])
                self._add(learner.key, code, "imported", level, self.desks[0], at, by=by)

    def _see(self, learner: Learner, child: Child, area: Area) -> None:
        if area.domain != CONTENT:
            self._see_strand(learner, area)
            return
        topic = self._topic(learner, area)
        if topic is None:
            return
        step = self._step(learner, topic)
        if step is not None:
            self._tell(learner, child, topic.targets[step.index], step)

    def _see_strand(self, learner: Learner, area: Area) -> None:
        target = self.random.choice([code for topic in area.topics for code in topic.targets])
        show = show_habit if area.domain == HABITS else show_reasoning
        day, at = self._moment()
        self._add(learner.key, target, "score", show(self.random, learner, target), day, at)

    def _topic(self, learner: Learner, area: Area) -> Progression | None:
        """That of the unit, as a rule; None where the learner has met all that there is."""
        order = list(area.topics)
        Random(f"{self.here.plan.seed} units {self.section.key} {area.code}").shuffle(order)  # noqa: S311
        topic = order[(self.week // UNIT) % len(order)]
        left = has_work_left(learner, area.topics)
        if topic in left and self.random.random() > OWN_TOPIC:
            return topic
        begun = [one for one in left if learner.places[one.code].level is not None]
        return self.random.choice(begun or left) if left else None

    def _step(self, learner: Learner, topic: Progression) -> Step | None:
        place = learner.places[topic.code]
        is_after_summer = self.year is not self.here.plan.years[0] and self.week <= AFTER_SUMMER
        if is_after_summer and self.random.random() < 0.4 and (step := look_again(self.random, place)):
            return step
        return work_on(self.random, place, topic, learner.pace_in(self.year.back, self.week))

    def _moment(self) -> tuple[date, datetime]:
        """When it was seen, and when the teacher wrote it down: on that day, or later in the week."""
        desk = self.random.choice(self.desks)
        self.seconds[desk] += self.random.randrange(4, 25)
        seen = desk if self.random.random() < 0.7 else self.random.choice([day for day in self.days if day <= desk])
        return seen, _afternoon(desk) + timedelta(seconds=self.seconds[desk])

    def _tell(self, learner: Learner, child: Child, target: str, step: Step) -> None:
        """The mark, and what goes with some: a practice check and the student's own word before it, a few words."""
        random = self.random
        day, at = self._moment()
        drawn = random.random()
        if drawn < 0.05:
            level = random.choice([None, max(LOWEST, step.level - HALF)])
            self._add(learner.key, target, "practice", level, day, at - timedelta(hours=4), judges=False)
        elif drawn < 0.1 and child.grade >= ASKS_FROM:
            own = min(HIGHEST, max(LOWEST, step.level + random.choice([-HALF, NOTHING, NOTHING, HALF])))
            comment = random.choice([*words.SELF, ""])
            self._add(learner.key, target, "self", own, day, at - timedelta(hours=2), by=learner.key, comment=comment)
        comment, language = self._comment(child, step)
        judges = step.level >= PROFICIENT or random.random() > 0.12
        mark = self._add(
            learner.key, target, "score", step.level, day, at, comment=comment, language=language, judges=judges
        )
        if judges and child.grade - self.year.back >= ASKS_FROM:
            self._ask(mark, step)
        if random.random() < 0.022:
            self._say(mark)

    def _comment(self, child: Child, step: Step) -> tuple[str, str]:
        if self.random.random() > 0.13:
            return "", ""
        if child.language in words.IN_OTHER_WORDS and self.random.random() < 0.3:
            return self.random.choice(words.IN_OTHER_WORDS[child.language]), child.language
        return words.comment_on(self.random, step.level, is_again=step.is_again), "en"

    def _ask(self, mark: Mark, step: Step) -> None:
        """Some had asked for it, some days before."""
        met = step.level >= PROFICIENT
        if self.random.random() > (0.07 if met else 0.005):
            return
        asked_at = mark.at - timedelta(days=self.random.randrange(1, 9), minutes=self.random.randrange(40, 200))
        self.here.out.asked.append(
            Asked(
                pupil=mark.pupil,
                target=mark.target,
                at=asked_at,
                done_since=self.random.choice(words.DONE),
                state="answered" if met else "returned",
                by=mark.by,
                answered_at=mark.at,
                mark=mark if met else None,
                reply=self.random.choice(words.REPLY_MET if met else words.REPLY_RETURNED),
            )
        )

    def _say(self, mark: Mark) -> None:
        is_for_family = self.random.random() < 0.5
        text = self.random.choice(words.FOR_FAMILY if is_for_family else words.FOR_STAFF)
        at = mark.at + timedelta(seconds=2)
        self.here.out.said.append(Said(mark.pupil, mark.target, at, mark.by, text, is_for_family))

    def _add(
        self,
        pupil: str,
        target: str,
        kind: str,
        level: Decimal | None,
        seen_on: date,
        at: datetime,
        *,
        by: str = "",
        comment: str = "",
        language: str = "",
        judges: bool = True,
    ) -> Mark:
        by = by or (self.section.teachers[0] if self.random.random() < 0.88 else self.section.teachers[-1])
        is_judged = judges and kind == "score"
        mark = Mark(pupil, target, kind, level, is_judged, seen_on, at, by, self.section.key, comment, language)
        self.here.out.marks.append(mark)
        return mark


def _open_requests(here: _Town) -> Iterator[Asked]:
    """One in ten students waits for an answer: some since this morning, some for more than a week."""
    answered = {(one.pupil, one.target) for one in here.out.asked if one.state == "waiting"}
    topics = [topic for area in here.areas if area.domain == CONTENT for topic in area.topics]
    for key, child in here.children.items():
        random = Random(f"{here.plan.seed} asks {key}")  # noqa: S311 (made-up learning)
        places = here.learners[key].places
        ready = [
            topic.targets[place.index]
            for topic in topics
            if (place := places.get(topic.code)) and place.level is not None and place.level >= 2
        ]
        if child.grade_in(0) is None or child.grade < ASKS_FROM or not ready or random.random() > 0.1:
            continue
        target = random.choice(ready)
        if (key, target) not in answered:
            at = _afternoon(here.plan.day - timedelta(days=random.randrange(1, 17)), random.choice([10, 11, 13]))
            yield Asked(key, target, at, random.choice(words.DONE))
