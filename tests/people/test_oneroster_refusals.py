"""Rosters that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from lpm.people.models import (
    User,
)
from tests.people.oneroster import SMALL, bring_in, bundle, make_district, places, refused


def edit(file: str, old: str, new: str, code: str, line: int | None, column: str, where: str = "") -> Any:
    """A change to a file, and the problem that it makes there, or in the file ``where``."""
    return pytest.param((file, old, new), (code, f"{where or file}.csv", line, column), id=f"{code}-{file}-{column}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "place"),
    [
        edit("manifest", "propertyName", "name", "manifest_columns", 1, "propertyName"),
        edit("manifest", "manifest.version,1.0", "manifest.version,2", "manifest_version", 2, "value"),
        edit("manifest", "version,1.1", "version,1.0", "manifest_version", 3, "value"),
        edit("manifest", "oneroster.version,1.1\n", "", "manifest_version", None, "value"),
        edit("manifest", "courses,bulk", "courses,full", "manifest_mode", 6, "value"),
        edit("manifest", "courses,bulk", "courses,bulk\nfile.roles,bulk", "manifest_file_missing", 7, "value"),
        edit("manifest", "file.courses,bulk\n", "", "manifest_undeclared", None, "", where="courses"),
        edit("manifest", "courses,bulk", "courses,absent", "manifest_undeclared", None, "", where="courses"),
        edit("manifest", "file.orgs,bulk", "file.orgs,bulk\nfile.orgs,bulk", "manifest_twice", 10, "propertyName"),
        edit("users", ",username,", ",login,", "column_missing", 1, "username"),
        edit("users", "role,username", "username,role,username", "csv_column_twice", 1, "username"),
        edit("users", "ben,,Ben", "ben,,", "value_missing", 3, "givenName"),
        edit("users", "ben,,Ben", f"ben,,{'B' * 201}", "value_too_long", 3, "givenName"),
        edit("users", "u2,,,true", "u1,,,true", "sourced_id_twice", 3, "sourcedId"),
        edit("users", "student,ben", "student,ANA", "username_twice", 3, "username"),
        edit("users", "student,ben", "wizard,ben", "value_unknown", 3, "role"),
        edit("users", "u2,,,true", "u2,,,maybe", "bad_boolean", 3, "enabledUser"),
        edit("users", "true,s1,student", "true,s9,student", "reference_unresolved", 3, "orgSourcedIds"),
        edit("users", ",05,\nu3", ",eleven and a half,\nu3", "value_too_long", 3, "grades"),
        edit("users", "ben,,Ben,Oakes,", "ben,,Ben,Oakes,,,,,,,,,,,,,x", "row_too_long", 3, ""),
        edit("users", "Ben", '"Ben', "csv_quote", 3, ""),
        edit("users", "Ben", "B\0n", "csv_nul", 3, ""),
        edit("orgs", "school,,d1", "school,,s1", "reference_circular", 3, "parentSourcedId"),
        edit("orgs", "school,,d1", "school,,t1", "reference_circular", 3, "parentSourcedId"),
        edit("orgs", "school,,d1", "shool,,d1", "value_unknown", 3, "type"),
        edit("orgs", "Grade 5,department", "Grade 5,school", "wrong_parent", 4, "parentSourcedId"),
        edit("academicSessions", "Fall,semester,2026-09-01", "Fall,semester,2026-13-01", "bad_date", 3, "startDate"),
        edit("academicSessions", "Fall,semester,2026-09-01", "Fall,semester,8/9/2026", "bad_date", 3, "startDate"),
        edit(
            "academicSessions", "Fall,semester,2026-09-01", "Fall,semester,2027-01-21", "dates_reversed", 3, "endDate"
        ),
        edit("academicSessions", "y1,2027\na2", "y1,27\na2", "bad_year", 3, "schoolYear"),
        edit("academicSessions", "Fall,semester", "Fall,season", "value_unknown", 3, "type"),
        edit("courses", ",05,s1", ",05,s9", "reference_unresolved", 2, "orgSourcedId"),
        edit("courses", ",,,y1", ",,,y9", "reference_unresolved", 2, "schoolYearSourcedId"),
        edit("classes", "Cedar,05,c1", "Cedar,05,c9", "reference_unresolved", 3, "courseSourcedId"),
        edit("classes", "homeroom,,s1", "homeroom,,s9", "reference_unresolved", 3, "schoolSourcedId"),
        edit("classes", '"a1,a2"', '"a1,a9"', "reference_unresolved", 2, "termSourcedIds"),
        edit("classes", "homeroom,,s1,a1", "homeroom,,s1,", "value_missing", 3, "termSourcedIds"),
        edit("classes", "homeroom,,s1", "homeroom,,d1", "not_a_school", 3, "schoolSourcedId"),
        edit("classes", "homeroom", "club", "value_unknown", 3, "classType"),
        edit("enrollments", "e3,,,k1", "e3,,,k9", "reference_unresolved", 4, "classSourcedId"),
        edit("enrollments", "e3,,,k1,s1", "e3,,,k1,s9", "reference_unresolved", 4, "schoolSourcedId"),
        edit("enrollments", "k1,s1,u2", "k1,s1,u9", "reference_unresolved", 4, "userSourcedId"),
        edit("enrollments", "2026-09-08,2027", "2026-09-08,2025", "dates_reversed", 3, "endDate"),
        edit("enrollments", "teacher", "boss", "value_unknown", 2, "role"),
        edit("demographics", "u1,", "u9,", "reference_unresolved", 2, "sourcedId"),
        edit("demographics", "2015-03-02", "02.03.15", "bad_date", 2, "birthDate"),
    ],
)
def test_import_roster_refuses(change: tuple[str, str, str], place: tuple[str, str, int | None, str]) -> None:
    problems = refused(bundle(change))

    assert place in places(problems)
    assert len(problems) <= 4  # no avalanche
    assert not any(name in problem.sentence for name in ("Ben", "Ruiz", "2015") for problem in problems)


@pytest.mark.django_db
def test_import_roster_refuses_a_bundle_without_a_manifest() -> None:
    assert places(refused(bundle(without=["manifest.csv"]))) == [("manifest_missing", "manifest.csv", None, "")]
    assert places(refused({})) == [("manifest_missing", "manifest.csv", None, "")]


@pytest.mark.django_db
def test_import_roster_refuses_a_file_in_another_encoding() -> None:
    latin = bundle(("users", "Ben", "Bén")) | {"users.csv": SMALL["users.csv"].replace("Ben", "Bén").encode("latin-1")}

    assert places(refused(latin)) == [("csv_encoding", "users.csv", 3, "")]


@pytest.mark.django_db
def test_import_roster_refuses_a_student_without_a_school() -> None:
    files = bundle(
        ("users", "u2,,,true,s1", "u2,,,true,d1"),
        ("enrollments", "e3,,,k1,s1,u2,student,,,\ne4,,,k2,s1,u2,student,,,\n", ""),
    )

    assert places(refused(files)) == [("student_without_school", "users.csv", 3, "orgSourcedIds")]


@pytest.mark.django_db
def test_import_roster_refuses_the_user_name_of_somebody_else() -> None:
    district = make_district()
    User.objects.create(username="BEN", given_name="Other", family_name="Person", organization=district)

    assert places(refused(bundle(), organization=district)) == [("username_taken", "users.csv", 3, "username")]


@pytest.mark.django_db
def test_import_roster_refuses_the_user_name_of_somebody_no_longer_sent() -> None:
    bring_in(bundle())
    files = bundle(
        ("users", "u2,,,true,s1,student,ben,,Ben,Oakes,,,,,,,05,\n", ""),
        ("users", ",tess,", ",ben,"),
        ("enrollments", "e3,,,k1,s1,u2,student,,,\ne4,,,k2,s1,u2,student,,,\n", ""),
    )

    assert places(refused(files)) == [("username_taken", "users.csv", 3, "username")]


@pytest.mark.django_db
def test_import_roster_lists_the_first_of_many_alike_and_counts_the_rest() -> None:
    rows = "".join(f"f{number},,,k9,s1,u2,student,,,\n" for number in range(50))
    problems = refused(bundle(("enrollments", "e4,", f"{rows}e4,")))

    assert len(problems) == 21
    assert problems[-1].sentence == "There are 30 more rows like this."


@pytest.mark.django_db
def test_import_roster_refuses_a_manifest_that_is_no_csv() -> None:
    files = bundle(("manifest", "Abacus", '"Abacus'))

    assert places(refused(files)) == [("csv_quote", "manifest.csv", 11, "")]


@pytest.mark.django_db
def test_import_roster_refuses_what_only_the_database_can_tell() -> None:
    district = make_district()
    User.objects.create(username="ix", given_name="Other", family_name="Person", organization=district)
    files = bundle(("users", "student,ben", "student,İX"))  # Python and PostgreSQL lower it differently
    [problem] = refused(files, organization=district)

    assert problem.code == "not_stored"
    assert problem.sentence == "The database does not accept it: username_once_per_district."
