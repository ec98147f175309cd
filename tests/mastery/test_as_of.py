"""The record as it stood: what was recorded, decided or revised later changes no view of an earlier day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine

from curriculum.enums import ChangeKind
from curriculum.models import Target
from lpm.people.models import Organization, Student
from students.mastery.models import MasteryState
from students.mastery.queries import states_as_of
from students.mastery.services import record_mark, undo_mark
from tests.mastery.revised import revise
from tests.mastery.ways import choose_method
from tests.world import DAY, World, enroll


def mark_at(world: World, moment: str, target: Target, level: str, student: Student | None = None) -> Any:
    with time_machine.travel(moment, tick=True):
        day = datetime.fromisoformat(moment).astimezone(ZoneInfo(world.own.school.time_zone)).date()
        return record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=student or world.own.student,
            target=target,
            level=Decimal(level),
            performed_on=day,
            day=day,
        ).assessment


def levels(world: World, day: date) -> dict[int, Any]:
    student = Student.objects.select_related("school").get(pk=world.own.student.pk)
    return {target: state.level for (_student, target), state in states_as_of([student], day).items()}


def test_what_is_recorded_later_is_not_seen_on_an_earlier_day(world: World):
    one, two = world.targets[:2]
    mark_at(world, "2026-11-10T15:00:00+00:00", one, "1")
    mark_at(world, "2026-11-12T15:00:00+00:00", one, "3")
    mark_at(world, "2026-11-12T16:00:00+00:00", two, "2")

    assert levels(world, date(2026, 11, 9)) == {}
    assert levels(world, date(2026, 11, 11)) == {one.pk: 1}
    assert levels(world, DAY) == {one.pk: 3, two.pk: 2}


def test_the_day_ends_at_midnight_where_the_school_is(world: World):
    Organization.objects.filter(pk=world.own.school.pk).update(time_zone="America/New_York")
    world.own.school.refresh_from_db()
    mark_at(world, "2026-11-11T04:59:00+00:00", world.targets[0], "1")  # one minute before midnight of the tenth
    mark_at(world, "2026-11-11T05:01:00+00:00", world.targets[0], "2")

    assert levels(world, date(2026, 11, 10)) == {world.targets[0].pk: 1}
    assert levels(world, date(2026, 11, 11)) == {world.targets[0].pk: 2}


def test_what_is_taken_back_later_stood_then(world: World):
    first = mark_at(world, "2026-11-19T14:00:00+00:00", world.targets[0], "3")
    with time_machine.travel("2026-11-19T16:00:00+00:00", tick=True):
        undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=first.uuid, day=DAY)

    assert levels(world, DAY) == {world.targets[0].pk: None}
    assert levels(world, DAY - timedelta(days=1)) == {}


def test_the_method_is_that_of_the_day(world: World):
    for day, level in ((10, "1"), (11, "4")):
        mark_at(world, f"2026-11-{day}T15:00:00+00:00", world.targets[0], level)
    choose_method(world.own.school, world.own.framework, date(2026, 11, 12), weight="0.99")
    student = Student.objects.select_related("school").get(pk=world.own.student.pk)

    suggested = [
        states_as_of([student], date(2026, 11, day))[student.pk, world.targets[0].pk].suggested_value
        for day in (11, 12)
    ]

    assert suggested == [Decimal("2.95"), Decimal("3.97")]


def test_a_revision_is_known_from_its_day_on(world: World):
    old, other = world.targets[3], world.targets[2]
    mark_at(world, "2026-11-10T15:00:00+00:00", old, "2")
    with time_machine.travel("2026-11-12T15:00:00+00:00", tick=True):
        revise(world.own.framework, date(2026, 11, 12), kind=ChangeKind.RETIRED, ending=[old], existing=[other])

    assert levels(world, date(2026, 11, 11)) == {old.pk: 2}
    assert levels(world, date(2026, 11, 12)) == {old.pk: 2, other.pk: 2}
    assert MasteryState.objects.get(target=other).level == 2


@pytest.mark.parametrize("count", [1, 30])
def test_students_of_one_school_are_read_in_five_queries(count: int, world: World, django_assert_num_queries):
    for n in range(count - 1):
        student = enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch")
        mark_at(world, "2026-11-10T15:00:00+00:00", world.targets[0], "2", student)
    mark_at(world, "2026-11-10T15:00:00+00:00", world.targets[0], "2")
    students = list(Student.objects.filter(assessments__isnull=False).select_related("school"))

    with django_assert_num_queries(5):
        states = states_as_of(students, DAY)

    assert len(states) == count


def test_students_of_several_schools_are_read_by_their_own_day_and_method(world: World):
    students = list(Student.objects.select_related("school"))
    mark_at(world, "2026-11-10T15:00:00+00:00", world.targets[0], "2")

    assert {cell: state.level for cell, state in states_as_of(students, DAY).items()} == {
        (world.own.student.pk, world.targets[0].pk): Decimal(2)
    }
