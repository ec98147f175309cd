"""One topic: the progression with the student on it, and what is left to show on one target of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton
from django.utils.translation import get_language

from curriculum.models import Target, Topic
from lpm.people.models import Student
from students.home.queries.areas import behind, next_above, read_requires, stand
from students.mastery.calculations import State, find_place
from students.mastery.calculations.place import ASIDE, UNTOUCHED
from students.mastery.calculations.why import is_due_another_look
from students.mastery.enums import MasteryStatus
from students.mastery.queries import Choice, Sight, TargetRecord, read_seen_states


@dataclass(frozen=True)
class Step:
    """A step of the trail: ``state`` is done, here or next. ``is_due``: proficient, and worth another look. ``on`` is
    the day of the newest evidence."""

    target: Target
    value: Decimal | None
    status: str
    state: str
    is_due: bool = False
    on: date | None = None


@dataclass(frozen=True)
class Trail:
    """``ended`` are targets that a revision took out of use, on which the student has a level all the same."""

    steps: list[Step]
    here: Target | None
    ended: list[Step] = field(default_factory=list)

    @property
    def is_started(self) -> bool:
        return any(step.status not in UNTOUCHED for step in self.steps)

    @property
    def done_count(self) -> int:
        return sum(step.state == "done" for step in self.steps)

    @property
    def after(self) -> list[Step]:
        """What comes next on the path: up to two steps after the present one."""
        following = [step for step in self.steps if step.state == "next"]
        if self.here is not None:
            following = [step for step in following if step.target.position > self.here.position]
        return following[:2]

    @property
    def near(self) -> list[Step]:
        """The last step behind the student, the one at hand, the first after it; none when all are behind."""
        place = next((n for n, step in enumerate(self.steps) if step.state == "here"), None)
        if place is None:
            return []
        done = [step for step in self.steps[:place] if step.state == "done"]
        return [*done[-1:], self.steps[place], *self.after[:1]]


def read_trail(student: Student, topic: Topic, sight: Sight) -> Trail:
    """The topic's progression with the student on it, as the reader sees it; in 2 queries, and those of
    ``read_seen_states``. Its targets come with the topic."""
    every = list(Target.objects.filter(topic=topic, part_of__isnull=True).in_order())
    for target in every:
        target.topic = topic
    targets = [target for target in every if target.retired_on is None]
    requires = read_requires([topic.pk])
    states = read_seen_states(student, sight, {target.pk for target in every}.union(*requires.values()))
    recency_days = sight.looks.recency_days
    here_id = find_place([stand(target.pk, states) for target in targets], requires, behind(states))
    steps = [_step(target, states.get(target.pk), here_id, sight.day, recency_days) for target in targets]
    ended = [_step(target, states.get(target.pk), None, sight.day, None) for target in every if target.retired_on]
    here = next((target for target in targets if target.pk == here_id), None)
    return Trail(steps, here, [step for step in ended if step.value is not None])


def _step(target: Target, state: State | None, here_id: int | None, day: date, recency_days: int | None) -> Step:
    if target.pk == here_id:
        place = "here"
    elif state is not None and (state.is_proficient or state.status in ASIDE):
        place = "done"
    else:
        place = "next"
    return Step(
        target,
        state.level if state else None,
        state.status if state else MasteryStatus.NOT_STARTED,
        place,
        is_due=state is not None and is_due_another_look(state, day, recency_days),
        on=state.last_performed_on if state else None,
    )


def read_growth(record: TargetRecord) -> list[tuple[str, Decimal]]:
    """The evidence as points of a chart, oldest first: a short date in the reader's language, the level."""
    language = get_language() or "en"
    return [
        (format_skeleton("MMMd", seen.performed_on, locale=language.replace("-", "_")), seen.level)
        for seen in record.evidence
    ]


def find_left(record: TargetRecord) -> Choice | None:
    """The next level of the target's own scoring guide to show; None without one, or when it is met or set aside."""
    if not record.guide.is_own or record.state.is_proficient or record.state.status in ASIDE:
        return None
    described = {choice.level: choice for choice in record.guide.choices if not choice.is_half}
    scale = record.target.topic.area.framework.scale
    return next_above(described, record.state.level, scale)
