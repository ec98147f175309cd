"""Dates at the edge of every relation, and what the door answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from lpm.people.access import birthday_before
from lpm.people.models import Enrollment, Group, Guardianship, Staffing, Student
from lpm.people.policy import Action


def sees(user, student, day, action=Action.VIEW_STUDENT):
    return Student.objects.visible_to(user, action, day).filter(pk=student.pk).exists()


@pytest.mark.parametrize(("days", "expected"), [(-31, False), (-30, True), (0, True)])
def test_a_teacher_sees_a_student_from_30_days_before(days, expected, world, school_day):
    Enrollment.objects.filter(student=world.own.student).update(starts_on=school_day)

    assert sees(world.teacher, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (14, True), (15, False)])
@pytest.mark.parametrize("model", [Enrollment, Staffing, Group])
def test_a_teacher_sees_a_student_until_14_days_after(model, days, expected, world, school_day):
    model.objects.update(ends_on=school_day)

    assert sees(world.teacher, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (1, False)])
def test_a_guardian_sees_a_child_until_contact_ends(days, expected, world, school_day):
    Guardianship.objects.filter(guardian=world.guardian).update(ends_on=school_day)

    assert sees(world.guardian, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("today", "expected"), [("2034-02-28", True), ("2034-03-01", False)])
def test_at_18_rights_pass_to_the_student(today, expected, world):
    assert world.own.student.born_on == date(2016, 3, 1)

    assert sees(world.guardian, world.own.student, date.fromisoformat(today)) is expected


def test_somebody_born_on_a_leap_day_is_18_on_february_28():
    assert birthday_before(date(2028, 2, 29)) == date(2010, 2, 28)
    assert birthday_before(date(2026, 2, 28)) == date(2008, 2, 28)


def test_nobody_signed_in_sees_nothing(world, school_day):
    nobody: Any = AnonymousUser()

    assert not Student.objects.visible_to(nobody, Action.VIEW_STUDENT, school_day).exists()


def test_no_rule_means_no_rows(world, school_day):
    assert not Student.objects.visible_to(world.administrator, Action.VIEW_CURRICULUM, school_day).exists()


def test_an_address_that_is_no_uuid_is_not_found(world, as_person):
    client = as_person(world.teacher)

    assert client.get(f"/groups/{world.own.group.uuid}/?topic=fractions").status_code == 404
    assert client.get(f"/groups/{world.own.group.uuid}/mark?student=1&target=2").status_code == 404


def test_after_signing_in_a_form_that_cannot_be_sent_again_leads_home(world, client):
    response = client.post(f"/imports/{world.own.group.uuid}/apply")

    assert response.url == "/sign-in?next=/"
