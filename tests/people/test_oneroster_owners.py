"""Whose roster it is."""

from __future__ import annotations

import pytest

from lpm.people.enums import OrganizationKind
from lpm.people.models import (
    Organization,
    Student,
)
from lpm.people.services import create_organization
from tests.people.oneroster import bring_in, bundle, codes, make_district, places, refused


@pytest.mark.django_db
def test_import_roster_brings_the_district_of_the_file_into_the_one_given() -> None:
    district = make_district()
    bring_in(bundle(), organization=district)
    report = bring_in(bundle(), organization=district)

    assert set(Organization.objects.values_list("name", "parent__name", "sourced_id")) == {
        ("Typed by hand", None, "d1"),
        ("Hill School", "Typed by hand", "s1"),
        ("Grade 5", "Hill School", "t1"),
    }
    assert not report.changes_anything


@pytest.mark.django_db
def test_import_roster_puts_a_lone_school_under_the_district_given() -> None:
    district = make_district()
    bring_in(
        bundle(("orgs", "d1,,,Northfield,district,,\n", ""), ("orgs", ",d1", ","), ("users", ",d1,", ",s1,")),
        organization=district,
    )

    assert set(Organization.objects.values_list("name", "parent__name")) == {
        ("Typed by hand", None),
        ("Hill School", "Typed by hand"),
        ("Grade 5", "Hill School"),
    }


@pytest.mark.django_db
def test_import_roster_into_a_school_takes_the_school_of_the_file_for_it() -> None:
    school = create_organization(kind=OrganizationKind.SCHOOL, name="Ours", parent=make_district())
    bring_in(
        bundle(("orgs", "d1,,,Northfield,district,,\n", ""), ("orgs", ",d1", ","), ("users", ",d1,", ",s1,")),
        organization=school,
    )

    assert set(Student.objects.values_list("school__name", "district__name")) == {("Ours", "Typed by hand")}


@pytest.mark.django_db
def test_import_roster_into_a_consortium_makes_its_districts() -> None:
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)
    bring_in(bundle(("orgs", "s1,", "d2,,,Southfield,district,,\ns1,")), organization=consortium)

    assert set(Organization.objects.filter(parent=consortium).values_list("name", flat=True)) == {
        "Northfield",
        "Southfield",
    }


@pytest.mark.django_db
def test_import_roster_keeps_two_districts_with_the_same_identifiers_apart() -> None:
    one, two = make_district("One"), make_district("Two")
    bring_in(bundle(), organization=one)
    renamed = bundle(*(("users", f",{name},", f",{name}2,") for name in ("ana", "ben", "tess", "rosa")))
    bring_in(renamed, organization=two)

    assert set(Student.objects.values_list("given_name", "district__name")) == {
        ("Ana", "One"),
        ("Ben", "One"),
        ("Ana", "Two"),
        ("Ben", "Two"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([("orgs", "Northfield", "Elsewhere")], "which_organization"),
        ([("manifest", "Abacus", "Other")], "district_exists"),
        (
            [("manifest", "Abacus", "Other"), ("orgs", "s1,", "d2,,,South,district,,\ns1,")],
            "which_organization",
        ),
    ],
    ids=["same identifiers, another name", "another system, the same name", "two districts"],
)
def test_import_roster_asks_when_it_is_not_clear_whose_it_is(changes: list[tuple[str, str, str]], code: str) -> None:
    bring_in(bundle())

    assert [problem.code for problem in refused(bundle(*changes))] == [code]


@pytest.mark.django_db
def test_import_roster_refuses_two_districts_for_one() -> None:
    problems = refused(bundle(("orgs", "s1,", "d2,,,South,district,,\ns1,")), organization=make_district())

    assert places(problems) == [("host_twice", "orgs.csv", 3, "type")]


@pytest.mark.django_db
def test_import_roster_refuses_a_district_for_a_school() -> None:
    school = create_organization(kind=OrganizationKind.SCHOOL, name="Ours", parent=make_district())

    assert refused(bundle(), organization=school)[0].code == "wrong_parent"


@pytest.mark.django_db
def test_import_roster_leaves_an_organization_that_moved() -> None:
    bring_in(bundle())
    report = bring_in(
        bundle(("orgs", "t1,,,Grade 5,department,,s1", "s2,,,New School,school,,d1\nt1,,,Grade 5,department,,s2"))
    )

    assert places(report.problems) == [("organization_moved", "orgs.csv", 5, "")]
    assert Organization.objects.get(sourced_id="t1").parent == Organization.objects.get(sourced_id="s1")


@pytest.mark.django_db
def test_import_roster_leaves_out_a_department_without_a_school() -> None:
    report = bring_in(bundle(("orgs", "department,,s1", "department,,d1")))

    assert codes(report) == ["team_not_kept"]
    assert not Organization.objects.filter(kind=OrganizationKind.TEAM).exists()
