"""Changes since the last time (delta)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lpm.lib.imports import Counts
from lpm.people.models import (
    Enrollment,
    Group,
    Guardianship,
    Organization,
    SchoolStay,
    Staffing,
    Student,
    Term,
    User,
)
from tests.people.oneroster import (
    AT,
    DAY_BEFORE,
    NEXT_DAY,
    bring_in,
    bundle,
    codes,
    delta,
    district,
    places,
    refused,
    roles_12,
    state,
)

__all__ = ["district"]

pytestmark = pytest.mark.django_db


def test_changes_touch_what_they_name_alone(district: Organization) -> None:
    report = bring_in(
        delta(users=f"u2,active,{AT},true,s1,student,ben,,Benedict,Oakes,,,,,,,06,"),
        organization=district,
        day=NEXT_DAY,
    )

    assert report.problems == []
    assert {kind: c for kind, c in report.counts.items() if c != Counts()} == {
        "users": Counts(change=1),
        "students": Counts(change=1),
    }
    assert set(Student.objects.values_list("given_name", "grade", "left_on")) == {
        ("Ana", "05", None),
        ("Benedict", "06", None),
    }


def test_changes_may_refer_to_what_is_known(district: Organization) -> None:
    report = bring_in(
        delta(
            users=f"u5,active,{AT},true,s1,student,cy,,Cy,Lund,,,,,,u4,05,",
            classes=f"k3,active,{AT},Art,05,c1,,scheduled,,s1,a2,,,",
            enrollments=f"e5,active,{AT},k1,s1,u5,student,,,\ne6,active,{AT},k3,s1,u3,teacher,true,,",
            demographics=f"u2,active,{AT},2014-05-06,",
        ),
        organization=district,
        day=NEXT_DAY,
    )

    assert codes(report) == ["courses_absent"]
    assert Student.objects.get(given_name="Cy").guardianships.get().guardian.username == "rosa"
    assert set(Enrollment.objects.values_list("student__given_name", "group__name", "starts_on")) >= {
        ("Cy", "Math 5", date(2026, 9, 1))
    }
    assert list(Group.objects.get(name="Art").terms.all()) == [Term.objects.get(title="Spring")]
    assert Group.objects.get(name="Art").starts_on == date(2027, 1, 21)
    assert Staffing.objects.get(group__name="Art").user.username == "tess"
    assert Student.objects.get(given_name="Ben").born_on == date(2014, 5, 6)
    assert not bring_in(bundle(), organization=district, dry_run=True, allow_ends=True).is_refused


def test_changes_find_the_school_of_a_student_by_a_class_that_is_known(district: Organization) -> None:
    rows = f"u5,active,{AT},true,d1,student,cy,,Cy,Lund,,,,,,,05,"
    bring_in(delta(users=rows, enrollments=f"e5,active,{AT},k1,s1,u5,student,,,"), organization=district)

    assert Student.objects.get(given_name="Cy").school.name == "Hill School"


def test_changes_that_refer_to_what_nobody_knows_are_left_out(district: Organization) -> None:
    rows = "\n".join(f"y{n},active,{AT},true,s1,student,y{n},,Given,Family,,,,,,,05," for n in range(10))
    report = bring_in(delta(users=f"{rows}\nz,active,{AT},true,s9,student,z,,Z,Z,,,,,,,05,"), organization=district)

    assert [(p.code, p.column) for p in report.left_out] == [("reference_unresolved", "orgSourcedIds")]
    assert Student.objects.count() == 12


@pytest.mark.parametrize("word", ["tobedeleted", "toBeDeleted", "inactive"])
def test_a_person_marked_as_gone_is_ended_and_not_deleted(word: str, district: Organization) -> None:
    report = bring_in(delta(users=f"u1,{word},{AT},,,,,,,,,,,,,,,"), organization=district, day=NEXT_DAY)

    assert report.problems == []
    assert not User.objects.get(username="ana").is_active
    assert Student.objects.get(given_name="Ana").left_on == DAY_BEFORE
    assert Enrollment.objects.get(sourced_id="e2").ends_on == DAY_BEFORE
    assert Guardianship.objects.get().ends_on == DAY_BEFORE
    assert SchoolStay.objects.get(student__given_name="Ana").ends_on == DAY_BEFORE
    assert {kind: c.end for kind, c in report.counts.items() if c.end} == {
        "users": 1,
        "students": 1,
        "enrollments": 1,
        "guardianships": 1,
    }
    assert Enrollment.objects.filter(student__given_name="Ben", ends_on=None).count() == 2


def test_a_teacher_marked_as_gone_teaches_no_more(district: Organization) -> None:
    bring_in(delta(users=f"u3,tobedeleted,{AT},,,,,,,,,,,,,,,"), organization=district, day=NEXT_DAY)

    assert [row.ends_on for row in Staffing.objects.all()] == [DAY_BEFORE]
    assert not User.objects.get(username="tess").is_active


def test_a_class_marked_as_gone_ends_with_its_places(district: Organization) -> None:
    bring_in(delta(classes=f"k1,tobedeleted,{AT},,,,,,,,,,,"), organization=district, day=NEXT_DAY)

    assert Group.objects.get(name="Math 5").ends_on == DAY_BEFORE
    assert dict(Enrollment.objects.values_list("sourced_id", "ends_on")) == {
        "e2": DAY_BEFORE,
        "e3": DAY_BEFORE,
        "e4": None,
    }
    assert [row.ends_on for row in Staffing.objects.all()] == [DAY_BEFORE]


def test_an_enrollment_marked_as_gone_ends_and_opens_again(district: Organization) -> None:
    bring_in(delta(enrollments=f"e3,tobedeleted,{AT},,,,,,,"), organization=district, day=NEXT_DAY)
    assert Enrollment.objects.get(sourced_id="e3").ends_on == DAY_BEFORE

    bring_in(delta(enrollments=f"e3,active,{AT},k1,s1,u2,student,,,"), organization=district, day=NEXT_DAY)
    assert Enrollment.objects.get(sourced_id="e3").ends_on is None


def test_schools_and_terms_marked_as_gone_stay(district: Organization) -> None:
    before = state()
    report = bring_in(
        delta(orgs=f"t1,tobedeleted,{AT},,,,", academicSessions=f"a2,tobedeleted,{AT},,,,,,"), organization=district
    )

    assert state() == before
    assert places(report.problems) == [
        ("deleted_stays", "orgs.csv", None, "status"),
        ("deleted_stays", "academicSessions.csv", None, "status"),
    ]


def test_changes_without_status_and_date_are_taken_as_active_with_a_note(district: Organization) -> None:
    report = bring_in(delta(users="u2,,,true,s1,student,ben,,Benedict,Oakes,,,,,,,05,"), organization=district)

    assert codes(report) == ["status_missing", "modified_missing"]
    assert Student.objects.filter(given_name="Benedict").exists()


def test_changes_keep_what_they_have_no_column_for(district: Organization) -> None:
    Student.objects.filter(given_name="Ben").update(preferred_name="Benny", grade="07")
    head = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName"
    files = delta(users="x") | {"users.csv": f"{head}\nu2,active,{AT},true,s1,student,ben,Ben,Oaks\n".encode()}
    files |= {"manifest.csv": files["manifest.csv"] + b"file.enrollments,delta\n"}
    seats = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role"
    Enrollment.objects.filter(sourced_id="e3").update(starts_on=date(2026, 9, 20))
    files |= {"enrollments.csv": f"{seats}\ne3,active,{AT},k1,s1,u2,student\n".encode()}
    bring_in(files, organization=district)

    ben = Student.objects.get(given_name="Ben")
    assert (ben.family_name, ben.grade, ben.preferred_name) == ("Oaks", "07", "Benny")
    assert Enrollment.objects.get(sourced_id="e3").starts_on == date(2026, 9, 20)


def test_a_child_whose_changes_name_no_guardian_keeps_theirs(district: Organization) -> None:
    bring_in(delta(users=f"u1,active,{AT},true,s1,student,ana,,Ana,Ruiz,,,,,,,05,"), organization=district)
    assert Guardianship.objects.get().ends_on is None

    new = f"u6,active,{AT},true,s1,parent,pat,,Pat,Ruiz,,,,,,,,"
    child = f"u1,active,{AT},true,s1,student,ana,,Ana,Ruiz,,,,,,u6,05,"
    bring_in(delta(users=f"{child}\n{new}"), organization=district, day=NEXT_DAY)
    rows = Guardianship.objects.values_list("guardian__username", "relationship", "ends_on")
    assert set(rows) == {("rosa", "guardian", DAY_BEFORE), ("pat", "parent", None)}


def test_complete_and_changed_files_may_be_mixed(district: Organization) -> None:
    files = bundle(
        ("manifest", "file.users,bulk", "file.users,delta"), ("enrollments", "e4,,,k2,s1,u2,student,,,\n", "")
    )
    one = f"u2,active,{AT},true,s1,student,ben,,Benedict,Oakes,,,,,,,05,"
    files |= {"users.csv": delta(users=one)["users.csv"]}
    report = bring_in(files, organization=district, day=NEXT_DAY, allow_ends=True)

    assert report.left_out == []
    assert User.objects.filter(is_active=True).count() == 3  # rosa never was
    assert Enrollment.objects.get(sourced_id="e4").ends_on == DAY_BEFORE
    assert Student.objects.filter(given_name="Benedict").exists()


def test_changes_end_without_asking(district: Organization) -> None:
    gone = "\n".join(f"u{n},tobedeleted,{AT},,,,,,,,,,,,,,," for n in (1, 2, 3))
    report = bring_in(delta(users=gone), organization=district)

    assert report.applied
    assert not User.objects.filter(is_active=True).exists()


def test_changes_for_nobody_known_ask_whose_they_are(district: Organization) -> None:
    rows = f"u2,active,{AT},true,s1,student,ben,,Ben,Oakes,,,,,,,05,"
    assert [p.code for p in refused(delta(users=rows))] == ["no_school"]


def test_changes_of_version_1_2_keep_roles_that_they_do_not_name() -> None:
    bring_in(roles_12("r1,u1,primary,student,,,s1", "r2,u2,primary,parent,,,s1", "r3,u3,primary,teacher,,,s1"))
    head = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,agentSourcedIds\n"
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,delta\nfile.roles,delta\n"
    roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId\n"
    files = {
        "manifest.csv": manifest.encode(),
        "users.csv": f"{head}u1,active,{AT},true,u1,New,F,u2\n".encode(),
        "roles.csv": f"{roles}r9,active,{AT},u3,secondary,aide,s2\n".encode(),
    }
    report = bring_in(files, organization=Organization.objects.get(kind="district"), day=NEXT_DAY)

    assert codes(report) == ["role_missing", "role_without_user"]
    student = Student.objects.get()
    assert (student.given_name, student.left_on, student.school.name) == ("New", None, "Hill")
    assert User.objects.get(username="u1").organization == student.school
    assert [row.relationship for row in Guardianship.objects.all()] == [""]


def test_a_student_who_moves_is_read_anew(district: Organization) -> None:
    from lpm.people.signals import records_changed

    told: list[Any] = []

    def note(student_ids: Any, day: date, **kwargs: Any) -> None:
        told.append((list(student_ids), day))

    records_changed.connect(note)
    try:
        moved = bundle(
            ("orgs", "t1,", "s2,,,Dale School,school,,d1\nt1,"),
            ("users", "u2,,,true,s1,student", "u2,,,true,s2,student"),
        )
        bring_in(moved, organization=district, day=NEXT_DAY)
    finally:
        records_changed.disconnect(note)
    ben = Student.objects.get(given_name="Ben")
    assert told == [([ben.pk], NEXT_DAY)]
    assert set(SchoolStay.objects.filter(student=ben).values_list("school__name", "ends_on")) == {
        ("Hill School", DAY_BEFORE),
        ("Dale School", None),
    }
