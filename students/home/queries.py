"""A student's own pages: where am I, what is next, what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from django.utils.translation import get_language

from curriculum.models import ContentArea, Target, Topic
from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import JudgementRow, ScoreRow, compute_state
from students.mastery.enums import MasteryStatus
from students.mastery.models import MasteryState, TopicMastery
from students.mastery.queries import Choice, TargetRecord, method_for, read_logs, scale_range

DAYS_OF_NEWS = 14
SET_ASIDE = {MasteryStatus.EXCUSED, MasteryStatus.ASSUMED}


@dataclass(frozen=True)
class TopicView:
    """A topic as a student stands in it; ``here`` is the target to work on, None when all are met.

    ``level`` is the one at ``here``; ``last_on`` the day of the newest evidence in the topic.
    """

    topic: Topic
    target_count: int
    proficient_count: int = 0
    under_way_count: int = 0
    here: Target | None = None
    level: Decimal | None = None
    last_on: date | None = None
    is_started: bool = False

    @property
    def is_finished(self) -> bool:
        return self.is_started and self.here is None


@dataclass
class AreaView:
    """``title`` names the framework too, where two areas of the school are called alike."""

    title: str
    topics: list[TopicView] = field(default_factory=list)

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
    topics = Topic.objects.used_by(student.school_id).select_related("area__framework").in_order()
    counts = Counter(Target.objects.current().filter(topic__in=topics).values_list("topic_id", flat=True))
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
        here=mastery.here,
        level=level,
        last_on=max((day for _level, day in states.values() if day), default=None),
        is_started=True,
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
    steps: list[Step]
    here: Target | None

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


def read_trail(student: Student, topic: Topic) -> Trail:
    """The topic's progression with the student on it, in 3 queries."""
    targets = list(Target.objects.filter(topic=topic).current().in_order())
    states = {row.target_id: row for row in MasteryState.objects.filter(student=student, target__topic=topic)}
    mastery = TopicMastery.objects.filter(student=student, topic=topic).first()
    here_id = mastery.here_id if mastery else next((target.pk for target in targets), None)
    steps = [_step(target, states.get(target.pk), here_id) for target in targets]
    return Trail(steps, next((target for target in targets if target.pk == here_id), None))


def _step(target: Target, state: MasteryState | None, here_id: int | None) -> Step:
    if target.pk == here_id:
        place = "here"
    elif state is not None and (state.is_proficient or state.status in SET_ASIDE):
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
    """The next level of the scoring guide to show; None when the target is met or set aside."""
    if record.state.is_proficient or record.state.status in SET_ASIDE:
        return None
    described = [choice for choice in reversed(record.guide.choices) if not choice.is_half]
    level = record.state.level
    if level is None:
        proficient = record.target.topic.area.framework.scale.proficient
        return next((choice for choice in described if choice.level >= proficient), None)
    return next((choice for choice in described if choice.level > level), None)


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
    """What changed in the last two weeks, newest first: the logs as they stood then, against now; in 4 queries."""
    since = end_of_day(day - timedelta(days=DAYS_OF_NEWS), student.district.time_zone)
    touched = {
        cell[1]: logs
        for cell, logs in read_logs([student.pk]).items()
        if any(row.recorded_at >= since for row in _all(logs))
    }
    targets = Target.objects.filter(pk__in=touched).select_related("topic__area__framework__scale")
    choice = method_for(student.school_id, day)
    changes = [_change(target, touched[target.pk], since, choice) for target in targets]
    return sorted((c for c in changes if c is not None), key=lambda change: (change.on, change.target.pk), reverse=True)


Logs = tuple[list[ScoreRow], list[JudgementRow]]


def _all(logs: Logs) -> Iterable[ScoreRow | JudgementRow]:
    return [*logs[0], *logs[1]]


def _change(target: Target, logs: Logs, since: datetime, choice: Any) -> Change | None:
    ways = choice.on(scale_range(target.topic.area.framework.scale))
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
