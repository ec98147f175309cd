"""Who is told of what happened to a student's record, and when they may know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from curriculum.models import Topic
from lpm.lib.dates import school_day
from lpm.people.access import TEACHING_ROLES, in_force
from lpm.people.enums import Part
from lpm.people.models import Group, Organization, Student, User
from lpm.people.queries.calendar import calendar_of
from lpm.people.queries.privacy import seeing_guardianships
from students.mastery.calculations import State
from students.mastery.enums import AssessmentKind, JudgementKind, RequestState
from students.mastery.models import Assessment, Judgement, MasterySettings, ReadyRequest
from students.mastery.queries.seen import Mornings, Sight, family_sight, read_seen_states_of

CAUGHT_UP = timedelta(hours=26)  # what no worker told of for longer stands on the page alone
AT_ONCE = 200  # students whose record is in memory at a time
MORNINGS_BACK = timedelta(days=60)  # longer than any closure within a school year
SAID = [JudgementKind.CONFIRMED, JudgementKind.SET]


def teachers_of(student: Student, day: date) -> list[User]:
    """Those who teach the student today, each once; in 1 query."""
    groups = Group.objects.filter(in_force(day), in_force(day, "enrollments__"), enrollments__student=student)
    teaching = User.objects.filter(
        in_force(day, "staffing__"), staffing__role__in=TEACHING_ROLES, staffing__group__in=groups, is_active=True
    )
    return list(teaching.distinct().order_by("pk"))


@dataclass(frozen=True)
class News:
    """A level that a student sees since lately: on which topic, and the school's day on which it was recorded."""

    student: Student
    topic: Topic
    day: date


@dataclass(frozen=True)
class FamilyNews:
    """A guardian reads something new of a student since the morning."""

    guardian: User
    student: Student
    morning: date


def read_news(school: Organization, now: datetime) -> list[News]:
    """What students of the school see since lately; in 5 queries. What was taken back in time was never there."""
    if Part.STUDENTS not in school.parts:
        return []
    until = now - timedelta(minutes=_rules(school, now)["student_minutes"])
    cells: set[tuple[int, int, date]] = set()
    for rows in _released(school, until - CAUGHT_UP, until):
        found = rows.filter(student__user__isnull=False, target__retired_on=None)
        for student, topic, at in found.values_list("student_id", "target__topic_id", "recorded_at"):
            cells.add((student, topic, school_day(school.time_zone, at)))
    students = Student.objects.select_related("user").in_bulk({student for student, _topic, _day in cells})
    topics = Topic.objects.in_bulk({topic for _student, topic, _day in cells})
    return [News(students[student], topics[topic], day) for student, topic, day in sorted(cells)]


def read_answers(school: Organization, now: datetime) -> list[ReadyRequest]:
    """What teachers answered and the students may know since lately; in 2 queries."""
    until = now - timedelta(minutes=_rules(school, now)["student_minutes"])
    rows = ReadyRequest.objects.filter(
        state=RequestState.ANSWERED,
        answered_at__gte=until - CAUGHT_UP,
        answered_at__lt=until,
        answer__voided_by=None,
        student__school=school,
        student__user__isnull=False,
    )
    return list(rows.select_related("student__user", "target", "answered_by").order_by("pk"))


def read_family_news(school: Organization, now: datetime, told: Iterable[tuple[int, str]] = ()) -> list[FamilyNews]:
    """What guardians of students of the school read since this morning, or the one before, and were not ``told``."""
    mornings = _mornings(school, now)
    known, found = set(told), []
    for before, morning in list(pairwise(mornings))[-2:]:
        students, decided = _touched(school, before, morning)
        day = school_day(school.time_zone, morning)
        new = [
            (guardian, child)
            for guardian, child in _guarded(students, school_day(school.time_zone, now))
            if (guardian.pk, family_key(child, day)) not in known
        ]
        waiting = {child.pk: child for _guardian, child in new if child.pk not in decided}
        shown = decided | _shown(list(waiting.values()), day, before, morning)
        found += [FamilyNews(guardian, child, day) for guardian, child in new if child.pk in shown]
    return found


def family_key(student: Student, morning: date) -> str:
    return f"{student.uuid}:{morning}"


def _rules(school: Organization, now: datetime) -> dict[str, int]:
    day = school_day(school.time_zone, now)
    said = MasterySettings.objects.in_force(school.pk, day, "student_minutes", "family_hour")
    return {**MasterySettings.DEFAULTS, **said}


def _mornings(school: Organization, now: datetime) -> Sequence[datetime]:
    if Part.FAMILIES not in school.parts:
        return []
    mornings = Mornings(calendar_of(school), _rules(school, now)["family_hour"], ZoneInfo(school.time_zone))
    return mornings.between(school_day(school.time_zone, now - MORNINGS_BACK), now)


def _released(school: Organization, since: datetime, until: datetime) -> list[Any]:
    """What teachers recorded from ``since`` to ``until`` and did not take back; from both logs."""
    rows = Q(recorded_at__gte=since, recorded_at__lt=until, voided_by=None)
    rows &= Q(student__school=school, student__merged_into=None)
    return [
        Assessment.objects.filter(rows, kind=AssessmentKind.SCORE),
        Judgement.objects.filter(rows, kind__in=SAID),
    ]


def _touched(school: Organization, since: datetime, until: datetime) -> tuple[set[int], set[int]]:
    """The students with something new, and those of whom a teacher decided something: that does not wait."""
    scored, decided = (set(rows.values_list("student_id", flat=True)) for rows in _released(school, since, until))
    return scored | decided, decided


def _guarded(students: set[int], day: date) -> list[tuple[User, Student]]:
    """Who may read of which of the students as a guardian; in 1 query."""
    rows = seeing_guardianships(day).filter(student__in=students).select_related("guardian", "student__school")
    pairs = {(row.guardian_id, row.student_id): (row.guardian, row.student) for row in rows}
    return [pairs[key] for key in sorted(pairs)]


def _shown(students: Sequence[Student], day: date, before: datetime, morning: datetime) -> set[int]:
    """Those of the school's students of whom the pages say something else than the morning before: a level that falls
    may still wait. In 8 queries, and 12 at most for each AT_ONCE students."""
    if not students:
        return set()
    now, then = (family_sight(students[0], day, moment) for moment in (morning, before))
    found: set[int] = set()
    for begin in range(0, len(students), AT_ONCE):
        pks = [student.pk for student in students[begin : begin + AT_ONCE]]
        new, old = (_read_shown(pks, students[0].school_id, sight) for sight in (now, then))
        found |= {pk for pk in pks if new[pk] != old[pk]}
    return found


def _read_shown(student_ids: Sequence[int], school_id: int, sight: Sight) -> dict[int, dict[int, object]]:
    """What the pages say of each student's targets, where anything was recorded."""

    def said(states: Mapping[int, State]) -> dict[int, object]:
        return {pk: (one.status, one.level, one.score_count) for pk, one in states.items() if one.score_count}

    seen = read_seen_states_of(student_ids, school_id, sight)
    return {student: said(states) for student, states in seen.items()}
