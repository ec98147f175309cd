"""A student's own pages: where am I, what is next, what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from babel.dates import format_skeleton
from django.db.models import Count
from django.utils.translation import get_language

from curriculum.models import ContentArea, GuideLevel, Prerequisite, Scale, Target, Topic
from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import Logs, compute_state, find_place
from students.mastery.calculations import Step as Stand
from students.mastery.calculations.place import ASIDE, UNTOUCHED
from students.mastery.enums import MasteryStatus
from students.mastery.models import Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.queries import (
    NO_ROUTES,
    Choice,
    TargetRecord,
    WaysBook,
    measure_of,
    read_logs,
    read_routes,
    ways_for,
)

DAYS_OF_NEWS = 14
Line = TypeVar("Line", Choice, GuideLevel)


@dataclass(frozen=True)
class TopicView:
    """A topic as a student stands in it; ``here`` is the target to work on, None when all are met.

    ``level`` is the one at ``here``; ``last_on`` the day of the newest evidence in the topic. A mark that was
    taken back leaves no trace: what counts is what stands.
    """

    topic: Topic
    target_count: int
    proficient_count: int = 0
    under_way_count: int = 0
    aside_count: int = 0
    here: Target | None = None
    level: Decimal | None = None
    last_on: date | None = None

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


def read_areas(student: Student) -> list[AreaView]:
    """Every topic the student's school uses, area by area, in 4 queries."""
    mastery = {row.topic_id: row for row in TopicMastery.objects.filter(student=student).select_related("here")}
    states = _read_states(student)
    topics = Topic.objects.used_by(student.school_id).select_related("area__framework__scale").in_order()
    targets = Target.objects.current().filter(topic__in=topics)
    counts: Counter[int] = Counter(dict(targets.values_list("topic").annotate(Count("pk"))))
    alike = Counter(title for _pk, title in {(topic.area_id, topic.area.title) for topic in topics})
    areas: dict[int, AreaView] = {}
    for topic in topics:
        area = areas.setdefault(topic.area_id, AreaView(_area_title(topic.area, alike)))
        area.topics.append(_topic_view(topic, counts[topic.pk], mastery.get(topic.pk), states.get(topic.pk, {})))
    return list(areas.values())


def _area_title(area: ContentArea, alike: Counter[str]) -> str:
    return area.title if alike[area.title] == 1 else f"{area.title} ({area.framework.title})"


States = dict[int, tuple[Decimal | None, date | None]]  # target to its level and the day of its newest evidence


def _read_states(student: Student) -> dict[int, States]:
    """The student's levels and days, topic by topic."""
    states: dict[int, States] = defaultdict(dict)
    rows = MasteryState.objects.filter(student=student)
    for topic, target, level, day in rows.values_list("target__topic_id", "target_id", "level", "last_performed_on"):
        states[topic][target] = (level, day)
    return states


def _topic_view(topic: Topic, target_count: int, mastery: TopicMastery | None, states: States) -> TopicView:
    if mastery is None:
        return TopicView(topic, target_count)
    level, _day = states.get(mastery.here_id or 0, (None, None))
    return TopicView(
        topic,
        target_count,
        proficient_count=mastery.proficient_count,
        under_way_count=mastery.under_way_count,
        aside_count=mastery.aside_count,
        here=mastery.here,
        level=level,
        last_on=max((day for _level, day in states.values() if day), default=None),
    )


def find_places(areas: Iterable[AreaView]) -> list[TopicView]:
    """Where there is a target to work on, the topic with the newest evidence first."""
    places = [topic for area in areas for topic in area.started if topic.here]
    return sorted(places, key=lambda place: place.last_on or date.min, reverse=True)


@dataclass(frozen=True)
class Step:
    """A step of the trail: ``state`` is done, here or next."""

    target: Target
    value: Decimal | None
    status: str
    state: str


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


def read_trail(student: Student, topic: Topic) -> Trail:
    """The topic's progression with the student on it, in 3 queries."""
    every = list(Target.objects.filter(topic=topic, part_of__isnull=True).in_order())
    targets = [target for target in every if target.retired_on is None]
    requires = _read_requires(topic)
    asked = {target.pk for target in every}.union(*requires.values())
    states = {row.target_id: row for row in MasteryState.objects.filter(student=student, target__in=asked)}
    stands = {pk: Stand(pk, MasteryStatus(row.status), row.is_proficient) for pk, row in states.items()}
    behind = {pk for pk, stand in stands.items() if stand.is_behind_them}
    here_id = find_place([stands.get(target.pk, Stand(target.pk)) for target in targets], requires, behind)
    steps = [_step(target, states.get(target.pk), here_id) for target in targets]
    ended = [_step(target, states.get(target.pk), None) for target in every if target.retired_on is not None]
    here = next((target for target in targets if target.pk == here_id), None)
    return Trail(steps, here, [step for step in ended if step.value is not None])


def _read_requires(topic: Topic) -> dict[int, set[int]]:
    """Each target of the topic that has prerequisites, to theirs."""
    requires: dict[int, set[int]] = defaultdict(set)
    edges = Prerequisite.objects.filter(target__topic=topic, required__retired_on__isnull=True)
    for target, required in edges.values_list("target_id", "required_id"):
        requires[target].add(required)
    return requires


def _step(target: Target, state: MasteryState | None, here_id: int | None) -> Step:
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
    """The lowest line above the present level; before there is evidence, the one that meets the target."""
    ahead = [one for one in described if (one >= scale.proficient if level is None else one > level)]
    return described[min(ahead)] if ahead else None


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


@dataclass(frozen=True)
class Change:
    """A target on which the student's level is another than two weeks before."""

    target: Target
    before: Decimal | None
    now: Decimal
    was_proficient: bool
    is_proficient: bool
    on: date

    @property
    def is_up(self) -> bool:
        return self.before is None or self.now > self.before

    @property
    def is_first(self) -> bool:
        return self.before is None

    @property
    def is_newly_met(self) -> bool:
        return self.is_proficient and not self.was_proficient


@dataclass(frozen=True)
class Summary:
    """How many changes there are of each kind; each is counted once, in the first that fits."""

    met_count: int
    up_count: int
    first_count: int


def summarize(changes: Iterable[Change]) -> Summary:
    met, up, first = 0, 0, 0
    for change in changes:
        met += change.is_newly_met
        first += change.is_first and not change.is_newly_met
        up += change.is_up and not change.is_first and not change.is_newly_met
    return Summary(met, up, first)


def read_changes(student: Student, day: date) -> list[Change]:
    """What changed in the last two weeks, newest first: the logs as they stood then, against now; in 7 queries.

    A curriculum that changed is no news of the student: what was shown on a target that ended is told of those on
    which it counts now (in 2 queries more), with what it was there before.
    """
    since = end_of_day(day - timedelta(days=DAYS_OF_NEWS), student.district.time_zone)
    news, judged = (
        log.objects.of_students([student.pk]).filter(recorded_at__gte=since).values_list("target_id", flat=True)
        for log in (Assessment, Judgement)
    )
    targets = _read_targets(set(news.union(judged)))
    routes = NO_ROUTES
    if any(target.has_forerunners or target.retired_on for target in targets.values()):
        routes = read_routes(targets)
        targets |= _read_targets({pk for target in targets for pk in routes.onward(target)})
    last = [pk for pk in targets if not routes.onward(pk)]
    logs = read_logs([student.pk], last, routes=routes)
    book = ways_for(student.school_id, day)
    changes = [_change(targets[target], rows, since, book) for (_student, target), rows in logs.items()]
    return sorted((c for c in changes if c is not None), key=lambda change: (change.on, change.target.pk), reverse=True)


def _read_targets(target_ids: Collection[int]) -> dict[int, Target]:
    rows = Target.objects.filter(pk__in=target_ids).select_related("topic__area__framework__scale")
    return {row.pk: row for row in rows.prefetch_related("topic__area__framework__scale__levels")}


def _change(target: Target, logs: Logs, since: datetime, book: WaysBook) -> Change | None:
    ways = book.on(measure_of(target))
    scores, judgements = logs
    before = compute_state(
        [row for row in scores if row.recorded_at < since],
        [row for row in judgements if row.recorded_at < since],
        ways,
    )
    now = compute_state(scores, judgements, ways)
    if now.level is None or now.level == before.level or now.last_performed_on is None:
        return None
    return Change(target, before.level, now.level, before.is_proficient, now.is_proficient, now.last_performed_on)
