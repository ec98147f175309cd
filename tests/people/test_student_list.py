"""The list of the students of a school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lpm.people.models import Student
from tests.people.students import main_of, page
from tests.world import DAY, World, enroll


def names_in(response: Any) -> list[str]:
    return [student.name for student in response.context["page"]]


@pytest.fixture
def school(world) -> World:
    here = {"group": world.own.group}
    enroll(**here, given_name="Zoë", family_name="Ångström", grade="KG", is_provisional=True)
    enroll(**here, given_name="Richard", family_name="Moss", preferred_name="Rix", grade="06")
    enroll(**here, given_name="Gone", family_name="Away", grade="06", left_on=DAY - timedelta(days=1))
    enroll(**here, given_name="Leaving", family_name="Today", grade="06", left_on=DAY)
    built: World = world
    return built


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "angstrom"}, ["Zoë Ångström"]),
        ({"q": "zoe ÅNG"}, ["Zoë Ångström"]),
        ({"q": "Rix"}, ["Rix Moss"]),
        ({"q": "richard moss"}, ["Rix Moss"]),
        ({"q": "moss zoe"}, []),
        ({"grade": "06"}, ["Rix Moss", "Leaving Today"]),
        ({"only": "provisional"}, ["Zoë Ångström"]),
        ({"only": "left"}, ["Gone Away"]),
        ({"only": "left", "grade": "KG"}, []),
        ({"grade": "no grade", "q": "moss"}, ["Rix Moss"]),
    ],
)
def test_the_list_is_searched_and_filtered(query, names, school, as_person):
    response = as_person(school.office).get(page("student-list", school.own.school), query)

    assert names_in(response) == names
    if not names:
        assert "Nobody of that name here" in main_of(response)


def test_the_list_holds_the_school_and_nobody_else(school, as_person):
    client = as_person(school.office)

    response = client.get(page("student-list", school.own.school))

    here = Student.objects.filter(school=school.own.school).exclude(given_name="Gone")
    assert {student.pk for student in response.context["page"]} == {student.pk for student in here}
    assert dict(response.context["search"].fields["grade"].choices) == {
        "": "All grades",
        "KG": "Kindergarten",
        "05": "Grade 5",
        "06": "Grade 6",
    }
    assert client.get(page("student-list", school.own.district)).status_code == 404


def test_a_district_lists_its_schools_together(school, as_person):
    response = as_person(school.administrator).get(page("student-list", school.own.district))

    assert {student.school for student in response.context["page"]} == {
        school.own.school,
        school.other_school.school,
    }
    assert "Lake" in main_of(response)


def test_a_script_gets_the_part_that_changes(school, as_person):
    response = as_person(school.office).get(
        page("student-list", school.own.school), {"q": "rix"}, headers={"HX-Request": "true"}
    )

    html = response.content.decode()
    assert "<html" not in html
    assert "Rix Moss" in html


def test_an_empty_school_says_what_to_do(world, as_person):
    Student.objects.filter(school=world.own.school).update(school=world.other_school.school)

    assert "No students yet" in main_of(as_person(world.office).get(page("student-list", world.own.school)))


@pytest.mark.parametrize("rows", [1, 30, 1500])
def test_the_list_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    here = {"district": world.own.district, "school": world.own.school, "grade": "05"}
    Student.objects.bulk_create(
        [Student(**here, given_name=f"Child {n}", family_name="Many", sort_key=f"many {n:05}") for n in range(rows)]
    )
    client = as_person(world.office)
    client.get(page("student-list", world.own.school))

    with django_assert_num_queries(8):
        response = client.get(page("student-list", world.own.school), {"q": "many"})

    assert response.context["page"].paginator.count == rows
    assert len(response.context["page"]) == min(rows, 50)
    if rows > 50:
        assert "q=many&amp;page=2" in main_of(response)
        last = client.get(page("student-list", world.own.school), {"q": "many", "page": "30"})
        assert names_in(last)[-1] == "Child 1499 Many"
