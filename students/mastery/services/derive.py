"""Keeping what is made from the logs: states and roll-ups, in the transaction that wrote the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from curriculum.models import Framework, Prerequisite, Target
from lpm.lib.dates import school_day
from lpm.lib.enqueue import enqueue
from lpm.people.models import Student
from students.mastery.calculations import Cell, JudgementRow, Logs, Routes, State, compute_state, rests_on_agreement
from students.mastery.enums import JudgementKind
from students.mastery.models import AreaMastery, Judgement, MasteryState, TopicMastery
from students.mastery.queries import (
    COUNT_FIELDS,
    NO_ROUTES,
    STATE_FIELDS,
    Measure,
    RollUps,
    WaysBook,
    compute_roll_ups,
    expected_states,
    measure_of,
    read_logs,
    read_measures,
    read_routes,
    states_of,
    ways_of,
)

BATCH = 500
NO_LOGS: Logs = ([], [])


def derive_cells(
    *, students: Mapping[int, Student], targets: Mapping[int, Target], cells: Collection[Cell], day: date
) -> dict[Cell, State]:
    """Make the states of ``cells`` (of ``students`` on ``targets``, by id), and the roll-ups they are part of, again
    from the logs.

    What is recorded on a target that ended (a mark taken back) counts where it leads, so these are made again too.
    """
    if not cells:
        return {}
    wanted = {target for _student, target in cells}
    leads_on = any(targets[pk].has_forerunners or targets[pk].retired_on for pk in wanted)
    routes = read_routes(wanted) if leads_on else NO_ROUTES
    onward = {(student, beyond) for student, target in cells for beyond in routes.onward(target)}
    made_again = {*cells, *onward}
    beyond = {target for _student, target in onward} - wanted
    measures = {pk: measure_of(targets[pk]) for pk in wanted} | (read_measures(beyond) if beyond else {})
    books = ways_of(list(students.values()), day)
    logs = read_logs({student for student, _target in cells}, wanted | beyond, routes=routes)
    states = {
        (student, target): compute_state(*logs.get((student, target), ([], [])), books[student].on(measures[target]))
        for student, target in made_again
    }
    states |= _accept_by_itself(states, logs, books, measures, students)
    districts = {pk: student.district_id for pk, student in students.items()}
    save_states(states, districts)
    areas = {*(targets[pk].topic.area_id for pk in wanted), *_areas_waiting(wanted | beyond), *_areas_of(beyond)}
    save_roll_ups(compute_roll_ups({student for student, _target in cells}, areas), districts)
    return states


def _accept_by_itself(
    states: Mapping[Cell, State],
    logs: Mapping[Cell, Logs],
    books: Mapping[int, WaysBook],
    measures: Mapping[int, Measure],
    students: Mapping[int, Student],
) -> dict[Cell, State]:
    """Where a district wants it, a suggestion on which the two newest scores agree becomes the level: a judgement
    that nobody made. What a teacher judged stays."""
    cells = [
        cell
        for cell, state in states.items()
        if books[cell[0]].accepts_automatically
        and rests_on_agreement(logs.get(cell, NO_LOGS)[0], state, books[cell[0]].on(measures[cell[1]]))
    ]
    rows = [_automatic(students[student], target, states[student, target]) for student, target in cells]
    Judgement.objects.bulk_create(rows)
    for row in rows:
        judgement = JudgementRow(row.pk, row.kind, row.level, row.recorded_at)
        logs[row.student_id, row.target_id][1].append(judgement)
    return {cell: compute_state(*logs[cell], books[cell[0]].on(measures[cell[1]])) for cell in cells}


def _automatic(student: Student, target_id: int, state: State) -> Judgement:
    now = timezone.now()
    return Judgement(
        district_id=student.district_id,
        student=student,
        target_id=target_id,
        kind=JudgementKind.AUTOMATIC,
        level=state.suggested,
        recorded_at=max(now, state.changed_at + timedelta(microseconds=1)) if state.changed_at else now,
    )


def _areas_waiting(target_ids: Collection[int]) -> set[int]:
    """The areas in which a place may move because of the targets: those whose targets require one."""
    return set(Prerequisite.objects.filter(required__in=target_ids).values_list("target__topic__area_id", flat=True))


def _areas_of(target_ids: Collection[int]) -> set[int]:
    """No query where there is no target."""
    return set(Target.objects.filter(pk__in=target_ids).values_list("topic__area_id", flat=True))


@transaction.atomic
def rebuild_students(*, students: Collection[Student], day: date) -> None:
    """Throw away everything derived about the students and make it again from the logs."""
    ids = lock_students(students)
    districts = {student.pk: student.district_id for student in students}
    for model in (MasteryState, TopicMastery, AreaMastery):
        model.objects.filter(student_id__in=ids).delete()
    save_states(expected_states(students, day), districts)
    save_roll_ups(compute_roll_ups(ids), districts)


@transaction.atomic
def rebuild_roll_ups(*, students: Collection[Student]) -> None:
    """Make the students' roll-ups again, after the curriculum under them changed."""
    ids = lock_students(students)
    for model in (TopicMastery, AreaMastery):
        model.objects.filter(student_id__in=ids).delete()
    save_roll_ups(compute_roll_ups(ids), {student.pk: student.district_id for student in students})


def rebuild_framework(*, framework_id: int) -> None:
    """After a change of the framework, make again what follows from it, a batch of students at a time: the states on
    targets where what was shown on others counts now, and the roll-ups of everybody with a state in the framework.

    The framework says that it is due until this has gone through for the change that was there at the beginning.
    """
    due_at = Framework.objects.values_list("roll_ups_due_at", flat=True).get(pk=framework_id)
    followers = Target.objects.filter(topic__area__framework=framework_id, has_forerunners=True)
    targets = set(followers.values_list("pk", flat=True))
    routes = read_routes(targets)
    states = MasteryState.objects.filter(
        Q(target__topic__area__framework=framework_id) | Q(target__in=routes.with_sources(targets))
    )
    ids = sorted(set(states.values_list("student_id", flat=True)))
    for start in range(0, len(ids), BATCH):
        rows = Student.objects.filter(pk__in=ids[start : start + BATCH]).select_related("school")
        _rebuild_batch(students=list(rows), targets=targets, routes=routes)
    Framework.objects.filter(pk=framework_id, roll_ups_due_at=due_at).update(roll_ups_due_at=None)


@transaction.atomic
def _rebuild_batch(*, students: Collection[Student], targets: Collection[int], routes: Routes) -> None:
    lock_students(students)
    days: dict[date, list[Student]] = defaultdict(list)
    for student in students:
        days[school_day(student.school.time_zone)].append(student)
    choice = {pk: method for day, rows in days.items() for pk, method in ways_of(rows, day).items()}
    logs = read_logs(list(choice), targets, routes=routes) if targets else {}
    save_states(states_of(logs, choice), {student.pk: student.district_id for student in students})
    rebuild_roll_ups(students=students)


def sweep_frameworks() -> None:
    """Send again the rebuilding that no worker has finished."""
    for framework_id in Framework.objects.filter(roll_ups_due_at__isnull=False).values_list("pk", flat=True):
        enqueue("mastery.rebuild_framework", framework_id=framework_id)


def lock_students(students: Collection[Student]) -> list[int]:
    """One writer at a time per student, always in the same order."""
    return lock_students_by_id([student.pk for student in students])


def lock_students_by_id(student_ids: Collection[int]) -> list[int]:
    rows = Student.objects.filter(pk__in=student_ids).order_by("pk")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def save_states(states: Mapping[Cell, State], districts: Mapping[int, int]) -> None:
    rows = [
        MasteryState(
            student_id=student,
            target_id=target,
            district_id=districts[student],
            **asdict(state),
        )
        for (student, target), state in states.items()
    ]
    _upsert(MasteryState, rows, ["student", "target"], STATE_FIELDS)


def save_roll_ups(roll_ups: RollUps, districts: Mapping[int, int]) -> None:
    topics = [
        TopicMastery(
            student_id=student,
            topic_id=topic,
            district_id=districts[student],
            here_id=row.here_id,
            **asdict(row.counts),
        )
        for (student, topic), row in roll_ups.topics.items()
    ]
    areas = [
        AreaMastery(
            student_id=student,
            area_id=area,
            district_id=districts[student],
            **asdict(counts),
        )
        for (student, area), counts in roll_ups.areas.items()
    ]
    _upsert(TopicMastery, topics, ["student", "topic"], [*COUNT_FIELDS, "here"])
    _upsert(AreaMastery, areas, ["student", "area"], COUNT_FIELDS)


def _upsert(model: Any, rows: list[Any], unique: list[str], fields: list[str]) -> None:
    if rows:
        names = [name.removesuffix("_id") for name in fields]
        model.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=unique,
            update_fields=names,
            batch_size=2000,
        )
