"""Where students were: the history follows school, grade and last day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lpm.people.models import SchoolStay, Student
from lpm.people.services.stays import settle_stays
from tests.world import DAY, enroll

YESTERDAY = DAY - timedelta(days=1)
FALL = date(2026, 9, 1)
Row = tuple[str, str, date | None, date | None]


@pytest.fixture
def child(world) -> Student:
    SchoolStay.objects.all().delete()
    student: Student = world.own.student
    return student


def stays(student: Student) -> list[Row]:
    rows = SchoolStay.objects.filter(student=student).order_by("starts_on", "pk")
    return list(rows.values_list("school__name", "grade", "starts_on", "ends_on"))


def change(student: Student, **fields: Any) -> None:
    Student.objects.filter(pk=student.pk).update(**fields)


def settle(student: Student, day: date = DAY) -> int:
    return settle_stays(student_ids=[student.pk], day=day)


def test_the_first_stay_begins_today_and_settling_again_changes_nothing(child):
    assert settle(child) == 1
    assert settle(child) == 0

    assert stays(child) == [("Hill", "05", DAY, None)]
    assert SchoolStay.objects.get().district_id == child.district_id


def test_another_grade_ends_the_stay_on_the_day_before(child):
    settle(child, FALL)
    change(child, grade="06")

    assert settle(child) == 1

    assert stays(child) == [("Hill", "05", FALL, YESTERDAY), ("Hill", "06", DAY, None)]


def test_another_school_ends_a_stay_that_has_always_been(child, world):
    SchoolStay.objects.create(district=child.district, student=child, school=child.school, grade="05")
    change(child, school=world.other_school.school)
    settle(child)

    assert set(stays(child)) == {("Hill", "05", None, YESTERDAY), ("Lake", "05", DAY, None)}


def test_a_stay_that_began_today_is_corrected(child):
    settle(child)
    change(child, grade="06")
    settle(child)

    assert stays(child) == [("Hill", "06", DAY, None)]


def test_there_and_back_on_one_day_goes_on_as_if_nothing_was(child, world):
    settle(child, FALL)
    change(child, school=world.other_school.school)
    settle(child)
    change(child, school=world.own.school)
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, None)]


@pytest.mark.parametrize("last", [YESTERDAY, DAY, DAY + timedelta(days=20)])
def test_who_leaves_stays_until_their_last_day(last, child):
    settle(child, FALL)
    change(child, left_on=last)
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, last)]


def test_who_left_before_the_stay_began_was_there_for_its_first_day_at_most(child):
    settle(child, FALL)
    change(child, left_on=FALL - timedelta(days=9))
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, FALL)]


def test_who_came_by_mistake_was_never_there(child):
    settle(child)
    change(child, left_on=YESTERDAY)
    settle(child)

    assert stays(child) == []


def test_who_stays_after_all_goes_on(child):
    settle(child, FALL)
    change(child, left_on=DAY + timedelta(days=20))
    settle(child)
    change(child, left_on=None)
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, None)]


def test_who_moves_instead_of_leaving_leaves_the_school_now(child, world):
    settle(child, FALL)
    change(child, left_on=DAY + timedelta(days=20))
    settle(child)
    change(child, left_on=None, school=world.other_school.school)
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, YESTERDAY), ("Lake", "05", DAY, None)]


def test_who_comes_back_has_a_new_stay(child):
    settle(child, FALL)
    change(child, left_on=date(2026, 10, 1))
    settle(child)
    change(child, left_on=None)
    settle(child)

    assert stays(child) == [("Hill", "05", FALL, date(2026, 10, 1)), ("Hill", "05", DAY, None)]


def test_a_record_that_was_merged_is_left_as_it_is(child, world):
    settle(child, FALL)
    change(child, merged_into=world.other_class.student, grade="06")

    assert settle(child) == 0

    assert stays(child) == [("Hill", "05", FALL, None)]


@pytest.mark.parametrize("rows", [1, 30])
def test_settling_asks_the_database_the_same_number_of_times(rows, child, world, django_assert_max_num_queries):
    pks = [enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch").pk for n in range(rows)]
    settle_stays(student_ids=pks[::2], day=FALL)
    Student.objects.filter(pk__in=pks).update(grade="07")

    with django_assert_max_num_queries(9):  # 7, and the savepoint around them
        settle_stays(student_ids=pks, day=DAY)

    assert SchoolStay.objects.filter(student__in=pks, grade="07", starts_on=DAY, ends_on=None).count() == rows
