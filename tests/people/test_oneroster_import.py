from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from lpm.audit.models import Entry
from lpm.lib.files import open_bundle
from lpm.lib.imports import Counts, ImportRefused, Problem, Report
from lpm.people.enums import OrganizationKind, Role
from lpm.people.imports import import_roster
from lpm.people.imports.cells import read_day
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
from lpm.people.services import create_organization, grant_role
from lpm.people.services.merges import merge_students
from lpm.people.services.students import give_sign_in
from lpm.people.services.users import close_account, reopen_account

SAMPLES = Path(__file__).parents[3] / "shared/data/oneroster"
DEMO = Path(__file__).parents[2] / "lpm/demo/data/roster"
DAY = date(2026, 10, 1)
MODELS = [
    *(Organization, Lineage, RosterSource, SchoolYear, Term, Group, User, Student),
    *(Guardianship, Staffing, Enrollment, RoleGrant, Entry),
]

# A small district: one school, two students, a teacher, a guardian. Columns are those of OneRoster 1.1.
SMALL = {
    "manifest.csv": (
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.academicSessions,bulk\n"
        "file.classes,bulk\nfile.courses,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.orgs,bulk\n"
        "file.users,bulk\nsource.systemName,Abacus\n"
    ),
    "orgs.csv": (
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
        "d1,,,Northfield,district,,\n"
        "s1,,,Hill School,school,,d1\n"
        "t1,,,Grade 5,department,,s1\n"
    ),
    "academicSessions.csv": (
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
        "y1,,,2026-27,schoolYear,2026-09-01,2027-06-16,,2027\n"
        "a1,,,Fall,semester,2026-09-01,2027-01-21,y1,2027\n"
        "a2,,,Spring,semester,2027-01-21,2027-06-16,y1,2027\n"
    ),
    "courses.csv": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
        "subjectCodes\nc1,,,y1,Mathematics,M,05,s1,,\n"
    ),
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
        "termSourcedIds,subjects,subjectCodes,periods\n"
        'k1,,,Math 5,05,c1,M5,scheduled,,s1,"a1,a2",,,\n'
        "k2,,,Cedar,05,c1,,homeroom,,s1,a1,,,\n"
    ),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
        "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
        'u1,,,true,"t1,s1",student,ana,,Ana,Ruiz,,,ana@example.org,,,u4,05,Secret-1\n'
        "u2,,,true,s1,student,ben,,Ben,Oakes,,,,,,,05,\n"
        "u3,,,true,s1,teacher,tess,,Tess,Moore,,,tess@example.org,,,,,\n"
        "u4,,,false,d1,guardian,rosa,,Rosa,Ruiz,,,,,,,,\n"
    ),
    "enrollments.csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,"
        "endDate\n"
        "e1,,,k1,s1,u3,teacher,true,,\n"
        "e2,,,k1,s1,u1,student,,2026-09-08,2027-01-21\n"
        "e3,,,k1,s1,u2,student,,,\n"
        "e4,,,k2,s1,u2,student,,,\n"
    ),
    "demographics.csv": "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,2015-03-02,\n",
}


def bundle(*changes: tuple[str, str, str], without: Iterable[str] = ()) -> dict[str, bytes]:
    """SMALL, with (file, old, new) replaced, as bytes."""
    texts = dict(SMALL)
    for file, old, new in changes:
        assert old in texts[f"{file}.csv"], (file, old)
        texts[f"{file}.csv"] = texts[f"{file}.csv"].replace(old, new)
    return {name: text.encode() for name, text in texts.items() if name not in without}


def bring_in(files: dict[str, bytes], day: date = DAY, **options: Any) -> Report:
    return import_roster(**{"files": files, "organization": None, "actor": None, "day": day, **options})


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in MODELS}


def refused(files: dict[str, bytes], **options: Any) -> list[Problem]:
    """What is wrong. A dry run says the same, and neither leaves a row: of so few rows, one is more than a tenth."""
    before = everything()
    with pytest.raises(ImportRefused) as caught:
        bring_in(files, **options)
    report = bring_in(files, dry_run=True, **options)
    assert report.problems == caught.value.problems
    assert (report.is_refused, report.applied, report.counts) == (True, False, {})
    assert everything() == before
    assert all(problem.sentence for problem in report.problems)
    told = [problem for problem in report.problems if problem.refuses or problem.leaves_out]
    return [problem for problem in told if problem.code not in {"too_much_left_out", "depends"}]


def places(problems: list[Problem]) -> list[tuple[str, str, int | None, str]]:
    return [(problem.code, problem.file, problem.line, problem.column) for problem in problems]


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


# What a roster means


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


# Importing again


@pytest.mark.django_db
def test_import_roster_again_changes_nothing() -> None:
    first = bring_in(bundle())
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        second = bring_in(bundle())

    after = everything()
    assert {kind: counts.add for kind, counts in first.counts.items()} == {
        kind: counts.same for kind, counts in second.counts.items()
    }
    assert (second.changes_anything, second.applied) == (False, True)
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "DELETE"))]
    assert [entry["action"] for entry in after.pop("Entry")[len(before.pop("Entry")) :]] == ["people.import_roster"]
    assert after == before


@pytest.mark.django_db
def test_import_roster_changes_what_differs_alone() -> None:
    bring_in(bundle())
    report = bring_in(
        bundle(
            ("users", "ben,,Ben,Oakes", "ben,,Benedict,Oakes"),
            ("classes", '"a1,a2"', "a1"),
            ("orgs", "Hill School", "Hill Academy"),
        )
    )

    assert {kind: counts.change for kind, counts in report.counts.items() if counts.change} == {
        "organizations": 1,
        "groups": 1,
        "users": 1,
        "students": 1,
    }
    assert User.objects.get(username="ben").sort_key == "oakes benedict"
    assert Organization.objects.get(sourced_id="s1").sort_key == "hill academy"
    assert set(Group.terms.through.objects.values_list("group__name", "term__title")) == {
        ("Math 5", "Fall"),
        ("Cedar", "Fall"),
    }


@pytest.mark.django_db
def test_import_roster_ends_what_is_no_longer_sent_on_the_day_before() -> None:
    bring_in(bundle())
    gone = bundle(
        ("enrollments", "e3,,,k1,s1,u2,student,,,\n", ""),
        ("enrollments", "e1,,,k1,s1,u3,teacher,true,,\n", ""),
        ("users", "u4,05", ",05"),
    )
    report = bring_in(gone, day=date(2026, 11, 2), allow_ends=True)

    last = date(2026, 11, 1)
    assert dict(Enrollment.objects.values_list("sourced_id", "ends_on")) == {
        "e2": date(2027, 1, 20),
        "e3": last,
        "e4": None,
    }
    assert [row.ends_on for row in Staffing.objects.all()] == [last]
    assert [row.ends_on for row in Guardianship.objects.all()] == [last]
    assert {kind: counts.end for kind, counts in report.counts.items() if counts.end} == {
        "staffing": 1,
        "enrollments": 1,
        "guardianships": 1,
    }

    again = bring_in(gone, day=date(2026, 11, 3))
    assert not again.changes_anything
    assert Enrollment.objects.get(sourced_id="e3").ends_on == last


@pytest.mark.django_db
def test_import_roster_opens_again_what_is_sent_again() -> None:
    bring_in(bundle())
    bring_in(bundle(("enrollments", "e3,,,k1,s1,u2,student,,,\n", "")), allow_ends=True)
    report = bring_in(bundle())

    assert report.counts["enrollments"] == Counts(change=1, same=2)
    assert Enrollment.objects.get(sourced_id="e3").ends_on is None


@pytest.mark.django_db
def test_import_roster_takes_an_empty_or_absent_file_for_silence() -> None:
    bring_in(bundle())
    header = SMALL["enrollments.csv"].splitlines()[0].encode()
    empty = bring_in(bundle() | {"enrollments.csv": header})
    absent = bring_in(
        bundle(("manifest", "file.enrollments,bulk", "file.enrollments,absent"), without=["enrollments.csv"])
    )

    assert codes(empty) == ["no_rows"]
    assert (empty.changes_anything, absent.changes_anything) == (False, False)
    assert Enrollment.objects.get(sourced_id="e3").ends_on is None


@pytest.mark.django_db
def test_import_roster_of_a_manifest_alone_changes_nothing() -> None:
    before = everything()
    report = bring_in({"manifest.csv": b"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"})

    assert codes(report) == ["nothing_sent"]
    assert everything() == before


@pytest.mark.django_db
def test_import_roster_keeps_what_the_files_do_not_say() -> None:
    bring_in(bundle())
    Student.objects.filter(given_name="Ana").update(preferred_name="Annie")
    Guardianship.objects.update(is_restricted=True)
    report = bring_in(bundle(("manifest", "file.demographics,bulk\n", ""), without=["demographics.csv"]))

    assert not report.changes_anything
    ana = Student.objects.get(given_name="Ana")
    assert (ana.preferred_name, ana.born_on) == ("Annie", date(2015, 3, 2))
    assert Guardianship.objects.get().is_restricted


@pytest.mark.django_db
def test_import_roster_lets_people_exchange_user_names() -> None:
    bring_in(bundle())
    report = bring_in(bundle(("users", ",ana,", ",x,"), ("users", ",ben,", ",ana,"), ("users", ",x,", ",ben,")))

    assert report.counts["users"] == Counts(change=2, same=2)
    assert set(User.objects.values_list("given_name", "username")) == {
        ("Ana", "ben"),
        ("Ben", "ana"),
        ("Tess", "tess"),
        ("Rosa", "rosa"),
    }


@pytest.mark.django_db
def test_import_roster_writes_one_entry_with_counts_and_no_names() -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Northfield", parent=None)
    actor = User.objects.create(username="a", given_name="A", family_name="A")
    grant_role(user=actor, organization=district, role=Role.ADMINISTRATOR, starts_on=DAY)
    bring_in(bundle(), organization=district, actor=actor)

    entry = Entry.objects.get(action="people.import_roster")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id) == (actor.pk, district.uuid, district.pk)
    assert entry.details["counts"]["students"] == {"add": 2, "change": 0, "same": 0, "end": 0}
    assert "Ruiz" not in str(entry.details)


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("role", [Role.CURRICULUM_LEAD, Role.LEADER, None])
def test_import_roster_is_for_administrators(role: Role | None, dry_run: bool) -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Northfield", parent=None)
    actor = User.objects.create(username="a", given_name="A", family_name="A", organization=district)
    if role:
        grant_role(user=actor, organization=district, role=role, starts_on=DAY)
    before = everything()

    for organization in (district, None):
        with pytest.raises(PermissionDenied):
            bring_in(bundle(), organization=organization, actor=actor, dry_run=dry_run)

    assert everything() == before


@pytest.mark.django_db
def test_import_roster_dry_run_counts_and_changes_nothing() -> None:
    before = everything()
    report = bring_in(bundle(), dry_run=True)

    assert everything() == before
    assert (report.counts["users"], report.counts["enrollments"], report.applied) == (
        Counts(add=4),
        Counts(add=3),
        False,
    )


@pytest.mark.django_db
def test_import_roster_tells_how_far_it_is() -> None:
    told: list[int] = []
    bring_in(bundle(), on_progress=told.append)

    assert told == sorted(told)
    assert (told[-1], len(told)) == (100, 8)


# Whose roster it is


def make_district(name: str = "Typed by hand") -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name=name, parent=None)


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


# Refusals


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


# Habits of exporters


def tolerated(changes: list[tuple[str, str, str]], *expected: str) -> Any:
    return pytest.param(changes, list(expected), id="-".join(expected) or changes[0][2].strip()[:30])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        tolerated([("classes", "scheduled", "Scheduled")]),
        tolerated([("users", "u1,,,true", "u1,,,TRUE")]),
        tolerated([("users", "sourcedId,status", "SOURCEDID,Status")]),
        tolerated([("users", "dateLastModified", "dataLastModified")]),
        tolerated([("users", "agentSourcedIds,grades", "agents,grade")]),
        tolerated([("demographics", "sourcedId", "userSourcedId"), ("demographics", "birthDate", "birthdate")]),
        tolerated([("users", ",password\n", ",password,metadata.x,ext_y,,\n")]),
        tolerated([("classes", '"a1,a2"', '" a1, a2 ,"')]),
        tolerated([("manifest", "source.systemName", "source.systemCode,\nsource.systemName")]),
        tolerated([("manifest", "file.orgs", "file.results,\nfile.orgs")], "manifest_empty"),
        tolerated([("manifest", "file.users", "fiel.users")], "manifest_misspelt"),
        tolerated([("users", "u1,,", "u1,active,2023-10-02T00:00:00.000Z")], "status_in_bulk"),
        tolerated([("academicSessions", "Fall,semester,2026-09-01,2027-01-21", "Fall,semester,1/9/2026,1/21/2027"),
                   ("academicSessions", "1/9/2026", "2026-9-1")], "odd_date", "odd_date"),
        tolerated([("demographics", "2015-03-02", "2015-03-02T00:00:00.000Z")], "odd_date"),
        tolerated([("classes", "Cedar,05,c1", "Cedar,05,")], "value_expected"),
        tolerated([("orgs", "school,,d1", "school,,d9")], "reference_loose"),
        tolerated([("academicSessions", "2027-01-21,y1", "2027-01-21,y9")], "reference_loose"),
        tolerated([("users", "u4,05", "\"u4,u9\",05")], "reference_loose"),
        tolerated([("demographics", "u1,,,2015-03-02,", "u1,,,2015-03-02,\nu1,,,2015-03-02,")], "row_twice"),
    ],
)  # fmt: skip
def test_import_roster_tolerates(changes: list[tuple[str, str, str]], expected: list[str]) -> None:
    report = bring_in(bundle(*changes))

    assert codes(report) == expected
    bring_in(bundle())  # the same in the standard's own spelling
    assert not bring_in(bundle(*changes)).changes_anything
    assert (User.objects.count(), Group.terms.through.objects.count()) == (4, 3)


@pytest.mark.django_db
def test_import_roster_passes_over_files_it_does_not_keep() -> None:
    files = bundle(("manifest", "file.orgs", "file.results,bulk\nfile.orgs"))
    report = bring_in(files | {"results.csv": b"sourcedId\n", "read me.txt": b"hello"})

    assert places(report.problems) == [
        ("file_unknown", "read me.txt", None, ""),
        ("file_not_kept", "results.csv", None, ""),
    ]


@pytest.mark.django_db
def test_import_roster_closes_what_is_marked_as_gone() -> None:
    bring_in(bundle())
    gone = bundle(("users", "u2,,", "u2,toBeDeleted,"), ("enrollments", "e3,,", "e3,tobedeleted,"))
    report = bring_in(gone, allow_ends=True)

    assert not User.objects.get(username="ben").is_active
    assert Enrollment.objects.get(sourced_id="e3").ends_on == date(2026, 9, 30)
    assert Enrollment.objects.get(sourced_id="e4").ends_on == date(2026, 9, 30)
    assert codes(report) == ["status_in_bulk", "status_in_bulk"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-31", (date(2026, 8, 31), True)),
        ("2026-8-31", (date(2026, 8, 31), False)),
        ("27/8/2018", (date(2018, 8, 27), False)),
        ("8/27/2018", (date(2018, 8, 27), False)),
        ("5/5/2018", (date(2018, 5, 5), False)),
        ("1/05/2023", (None, False)),
        ("2026-02-30", (None, True)),
        ("0001-01-01", (None, True)),
        ("tomorrow", (None, False)),
    ],
)
def test_read_day(text: str, expected: tuple[date | None, bool]) -> None:
    assert read_day(text) == expected


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_read_day_reads_every_iso_date(day: date) -> None:
    assert read_day(day.isoformat()) == (day, True)


@given(st.text())
def test_read_day_never_fails(text: str) -> None:
    read_day(text)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_import_roster_says_what_is_wrong_and_never_fails(data: st.DataObject) -> None:
    files = bundle()
    cells = st.sampled_from(
        ["", ",", '"', "\n", "x", "s1", "u1", "d1", "y1", "true", "2026-09-01", "9999-99-99", "student", "é"]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(files)))
        parts = files[name].split(b",")
        parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(cells).encode()
        files[name] = b",".join(parts)

    report = bring_in(files, dry_run=True)

    assert all(problem.code != "not_stored" for problem in report.problems)
    assert report.is_refused or report.counts or codes(report) == ["nothing_sent"]


# The published samples, and the demonstration


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


@pytest.mark.django_db
def test_an_account_that_was_closed_here_is_not_opened_by_the_roster() -> None:
    bring_in(bundle())
    user = User.objects.get(sourced_id="u1")
    close_account(user=user, actor=None, day=DAY)

    bring_in(bundle())

    user.refresh_from_db()
    assert (user.is_active, user.closes_on) == (False, DAY)
    reopen_account(user=user, actor=None, day=DAY)
    bring_in(bundle())
    user.refresh_from_db()
    assert (user.is_active, user.closes_on) == (True, None)


@pytest.mark.django_db
def test_a_merged_student_with_two_accounts_keeps_one() -> None:
    bring_in(bundle())
    rostered, administrator = Student.objects.get(sourced_id="u1"), User.objects.get(sourced_id="u3")
    RoleGrant.objects.create(user=administrator, organization=rostered.district, role=Role.ADMINISTRATOR)
    kept = Student.objects.create(
        district=rostered.district, school=rostered.school, given_name="Ana", family_name="Ruiz"
    )
    account = give_sign_in(student=kept, username="ana.ruiz", actor=None, day=DAY)
    merge_students(kept=kept, absorbed=rostered, actor=administrator, day=DAY)

    bring_in(bundle())

    kept.refresh_from_db()
    assert (kept.sourced_id, kept.user_id) == ("u1", account.pk)
    assert not User.objects.get(sourced_id="u1").is_active
