"""The week of several children at once, for their family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.home.queries.record import content_targets
from students.mastery.calculations import follow
from students.mastery.calculations.place import UNTOUCHED
from students.mastery.models import MasteryState
from students.mastery.queries import Change, Sight, Summary, measure_of, read_routes, summarize, ways_for
from students.mastery.queries.changes import change_of
from students.mastery.queries.derive import read_rows
from students.mastery.queries.routes import NO_ROUTES
from students.mastery.queries.seen import family_sight

DAYS = 7


@dataclass(frozen=True)
class Week:
    """What a family reads of a child beside another: in counts. ``is_started``: there is anything in the record."""

    student: Student
    summary: Summary
    is_started: bool


def start_of_week(day: date, time_zone: str, days: int = DAYS) -> datetime:
    """The beginning of the last seven days, ``day`` among them."""
    return end_of_day(day - timedelta(days=days), time_zone)


def read_weeks(students: Sequence[Student], day: date, now: datetime, known: Mapping[int, Sight]) -> list[Week]:
    """As the family of the students (each with the school) sees them, whatever else the reader is. ``known`` is what
    families of a school see, where that was read. In 5 queries for a school, 1 more where what was shown on other
    targets counts, and 4 more where it is not known."""
    changed = _read_changed(students)
    weeks: dict[int, Week] = {}
    for school, children in _by_school(students).items():
        sight = known.get(school) or family_sight(children[0], day, now)
        weeks |= _weeks_of_school(children, changed, sight)
    return [weeks[student.pk] for student in students]


@dataclass(frozen=True)
class _Newest:
    """Of a student on a target: when the newest row was recorded, and whether anything stands there."""

    at: datetime | None
    is_started: bool


Changed = Mapping[int, Mapping[int, _Newest]]  # student, then target


def _read_changed(students: Sequence[Student]) -> Changed:
    changed: dict[int, dict[int, _Newest]] = defaultdict(dict)
    rows = MasteryState.objects.filter(student__in=students)
    for student, target, at, status in rows.values_list("student_id", "target_id", "changed_at", "status"):
        changed[student][target] = _Newest(at, status not in UNTOUCHED)
    return changed


def _by_school(students: Iterable[Student]) -> dict[int, list[Student]]:
    schools: dict[int, list[Student]] = defaultdict(list)
    for student in students:
        schools[student.school_id].append(student)
    return schools


def _weeks_of_school(students: Sequence[Student], changed: Changed, sight: Sight) -> dict[int, Week]:
    since = sight.known_until(start_of_week(sight.day, students[0].school.time_zone))
    changes = _changes(students, changed, since, sight)
    return {
        student.pk: Week(student, summarize(changes[student.pk]), _is_started(changed.get(student.pk, {}), sight))
        for student in students
    }


def _is_started(changed: Mapping[int, _Newest], sight: Sight) -> bool:
    """Whether the family sees anything by now."""
    rows = [row for row in changed.values() if row.is_started]
    return any(row.at is None or sight.until is None or row.at < sight.until for row in rows)


def _changes(students: Sequence[Student], changed: Changed, since: datetime, sight: Sight) -> dict[int, list[Change]]:
    news = {
        (student.pk, target)
        for student in students
        for target, row in changed.get(student.pk, {}).items()
        if row.at is not None and row.at >= since
    }
    found: dict[int, list[Change]] = defaultdict(list)
    targets = {row.pk: row for row in content_targets({target for _student, target in news})}
    if not targets:
        return found
    is_revised = any(target.has_forerunners or target.retired_on for target in targets.values())
    routes = read_routes(targets, sight.before) if is_revised else NO_ROUTES
    last = {pk for pk in targets if not routes.onward(pk)}
    wanted = Q(target__in=routes.with_sources(last))
    pks = [student.pk for student in students]
    logs = follow(read_rows(pks, sight.assessments() & wanted, sight.judgements() & wanted), routes, last)
    book = ways_for(students[0].school_id, sight.day, sight.before)
    for student, target in sorted(news & logs.keys()):
        one = targets[target]
        change = change_of(one, logs[student, target], since, book.on(measure_of(one)), sight)
        found[student] += [change] if change else []
    return found
