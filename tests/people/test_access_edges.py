"""The first and the last day of what lets teachers, case managers and substitutes see a student."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lpm.people.enums import CaseloadKind, CaseloadScope, StaffRole
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Organization,
    Staffing,
    Student,
)
from lpm.people.policy import Action
from tests.people.access_tables import ABOUT_STUDENTS, sees
from tests.world import person, teach


@pytest.mark.parametrize(
    ("opens", "closes", "days", "expected"),
    [
        (30, 14, -31, False),
        (30, 14, -30, True),
        (30, 14, 34, True),
        (30, 14, 35, False),
        (7, 60, -8, False),
        (7, 60, -7, True),
        (7, 60, 80, True),
        (7, 60, 81, False),
        (0, 0, -1, False),
        (0, 0, 0, True),
        (0, 0, 20, True),
        (0, 0, 21, False),
    ],
)
def test_the_window_is_the_one_of_the_school(opens, closes, days, expected, world, school_day):
    """An enrollment of 21 days, counted from its first; as the district has it."""
    Organization.objects.filter(pk=world.own.school.pk).update(opens_before=opens, closes_after=closes)
    Enrollment.objects.filter(student=world.own.student).update(
        starts_on=school_day, ends_on=school_day + timedelta(days=20)
    )

    for name in ("teacher", "co_teacher"):
        assert sees(world.people[name], world.own.student, school_day + timedelta(days=days)) is expected


def test_the_window_of_another_school_does_not_count(world, school_day):
    Organization.objects.exclude(pk=world.own.school.pk).update(closes_after=100)
    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=15))

    assert not sees(world.teacher, world.own.student, school_day)


def test_a_student_in_two_groups_is_open_to_the_teachers_of_each_in_its_own_days(world, school_day):
    teacher_of_other = person("other", world.own.school)
    teach(teacher_of_other, world.other_class.group)
    seat = Enrollment.objects.create(
        district=world.own.district, group=world.other_class.group, student=world.own.student
    )
    assert sees(teacher_of_other, world.own.student, school_day)

    Enrollment.objects.filter(pk=seat.pk).update(ends_on=school_day - timedelta(days=15))

    assert not sees(teacher_of_other, world.own.student, school_day)
    assert sees(world.teacher, world.own.student, school_day)


def test_a_teacher_of_one_group_and_a_seat_in_another_do_not_add_up(world, school_day):
    """The group of the seat and the group that is taught must be one."""
    teach(world.stranger, world.other_class.group)

    assert not sees(world.stranger, world.own.student, school_day)


# --- caseloads


@pytest.mark.parametrize(
    ("kind", "relation"),
    [
        (CaseloadKind.CASE_MANAGER, "CASE_MANAGER"),
        (CaseloadKind.LANGUAGE_TEACHER, "CASE_MANAGER"),
        (CaseloadKind.COUNSELOR, "COUNSELOR"),
        (CaseloadKind.THERAPIST, "COUNSELOR"),
    ],
)
@pytest.mark.parametrize("scope", CaseloadScope)
def test_a_caseload_opens_what_its_scope_says(kind, relation, scope, world, school_day):
    Caseload.objects.create(
        district=world.own.district, student=world.own.student, manager=world.stranger, kind=kind, scope=scope
    )
    is_whole = scope == CaseloadScope.RECORD

    assert sees(world.stranger, world.own.student, school_day) is is_whole
    assert sees(world.stranger, world.own.student, school_day, Action.VIEW_PROFILE)
    assert sees(world.stranger, world.own.student, school_day, Action.VIEW_CONTACTS) is is_whole
    assert not sees(world.stranger, world.other_class.student, school_day, Action.VIEW_PROFILE)
    found = Student.objects.with_relation(world.stranger, Action.VIEW_STUDENT, school_day)
    row: Any = found.get(pk=world.own.student.pk)
    assert row.relation == (relation if is_whole else "")


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (5, True), (6, False)])
def test_a_caseload_lasts_from_its_first_to_its_last_day(days, expected, world, school_day):
    Caseload.objects.filter(manager=world.case_manager).update(
        starts_on=school_day, ends_on=school_day + timedelta(days=5)
    )

    assert sees(world.case_manager, world.own.student, school_day + timedelta(days=days)) is expected


# --- substitutes


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (1, False)])
def test_a_substitute_has_the_days_named_and_no_window(days, expected, world, school_day):
    assert sees(world.substitute, world.own.student, school_day + timedelta(days=days)) is expected


def test_a_substitute_has_the_groups_named_and_no_mark_to_give(world, school_day):
    teach(
        world.substitute, world.other_class.group, role=StaffRole.SUBSTITUTE, starts_on=school_day, ends_on=school_day
    )
    groups = Group.objects.visible_to(world.substitute, Action.VIEW_GROUP, school_day)

    assert set(groups) == {world.own.group, world.other_class.group}
    assert sees(world.substitute, world.other_class.student, school_day)
    assert not sees(world.substitute, world.own.student, school_day, Action.RECORD_MARK)
    assert not sees(world.substitute, world.own.student, school_day, Action.VIEW_CONTACTS)


def test_a_substitute_sees_no_student_who_left_the_group(world, school_day):
    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=1))

    assert not sees(world.substitute, world.own.student, school_day)


# --- evidence by any teacher of the school


def test_a_teacher_of_the_school_adds_evidence_for_all_its_students_and_sees_no_record(world, school_day):
    adds = Student.objects.visible_to(world.school_teacher, Action.ADD_EVIDENCE, school_day)
    of_school = Student.objects.filter(school=world.own.school)

    assert of_school.count() == 4
    assert set(adds) == set(of_school)
    for action in ABOUT_STUDENTS - {Action.ADD_EVIDENCE}:
        assert not Student.objects.visible_to(world.school_teacher, action, school_day).exists()


@pytest.mark.parametrize("role", [StaffRole.TEACHER, StaffRole.CO_TEACHER, StaffRole.SUBSTITUTE])
def test_only_who_teaches_there_now_is_a_teacher_of_the_school(role, world, school_day):
    Staffing.objects.filter(user=world.school_teacher).update(role=role, ends_on=school_day)
    later = school_day + timedelta(days=1)
    is_teacher = role != StaffRole.SUBSTITUTE

    assert sees(world.school_teacher, world.own.student, school_day, Action.ADD_EVIDENCE) is is_teacher
    assert not sees(world.school_teacher, world.own.student, later, Action.ADD_EVIDENCE)
