"""What students are counted by: from rosters, by the office, and out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.lib.files import open_bundle
from lpm.lib.imports import Counts
from lpm.people.enums import Role
from lpm.people.exports.oneroster import export_roster
from lpm.people.models import Demographics, Organization, Student, User
from lpm.people.services.demographics import CountedBy, change_demographics
from tests.people.oneroster import DAY, NEXT_DAY, bring_in, bundle, district, places
from tests.world import World, grant, person

__all__ = ["district"]

pytestmark = pytest.mark.django_db
AsPerson = Callable[[User], Client]
COLUMNS = (
    "sourcedId,status,dateLastModified,birthDate,Sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
    "metadata.lpm.homeLanguage,metadata.lpm.programmes\n"
)
OLD = "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,2015-03-02,\n"
AVA = 'u1,,,2015-03-02,Female,false,true,,,TRUE,true,false,ES,"meals,gifted"\n'
BEN = "u2,,,,,,,,,,,,,\n"


def sent(*rows: str) -> dict[str, bytes]:
    return bundle(("demographics", OLD, COLUMNS + "".join(rows)))


def kept() -> dict[str, tuple[Any, ...]]:
    """By the sourcedId of the student."""
    rows = Demographics.objects.values_list(
        "student__sourced_id", "sex", "races", "is_hispanic", "home_language", "programmes"
    )
    return {row[0]: row[1:] for row in rows}


FIRST = ("female", ["asian", "white"], False, "es", ["gifted", "meals"])


def test_a_roster_says_what_students_are_counted_by(district: Organization) -> None:
    report = bring_in(sent(AVA, BEN), organization=district)

    assert kept() == {"u1": FIRST}
    assert report.counts["demographics"] == Counts(add=1)
    assert Student.objects.get(sourced_id="u1").born_on == date(2015, 3, 2)
    assert places(report.problems) == []


def test_the_same_again_changes_nothing_and_empty_cells_say_nothing(district: Organization) -> None:
    bring_in(sent(AVA), organization=district)

    assert bring_in(sent(AVA), organization=district, day=NEXT_DAY).counts["demographics"] == Counts(same=1)
    assert "demographics" not in bring_in(bundle(), organization=district, day=NEXT_DAY).counts
    report = bring_in(sent("u1,,,2015-03-02,,,,true,,,,,,none\n"), organization=district, day=NEXT_DAY)

    assert report.counts["demographics"] == Counts(change=1)
    assert kept() == {"u1": ("female", ["black"], False, "es", [])}


def test_a_roster_and_the_office_say_it_in_one_order(district: Organization) -> None:
    row = 'u1,,,,,true,true,,,,,,,"meals,special_education"\n'
    bring_in(sent(row), organization=district)
    before = kept()
    about = Demographics.objects.get(student__sourced_id="u1")
    Demographics.objects.filter(pk=about.pk).update(races=["white"], programmes=["gifted"])
    office = person("office", district)
    grant(office, district, Role.OFFICE)

    said = CountedBy(races=about.races, programmes=about.programmes)
    change_demographics(student=about.student, counted_by=said, actor=office, day=DAY)

    assert kept() == before
    assert bring_in(sent(row), organization=district, day=NEXT_DAY).counts["demographics"] == Counts(same=1)


def test_what_is_odd_is_passed_over_and_the_row_is_taken(district: Organization) -> None:
    odd = "u1,,,2015-03-02,unknown,maybe,,,,,,yes,Klingonese tongue,chess\n"
    report = bring_in(sent(odd), organization=district)

    assert places(report.problems) == [
        ("demographics_odd", "demographics.csv", 2, column)
        for column in (
            "sex",
            "americanIndianOrAlaskaNative",
            "hispanicOrLatinoEthnicity",
            "metadata.lpm.homeLanguage",
            "metadata.lpm.programmes",
        )
    ]
    assert Student.objects.get(sourced_id="u1").born_on == date(2015, 3, 2)
    assert kept() == {"u1": ("", [], None, "", [])}


@pytest.mark.parametrize(
    ("said", "known"), [("SPA", "es"), ("som", "so"), ("fre-CA", "fr-ca"), ("mnw", "mnw"), ("tl", "tl"), ("scc", "sr")]
)
def test_a_language_has_one_code(said: str, known: str, district: Organization) -> None:
    bring_in(sent(f"u1,,,,,,,,,,,,{said},\n"), organization=district)

    assert kept() == {"u1": ("", [], None, known, [])}


def rows_out(organization: Organization, version: str) -> list[dict[str, str]]:
    file = io.BytesIO()
    export_roster(organization=organization, version=version, day=DAY, actor=None, to=file)
    text = open_bundle(file.getvalue())["demographics.csv"].decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("version", "sex"), [("1.1", ""), ("1.2", "other")])
def test_it_goes_out_as_it_came_in(version: str, sex: str, district: Organization) -> None:
    bring_in(sent(AVA.replace("Female", "other"), BEN), organization=district)

    [row] = rows_out(district, version)

    assert {name: value for name, value in row.items() if value} == {
        "sourcedId": "u1",
        "birthDate": "2015-03-02",
        **({"sex": sex} if sex else {}),
        "americanIndianOrAlaskaNative": "false",
        "asian": "true",
        "blackOrAfricanAmerican": "false",
        "nativeHawaiianOrOtherPacificIslander": "false",
        "white": "true",
        "demographicRaceTwoOrMoreRaces": "true",
        "hispanicOrLatinoEthnicity": "false",
        "metadata.lpm.homeLanguage": "es",
        "metadata.lpm.programmes": row["metadata.lpm.programmes"],
    }
    assert set(row["metadata.lpm.programmes"].split(",")) == {"gifted", "meals"}


def test_of_whom_only_something_is_said_the_rest_stays_open(district: Organization) -> None:
    bring_in(sent("u2,,,,,,,,,,,true,,\n"), organization=district)

    [ben] = [row for row in rows_out(district, "1.2") if row["sourcedId"] == "u2"]
    assert {name: value for name, value in ben.items() if value} == {
        "sourcedId": "u2",
        "hispanicOrLatinoEthnicity": "true",
    }


# By the office


def address(student: Student) -> str:
    return reverse("people:student-demographics", kwargs={"student": student.uuid})


def test_the_office_says_it_and_the_audit_keeps_no_values(world: World, as_person: AsPerson) -> None:
    office, student = as_person(world.office), world.own.student
    said = {"sex": "female", "races": ["white", "asian"], "is_hispanic": "yes", "home_language": "so"}

    answer = office.post(address(student), {**said, "programmes": ["meals"]})

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        reverse("people:student-show", kwargs={"student": student.uuid}),
    )
    row = Demographics.objects.get(student=student)
    assert (row.sex, row.races, row.is_hispanic, row.home_language, row.programmes, row.district) == (
        "female",
        ["asian", "white"],
        True,
        "so",
        ["meals"],
        world.own.district,
    )
    entry = Entry.objects.get(action="people.change_demographics")
    assert (entry.actor, entry.subject_uuid, entry.details) == (
        world.office,
        student.uuid,
        {"fields": ["home_language", "is_hispanic", "programmes", "races", "sex"]},
    )


def test_the_form_shows_what_is_known_and_saving_that_again_is_no_change(world: World, as_person: AsPerson) -> None:
    office, student = as_person(world.office), world.own.student
    known = {"home_language": "tlh", "races": ["white"], "is_hispanic": False}
    Demographics.objects.create(district=world.own.district, student=student, **known)

    html = office.get(address(student)).content.decode()
    assert '<option value="tlh" selected>' in html
    office.post(address(student), {"home_language": "tlh", "races": ["white"], "is_hispanic": "no"})

    assert not Entry.objects.filter(action="people.change_demographics").exists()


def test_what_is_none_of_the_choices_is_not_taken(world: World, as_person: AsPerson) -> None:
    answer = as_person(world.office).post(address(world.own.student), {"races": ["martian"], "sex": "female"})

    assert answer.status_code == 422
    assert not Demographics.objects.exists()


def test_a_teacher_may_not_say_it(world: World, school_day: date) -> None:
    with pytest.raises(PermissionDenied):
        change_demographics(
            student=world.own.student, counted_by=CountedBy(sex="male"), actor=world.teacher, day=school_day
        )

    assert not Demographics.objects.exists()


def test_it_stands_on_no_page_beside_the_name(world: World, as_person: AsPerson) -> None:
    student = world.own.student
    Demographics.objects.create(
        district=world.own.district, student=student, sex="male", home_language="so", programmes=["meals"]
    )

    for who in (world.office, world.leader, world.teacher, world.guardian, world.student):
        html = as_person(who).get(reverse("people:student-show", kwargs={"student": student.uuid})).content.decode()
        assert student.family_name in html
        assert not [word for word in ("Somali", "reduced-price", "male") if f"{word}<" in html]
