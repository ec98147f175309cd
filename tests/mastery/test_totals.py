"""What many students' levels add up to, by school and area."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from curriculum.models import ContentArea
from lpm.people.models import Student
from lpm.people.policy import Action
from students.mastery.queries import AreaTotal, count_by_school
from students.mastery.services import record_mark
from tests.world import World, enroll


def show(world: World, day: date, level: str, place: str, student: Student | None = None, target: int = 0) -> None:
    there = world.places[place]
    who = {"own": "teacher", "other_district": "far_teacher"}[place]
    record_mark(
        uuid=uuid4(),
        recorder=world.people[who],
        student=student or there.student,
        target=there.targets[target],
        level=Decimal(level),
        performed_on=day,
        day=day,
    )


def test_schools_are_added_up_each_with_its_blanks(world: World, school_day: date) -> None:
    ben = Student.objects.get(given_name="Ben")
    show(world, school_day, "3.0", "own")
    show(world, school_day, "2.0", "own", target=1)
    show(world, school_day, "4.0", "own", ben)
    show(world, school_day, "1.0", "other_district")
    here, there = world.own, world.places["other_district"]
    areas = {area.framework_id: area.pk for area in ContentArea.objects.all()}

    assert count_by_school(Student.objects.unmerged()) == [
        AreaTotal(here.school.pk, areas[here.framework.pk], 2, 2, 8, 2, 1, 0),
        AreaTotal(there.school.pk, areas[there.framework.pk], 1, 0, 4, 0, 1, 0),
    ]
    seen = Student.objects.visible_to(world.far_teacher, Action.VIEW_STUDENT, school_day)
    assert [total.school_id for total in count_by_school(seen)] == [there.school.pk]


@pytest.mark.parametrize("count", [1, 30])
def test_in_two_queries(count: int, world: World, school_day: date, django_assert_num_queries: Any) -> None:
    for n in range(count):
        child = enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch")
        show(world, school_day, "3.0", "own", child)

    with django_assert_num_queries(2):
        [total] = count_by_school(Student.objects.unmerged())

    assert (total.student_count, total.proficient_count) == (count, count)
