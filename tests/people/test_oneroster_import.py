"""What a roster means."""

from __future__ import annotations

from datetime import date

import pytest

from lpm.people.models import (
    Enrollment,
    Group,
    Guardianship,
    Lineage,
    Organization,
    RoleGrant,
    RosterSource,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)
from tests.people.oneroster import bring_in, bundle, codes, make_district, places


@pytest.mark.django_db
def test_import_roster_makes_the_organizations() -> None:
    bring_in(bundle())

    rows = Organization.objects.values_list("kind", "name", "parent__name", "sourced_id", "sort_key")
    assert set(rows) == {
        ("district", "Northfield", None, "d1", "northfield"),
        ("school", "Hill School", "Northfield", "s1", "hill school"),
        ("team", "Grade 5", "Hill School", "t1", "grade 00000005"),
    }
    assert Lineage.objects.count() == 1 + 2 + 3
    assert list(RosterSource.objects.values_list("name", "organization__name")) == [("Abacus", "Northfield")]


@pytest.mark.django_db
def test_import_roster_stores_the_last_day_of_years_terms_and_groups() -> None:
    bring_in(bundle())

    first, last = date(2026, 9, 1), date(2027, 6, 15)
    assert list(SchoolYear.objects.values_list("title", "ends_in", "starts_on", "ends_on")) == [
        ("2026-27", 2027, first, last)
    ]
    assert set(Term.objects.values_list("kind", "title", "starts_on", "ends_on", "school_year__ends_in")) == {
        ("semester", "Fall", first, date(2027, 1, 20), 2027),
        ("semester", "Spring", date(2027, 1, 21), last, 2027),
    }
    groups = Group.objects.values_list("kind", "name", "code", "starts_on", "ends_on", "school__name", "district__name")
    assert set(groups) == {
        ("class", "Math 5", "M5", first, last, "Hill School", "Northfield"),
        ("advisory", "Cedar", "", first, date(2027, 1, 20), "Hill School", "Northfield"),
    }
    assert set(Group.terms.through.objects.values_list("group__name", "term__title")) == {
        ("Math 5", "Fall"),
        ("Math 5", "Spring"),
        ("Cedar", "Fall"),
    }


@pytest.mark.django_db
def test_import_roster_makes_people_who_cannot_sign_in_with_a_password_yet() -> None:
    bring_in(bundle())

    rows = User.objects.values_list("username", "given_name", "family_name", "email", "is_active", "organization__name")
    assert set(rows) == {
        ("ana", "Ana", "Ruiz", "ana@example.org", True, "Hill School"),
        ("ben", "Ben", "Oakes", "", True, "Hill School"),
        ("tess", "Tess", "Moore", "tess@example.org", True, "Hill School"),
        ("rosa", "Rosa", "Ruiz", "", False, "Northfield"),
    }
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert len({user.password for user in User.objects.all()}) == 4


@pytest.mark.django_db
def test_import_roster_makes_students_and_their_guardians() -> None:
    bring_in(bundle())

    rows = Student.objects.values_list(
        "given_name",
        "family_name",
        "born_on",
        "grade",
        "school__name",
        "district__name",
        "user__username",
        "sort_key",
    )
    assert set(rows) == {
        ("Ana", "Ruiz", date(2015, 3, 2), "05", "Hill School", "Northfield", "ana", "ruiz ana"),
        ("Ben", "Oakes", None, "05", "Hill School", "Northfield", "ben", "oakes ben"),
    }
    assert list(Guardianship.objects.values_list("guardian__username", "student__given_name", "district__name")) == [
        ("rosa", "Ana", "Northfield")
    ]


@pytest.mark.django_db
def test_import_roster_puts_people_into_groups() -> None:
    bring_in(bundle())

    first = date(2026, 9, 1)
    assert list(Staffing.objects.values_list("group__name", "user__username", "role", "starts_on", "ends_on")) == [
        ("Math 5", "tess", "teacher", first, None)
    ]
    rows = Enrollment.objects.values_list("group__name", "student__given_name", "starts_on", "ends_on")
    assert set(rows) == {
        ("Math 5", "Ana", date(2026, 9, 8), date(2027, 1, 20)),
        ("Math 5", "Ben", first, None),
        ("Cedar", "Ben", first, None),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("second", "expected"),
    [("true", {"teacher"}), ("false", {"teacher", "co_teacher"}), ("", {"teacher", "co_teacher"})],
)
def test_import_roster_tells_teachers_from_co_teachers(second: str, expected: set[str]) -> None:
    bring_in(bundle(("enrollments", "e4,", f"e5,,,k1,s1,u3,teacher,{second},,\ne4,")))

    assert set(Staffing.objects.values_list("role", flat=True)) == expected


@pytest.mark.django_db
def test_import_roster_makes_everybody_a_teacher_where_nobody_is_primary() -> None:
    bring_in(bundle(("enrollments", "teacher,true", "teacher,")))

    assert list(Staffing.objects.values_list("role", flat=True)) == ["teacher"]


@pytest.mark.django_db
def test_import_roster_gives_nobody_a_role() -> None:
    bring_in(bundle(("users", "true,s1,teacher", "true,s1,administrator")))

    assert User.objects.filter(username="tess").exists()
    assert not RoleGrant.objects.exists()


@pytest.mark.django_db
def test_import_roster_takes_someone_who_only_teaches_for_a_teacher_though_the_role_says_student() -> None:
    report = bring_in(bundle(("users", "true,s1,teacher", "true,s1,student")))

    assert set(Student.objects.values_list("given_name", flat=True)) == {"Ana", "Ben"}
    assert list(Staffing.objects.values_list("user__username", flat=True)) == ["tess"]
    assert places(report.problems) == [("teaches_by_enrollment", "users.csv", 4, "role")]


@pytest.mark.django_db
def test_import_roster_keeps_someone_who_learns_and_teaches_a_student() -> None:
    report = bring_in(bundle(("enrollments", "e4,", "e5,,,k2,s1,u1,teacher,,,\ne4,")))

    assert set(Student.objects.values_list("given_name", flat=True)) == {"Ana", "Ben"}
    assert set(Staffing.objects.values_list("user__username", flat=True)) == {"tess", "ana"}
    assert codes(report) == ["teaches_by_enrollment"]


@pytest.mark.django_db
def test_import_roster_makes_no_student_of_a_grown_up_by_an_enrollment() -> None:
    report = bring_in(bundle(("enrollments", "k2,s1,u2,student", "k2,s1,u3,student")))

    assert set(Student.objects.values_list("given_name", flat=True)) == {"Ana", "Ben"}
    assert places(report.problems) == [("not_a_student", "enrollments.csv", 5, "userSourcedId")]


@pytest.mark.django_db
def test_import_roster_passes_over_enrollments_of_other_roles_and_of_no_days() -> None:
    files = bundle(
        (
            "enrollments",
            "u2,student,,,\ne4",
            "u2,proctor,,,\ne5,,,k2,s1,u1,student,,2026-09-08,2026-09-08\ne4",
        )
    )
    report = bring_in(files)

    assert set(Enrollment.objects.values_list("sourced_id", flat=True)) == {"e2", "e4"}
    assert places(report.problems) == [
        ("enrollment_role", "enrollments.csv", 4, "role"),
        ("no_days", "enrollments.csv", 5, "endDate"),
    ]


@pytest.mark.django_db
def test_import_roster_finds_the_school_of_a_student_by_the_class() -> None:
    bring_in(bundle(("users", "u2,,,true,s1", "u2,,,true,d1")))

    assert set(Student.objects.values_list("given_name", "school__name")) == {
        ("Ana", "Hill School"),
        ("Ben", "Hill School"),
    }


@pytest.mark.django_db
def test_import_roster_takes_the_smallest_of_nested_districts() -> None:
    report = bring_in(
        bundle(
            (
                "orgs",
                "d1,,,Northfield,district,,",
                "n,,,US,national,,\nm,,,Maine,state,,n\nd1,,,Northfield,local,,m",
            )
        )
    )

    assert set(Organization.objects.values_list("kind", "name")) == {
        ("district", "Northfield"),
        ("school", "Hill School"),
        ("team", "Grade 5"),
    }
    assert codes(report) == ["org_not_kept", "org_not_kept"]


@pytest.mark.django_db
def test_import_roster_reads_users_and_roles_of_version_1_2() -> None:
    users = (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,agentSourcedIds,grades,"
        "prefferedGivenName,primaryOrgSourcedId\n"
        "u1,,,true,ana,,Ana,Ruiz,u4,05,Anita,s1\nu2,,,true,ben,,Ben,Oakes,,05,,\n"
        "u3,,,true,tess,,Tess,Moore,,,,\nu4,,,true,rosa,,Rosa,Ruiz,,,,\n"
    )
    roles = (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
        "r1,,,u1,primary,student,,,s1\nr2,,,u2,secondary,ext:helper,,,d1\nr3,,,u2,primary,student,,,s1\n"
        "r4,,,u3,primary,teacher,,,s1\nr5,,,u4,primary,siteAdministrator,,,s1\nr6,,,u4,secondary,parent,,,s1\n"
    )
    files = bundle(("manifest", "oneroster.version,1.1", "oneroster.version,1.2\nfile.roles,bulk"))
    report = bring_in(files | {"users.csv": users.encode(), "roles.csv": roles.encode()})

    assert report.problems == []
    assert set(Student.objects.values_list("given_name", "preferred_name", "user__organization__name")) == {
        ("Ana", "Anita", "Hill School"),
        ("Ben", "", "Hill School"),
    }
    assert list(Guardianship.objects.values_list("guardian__username", flat=True)) == ["rosa"]


@pytest.mark.django_db
def test_import_roster_notes_a_person_of_version_1_2_without_a_role() -> None:
    users = "sourcedId,enabledUser,username,givenName,familyName\nu1,true,ana,Ana,Ruiz\n"
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\n"
    report = bring_in(
        {"manifest.csv": manifest.encode(), "users.csv": users.encode()}, organization=make_district("Here")
    )

    assert places(report.problems) == [("role_missing", "users.csv", 2, "")]
    assert list(User.objects.values_list("username", "organization__name")) == [("ana", "Here")]


@pytest.mark.django_db
def test_import_roster_makes_no_guardian_of_somebody_who_is_none() -> None:
    report = bring_in(bundle(("users", "u4,05", "u3,05")))

    assert places(report.problems) == [("agent_not_a_guardian", "users.csv", 2, "agentSourcedIds")]
    assert not Guardianship.objects.exists()


@pytest.mark.django_db
def test_import_roster_takes_school_years_that_end_together_as_one() -> None:
    second = "y2,,,The other,schoolYear,2026-08-31,2027-06-10,,2027\na1,"
    report = bring_in(bundle(("academicSessions", "a1,", second)))

    assert places(report.problems) == [("school_year_twice", "academicSessions.csv", 3, "")]
    assert list(SchoolYear.objects.values_list("title", "starts_on", "ends_on")) == [
        ("2026-27", date(2026, 8, 31), date(2027, 6, 15))
    ]


@pytest.mark.django_db
def test_import_roster_uses_a_student_and_a_year_made_by_hand_as_they_stand() -> None:
    bring_in(bundle())
    Student.objects.filter(given_name="Ana").update(source=None, sourced_id="", given_name="Anita")
    SchoolYear.objects.update(source=None, title="Ours")
    report = bring_in(bundle())

    assert not report.changes_anything
    assert set(Student.objects.values_list("given_name", flat=True)) == {"Anita", "Ben"}
    assert list(SchoolYear.objects.values_list("title", flat=True)) == ["Ours"]
