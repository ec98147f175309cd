"""The pages on which leaders read how all are doing, and what is taken out of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from curriculum.models import ContentArea
from lpm.audit.models import Entry
from lpm.lib.progress import tell_progress
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Lineage, Organization, User
from lpm.people.services import create_organization
from students.mastery.calculations.progress import stand_out
from students.mastery.calculations.suppression import Band
from students.mastery.enums import ProgressDimension
from students.mastery.models import SchoolProgress
from students.mastery.queries.progress import name_of
from students.mastery.services.progress import job_of
from tests.mastery.progress import count
from tests.world import DAY, World, grant

AsPerson = Callable[[User], Client]


def address(place: Organization, what: str = "show") -> str:
    return reverse(f"mastery:progress-{what}", kwargs={"organization": place.uuid})


def table_of(client: Client, place: Organization, dimension: str) -> dict[str, int]:
    """Students by group, as the page tells them."""
    standing = client.get(address(place)).context["standing"]
    tables = {table.dimension: table for table in standing.tables}
    return {row.name: row.told.students for row in tables[dimension].rows} if dimension in tables else {}


def exported(client: Client, place: Organization) -> list[list[str]]:
    content = client.get(address(place, "export"), {"as": "csv"}).content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def school(world: World, name: str) -> Organization:
    return create_organization(kind=OrganizationKind.SCHOOL, name=name, parent=world.own.district)


@pytest.fixture
def counted(world: World) -> World:
    """Hill and Lake, with few students of one language at Hill."""
    hill, lake = world.own.school, world.places["other_school"].school
    for there, languages in ((hill, {"en": 60, "es": 30, "so": 4}), (lake, {"en": 50, "es": 20, "so": 15})):
        size = sum(languages.values())
        count(there, "all", {"": size}, heard=90, learned=40, waiting=5)
        count(there, "language", languages)
        count(there, "year", {"05": size // 2, "KG": size - size // 2}, heard=60)
        count(there, "programme", {"meals": 40, "gifted": 12})
        count(there, "area", {str(ContentArea.objects.get(framework=world.own.framework).uuid): size}, learned=10)
    return world


def test_better_for_all_comes_before_who(counted: World, as_person: AsPerson) -> None:
    html = as_person(counted.leader).get(address(counted.own.school)).content.decode()

    assert 0 < html.index("How could all do better?") < html.index("Pace") < html.index("Who?")
    assert "counted on" in html


def test_findings_are_of_the_whole_place(counted: World, as_person: AsPerson) -> None:
    standing = as_person(counted.leader).get(address(counted.own.school)).context["standing"]

    found = {finding.name: (finding.band.low, finding.band.high, finding.is_well) for finding in standing.findings}
    assert found == {"heard": (80, 90, True), "learned": (30, 40, False), "waiting": (0, 10, True)}
    assert [finding.thin for finding in standing.findings] == [[], [], []]


def test_the_few_that_have_far_less_than_the_others_are_named(counted: World, as_person: AsPerson) -> None:
    """Years with years, areas with areas: an area has always less than all of them together."""
    lake = counted.places["other_school"].school
    SchoolProgress.objects.filter(school=lake, dimension__in=["year", "area"]).delete()
    reading = ContentArea.objects.create(framework=counted.own.framework, title="Reading", domain="content", position=9)
    count(lake, "year", {"06": 40, "07": 40}, heard=90, learned=90)
    count(lake, "year", {"08": 40, "": 40}, heard=10, learned=10)
    count(lake, "area", {str(reading.uuid): 90}, heard=10, learned=1)
    leader = as_person(counted.administrator)

    [heard, learned, waiting] = leader.get(address(counted.own.district)).context["standing"].findings

    assert [row.name for row in heard.thin] == ["Reading", "Grade 8"]
    assert [row.name for row in learned.thin] == ["Grade 8"]
    assert waiting.thin == []


@pytest.mark.parametrize(
    ("lows", "places"),
    [
        ([], []),
        ([40], []),
        ([80, 30], [1]),
        ([80, 62, 61], []),
        ([80, 70, 40], [2]),
        ([80, 80, 40, 40], []),
        ([90, 40, 90, 90, 40, 90], [1, 4]),
    ],
)
def test_what_stands_out_among_its_like(lows: list[int], places: list[int]) -> None:
    assert stand_out([Band(low, low + 10) for low in lows]) == places


def test_a_group_of_few_is_hidden_and_another_with_it_at_both_schools(counted: World, as_person: AsPerson) -> None:
    leader = as_person(counted.administrator)
    hill, lake = counted.own.school, counted.places["other_school"].school

    assert table_of(leader, counted.own.district, "language") == {"English": 110, "Somali": 19, "Spanish": 50}
    assert table_of(leader, hill, "language") == {"English": 60, "Everybody else": 34}
    assert table_of(leader, lake, "language") == {"English": 50, "Everybody else": 35}
    assert "Somali" not in leader.get(address(hill)).content.decode()


def test_groups_stand_in_an_order_of_their_own(counted: World, as_person: AsPerson) -> None:
    leader = as_person(counted.leader)

    assert list(table_of(leader, counted.own.school, "year")) == ["Kindergarten", "Grade 5"]
    assert list(table_of(leader, counted.own.school, "programme")) == [
        "Free or reduced-price meals",
        "Gifted and talented",
    ]
    places = as_person(counted.administrator).get(address(counted.own.district)).context["standing"].places
    assert [row.name for row in places] == ["Hill", "Lake"]


def test_a_small_school_is_not_told_nor_can_it_be_worked_out(counted: World, as_person: AsPerson) -> None:
    leader = as_person(counted.administrator)
    tiny = school(counted, "Tiny")
    count(tiny, "all", {"": 5})
    count(tiny, "language", {"en": 5})

    places = leader.get(address(counted.own.district)).context["standing"].places
    assert {row.name: row.told and row.told.students for row in places} == {"Hill": 94, "Lake": None, "Tiny": None}
    assert "Too few students to count" in leader.get(address(tiny)).content.decode()
    assert table_of(leader, counted.places["other_school"].school, "language") == {}


def test_somebody_may_be_in_several_groups_or_none(counted: World, as_person: AsPerson) -> None:
    hill = counted.own.school
    SchoolProgress.objects.filter(school=hill, value="meals").update(student_count=90)

    page = as_person(counted.leader).get(address(hill))

    [table] = [table for table in page.context["standing"].tables if table.dimension == "programme"]
    assert ([row.name for row in table.rows], table.has_hidden, table.is_several) == (
        ["Gifted and talented"],
        True,
        True,
    )


def test_an_area_is_told_of_all_students_and_not_where_few_have_begun(counted: World, as_person: AsPerson) -> None:
    leader, hill, district = as_person(counted.administrator), counted.own.school, counted.own.district
    begun = SchoolProgress.objects.filter(school=hill, dimension="area")

    begun.update(student_count=91)
    assert table_of(leader, hill, "area") == {"Mathematics": 94}
    begun.update(student_count=9)
    assert (table_of(leader, hill, "area"), table_of(leader, district, "area")) == ({}, {"Mathematics": 179})


def test_a_consortium_adds_up_what_its_districts_tell(counted: World, as_person: AsPerson) -> None:
    coast = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    for place in (counted.own, counted.other_district):
        Organization.objects.filter(pk=place.district.pk).update(parent=coast)
        below = [row.descendant_id for row in Lineage.objects.filter(ancestor=place.district)]
        Lineage.objects.bulk_create(Lineage(ancestor=coast, descendant_id=pk, depth=1) for pk in below)
    count(counted.other_district.school, "all", {"": 40})
    count(counted.other_district.school, "language", {"en": 33, "so": 7})
    grant(counted.stranger, coast, Role.ADMINISTRATOR)
    leader = as_person(counted.stranger)

    told = {"English": 110, "Somali": 19, "Spanish": 50, "Everybody else": 40}
    assert table_of(leader, coast, "language") == told
    assert table_of(leader, counted.other_district.district, "language") == {}
    places = leader.get(address(coast)).context["standing"].places
    assert {row.name: row.told.students for row in places} == {"North": 179, "South": 40}


def test_what_is_taken_out_is_what_the_page_shows(counted: World, as_person: AsPerson) -> None:
    leader = as_person(counted.leader)

    lines = exported(leader, counted.own.school)

    assert lines[1] == ["everybody", "Hill", "94", "30", "40", "80", "90", "0", "10", "12", "3"]
    assert [line[:3] for line in lines[2:] if len(line) > 1] == [
        ["content area", "Mathematics", "94"],
        ["year", "Kindergarten", "47"],
        ["year", "Grade 5", "47"],
        ["programme", "Free or reduced-price meals", "40"],
        ["programme", "Gifted and talented", "12"],
        ["language at home", "English", "60"],
        ["language at home", "Everybody else", "34"],
    ]
    assert next(line for line in lines if len(line) == 1) == ["counted on Nov. 19, 2026, 1:30 a.m."]
    entry = Entry.objects.get(action="mastery.export_progress")
    assert (entry.actor, entry.subject_uuid, entry.details["rows"]) == (counted.leader, counted.own.school.uuid, 8)


def test_a_workbook_holds_the_same_with_numbers_that_can_be_added(counted: World, as_person: AsPerson) -> None:
    hill = counted.own.school
    Organization.objects.filter(pk=hill.pk).update(name="=1+1")
    leader = as_person(counted.leader)

    answer = leader.get(address(hill, "export"))

    assert answer.headers["Content-Disposition"] == f'attachment; filename="progress-{DAY}.xlsx"'
    [sheet] = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert rows[1] == ["everybody", "=1+1", 94, 30, 40, 80, 90, 0, 10, 12, 3]
    assert sheet["B2"].data_type == "s"
    flat = [[str(cell).removeprefix("'") for cell in row] for row in exported(leader, hill)]
    assert [[str(cell) for cell in row] for row in rows] == flat


def test_nothing_counted_yet(world: World, as_person: AsPerson) -> None:
    leader = as_person(world.leader)

    page = leader.get(address(world.own.school))
    assert "Nothing is counted yet" in page.content.decode()
    assert [line for line in exported(leader, world.own.school)[1:] if len(line) > 1] == []

    answer = leader.post(address(world.own.school, "count"), follow=True)
    assert answer.redirect_chain == [(address(world.own.school), 302)]
    assert "The counts are being made" in answer.content.decode()


def test_the_page_asks_how_far_it_is_until_it_is_done(world: World, as_person: AsPerson) -> None:
    leader, job = as_person(world.leader), job_of(world.own.school)

    tell_progress(job, 40)
    assert "40%" in leader.get(address(world.own.school), headers={"HX-Request": "true"}).content.decode()
    tell_progress(job, 100)
    assert leader.get(address(world.own.school), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_of_one_school_its_district_gives_nothing_away(counted: World, as_person: AsPerson) -> None:
    shore = counted.other_district.school
    count(shore, "all", {"": 30})
    count(shore, "hispanic", {"yes": 12, "no": 13, "": 5})
    leader = as_person(counted.far_administrator)

    for place in (shore, counted.other_district.district):
        assert table_of(leader, place, "hispanic") == {"Not Hispanic or Latino": 13, "Everybody else": 17}


def test_those_who_are_hidden_are_told_as_one_unless_that_tells_of_few(world: World, as_person: AsPerson) -> None:
    shore, leader = world.other_district.school, as_person(world.far_administrator)
    count(shore, "all", {"": 606})
    count(shore, "sex", {"female": 290, "male": 310, "other": 6})
    count(shore, "race", {"asian": 6, "white": 600})

    for place in (shore, world.other_district.district):
        assert table_of(leader, place, "sex") == {"Male": 310, "Everybody else": 296}
        assert table_of(leader, place, "race") == {}
    tiny = create_organization(kind=OrganizationKind.SCHOOL, name="Tiny", parent=world.other_district.district)
    count(tiny, "all", {"": 6})
    count(tiny, "sex", {"female": 6})
    assert table_of(leader, tiny, "sex") == {}


def test_a_team_has_no_page(world: World, as_person: AsPerson) -> None:
    team = create_organization(kind=OrganizationKind.TEAM, name="Fifth grade", parent=world.own.school)

    assert as_person(world.administrator).get(address(team)).status_code == 404


def test_names_of_groups() -> None:
    named = [("year", "X9"), ("language", "zz"), ("hispanic", "yes"), ("sex", ""), ("race", "pacific")]
    assert [name_of(ProgressDimension(dimension), value) for dimension, value in named] == [
        "X9",
        "Zz",
        "Hispanic or Latino",
        "Not said",
        "Native Hawaiian or Other Pacific Islander",
    ]


@pytest.mark.parametrize("schools", [1, 30])
def test_in_as_many_queries_for_one_school_and_for_thirty(
    schools: int, world: World, as_person: AsPerson, django_assert_num_queries: Any
) -> None:
    for n in range(schools):
        there = school(world, f"School {n}")
        count(there, "all", {"": 40 + n})
        count(there, "year", {"05": 15, "04": 25 + n})
        count(there, "race", {"asian": 12, "white": 25})
        count(there, "area", {str(ContentArea.objects.get(framework=world.own.framework).uuid): 40})
    leader = as_person(world.administrator)
    leader.get(address(world.own.district))

    with django_assert_num_queries(7):
        page = leader.get(address(world.own.district))

    assert len([row for row in page.context["standing"].places if row.told]) == schools
