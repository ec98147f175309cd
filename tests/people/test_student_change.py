"""Changing a student by hand, and the names by reader."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from lpm.audit.models import Entry
from lpm.people.models import RosterSource, SchoolStay, Student
from lpm.people.services.students import (
    Names,
    OwnedByRoster,
    change_names,
    change_student,
    give_sign_in,
    take_sign_in,
)
from tests.people.students import FIELDS, add, called_differently, main_of, page
from tests.world import DAY, World, guard


def change(world: World, student: Student, **values: Any) -> None:
    said = {name: getattr(student, name) for name in FIELDS}
    change_student(student=student, **{**said, "is_provisional": False, "actor": world.office, "day": DAY, **values})


def test_changing_writes_the_fields_the_stay_and_one_entry(world):
    change(world, world.own.student, given_name="Amari", grade="06")

    student = Student.objects.get(pk=world.own.student.pk)
    assert (student.given_name, student.grade, student.sort_key) == ("Amari", "06", "of birch amari")
    assert SchoolStay.objects.get(student=student, ends_on=None).grade == "06"
    entry = Entry.objects.get(action="people.change_student")
    assert entry.details == {"fields": ["given_name", "grade"]}


def test_the_office_says_that_a_record_is_no_longer_provisional(world, as_person):
    student = add(world, is_provisional=True)
    form = {"given_name": "Émile", "family_name": "Zed"}

    response = as_person(world.office).post(page("student-change", student), form)

    assert response.url == page("student-show", student)
    assert not Student.objects.get(pk=student.pk).is_provisional


def test_what_a_roster_brings_is_read_only(world, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    student = world.own.student
    Student.objects.filter(pk=student.pk).update(source=source, sourced_id="s1", grade="")
    student.refresh_from_db()
    with pytest.raises(OwnedByRoster):
        change(world, student, given_name="Amari")
    client, form = as_person(world.office), {"given_name": "Amari", "family_name": "New", "born_on": "", "grade": "06"}
    assert client.get(page("student-change", student)).content.decode().count("disabled") == 3

    client.post(page("student-change", student), form)

    found = Student.objects.filter(pk=student.pk).values_list("given_name", "family_name", "born_on", "grade")
    assert found.get() == ("Amara", "of Birch", date(2016, 3, 1), "06")


def test_a_grade_that_is_not_in_the_list_can_stay(world, as_person):
    Student.objects.filter(pk=world.own.student.pk).update(grade="Blue")
    form = {"given_name": "Amara", "family_name": "of Birch", "grade": "Blue"}

    assert as_person(world.office).post(page("student-change", world.own.student), form).status_code == 302
    assert Student.objects.get(pk=world.own.student.pk).grade == "Blue"


@pytest.mark.parametrize("name", ["teacher", "privacy_officer", "guardian", "student", "far_administrator"])
def test_who_may_not_manage_changes_nothing(name, world):
    actor, student = world.people[name], world.own.student
    with pytest.raises(PermissionDenied):
        change(world, student, given_name="X", actor=actor)
    with pytest.raises(PermissionDenied):
        change_names(student=student, names=Names(preferred_name="X"), actor=actor, day=DAY)
    with pytest.raises(PermissionDenied):
        give_sign_in(student=student, username="x", actor=actor, day=DAY)
    with pytest.raises(PermissionDenied):
        take_sign_in(student=student, actor=actor, day=DAY)


def test_names_by_reader_are_written_on_their_page(world, as_person):
    form = {"preferred_name": "Kestrel", "pronouns": "they/them", "family_preferred_name": "Mara"}

    response = as_person(world.office).post(page("student-names", world.own.student), form)

    assert response.url == page("student-show", world.own.student)
    student = Student.objects.get(pk=world.own.student.pk)
    assert [student.first_name_for(audience) for audience in ("class", "family", "transcript")] == [
        "Kestrel",
        "Mara",
        "Amara",
    ]
    assert student.sort_key == "of birch kestrel"
    entry = Entry.objects.get(action="people.change_names")
    assert entry.details == {"fields": ["family_preferred_name", "preferred_name", "pronouns"]}


def test_names_that_are_too_long_are_not_taken(world, as_person):
    response = as_person(world.office).post(page("student-names", world.own.student), {"pronouns": "x" * 51})

    assert response.status_code == 422


def test_nobody_sees_to_the_names_of_their_own_child(world, as_person):
    called_differently(world.own.student)
    guard(world.office, world.own.student)

    response = as_person(world.office).get(page("student-names", world.own.student))

    assert response.status_code == 403
    assert page("student-names", world.own.student) not in main_of(
        as_person(world.office).get(page("student-show", world.own.student))
    )
