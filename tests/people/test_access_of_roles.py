"""How far roles and the sessions of operators reach, and records that were merged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lpm.people.enums import GroupKind, Role
from lpm.people.models import (
    Enrollment,
    Group,
    OperatorSession,
    Organization,
    RoleGrant,
    Student,
)
from lpm.people.policy import Action
from tests.people.access_tables import ABOUT_STUDENTS, sees
from tests.world import enroll, grant, teach


def test_the_office_knows_who_a_student_is_and_no_level(world, school_day):
    student = world.own.student
    may = {action for action in ABOUT_STUDENTS if sees(world.office, student, school_day, action)}

    assert may == {Action.VIEW_PROFILE, Action.VIEW_CONTACTS, Action.MANAGE_STUDENT, Action.ENROLL_STUDENT}
    assert not Group.objects.visible_to(world.office, Action.VIEW_GROUP, school_day).exists()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (3, True), (4, False)])
def test_a_role_lasts_from_its_first_to_its_last_day(role, days, expected, world, school_day):
    grant(world.stranger, world.own.district, role, starts_on=school_day, ends_on=school_day + timedelta(days=3))
    day = school_day + timedelta(days=days)
    given = {action for action in Action if Student.objects.visible_to(world.stranger, action, day).exists()}

    assert bool(given) is expected


def test_a_role_over_a_school_reaches_down_and_never_up_or_aside(world, school_day):
    RoleGrant.objects.filter(user=world.privacy_officer).update(organization=world.other_school.school)
    seen = Student.objects.visible_to(world.privacy_officer, Action.ERASE_PERSON, school_day)

    assert set(seen) == {world.other_school.student}
    assert set(Organization.objects.visible_to(world.privacy_officer, Action.VIEW_AUDIT, school_day)) == {
        world.other_school.school
    }


# --- operators


def test_an_operator_sees_while_a_session_is_open_and_that_district_alone(world, school_day):
    sessions = OperatorSession.objects.filter(operator=world.operator)
    assert sees(world.operator, world.own.student, school_day)
    assert not sees(world.operator, world.other_district.student, school_day)

    sessions.update(ends_at=timezone.now())

    assert not sees(world.operator, world.own.student, school_day)


def test_a_session_that_has_not_begun_opens_nothing(world, school_day):
    begin = timezone.now() + timedelta(minutes=5)
    OperatorSession.objects.filter(operator=world.operator).update(starts_at=begin, ends_at=begin + timedelta(hours=1))

    assert not sees(world.operator, world.own.student, school_day)


def test_a_session_of_somebody_who_is_no_operator_any_more_opens_nothing(world, school_day):
    world.operator.is_operator = False

    assert not sees(world.operator, world.own.student, school_day)


def test_an_operator_only_looks(world, school_day):
    may = {a for a in ABOUT_STUDENTS if Student.objects.visible_to(world.operator, a, school_day).exists()}

    assert may == {Action.VIEW_STUDENT, Action.VIEW_PROFILE}


# --- records that were merged


def test_a_record_merged_into_another_is_seen_by_nobody(world, school_day):
    absorbed = enroll(world.own.group, given_name="Amara", family_name="Again")
    assert sees(world.teacher, absorbed, school_day)

    Student.objects.filter(pk=absorbed.pk).update(merged_into=world.own.student)

    assert not any(sees(user, absorbed, school_day) for user in world.people.values())


def test_a_group_of_another_kind_is_no_other_door(world, school_day):
    seminar = Group.objects.create(
        district=world.own.district, school=world.own.school, kind=GroupKind.ADVISORY, name="Oak"
    )
    teach(world.stranger, seminar)
    Enrollment.objects.create(district=world.own.district, group=seminar, student=world.own.student)

    assert sees(world.stranger, world.own.student, school_day)
