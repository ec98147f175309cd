"""What a week's letter tells of a child, as the family sees the record; read for many children at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from curriculum.enums import Domain
from curriculum.models import Prerequisite, Target, Topic
from lpm.people.models import Student
from students.letters.calculations import WEEK
from students.mastery.calculations import Cell, Logs, State, Ways, compute_state, find_place, follow
from students.mastery.calculations import Step as Stand
from students.mastery.calculations.state import ScoreRow, counted_of, standing
from students.mastery.calculations.why import is_due_another_look
from students.mastery.enums import RequestState
from students.mastery.models import Assessment, Judgement, MasteryState, ReadyRequest, Remark
from students.mastery.queries import Measure, Sight, read_measures, read_routes, ways_for
from students.mastery.queries.derive import read_rows
from students.mastery.queries.seen import family_sight, stored_state
from students.mastery.queries.words import Words, read_translations, words_of

States = dict[int, dict[int, State]]  # by student and target


@dataclass(frozen=True)
class Moved:
    """A target on which the child stands otherwise than the family read a week before."""

    target_id: int
    before: State
    now: State

    @property
    def is_newly_met(self) -> bool:
        return self.now.is_proficient and not self.before.is_proficient

    @property
    def is_first(self) -> bool:
        return self.before.level is None

    @property
    def is_up(self) -> bool:
        return self.before.level is None or (self.now.level is not None and self.now.level > self.before.level)


@dataclass(frozen=True)
class Shown:
    """A piece of work; ``words`` are what a teacher wrote about it for the family, ``by`` whom."""

    target_id: int
    on: date
    is_met: bool
    words: Words | None = None
    by: str = ""


@dataclass(frozen=True)
class Returned:
    """A teacher asked for something before the next try on the target, and nobody asked to show it again since."""

    target_id: int
    words: Words
    by: str


@dataclass(frozen=True)
class Learning:
    """The week of one child. ``here`` is the target at hand in the topic with the newest evidence, which is of
    ``last_on``; ``due_count`` how many proficient targets were left alone for long."""

    student: Student
    moved: list[Moved] = field(default_factory=list)
    here: int | None = None
    last_on: date | None = None
    due_count: int = 0
    returned: Returned | None = None
    work: Shown | None = None

    @property
    def is_started(self) -> bool:
        return self.last_on is not None or self.here is not None

    @property
    def target_ids(self) -> set[int]:
        found = {one.target_id for one in self.moved} | {self.here}
        found |= {one.target_id for one in (self.returned, self.work) if one}
        return {pk for pk in found if pk is not None}


def read_learning(students: Iterable[Student], day: date, now: datetime) -> dict[int, Learning]:
    """By student; they come with their schools. For each school in at most 18 queries, however many they are."""
    of_school: dict[int, list[Student]] = defaultdict(list)
    for student in students:
        of_school[student.school_id].append(student)
    found: dict[int, Learning] = {}
    for rows in of_school.values():
        found |= _read_at_school(rows, day, now)
    return found


@dataclass(frozen=True)
class _Week:
    """What a family read until ``before`` and reads ``now``, and which rows came between."""

    school_id: int
    pks: list[int]
    now: Sight
    before: Sight
    scores: Mapping[Cell, list[ScoreRow]]
    touched: frozenset[Cell]

    @property
    def since(self) -> datetime:
        assert self.before.until is not None
        return self.before.until

    @property
    def until(self) -> datetime:
        assert self.now.until is not None
        return self.now.until


def _read_at_school(students: list[Student], day: date, now: datetime) -> dict[int, Learning]:
    week = _read_week(students, day, now)
    states, waiting = _read_states(week)
    cells = _read_cells(week, waiting)
    for (student, target), cell in cells.items():
        if (student, target) in waiting:
            states[student][target] = cell.state
    moved = _moved(week, cells)
    places = _read_places(week.school_id, states)
    answers = _read_answers(week)
    works = _read_works(week, cells, answers)
    return {
        student.pk: Learning(
            student,
            moved=moved[student.pk],
            due_count=places.count_due(states[student.pk], week.now),
            returned=_returned(answers, student.pk),
            work=works.get(student.pk),
            **places.find(states[student.pk]),
        )
        for student in students
    }


def _read_week(students: list[Student], day: date, now: datetime) -> _Week:
    sight = family_sight(students[0], day, now)
    assert sight.mornings is not None
    before = replace(sight, until=sight.mornings.last(now - WEEK))
    pks = [student.pk for student in students]
    since = Q(recorded_at__gte=before.until)
    scores: dict[Cell, list[ScoreRow]] = defaultdict(list)
    for student, target, row in Assessment.objects.of_students(pks).filter(sight.assessments(), since).rows():
        scores[student, target].append(row)
    judged = Judgement.objects.of_students(pks).filter(sight.judgements(), since).rows()
    touched = frozenset({*scores, *((student, target) for student, target, _row in judged)})
    return _Week(students[0].school_id, pks, sight, before, scores, touched)


def _read_states(week: _Week) -> tuple[States, set[Cell]]:
    """What is stored and as the family reads it; and where it has to be made from the rows."""
    states: States = defaultdict(dict)
    waiting: set[Cell] = set()
    for row in MasteryState.objects.filter(student__in=week.pks):
        if week.now.is_ready(row):
            states[row.student_id][row.target_id] = stored_state(row)
        else:
            waiting.add((row.student_id, row.target_id))
    return states, waiting


@dataclass(frozen=True)
class _Seen:
    logs: Logs  # what the family is shown
    rows: Logs  # and what was recorded by then
    ways: Ways
    state: State
    measure: Measure


def _read_cells(week: _Week, waiting: Collection[Cell]) -> dict[Cell, _Seen]:
    """Those that wait, and those in which something happened, made from the rows; rows stand where they count now."""
    targets = {target for _student, target in (*waiting, *week.touched)}
    if not targets:
        return {}
    routes = read_routes(targets)
    targets = targets.union(*(routes.onward(pk) for pk in targets))
    last = {pk for pk in targets if not routes.onward(pk)}
    wanted = Q(target__in=routes.with_sources(last))
    rows = read_rows(week.pks, week.now.assessments() & wanted, week.now.judgements() & wanted)
    book = ways_for(week.school_id, week.now.day)
    measures = read_measures(last)
    found: dict[Cell, _Seen] = {}
    for cell, logs in follow(rows, routes, last).items():
        ways = book.on(measures[cell[1]])
        shown = week.now.released(logs, ways)
        found[cell] = _Seen(shown, logs, ways, compute_state(*shown, ways), measures[cell[1]])
    return found


def _moved(week: _Week, cells: Mapping[Cell, _Seen]) -> dict[int, list[Moved]]:
    """Of content: habits and reasoning are told apart. The newest first."""
    found: dict[int, list[Moved]] = defaultdict(list)
    for (student, target), cell in cells.items():
        if cell.measure.is_strand or not _is_news(cell.rows, week):
            continue
        before = compute_state(*week.before.released(_recorded_before(cell.rows, week.since), cell.ways), cell.ways)
        if cell.state.level is not None and cell.state.level != before.level:
            found[student].append(Moved(target, before, cell.state))
    for rows in found.values():
        rows.sort(key=lambda one: (one.now.last_performed_on or date.min, one.target_id), reverse=True)
    return found


def _is_news(logs: Logs, week: _Week) -> bool:
    return any(row.recorded_at >= week.since for rows in logs for row in rows)


def _recorded_before(logs: Logs, moment: datetime) -> Logs:
    scores, judgements = logs
    return [row for row in scores if row.recorded_at < moment], [row for row in judgements if row.recorded_at < moment]


# Where the child is


@dataclass(frozen=True)
class _Places:
    """The progressions of the topics in which anybody has begun, and what their targets require."""

    progressions: Mapping[int, list[int]]
    requires: Mapping[int, set[int]]

    def find(self, states: Mapping[int, State]) -> dict[str, Any]:
        """``here`` and ``last_on`` of one child."""
        behind = {pk for pk in states if _stand(pk, states).is_behind_them}
        begun = [targets for targets in self.progressions.values() if any(pk in states for pk in targets)]
        places = [(_last_on(targets, states), self._here(targets, states, behind)) for targets in begun]
        newest = max((on for on, _here in places), default=date.min)
        opened = [(on, here) for on, here in places if here is not None]
        here = max(opened, default=(date.min, None), key=lambda place: (place[0], -(place[1] or 0)))[1]
        return {"here": here, "last_on": None if newest == date.min else newest}

    def _here(self, targets: list[int], states: Mapping[int, State], behind: set[int]) -> int | None:
        return find_place([_stand(pk, states) for pk in targets], self.requires, behind)

    def count_due(self, states: Mapping[int, State], sight: Sight) -> int:
        known = {pk for targets in self.progressions.values() for pk in targets}
        mine = [state for pk, state in states.items() if pk in known]
        return sum(is_due_another_look(state, sight.day, sight.looks.recency_days) for state in mine)


def _stand(target: int, states: Mapping[int, State]) -> Stand:
    state = states.get(target)
    return Stand(target, state.status, state.is_proficient) if state else Stand(target)


def _last_on(targets: Iterable[int], states: Mapping[int, State]) -> date:
    days = (states[pk].last_performed_on for pk in targets if pk in states)
    return max((day for day in days if day), default=date.min)


def _read_places(school: int, states: States) -> _Places:
    touched = {target for of_student in states.values() for target in of_student}
    topics = Topic.objects.used_by(school).filter(area__domain=Domain.CONTENT, targets__in=touched)
    targets = Target.objects.current().filter(topic__in=topics.values("pk")).in_order()
    progressions: dict[int, list[int]] = defaultdict(list)
    for pk, topic in targets.values_list("pk", "topic_id"):
        progressions[topic].append(pk)
    requires: dict[int, set[int]] = defaultdict(set)
    edges = Prerequisite.objects.filter(target__topic__in=list(progressions), required__retired_on__isnull=True)
    for target, required in edges.values_list("target_id", "required_id"):
        requires[target].add(required)
    return _Places(progressions, requires)


# What teachers wrote


@dataclass(frozen=True)
class _Answer:
    request: ReadyRequest
    words: Words
    by: str


def _read_answers(week: _Week) -> dict[Cell, _Answer]:
    """What teachers answered in the week to requests to show something, the newest of each target."""
    rows = ReadyRequest.objects.filter(student__in=week.pks, asked_at__lt=week.until)
    newest = list(rows.exclude(state=RequestState.WITHDRAWN).select_related("answered_by").order_by("asked_at", "pk"))
    last = {(row.student_id, row.target_id): row for row in newest}
    known = {cell: row for cell, row in last.items() if _is_answered_in(row, week)}
    translations = read_translations(known.values(), week.until)
    return {
        cell: _Answer(row, words_of(row, translations), row.answered_by.name if row.answered_by else "")
        for cell, row in known.items()
    }


def _is_answered_in(row: ReadyRequest, week: _Week) -> bool:
    return row.answered_at is not None and week.since <= row.answered_at < week.until


def _returned(answers: Mapping[Cell, _Answer], student: int) -> Returned | None:
    mine = [one for (whose, _target), one in answers.items() if whose == student]
    back = [one for one in mine if one.request.state == RequestState.RETURNED]
    newest = max(back, key=lambda one: (one.request.answered_at, one.request.pk), default=None)
    return Returned(newest.request.target_id, newest.words, newest.by) if newest else None


def _read_works(week: _Week, cells: Mapping[Cell, _Seen], answers: Mapping[Cell, _Answer]) -> dict[int, Shown]:
    """One piece of work of the week for each child: one that met its target, with words of a teacher, the newest."""
    said = _read_remarks(week)
    best: dict[int, tuple[tuple[bool, bool, date, int], Shown]] = {}
    for (student, target), cell in cells.items():
        words, by = said.get((student, target)) or _words_of_answer(answers.get((student, target)))
        for row in _new_work(cell, week):
            is_met = row.level is not None and row.level >= cell.ways.scale.proficient
            rank = (is_met, bool(words), row.performed_on, row.id)
            if student not in best or rank > best[student][0]:
                best[student] = rank, Shown(target, row.performed_on, is_met, words, by)
    return {student: shown for student, (_rank, shown) in best.items()}


def _words_of_answer(answer: _Answer | None) -> tuple[Words | None, str]:
    if answer is None or answer.request.state != RequestState.ANSWERED or not answer.words:
        return None, ""
    return answer.words, answer.by


def _new_work(cell: _Seen, week: _Week) -> list[ScoreRow]:
    """Of content: what counts, is shown to the family, and came in the week."""
    if cell.measure.is_strand:
        return []
    return [row for row in counted_of(standing(cell.logs[0])) if row.recorded_at >= week.since]


def _read_remarks(week: _Week) -> dict[Cell, tuple[Words | None, str]]:
    """What teachers wrote in the week for families, the newest of each target."""
    rows = Remark.objects.of_students(week.pks).filter(week.now.judgements(), recorded_at__gte=week.since)
    rows = rows.filter(is_for_family=True, voids=None, voided_by=None).exclude(text="")
    found = list(rows.select_related("author", "student").order_by("recorded_at", "pk"))
    translations = read_translations(found, week.until)
    return {
        (row.student.merged_into_id or row.student_id, row.target_id): (words_of(row, translations), row.author.name)
        for row in found
    }
