"""What a reader sees of a student's record: all of it at once, or what was released to them by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from lpm.lib.dates import end_of_day, school_day
from lpm.people.models import Student, User
from lpm.people.policy import Action
from lpm.people.queries.calendar import SchoolCalendar, calendar_of
from students.mastery.calculations import Cell, Logs, Routes, State, Ways, compute_state, follow
from students.mastery.calculations.release import hold_back, is_decided
from students.mastery.enums import AssessmentKind, MasteryStatus
from students.mastery.models import MasterySettings, MasteryState
from students.mastery.queries.derive import STATE_FIELDS, read_rows
from students.mastery.queries.routes import read_routes
from students.mastery.queries.ways import Measure, WaysBook, read_measures, ways_for

LONGEST_BREAK = timedelta(days=400)
RULES = ("student_minutes", "family_hour", "recency_days", "shows_topic_levels")


class Reader(StrEnum):
    STAFF = "staff"
    STUDENT = "student"
    FAMILY = "family"


@dataclass(frozen=True)
class Mornings:
    """The hour of the school mornings on which families get news, where the school is."""

    calendar: SchoolCalendar
    hour: int
    zone: ZoneInfo

    def between(self, first: date, until: datetime) -> list[datetime]:
        """From the day ``first`` to the moment ``until``, oldest first.

        Between school years, and where nobody entered any, there is news on the weekdays on which there would be
        school: nothing waits for a whole summer.
        """
        last = until.astimezone(self.zone).date()
        days = {*self.calendar.days(first, last), *self._days_between_years(first, last)}
        mornings = (datetime.combine(day, time(self.hour), self.zone) for day in sorted(days))
        return [morning for morning in mornings if morning <= until]

    def _days_between_years(self, first: date, last: date) -> list[date]:
        always = replace(self.calendar, years=[(first, last)])
        return [day for day in always.days(first, last) if not self._is_in_a_year(day)]

    def _is_in_a_year(self, day: date) -> bool:
        return any(begin <= day <= end for begin, end in self.calendar.years)

    def last(self, now: datetime) -> datetime:
        first = (now - LONGEST_BREAK).astimezone(self.zone).date()
        return max(self.between(first, now), default=now - LONGEST_BREAK)


@dataclass(frozen=True)
class Looks:
    """What the school decided about how levels are looked at; see ``MasterySettings``."""

    recency_days: int | None = None
    shows_topic_levels: bool = False


@dataclass(frozen=True)
class Sight:
    """How much of one student's record a reader sees. Made by ``sight_of`` alone.

    Rows recorded before ``until`` (None: all). A row taken back within ``grace`` was never there. ``mornings`` are
    those of a family. ``stood_on`` is a past day whose record is asked for, ``before`` the moment at its end:
    methods, scales and curriculum are those of then. ``day`` is whose rules hold.
    """

    reader: Reader
    day: date
    until: datetime | None = None
    grace: timedelta = timedelta()
    mornings: Mornings | None = field(default=None, compare=False)
    stood_on: date | None = None
    before: datetime | None = None
    looks: Looks = Looks()

    @property
    def is_staff(self) -> bool:
        return self.reader == Reader.STAFF

    def on(self, day: date, time_zone: str) -> Sight:
        """The same reader, on the record as it stood at the end of a past ``day``: never more than they see now."""
        before = end_of_day(day, time_zone)
        until = before if self.until is None else min(self.until, before)
        return replace(self, day=day, until=until, stood_on=day, before=before)

    def known_until(self, moment: datetime) -> datetime:
        """Up to when the reader knew the record at a past ``moment``: what was recorded later was new to them since."""
        return self.mornings.last(moment) if self.mornings else moment - self.grace

    def assessments(self) -> Q:
        """The rows of that log: what a substitute noted is not the student's or the family's to read yet, and what
        students said of themselves they see at once."""
        rows = self.judgements()
        if self.reader == Reader.STUDENT:
            own = Q(kind=AssessmentKind.SELF)
            rows |= own if self.before is None else own & Q(recorded_at__lt=self.before)
        return rows if self.is_staff else rows & ~Q(kind=AssessmentKind.OFFERED)

    def judgements(self) -> Q:
        """The rows of the other logs."""
        if self.until is None:
            return Q()
        rows = Q(recorded_at__lt=self.until)
        if self.grace:
            rows |= Q(voids__recorded_at__gt=F("recorded_at") - self.grace, voids__recorded_at__lt=self.until)
        return rows

    def released(self, logs: Logs, ways: Ways) -> Logs:
        """What of the rows is shown: a level that falls waits for a teacher before a family reads it."""
        scores, judgements = logs
        if self.mornings is None or self.until is None or not (scores or judgements):
            return logs
        state = compute_state(scores, judgements, ways)
        if state.level is None or is_decided(state):
            return logs
        first = min([*(row.recorded_at for row in scores), *(row.recorded_at for row in judgements)])
        begin = school_day(self.mornings.zone.key, first)
        return hold_back(scores, judgements, ways, self.mornings.between(begin, self.until))

    def is_ready(self, state: MasteryState) -> bool:
        """Whether the stored state is what the reader sees; else it is made from the rows."""
        if self.is_staff and self.until is None:
            return True
        if self.until is None or self.before or state.changed_at is None or state.changed_at >= self.until:
            return False
        if state.status == MasteryStatus.NO_EVIDENCE:
            return False  # it may rest on what a substitute noted
        may_have_fallen = state.status == MasteryStatus.LEVEL and (state.judged is None or state.is_automatic)
        return self.mornings is None or not may_have_fallen or state.score_count < 2


def sight_of(user: User, student: Student, day: date, now: datetime) -> Sight:
    """What ``user`` sees of the student (with the school) at the moment ``now``: whoever may read what the staff
    says sees all at once; the student, and everybody else as a family, later. 2 queries, 5 for a family.
    """
    rules = {**MasterySettings.DEFAULTS, **MasterySettings.objects.in_force(student.school_id, day, *RULES)}
    looks = Looks(rules["recency_days"], rules["shows_topic_levels"])
    if Student.objects.visible_to(user, Action.VIEW_STAFF_NOTES, day).filter(pk=student.pk).exists():
        return Sight(Reader.STAFF, day, looks=looks)
    if student.user_id == user.pk:
        wait = timedelta(minutes=rules["student_minutes"])
        return Sight(Reader.STUDENT, day, until=now - wait, grace=wait, looks=looks)
    return _family_sight(student, day, now, rules["family_hour"], looks)


def family_sight(student: Student, day: date, now: datetime) -> Sight:
    """What a family sees of every student of the school (it comes with the student); 4 queries."""
    rules = {**MasterySettings.DEFAULTS, **MasterySettings.objects.in_force(student.school_id, day, *RULES)}
    looks = Looks(rules["recency_days"], rules["shows_topic_levels"])
    return _family_sight(student, day, now, rules["family_hour"], looks)


def _family_sight(student: Student, day: date, now: datetime, hour: int, looks: Looks) -> Sight:
    mornings = Mornings(calendar_of(student.school), hour, ZoneInfo(student.school.time_zone))
    return Sight(Reader.FAMILY, day, until=mornings.last(now), mornings=mornings, looks=looks)


@dataclass(frozen=True)
class SeenCell:
    """One target as a reader sees it: the rows that count there, by which method and scale, and what they make."""

    logs: Logs
    ways: Ways
    state: State


def read_seen_states(student: Student, sight: Sight, target_ids: Collection[int] | None = None) -> dict[int, State]:
    """The student's states as the reader sees them, by target (of those named, if any).

    1 query where everything was released; 5 more for what is younger, 7 for what was asked for as of a past day.
    """
    if sight.before:
        return {pk: cell.state for pk, cell in read_seen_cells(student, sight, target_ids).items()}
    return read_seen_states_of([student.pk], student.school_id, sight, target_ids)[student.pk]


def read_seen_states_of(
    student_ids: Collection[int], school_id: int, sight: Sight, target_ids: Collection[int] | None = None
) -> dict[int, dict[int, State]]:
    """As ``read_seen_states`` of today, for each of these students of a school: one reader sees them all alike.

    1 query where everything was released, 5 more for what is younger, however many students there are.
    """
    rows = MasteryState.objects.filter(student__in=student_ids)
    states: dict[int, dict[int, State]] = {pk: {} for pk in student_ids}
    waiting: set[Cell] = set()
    for row in rows if target_ids is None else rows.filter(target__in=target_ids):
        if sight.is_ready(row):
            states[row.student_id][row.target_id] = stored_state(row)
        else:
            waiting.add((row.student_id, row.target_id))
    for (student, target), state in _read_waiting(waiting, school_id, sight).items():
        states[student][target] = state
    return states


def _read_waiting(waiting: Collection[Cell], school_id: int, sight: Sight) -> dict[Cell, State]:
    """From the rows alone, as ``read_seen_cells`` makes them; in 5 queries."""
    if not waiting:
        return {}
    targets = {target for _student, target in waiting}
    routes = read_routes(targets)
    wanted = Q(target__in=routes.with_sources(targets))
    scores, judgements = sight.assessments() & wanted, sight.judgements() & wanted
    rows = read_rows({student for student, _target in waiting}, scores, judgements)
    book = ways_for(school_id, sight.day)
    logs: dict[int, dict[int, Logs]] = defaultdict(dict)
    for (student, target), counting in follow(rows, routes, targets).items():
        if (student, target) in waiting:
            logs[student][target] = counting
    measures = read_measures({target for of_student in logs.values() for target in of_student})
    return {
        (student, target): cell.state
        for student, of_student in logs.items()
        for target, cell in seen_cells(of_student, book, sight, measures).items()
    }


def stored_state(row: MasteryState) -> State:
    """Of a row whose state is what the reader sees: see ``Sight.is_ready``."""
    values = {name: getattr(row, name) for name in STATE_FIELDS}
    return State(**{**values, "status": MasteryStatus(row.status)})


def read_seen_cells(
    student: Student, sight: Sight, target_ids: Collection[int] | None = None, *, routes: Routes | None = None
) -> dict[int, SeenCell]:
    """From the rows alone, by target: those on which something that the reader sees counts. 7 queries."""
    logs = read_seen_logs(student, sight, target_ids, routes=routes)
    book = ways_for(student.school_id, sight.day, sight.before)
    return seen_cells(logs, book, sight)


def seen_cells(
    logs: Mapping[int, Logs], book: WaysBook, sight: Sight, measures: Mapping[int, Measure] | None = None
) -> dict[int, SeenCell]:
    """``measures`` of the targets are read, in 1 query, where nobody has read them."""
    measures = read_measures(logs) if measures is None else measures
    cells: dict[int, SeenCell] = {}
    for target, rows in logs.items():
        ways = book.on(measures[target])
        shown = sight.released(rows, ways)
        cells[target] = SeenCell(shown, ways, compute_state(*shown, ways))
    return cells


def read_seen_logs(
    student: Student, sight: Sight, target_ids: Collection[int] | None = None, *, routes: Routes | None = None
) -> dict[int, Logs]:
    """The rows released to the reader, by the target on which they count; 3 queries.

    What a falling level holds back is still there: see ``Sight.released``.
    """
    scores, judgements = sight.assessments(), sight.judgements()
    if target_ids is not None:
        routes = read_routes(target_ids, sight.before) if routes is None else routes
        wanted = Q(target__in=routes.with_sources(target_ids))
        scores, judgements = scores & wanted, judgements & wanted
    rows = read_rows([student.pk], scores, judgements)
    if routes is None:
        routes = read_routes({target for _student, target in rows}, sight.before)
    return {target: logs for (_student, target), logs in follow(rows, routes, target_ids).items()}
