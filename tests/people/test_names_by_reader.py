"""Somebody of the staff who is also a guardian of a child reads the name of home, not the one used at school."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lpm.people.models import Guardianship, Household, Student, User
from tests.world import World, guard

AT_SCHOOL, AT_HOME = "Robin", "Amara"


@pytest.fixture
def home(world: World) -> Household:
    """Of the student, who is Robin at school and nowhere else, and of another child."""
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name=AT_SCHOOL)
    household = Household.objects.create(district=world.own.district)
    household.students.set([world.own.student, world.classmate.student])
    Guardianship.objects.filter(guardian=world.guardian).update(household=household)
    return household


def read(client, world: World, page: str, home: Household) -> str:
    addresses = {
        "contacts": reverse("people:student-contacts", args=[world.own.student.uuid]),
        "contacts of a brother": reverse("people:student-contacts", args=[world.classmate.student.uuid]),
        "contact": reverse("people:guardianship-change", args=[world.guardian.guardianships.get().uuid]),
        "household": reverse("people:household-show", args=[home.uuid]),
        "badges": reverse("people:group-badges", args=[world.own.group.uuid]),
        "morning": reverse("people:morning"),
    }
    response = client.get(addresses[page])
    assert response.status_code == 200
    html: str = response.content.decode()
    return html[html.index("<main") :]


PAGES = [
    ("contacts", "office"),
    ("contacts of a brother", "office"),
    ("contact", "office"),
    ("household", "office"),
    ("badges", "teacher"),
    ("morning", "substitute"),
]


@pytest.mark.parametrize(("page", "who"), PAGES)
def test_staff_read_the_name_used_at_school(page: str, who: str, world: World, as_person, home: Household):
    said = read(as_person(world.people[who]), world, page, home)

    assert f"{AT_SCHOOL} of Birch" in said
    assert f"{AT_HOME} of Birch" not in said


@pytest.mark.parametrize(("page", "who"), PAGES)
def test_staff_who_are_guardians_of_the_child_do_not(page: str, who: str, world: World, as_person, home: Household):
    reader: User = world.people[who]
    guard(reader, world.own.student)

    said = read(as_person(reader), world, page, home)

    assert f"{AT_HOME} of Birch" in said
    assert AT_SCHOOL not in said


def test_nor_on_the_badges_that_they_print(world: World, as_person, home: Household):
    guard(world.teacher, world.own.student)
    address = reverse("people:group-badges", args=[world.own.group.uuid])

    printed = as_person(world.teacher).post(address, {"student": [world.own.student.uuid]})
    of_another = as_person(world.co_teacher).post(address, {"student": [world.own.student.uuid]})

    assert [entry["badge"].student.name for entry in printed.context["sheet"]] == ["Amara of Birch"]
    assert [entry["badge"].student.name for entry in of_another.context["sheet"]] == ["Robin of Birch"]
