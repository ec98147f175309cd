"""Where a student who comes during the year may start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from curriculum.models import Scale, Target, Topic
from curriculum.querysets import TopicQuerySet
from lpm.people.models import Student
from students.mastery.calculations.start import propose_start
from students.mastery.enums import MasteryStatus
from students.mastery.models import MasteryState, TopicMastery
from students.mastery.queries.ways import scale_range


@dataclass(frozen=True)
class StartTopic:
    """A topic, with the target at which the student stands in it; None before anything was said or shown."""

    topic: Topic
    here: Target | None


@dataclass(frozen=True)
class EntryStep:
    """One target of a topic. ``is_usual``: it is the first that is meant for the student's grade. ``is_proposed``:
    they probably start there. ``checked`` is the level that a quick check just showed."""

    target: Target
    status: str
    is_here: bool
    is_usual: bool
    is_proposed: bool = False
    checked: Decimal | None = None

    @property
    def is_assumed(self) -> bool:
        return self.status == MasteryStatus.ASSUMED


@dataclass(frozen=True)
class Entry:
    """The way into a topic: its targets, and the one to ask about next (None: enough is known, or there is none)."""

    steps: Sequence[EntryStep]
    ask: Target | None = None
    levels: Sequence[tuple[Decimal, str]] = ()  # to answer with, each with its name


def read_start_topics(student: Student, topics: TopicQuerySet[Topic]) -> list[StartTopic]:
    """All of ``topics``, in order, in 2 queries."""
    rows = TopicMastery.objects.filter(student=student).select_related("here")
    here = {row.topic_id: row.here for row in rows}
    return [StartTopic(topic, here.get(topic.pk)) for topic in topics.in_order()]


def read_entry(student: Student, topic: Topic, scale: Scale, checks: Mapping[UUID, Decimal]) -> Entry:
    """The targets along the progression and what ``checks`` (levels by target) make of it, in 4 queries.

    ``scale`` is that of the topic. Targets that are not of the topic count for nothing.
    """
    targets = list(Target.objects.filter(topic=topic).current().in_order())
    if not targets:
        return Entry([])
    states = dict(MasteryState.objects.filter(student=student, target__in=targets).values_list("target_id", "status"))
    here = TopicMastery.objects.filter(student=student, topic=topic).values_list("here_id", flat=True).first()
    usual = next((n for n, one in enumerate(targets) if student.grade and student.grade in one.grades), None)
    met = {n: checks[one.uuid] >= scale.proficient for n, one in enumerate(targets) if one.uuid in checks}
    start = propose_start(len(targets), usual, met)
    steps = [
        EntryStep(one, states.get(one.pk, ""), one.pk == here, n == usual, n == start.at, checks.get(one.uuid))
        for n, one in enumerate(targets)
    ]
    return Entry(steps, None if start.ask is None else targets[start.ask], levels_to_say(scale))


def levels_to_say(scale: Scale) -> list[tuple[Decimal, str]]:
    """The levels of the scale that have a name, the highest first; 1 query unless they came with it."""
    named = {level.value: level.said_name for level in scale.levels.all()}
    return [(level, named[level]) for level in reversed(scale_range(scale).levels()) if level in named]
