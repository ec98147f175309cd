"""The next school year begins: from choosing it, over the preview, to done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lpm.lib.dates import school_day
from lpm.people.models import Enrollment, SchoolYear, Student
from lpm.people.services.stays import settle_stays
from tests.browser.conftest import OpenPage, scrolls_sideways, violations
from tests.world import World, enroll


@pytest.fixture
def years(world: World) -> World:
    """The old year ended yesterday, the new one begins in a month; with long names, and grades of all kinds."""
    day = school_day("America/New_York")
    north = world.own.district
    north.name = "Regional School Unit 3 of the Penobscot and Piscataquis Valleys"
    north.save()
    for title, ends_in, first, last in [("Old", 2001, -300, -1), ("School year 2026 to 2027", 2002, 30, 320)]:
        SchoolYear.objects.create(
            organization=north,
            title=title,
            ends_in=ends_in,
            starts_on=day + timedelta(days=first),
            ends_on=day + timedelta(days=last),
        )
    enroll(world.own.group, given_name="Ana-Alejandra Guadalupe", family_name="Santos-Villanueva", grade="12")
    enroll(world.own.group, given_name="Maximiliana", family_name="Featherstonehaugh", grade="04")
    for group in (world.own.group, world.other_class.group, world.other_school.group):
        group.ends_on = None
        group.save()
    settle_stays(
        student_ids=list(Student.objects.values_list("pk", flat=True)),
        day=school_day("America/New_York") - timedelta(90),
    )
    return world


@pytest.mark.parametrize("width", [1280, 390])
def test_a_school_year_begins(years: World, page_as: OpenPage, width: int) -> None:
    own, lake = years.own, years.other_school.school
    page = page_as(years.people["administrator"], width=width)
    page.goto(f"/organizations/{own.district.uuid}/next-year/")
    assert violations(page) == []
    page.get_by_role("link", name="School year 2026 to 2027").click()
    page.get_by_role("heading", name="Where do these students go?").wait_for()
    assert violations(page) == []
    assert not scrolls_sideways(page)

    page.get_by_role("button", name="Begin this school year").click()
    page.get_by_text("Some students still need a place to go").wait_for()
    assert violations(page) == []
    page.get_by_label("Grade 5 of Hill").select_option(label="Grade 6 at Lake")
    page.get_by_label("Grade 5 of Lake").select_option(label="Grade 6 at this school")
    page.get_by_label("Find a student by name").fill("feather")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Maximiliana Featherstonehaugh").check()
    assert page.get_by_label("Grade 5 of Hill").input_value() == str(lake.uuid)
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Begin this school year").click()
    page.get_by_text("The new school year has begun.").wait_for()
    assert violations(page) == []

    grades = dict(Student.objects.filter(district=own.district).values_list("family_name", "grade"))
    assert grades == {
        "of Birch": "06",
        "of Alder": "06",
        "of Cedar": "06",
        "Classmate": "",
        "Grown": "",
        "Santos-Villanueva": "12",
        "Featherstonehaugh": "04",
    }
    assert Student.objects.get(pk=own.student.pk).school == lake
    assert Student.objects.get(family_name="Santos-Villanueva").left_on is not None
    assert not Enrollment.objects.filter(district=own.district, ends_on__isnull=True).exists()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_through_the_year(years: World, page_as: OpenPage, width: int, scheme: str) -> None:
    own = years.own
    student, teacher = own.student.uuid, years.people["teacher"].uuid
    own.student.given_name, own.student.family_name = "Ana-Alejandra Guadalupe", "of Birch-Birkenau"
    own.student.save()
    addresses = [
        ("administrator", f"/students/{student}/transfer"),
        ("administrator", f"/students/{student}/arrival"),
        ("administrator", f"/organizations/{own.school.uuid}/take-in"),
        ("leader", f"/people/{teacher}/hand-over"),
        ("leader", f"/people/{years.people['counselor'].uuid}/hand-over"),
        ("teacher", f"/students/{student}/start"),
        ("teacher", f"/students/{student}/start?topic={own.topic.uuid}"),
    ]
    for name, address in addresses:
        page = page_as(years.people[name], width=width, color_scheme=scheme)
        page.goto(address)
        assert violations(page) == [], address
        assert not scrolls_sideways(page), address
