"""The topics of a school as a student stands in them: what is behind them, where they are, what comes after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.db.models import Count, Q

from curriculum.enums import Domain
from curriculum.models import ContentArea, GuideLevel, Prerequisite, Scale, Target, Topic
from lpm.people.models import Student
from students.mastery.calculations import State, count_targets, find_place
from students.mastery.calculations import Step as Stand
from students.mastery.calculations.why import is_due_another_look, next_level, topic_level
from students.mastery.queries import Choice, Sight, read_seen_states, scale_range
from students.mastery.queries.strands import Strand

Line = TypeVar("Line", Choice, GuideLevel)
WHOLE = Q(targets__part_of__isnull=True, targets__retired_on__isnull=True)


@dataclass(frozen=True)
class TopicView:
    """A topic as a student stands in it; ``here`` is the target to work on, None when all are met, and ``after`` the
    next open one on the path.

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
    after: Target | None = None

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


def read_areas(student: Student, sight: Sight, states: Mapping[int, State] | None = None) -> list[AreaView]:
    """Every topic of content that the student's school uses, area by area, as the reader sees the student in it; in 3
    queries, and those of ``read_seen_states`` where the states are not known. Habits and reasoning stand apart: see
    ``Record.strands``."""
    states = read_seen_states(student, sight) if states is None else states
    rows = Topic.objects.used_by(student.school_id).filter(area__domain=Domain.CONTENT)
    rows = rows.select_related("area__framework__scale").in_order()
    topics = list(rows.annotate(whole_count=Count("targets", filter=WHOLE)))
    begun = _read_begun([topic.pk for topic in topics], states)
    requires = read_requires(begun)
    alike = Counter(title for _pk, title in {(topic.area_id, topic.area.title) for topic in topics})
    areas: dict[int, AreaView] = {}
    for topic in topics:
        area = areas.setdefault(topic.area_id, AreaView(_area_title(topic.area, alike)))
        view = TopicView(topic, topic.whole_count)
        if topic.pk in begun:
            view = _topic_view(topic, begun[topic.pk], states, requires, sight)
        area.topics.append(view)
    return list(areas.values())


def _area_title(area: ContentArea, alike: Counter[str]) -> str:
    return area.title if alike[area.title] == 1 else f"{area.title} ({area.framework.title})"


def _read_begun(topic_ids: Collection[int], states: Mapping[int, State]) -> dict[int, list[Target]]:
    """The progressions of the topics in which the student has a state, in order."""
    there = Topic.objects.filter(pk__in=topic_ids, targets__in=list(states))
    rows = Target.objects.current().filter(topic__in=there.values("pk")).in_order()
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
    stands = [stand(target.pk, states) for target in targets]
    counts = count_targets(stands)
    here_id = find_place(stands, requires, behind(states))
    mine = [states[target.pk] for target in targets if target.pk in states]
    state = states.get(here_id or 0)
    levels = [state.level for state in mine if state.level is not None] if sight.looks.shows_topic_levels else []
    here = next((target for target in targets if target.pk == here_id), None)
    return TopicView(
        topic,
        counts.target_count,
        proficient_count=counts.proficient_count,
        under_way_count=counts.under_way_count,
        aside_count=counts.aside_count,
        here=here,
        level=state.level if state else None,
        last_on=max((state.last_performed_on for state in mine if state.last_performed_on), default=None),
        topic_level=topic_level(levels, scale_range(topic.area.framework.scale)),
        due_count=sum(is_due_another_look(state, sight.day, sight.looks.recency_days) for state in mine),
        after=_after(here, targets, states),
    )


def _after(here: Target | None, targets: list[Target], states: Mapping[int, State]) -> Target | None:
    """The first target after ``here`` that is not behind the student."""
    if here is None:
        return None
    following = targets[targets.index(here) + 1 :]
    return next((target for target in following if not stand(target.pk, states).is_behind_them), None)


def stand(target: int, states: Mapping[int, State]) -> Stand:
    state = states.get(target)
    return Stand(target, state.status, state.is_proficient) if state else Stand(target)


def behind(states: Mapping[int, State]) -> set[int]:
    return {pk for pk in states if stand(pk, states).is_behind_them}


def read_requires(topic_ids: Collection[int]) -> dict[int, set[int]]:
    """Each target of the topics that has prerequisites, to theirs; 1 query."""
    requires: dict[int, set[int]] = defaultdict(set)
    edges = Prerequisite.objects.filter(target__topic__in=list(topic_ids), required__retired_on__isnull=True)
    for target, required in edges.values_list("target_id", "required_id"):
        requires[target].add(required)
    return requires


def topics_in_use(areas: Iterable[AreaView], strands: Iterable[Strand]) -> set[int]:
    """Those that have a page of the student: content that the school uses, and what is not off by plan."""
    content = {view.topic.pk for area in areas for view in area.topics}
    return content.union(line.target.topic_id for strand in strands for line in strand.lines)


def find_places(areas: Iterable[AreaView]) -> list[TopicView]:
    """Where there is a target to work on, the topic with the newest evidence first."""
    places = [topic for area in areas for topic in area.started if topic.here]
    return sorted(places, key=lambda place: place.last_on or date.min, reverse=True)


def read_left(place: TopicView) -> GuideLevel | None:
    """The next level of the scoring guide to show at ``place``, in 1 query; None where the target has no guide."""
    described = {row.value: row for row in GuideLevel.objects.filter(target=place.here)}
    return next_above(described, place.level, place.topic.area.framework.scale)


def next_above(described: Mapping[Decimal, Line], level: Decimal | None, scale: Scale) -> Line | None:
    found = next_level(described, level, scale.proficient)
    return None if found is None else described[found]
