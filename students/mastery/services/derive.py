"""Keeping what is made from the logs: states and roll-ups, in the transaction that wrote the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from curriculum.models import Framework, Prerequisite, Target
from lpm.lib.dates import school_day
from lpm.lib.enqueue import enqueue
from lpm.people.models import Student
from students.mastery.calculations import Cell, Routes, State, compute_state
from students.mastery.models import AreaMastery, MasteryState, TopicMastery
from students.mastery.queries import (
    COUNT_FIELDS,
    NO_ROUTES,
    STATE_FIELDS,
    RollUps,
    compute_roll_ups,
    expected_states,
    method_for,
    methods_of,
    read_logs,
    read_routes,
    scale_range,
    states_of,
)

BATCH = 500


def derive_cell(*, student: Student, target: Target, day: date) -> State:
    """Make the state of one student on one target, and the roll-ups it is part of, again from the logs.

    What is recorded on a target that ended (a mark taken back) counts where it leads, so these are made again too.
    """
    routes = read_routes([target.pk]) if target.has_forerunners or target.retired_on else NO_ROUTES
    cells = [target.pk, *routes.onward(target.pk)]
    ways = method_for(student.school_id, day).on(scale_range(target.topic.area.framework.scale))
    logs = read_logs([student.pk], cells, routes=routes)
    states = {pk: compute_state(*logs.get((student.pk, pk), ([], [])), ways) for pk in cells}
    save_states({(student.pk, pk): state for pk, state in states.items()}, {student.pk: student.district_id})
    areas = {target.topic.area_id, *_areas_waiting(cells), *_areas_of(cells[1:])}
    save_roll_ups(compute_roll_ups([student.pk], areas), {student.pk: student.district_id})
    return states[target.pk]


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
    choice = {pk: method for day, rows in days.items() for pk, method in methods_of(rows, day).items()}
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
