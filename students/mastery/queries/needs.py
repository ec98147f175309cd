"""Who needs this today: the students of somebody's groups, by where they stand on a target or in a topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from curriculum.enums import Domain
from curriculum.models import Prerequisite, Target, Topic
from curriculum.querysets import TopicQuerySet
from lpm.people.access import TEACHING_ROLES, in_window
from lpm.people.models import Enrollment, Group, Staffing, Student, User
from lpm.people.policy import Action
from students.mastery.calculations.place import ASIDE
from students.mastery.enums import MasteryStatus, RequestState
from students.mastery.models import Assessment, MasteryState, ReadyRequest, TopicMastery

NOTHING, TOO_LITTLE, ASIDE_KEY, ALL_MET = "none", "little", "aside", "met"


@dataclass(frozen=True)
class Person:
    """``is_ready``: what comes before is behind them, and the target is not. ``has_asked`` to show it."""

    student: Student
    is_ready: bool = False
    has_asked: bool = False


@dataclass(frozen=True)
class Column:
    """Everybody who stands at the same place: a level, a target of the topic, or what ``key`` says."""

    key: str
    people: list[Person]
    level: Decimal | None = None
    target: Target | None = None


@dataclass(frozen=True)
class Needs:
    """The columns from "no evidence yet" upward; ``has_before``: something comes before the target."""

    columns: list[Column]
    has_before: bool = False

    @property
    def people(self) -> list[Person]:
        return [person for column in self.columns for person in column.people]

    @property
    def ready_count(self) -> int:
        return sum(person.is_ready for person in self.people)

    @property
    def asked_count(self) -> int:
        return sum(person.has_asked for person in self.people)

    def of_column(self, key: str) -> list[Student]:
        return [person.student for column in self.columns if column.key == key for person in column.people]


# --- of whom


def groups_for(user: User, day: date) -> Any:
    """The groups in which the person records, without those that meet once; ``is_shared``: a colleague teaches too."""
    others = Staffing.objects.filter(
        in_window(day, school="group__school__"), group=OuterRef("pk"), role__in=TEACHING_ROLES
    ).exclude(user=user)
    rows = Group.objects.visible_to(user, Action.RECORD_MARK, day).filter(seminar__isnull=True)
    return rows.annotate(is_shared=Exists(others)).select_related("school").by_name()


def students_for(user: User, day: date, groups: Collection[Group] | None = None) -> Any:
    """The students for whom the person records, by name: all of them, or those of ``groups``."""
    rows = Student.objects.visible_to(user, Action.RECORD_MARK, day)
    if groups is not None:
        seats = Enrollment.objects.filter(in_window(day, school="group__school__"), group__in=groups)
        rows = rows.filter(pk__in=seats.values("student"))
    return rows.named_for(user).by_name()


def topics_for(groups: Collection[Group]) -> TopicQuerySet[Topic]:
    """What the schools of the groups teach: content alone, since nobody lacks a habit."""
    rows = Topic.objects.none()
    for school in sorted({group.school_id for group in groups}):
        rows = rows | Topic.objects.used_by(school)
    return rows.filter(area__domain=Domain.CONTENT).select_related("area__framework")


def usual_topic(user: User, topics: TopicQuerySet[Topic]) -> Topic | None:
    """The one in which the person last recorded something, else the first; in at most 2 queries."""
    newest = Assessment.objects.filter(recorder=user).order_by("-recorded_at").values("target__topic_id")[:1]
    return topics.filter(pk__in=newest).first() or topics.in_order().first()


# --- where they stand


def read_needs(students: Any, topic: Topic, target: Target | None) -> Needs:
    """On the target, in 4 queries; without one in the topic, in 3. ``students`` is a queryset."""
    people = list(students)
    return _on_target(people, target) if target else _in_topic(people, topic)


def _on_target(people: Sequence[Student], target: Target) -> Needs:
    required = set(
        Prerequisite.objects.filter(target=target, required__retired_on__isnull=True).values_list(
            "required_id", flat=True
        )
    )
    states = _read_states(people, {target.pk, *required})
    asked = set(
        ReadyRequest.objects.filter(student__in=people, target=target, state=RequestState.WAITING).values_list(
            "student_id", flat=True
        )
    )
    places: dict[tuple[int, str, Decimal | None], list[Person]] = defaultdict(list)
    for student in people:
        known = states[student.pk]
        own = known.get(target.pk)
        behind = {pk for pk, state in known.items() if state.is_behind}
        is_ready = bool(required) and target.pk not in behind and required <= behind
        places[_place(own)].append(Person(student, is_ready, student.pk in asked))
    columns = [
        Column(key, found, level)
        for (_order, key, level), found in sorted(places.items(), key=lambda place: (place[0][0], place[0][2] or 0))
    ]
    return Needs(columns, bool(required))


@dataclass(frozen=True)
class _Stand:
    status: str
    level: Decimal | None
    is_proficient: bool

    @property
    def is_behind(self) -> bool:
        return self.is_proficient or self.status in ASIDE


def _read_states(people: Sequence[Student], targets: Collection[int]) -> Mapping[int, dict[int, _Stand]]:
    rows = MasteryState.objects.filter(student__in=people, target__in=targets)
    found: dict[int, dict[int, _Stand]] = defaultdict(dict)
    fields = ("student_id", "target_id", "status", "level", "is_proficient")
    for student, target, status, level, is_proficient in rows.values_list(*fields):
        found[student][target] = _Stand(status, level, is_proficient)
    return found


def _place(stand: _Stand | None) -> tuple[int, str, Decimal | None]:
    """In which column somebody is: its place in the order, its key, its level."""
    if stand is None or stand.status in {MasteryStatus.NOT_STARTED, MasteryStatus.NO_EVIDENCE}:
        return (0, NOTHING, None)
    if stand.status == MasteryStatus.INSUFFICIENT:
        return (1, TOO_LITTLE, None)
    if stand.level is None:
        return (3, ASIDE_KEY, None)
    return (2, f"{stand.level:.2f}", stand.level)


def _in_topic(people: Sequence[Student], topic: Topic) -> Needs:
    targets = {row.pk: row for row in Target.objects.filter(topic=topic).current().in_order()}
    rows = TopicMastery.objects.filter(topic=topic, student__in=people)
    here = dict(rows.values_list("student_id", "here_id"))
    places: dict[int | None, list[Person]] = defaultdict(list)
    before: list[Person] = []
    for student in people:
        at = here.get(student.pk, 0)
        (places[at] if at is None or at in targets else before).append(Person(student))
    columns = [Column(NOTHING, before)] if before else []
    columns += [Column(str(row.uuid), places[pk], target=row) for pk, row in targets.items() if pk in places]
    return Needs([*columns, Column(ALL_MET, places[None])] if None in places else columns)
