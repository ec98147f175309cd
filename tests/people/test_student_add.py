"""Adding a student by hand, and those who may be the same child."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from lpm.audit.models import Entry
from lpm.people.models import Enrollment, SchoolStay, Student
from lpm.people.queries.students import find_likely
from lpm.people.services.students import (
    NoSchool,
)
from tests.people.students import add, page
from tests.world import DAY


def test_adding_makes_a_student_with_a_stay_and_one_entry(world):
    student = add(world, grade="03", born_on=date(2018, 2, 3))

    student.refresh_from_db()
    assert (student.district, student.school, student.grade, student.sort_key, student.is_provisional) == (
        world.own.district,
        world.own.school,
        "03",
        "zed emile",
        False,
    )
    stays = SchoolStay.objects.filter(student=student).values_list("school", "grade", "starts_on", "ends_on")
    assert list(stays) == [(world.own.school.pk, "03", DAY, None)]
    entry = Entry.objects.get(action="people.add_student")
    assert (entry.actor_id, entry.subject_uuid) == (world.office.pk, student.uuid)
    assert "Zed" not in str(entry.details)


def test_students_are_added_to_schools_alone(world):
    with pytest.raises(NoSchool):
        add(world, school=world.own.district, actor=world.administrator)


def test_a_teacher_adds_a_provisional_student_to_their_group(world):
    student = add(world, actor=world.teacher, group=world.own.group, is_provisional=True)

    assert student.is_provisional
    seats = Enrollment.objects.filter(student=student).values_list("group", "starts_on", "ends_on")
    assert list(seats) == [(world.own.group.pk, DAY, None)]


@pytest.mark.parametrize(
    ("name", "with_group", "is_provisional"),
    [
        ("teacher", True, False),
        ("teacher", False, True),
        ("school_teacher", True, True),
        ("substitute", True, True),
        ("far_administrator", False, False),
        ("privacy_officer", False, False),
    ],
)
def test_nobody_else_adds_students(name, with_group, is_provisional, world):
    with pytest.raises(PermissionDenied):
        add(
            world,
            actor=world.people[name],
            group=world.own.group if with_group else None,
            is_provisional=is_provisional,
        )


def test_a_group_of_another_school_is_refused(world):
    with pytest.raises(PermissionDenied):
        add(world, actor=None, group=world.other_school.group)


def test_the_page_asks_whether_it_is_one_of_these(world, as_person):
    client, form = as_person(world.office), {"given_name": "amara", "family_name": "Of Cedar"}
    before = Student.objects.count()

    response = client.post(page("student-add", world.own.school), form)

    assert response.status_code == 422
    assert [one.student for one in response.context["likely"]] == [world.other_school.student]
    html = response.content.decode()
    assert "Somebody of this name at Lake" in html
    assert page("student-show", world.other_school.student) not in html
    assert Student.objects.count() == before

    response = client.post(page("student-add", world.own.school), {**form, "anyway": "1"})

    made = Student.objects.get(given_name="amara")
    assert (response.status_code, response.url) == (302, page("student-arrival", made))
    assert made.school == world.own.school


def test_a_likely_record_that_may_be_seen_is_a_link(world, as_person):
    form = {"given_name": "Amarra", "family_name": "of  birch", "born_on": "2016-03-01"}

    response = as_person(world.office).post(page("student-add", world.own.school), form)

    assert page("student-show", world.own.student) in response.content.decode()


def test_a_child_born_that_day_elsewhere_is_hinted_at_without_a_name(world, as_person):
    form = {"given_name": "Amarra", "family_name": "of Cedars", "born_on": "2016-03-01"}

    response = as_person(world.office).post(page("student-add", world.own.school), form)

    html = response.content.decode()
    assert "Somebody born that day with a similar name at Lake" in html
    assert "Amara" not in html


def test_a_form_without_a_name_is_not_taken(world, as_person):
    response = as_person(world.office).post(page("student-add", world.own.school), {"given_name": "A"})

    assert response.status_code == 422
    assert "Write the family name." in response.content.decode()
    assert as_person(world.administrator).get(page("student-add", world.own.district)).status_code == 404


@pytest.mark.parametrize(
    ("given", "family", "born_on", "found"),
    [
        ("Amara", "of Birch", None, True),
        ("AMARÁ", "Of Birch", None, True),
        ("Amara", "of Birch", date(2015, 1, 1), True),
        ("Ama", "of Birch", date(2016, 3, 1), True),
        ("Ama", "of Birch", None, False),
        ("Kofi", "of Birch", date(2016, 3, 1), False),
        ("Amara", "Other", date(2016, 3, 1), False),
        ("Amara", "Birch-Lee", date(2016, 3, 1), True),
    ],
)
def test_likely_are_namesakes_and_similar_names_of_one_birth_date(given, family, born_on, found, world):
    likely = find_likely(world.own.district.pk, given, family, born_on)

    assert [one.student for one in likely] == ([world.own.student] if found else [])


def test_likely_are_found_by_the_name_at_school_too(world):
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Kai", sort_key="of birch kai")

    for given in ("Kai", "Amara"):
        assert [one.student for one in find_likely(world.own.district.pk, given, "of Birch", None)] == [
            world.own.student
        ]
