"""A student's own pages: where am I, what is next, what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from babel.dates import format_skeleton
from django.db.models import Count
from django.utils.translation import get_language

from curriculum.enums import Domain
from curriculum.models import ContentArea, GuideLevel, Prerequisite, Scale, Target, Topic
from curriculum.querysets import TargetQuerySet
from lpm.people.models import Student
from students.mastery.calculations import State, count_targets, find_place
from students.mastery.calculations import Step as Stand
from students.mastery.calculations.place import ASIDE, UNTOUCHED
from students.mastery.calculations.why import is_due_another_look, next_level, topic_level
from students.mastery.enums import MasteryStatus
from students.mastery.queries import (
    Choice,
    Sight,
    TargetRecord,
    read_seen_states,
    scale_range,
)

Line = TypeVar("Line", Choice, GuideLevel)


@dataclass(frozen=True)
class TopicView:
    """A topic as a student stands in it; ``here`` is the target to work on, None when all are met.

    ``level`` is the one at ``here``; ``last_on`` the day of the newest evidence in the topic. A mark that was
    taken back leaves no trace: what counts is what stands. ``topic_level`` is there where the school shows one,
    ``due_count`` how many proficient targets were left alone for so long that they are worth another look.
    """

    topic: Topic
    target_count: int
    proficient_count: int = 0
    under_way_count: int = 0
    aside_count: int = 0
    here: Target | None = None
    level: Decimal | None = None
    last_on: date | None = None
    topic_level: Decimal | None = None
    due_count: int = 0

    @property
    def is_started(self) -> bool:
        return self.proficient_count + self.under_way_count + self.aside_count > 0

    @property
    def is_finished(self) -> bool:
        return self.is_started and self.here is None


@dataclass
class AreaView:
    """``title`` names the framework too, where two areas of the school are called alike."""

    title: str
    topics: list[TopicView] = field(default_factory=list)

    @property
    def language(self) -> str:
        return next((topic.topic.area.framework.language for topic in self.topics), "")

    @property
    def started(self) -> list[TopicView]:
        return [topic for topic in self.topics if topic.is_started]

    @property
    def not_started(self) -> list[TopicView]:
        return [topic for topic in self.topics if not topic.is_started]

    @property
    def proficient_count(self) -> int:
        return sum(topic.proficient_count for topic in self.topics)

    @property
    def under_way_count(self) -> int:
        return sum(topic.under_way_count for topic in self.topics)

    @property
    def target_count(self) -> int:
        return sum(topic.target_count for topic in self.topics)


def read_areas(student: Student, sight: Sight) -> list[AreaView]:
    """Every topic of content that the student's school uses, area by area, as the reader sees the student in it; in 5
    queries, and those of ``read_seen_states``. Habits and reasoning stand apart: ``read_strands``."""
    states = read_seen_states(student, sight)
    topics = Topic.objects.used_by(student.school_id).filter(area__domain=Domain.CONTENT)
    topics = topics.select_related("area__framework__scale").in_order()
    targets = Target.objects.current().filter(topic__in=topics)
    counts: Counter[int] = Counter(dict(targets.values_list("topic").annotate(Count("pk"))))
    begun = _read_begun(targets, states)
    requires = _read_requires(begun)
    alike = Counter(title for _pk, title in {(topic.area_id, topic.area.title) for topic in topics})
    areas: dict[int, AreaView] = {}
    for topic in topics:
        area = areas.setdefault(topic.area_id, AreaView(_area_title(topic.area, alike)))
        view = TopicView(topic, counts[topic.pk])
        if topic.pk in begun:
            view = _topic_view(topic, begun[topic.pk], states, requires, sight)
        area.topics.append(view)
    return list(areas.values())


def _area_title(area: ContentArea, alike: Counter[str]) -> str:
    return area.title if alike[area.title] == 1 else f"{area.title} ({area.framework.title})"


def _read_begun(targets: TargetQuerySet[Target], states: Mapping[int, State]) -> dict[int, list[Target]]:
    """The progressions of the topics in which the student has a state, in order."""
    rows = targets.filter(topic__in=Topic.objects.filter(targets__in=list(states))).in_order()
    begun: dict[int, list[Target]] = defaultdict(list)
    for target in rows:
        begun[target.topic_id].append(target)
    return {topic: rows for topic, rows in begun.items() if any(row.pk in states for row in rows)}


def _topic_view(
    topic: Topic,
    targets: list[Target],
    states: Mapping[int, State],
    requires: Mapping[int, set[int]],
    sight: Sight,
) -> TopicView:
    stands = [_stand(target.pk, states) for target in targets]
    counts = count_targets(stands)
    here_id = find_place(stands, requires, _behind(states))
    mine = [states[target.pk] for target in targets if target.pk in states]
    here = states.get(here_id or 0)
    levels = [state.level for state in mine if state.level is not None] if sight.looks.shows_topic_levels else []
    return TopicView(
        topic,
        counts.target_count,
        proficient_count=counts.proficient_count,
        under_way_count=counts.under_way_count,
        aside_count=counts.aside_count,
        here=next((target for target in targets if target.pk == here_id), None),
        level=here.level if here else None,
        last_on=max((state.last_performed_on for state in mine if state.last_performed_on), default=None),
        topic_level=topic_level(levels, scale_range(topic.area.framework.scale)),
        due_count=sum(is_due_another_look(state, sight.day, sight.looks.recency_days) for state in mine),
    )


def _stand(target: int, states: Mapping[int, State]) -> Stand:
    state = states.get(target)
    return Stand(target, state.status, state.is_proficient) if state else Stand(target)


def _behind(states: Mapping[int, State]) -> set[int]:
    return {pk for pk in states if _stand(pk, states).is_behind_them}


def find_places(areas: Iterable[AreaView]) -> list[TopicView]:
    """Where there is a target to work on, the topic with the newest evidence first."""
    places = [topic for area in areas for topic in area.started if topic.here]
    return sorted(places, key=lambda place: place.last_on or date.min, reverse=True)


@dataclass(frozen=True)
class Step:
    """A step of the trail: ``state`` is done, here or next. ``is_due``: proficient, and worth another look."""

    target: Target
    value: Decimal | None
    status: str
    state: str
    is_due: bool = False


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
        behind = [step for step in self.steps[:place] if step.state == "done"]
        return [*behind[-1:], self.steps[place], *self.after[:1]]


def read_trail(student: Student, topic: Topic, sight: Sight) -> Trail:
    """The topic's progression with the student on it, as the reader sees it; in 3 queries, and those of
    ``read_seen_states``."""
    every = list(Target.objects.filter(topic=topic, part_of__isnull=True).in_order())
    targets = [target for target in every if target.retired_on is None]
    requires = _read_requires([topic.pk])
    states = read_seen_states(student, sight, {target.pk for target in every}.union(*requires.values()))
    recency_days = sight.looks.recency_days
    here_id = find_place([_stand(target.pk, states) for target in targets], requires, _behind(states))
    steps = [_step(target, states.get(target.pk), here_id, sight.day, recency_days) for target in targets]
    ended = [_step(target, states.get(target.pk), None, sight.day, None) for target in every if target.retired_on]
    here = next((target for target in targets if target.pk == here_id), None)
    return Trail(steps, here, [step for step in ended if step.value is not None])


def _read_requires(topic_ids: Collection[int]) -> dict[int, set[int]]:
    """Each target of the topics that has prerequisites, to theirs."""
    requires: dict[int, set[int]] = defaultdict(set)
    edges = Prerequisite.objects.filter(target__topic__in=list(topic_ids), required__retired_on__isnull=True)
    for target, required in edges.values_list("target_id", "required_id"):
        requires[target].add(required)
    return requires


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
    return _next_above(described, record.state.level, scale)


def read_left(place: TopicView) -> GuideLevel | None:
    """The next level of the scoring guide to show at ``place``, in 1 query; None where the target has no guide."""
    described = {row.value: row for row in GuideLevel.objects.filter(target=place.here)}
    return _next_above(described, place.level, place.topic.area.framework.scale)


def _next_above(described: Mapping[Decimal, Line], level: Decimal | None, scale: Scale) -> Line | None:
    found = next_level(described, level, scale.proficient)
    return None if found is None else described[found]


@dataclass(frozen=True)
class Meaning:
    """What a level of the scale means; ``is_goal`` is the one that meets a target."""

    value: Decimal
    name: str
    words: str
    is_goal: bool


def read_meanings(areas: Iterable[AreaView]) -> list[Meaning]:
    """The levels of the scale in use, highest first, in 1 query. Words that came with Cairn are translated."""
    scale = next((topic.topic.area.framework.scale for area in areas for topic in area.topics), None)
    if scale is None:
        return []
    levels = scale.levels.order_by("-value")
    return [
        Meaning(level.value, level.said_name, level.said_description, level.value == scale.proficient)
        for level in levels
    ]
