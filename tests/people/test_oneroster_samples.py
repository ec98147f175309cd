"""The published samples, the demonstration, and a large roster."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from lpm.lib.files import open_bundle
from lpm.people.enums import OrganizationKind
from lpm.people.models import (
    Enrollment,
    Guardianship,
    Organization,
    SchoolYear,
    Staffing,
    Student,
    User,
)
from lpm.people.services import create_organization
from tests.people.oneroster import DEMO, SAMPLES, SMALL, bring_in, codes, everything, make_district, places, refused


@pytest.mark.django_db
@pytest.mark.real_files
def test_import_roster_of_a_sample_in_which_teachers_are_called_students() -> None:
    report = bring_in(open_bundle(SAMPLES / "lepo-en"))

    assert {kind: counts.add for kind, counts in report.counts.items()} == {
        "organizations": 2,
        "school_years": 1,
        "terms": 4,
        "groups": 5,
        "users": 20,
        "students": 18,
        "guardianships": 0,
        "staffing": 5,
        "enrollments": 25,
    }
    assert codes(report) == ["manifest_misspelt", "teaches_by_enrollment", "teaches_by_enrollment"]
    assert set(Organization.objects.values_list("kind", "name", "parent__name")) == {
        ("district", "Sample School", None),
        ("school", "Sample School", "Sample School"),
    }
    assert list(SchoolYear.objects.values_list("title", "starts_on", "ends_on")) == [
        ("2020–2021", date(2020, 8, 1), date(2021, 7, 31))
    ]
    assert set(Staffing.objects.values_list("user__username", "group__code", "role")) == {
        ("user01", "C401", "teacher"),
        ("user01", "C402", "teacher"),
        ("user01", "C403", "teacher"),
        ("user01", "C404", "teacher"),
        ("user02", "C405", "teacher"),
    }
    assert not Student.objects.filter(user__username__in=["user01", "user02"]).exists()

    before = everything()
    again = bring_in(open_bundle(SAMPLES / "lepo-en"))
    assert not again.changes_anything
    assert {name: rows for name, rows in everything().items() if name != "Entry"} == {
        name: rows for name, rows in before.items() if name != "Entry"
    }


@pytest.mark.django_db
@pytest.mark.real_files
def test_import_roster_of_a_sample_whose_only_organization_is_a_department() -> None:
    files = open_bundle(SAMPLES / "Test_minimal_data_set.zip")

    assert places(refused(files)) == [("no_school", "orgs.csv", None, "")]
    assert places(refused(files, organization=make_district())) == [
        ("not_a_school", "classes.csv", 2, "schoolSourcedId"),
        ("not_a_school", "classes.csv", 3, "schoolSourcedId"),
        *(("student_without_school", "users.csv", line, "orgSourcedIds") for line in (3, 6, 7)),
    ]

    school = create_organization(kind=OrganizationKind.SCHOOL, name="Ours", parent=make_district("Other"))
    report = bring_in(files, organization=school)
    assert codes(report) == ["courses_absent", "not_a_student", "not_a_student"]
    assert {kind: counts.add for kind, counts in report.counts.items()} == {
        "organizations": 1,
        "school_years": 1,
        "terms": 4,
        "groups": 2,
        "users": 6,
        "students": 3,
        "guardianships": 0,
        "staffing": 2,
        "enrollments": 2,
    }


@pytest.mark.django_db
@pytest.mark.real_files
def test_import_roster_of_a_sample_with_changes_alone() -> None:
    files = open_bundle(SAMPLES / "oneroster_test_data.zip")

    report = bring_in(files)

    assert {problem.code for problem in report.problems} == {"file_not_kept"}
    assert list(Student.objects.values_list("given_name", "born_on", "school__name", "district__name")) == [
        ("Bruce", date(2010, 4, 17), "Gotham High School", "Gotham High School")
    ]
    assert Enrollment.objects.count() == 1
    assert not bring_in(files).changes_anything


@pytest.mark.django_db
def test_import_roster_of_the_demonstration() -> None:
    report = bring_in(open_bundle(DEMO))

    assert report.problems == []
    assert report.counts["students"].add == Student.objects.count() > 0
    assert Student.objects.filter(born_on=None).count() == 0
    assert Guardianship.objects.exists()
    assert not bring_in(open_bundle(DEMO)).changes_anything


# Size


def large(students: int) -> dict[str, bytes]:
    """SMALL with so many more students, each with a guardian, a birth date and two classes."""
    texts = dict(SMALL)
    for n in range(students):
        texts["users.csv"] += f"x{n},,,true,s1,student,x{n},,Given{n},Family{n},,,x{n}@example.org,,,g{n},05,\n"
        texts["users.csv"] += f"g{n},,,true,s1,guardian,g{n},,Given{n},Family{n},,,,,,,,\n"
        texts["demographics.csv"] += f"x{n},,,2015-01-02,\n"
        for group in ("k1", "k2"):
            texts["enrollments.csv"] += f"{group}{n},,,{group},s1,x{n},student,,,\n"
    return {name: text.encode() for name, text in texts.items()}


def statements(queries: CaptureQueriesContext) -> int:
    return sum(1 for query in queries if "SAVEPOINT" not in query["sql"])


@pytest.mark.django_db
def test_import_roster_takes_as_many_queries_for_many_as_for_few() -> None:
    here, there = make_district("Here"), make_district("There")
    with CaptureQueriesContext(connection) as few:
        bring_in(large(3), organization=here)
    User.objects.update(username=Concat(F("username"), Value(" of here")))
    with CaptureQueriesContext(connection) as many:
        bring_in(large(300), organization=there)
    with CaptureQueriesContext(connection) as again:
        bring_in(large(300), organization=there)

    assert (statements(few), statements(many), statements(again)) == (39, 39, 21)
