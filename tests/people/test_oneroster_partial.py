"""Rows that are left out, changes since the last time (delta), and what a complete roster ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from lpm.lib.imports import Counts, ImportRefused
from lpm.people.enums import OrganizationKind
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RosterSource,
    SchoolStay,
    Staffing,
    Student,
    Term,
    User,
)
from lpm.people.services import create_organization
from tests.people.test_oneroster_import import (
    SMALL,
    bring_in,
    bundle,
    codes,
    everything,
    make_district,
    places,
    refused,
)

pytestmark = pytest.mark.django_db
NEXT_DAY = date(2026, 11, 2)
DAY_BEFORE = date(2026, 11, 1)


def big(*changes: tuple[str, str, str], students: int = 30) -> dict[str, bytes]:
    """SMALL with so many more students x0, x1, … that one row is less than a tenth; (file, old, new) replaced.

    Each has a guardian g0, g1, …, a birth date, and the class k1; each third one also k2.
    """
    texts = dict(SMALL)
    for n in range(students):
        texts["users.csv"] += f"x{n},,,true,s1,student,x{n},,Given{n},Family{n},,,,,,g{n},05,\n"
        texts["users.csv"] += f"g{n},,,true,s1,parent,g{n},,Gale{n},Family{n},,,,,,,,\n"
        texts["demographics.csv"] += f"x{n},,,2015-01-02,\n"
        for group in ("k1", "k2") if n % 3 == 0 else ("k1",):
            texts["enrollments.csv"] += f"{group}x{n},,,{group},s1,x{n},student,,,\n"
    for n in range(20):
        texts["classes.csv"] += f"c{n},,,Class {n},05,c1,,scheduled,,s1,a1,,,\n"
        texts["courses.csv"] += f"cc{n},,,y1,Course {n},M,05,s1,,\n"
        texts["orgs.csv"] += f"o{n},,,Team {n},department,,s1\n"
        texts["academicSessions.csv"] += f"q{n},,,Quarter {n},gradingPeriod,2026-09-01,2027-01-21,y1,2027\n"
    for file, old, new in changes:
        assert old in texts[f"{file}.csv"], (file, old)
        texts[f"{file}.csv"] = texts[f"{file}.csv"].replace(old, new)
    return {name: text.encode() for name, text in texts.items()}


def state() -> dict[str, list[Any]]:
    return {name: rows for name, rows in everything().items() if name != "Entry"}


# Rows that are left out


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "column"),
    [
        ("users", "x5,,Given5", "x5,,", "value_missing", "givenName"),
        ("users", "x5,,Given5", f"x5,,{'G' * 201}", "value_too_long", "givenName"),
        ("users", "x5,,,true", "x5,,,perhaps", "bad_boolean", "enabledUser"),
        ("users", "x5,,,true,s1,student", "x5,,,true,s1,wizard", "value_unknown", "role"),
        ("users", "x5,,,true,s1", "x5,,,true,s9", "reference_unresolved", "orgSourcedIds"),
        ("users", "student,x5,", "student,ANA,", "username_twice", "username"),
        ("users", "x5,,,true", "x5,retired,,true", "value_unknown", "status"),
        ("users", "Family5,,,,,,g5,05,", "Family5,,,,,,g5,05,,,extra", "row_too_long", ""),
    ],
)
def test_a_row_with_a_problem_is_left_out_with_what_depends_on_it(
    file: str, old: str, new: str, code: str, column: str
) -> None:
    report = bring_in(big((file, old, new)))

    assert not User.objects.filter(sourced_id="x5").exists()
    assert not Student.objects.filter(sourced_id="x5").exists()
    assert not Enrollment.objects.filter(sourced_id="k1x5").exists()
    assert Student.objects.count() == 2 + 29
    assert report.applied
    found = {(p.code, p.file, p.column) for p in report.left_out}
    assert found == {
        (code, "users.csv", column),
        ("depends", "enrollments.csv", "userSourcedId"),
        ("depends", "demographics.csv", "sourcedId"),
    }
    assert not any(problem.refuses for problem in report.problems)


def test_what_is_known_of_a_row_left_out_stays_as_it_is() -> None:
    bring_in(big())
    before = state()
    report = bring_in(big(("users", "x5,,Given5", "x5,,"), ("enrollments", "k1x5,,,k1", "k1x5,,,k9")), day=NEXT_DAY)

    assert state() == before
    assert not report.changes_anything
    assert [(p.code, p.file) for p in report.left_out] == [
        ("value_missing", "users.csv"),
        ("depends", "enrollments.csv"),
        ("depends", "demographics.csv"),
    ]


def test_a_class_left_out_takes_its_enrollments_along_and_ends_none() -> None:
    seat = ("enrollments", "e4,,,k2", "e4,,,c4")
    bring_in(big(seat))
    before = state()
    report = bring_in(big(seat, ("classes", "c4,,,Class 4", "c4,,,")), day=NEXT_DAY)

    assert [(p.code, p.file) for p in report.left_out] == [
        ("value_missing", "classes.csv"),
        ("depends", "enrollments.csv"),
    ]
    assert state() == before


def test_a_guardian_left_out_stays_and_does_not_take_the_child_along() -> None:
    bring_in(big())
    report = bring_in(big(("users", "g5,,Gale5", "g5,,"), ("users", "x5,,Given5", "x5,,New")), day=NEXT_DAY)

    assert [(p.code, p.column) for p in report.left_out] == [("value_missing", "givenName")]
    assert Student.objects.get(sourced_id="x5").given_name == "New"
    assert Guardianship.objects.get(sourced_id="g5").ends_on is None
    assert User.objects.get(sourced_id="g5").is_active


def test_a_row_without_an_identifier_keeps_everything_of_its_file_from_ending() -> None:
    bring_in(big())
    cut = (
        "users",
        "x5,,,true,s1,student,x5,,Given5,Family5,,,,,,g5,05,\n",
        ",,,true,s1,student,x5,,Given5,F,,,,,,g5,05,\n",
    )
    files = big(cut, ("enrollments", "k1x5,,,k1,s1,x5,student,,,\n", ""), ("demographics", "x5,,,2015-01-02,\n", ""))
    bring_in(files, day=NEXT_DAY)

    assert User.objects.get(sourced_id="x5").is_active
    assert Student.objects.get(sourced_id="x5").left_on is None
    assert Enrollment.objects.get(sourced_id="k1x5").ends_on == DAY_BEFORE  # that file is whole


def test_two_rows_of_one_identifier_that_differ_are_both_left_out() -> None:
    bring_in(big())
    again = "x5,,,true,s1,student,other,,Given5,Family5,,,,,,,05,\n"
    report = bring_in(big(("users", "g5,,,true", f"{again}g5,,,true"), ("users", "x5,,Given5", "x5,,Changed")))

    assert [(p.code, p.file) for p in report.left_out if p.code != "depends"] == [("sourced_id_twice", "users.csv")] * 2
    assert Student.objects.get(sourced_id="x5").given_name == "Given5"


def test_of_a_file_more_than_a_tenth_left_out_refuses_everything() -> None:
    changes = [("users", f"x{n},,Given{n},", f"x{n},,,") for n in range(7)]
    problems = refused(big(*changes))
    report = bring_in(big(*changes), dry_run=True)

    assert len(problems) == 7
    [too_much] = [p for p in report.problems if p.refuses and p.file == "users.csv"]
    assert too_much.sentence == ("7 of 64 rows would be left out. That is more than 10 %, so nothing was brought in.")


def test_rows_that_depend_on_others_count_among_those_left_out() -> None:
    report = bring_in(big(("classes", "k1,,,Math 5", "k1,,,")), dry_run=True)

    assert [(p.code, p.file) for p in report.problems if p.refuses] == [("too_much_left_out", "enrollments.csv")]


def test_every_row_left_out_is_told_though_few_are_listed() -> None:
    report = bring_in(big(*[("demographics", "2015-01-02", "soon")]), dry_run=True)

    assert len([p for p in report.left_out if p.file == "demographics.csv"]) == 30
    assert len([p for p in report.problems if p.file == "demographics.csv" and p.leaves_out]) == 21


def test_a_user_name_kept_by_somebody_left_out_is_not_given_to_another() -> None:
    bring_in(big())
    report = bring_in(
        big(
            ("users", "student,x5,,Given5", "student,x5,,"),
            ("users", "student,x6,", "student,free,"),
            ("users", "student,x7,", "student,x5,"),
            ("users", "student,x8,", "student,x7,"),
        )
    )

    assert [(p.code, p.line) for p in report.left_out if p.column == "username"] == [
        ("username_taken", User_line(7)),
        ("username_taken", User_line(8)),
    ]
    assert dict(User.objects.filter(sourced_id__in=["x5", "x6", "x7", "x8"]).values_list("sourced_id", "username")) == {
        "x5": "x5",
        "x6": "free",
        "x7": "x7",
        "x8": "x8",
    }


def User_line(n: int) -> int:  # noqa: N802
    return 6 + 2 * n


# Changes since the last time


def delta(**files: str) -> dict[str, bytes]:
    """A bundle of changes: users="row\\nrow" below the header that SMALL has."""
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nsource.systemName,Abacus\n"
    manifest += "".join(f"file.{name},delta\n" for name in files)
    texts = {f"{name}.csv": f"{SMALL[f'{name}.csv'].splitlines()[0]}\n{rows}\n" for name, rows in files.items()}
    return {"manifest.csv": manifest.encode(), **{name: text.encode() for name, text in texts.items()}}


@pytest.fixture
def district() -> Organization:
    district = make_district()
    bring_in(bundle(), organization=district)
    return district


AT = "2026-10-30T10:00:00.000Z"


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


# What a complete roster ends


def test_people_no_longer_there_leave_and_come_back() -> None:
    bring_in(big())
    x5 = "x5,,,true,s1,student,x5,,Given5,Family5,,,,,,g5,05,\n"
    seats = ("enrollments", "k1x5,,,k1,s1,x5,student,,,\n", "")
    born = ("demographics", "x5,,,2015-01-02,\n", "")
    report = bring_in(big(("users", x5, ""), seats, born), day=NEXT_DAY)

    assert not User.objects.get(sourced_id="x5").is_active
    assert Student.objects.get(sourced_id="x5").left_on == DAY_BEFORE
    assert Enrollment.objects.get(sourced_id="k1x5").ends_on == DAY_BEFORE
    assert Guardianship.objects.get(sourced_id="g5").ends_on == DAY_BEFORE
    assert SchoolStay.objects.get(student__sourced_id="x5").ends_on == DAY_BEFORE
    assert (report.counts["users"].end, report.counts["students"].end, report.asks) == (1, 1, {})
    assert not bring_in(big(("users", x5, ""), seats, born), day=date(2026, 11, 3)).changes_anything

    back = bring_in(big(), day=date(2026, 11, 9))
    assert User.objects.get(sourced_id="x5").is_active
    assert Student.objects.get(sourced_id="x5").left_on is None
    assert Guardianship.objects.get(sourced_id="g5").ends_on is None
    assert Enrollment.objects.get(sourced_id="k1x5").ends_on is None
    assert SchoolStay.objects.filter(student__sourced_id="x5").count() == 2
    assert back.counts["students"].change == 1


def test_a_class_no_longer_there_ends() -> None:
    bring_in(big())
    report = bring_in(big(("classes", "c3,,,Class 3,05,c1,,scheduled,,s1,a1,,,\n", "")), day=NEXT_DAY)

    assert Group.objects.get(sourced_id="c3").ends_on == DAY_BEFORE
    assert report.counts["groups"].end == 1
    bring_in(big(), day=NEXT_DAY)
    assert Group.objects.get(sourced_id="c3").ends_on == date(2027, 1, 20)


def test_a_last_day_to_come_that_somebody_typed_stays() -> None:
    bring_in(big())
    Student.objects.filter(sourced_id="x5").update(left_on=date(2027, 1, 8))
    assert not bring_in(big(), day=NEXT_DAY).changes_anything


def half(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the students from x15 on, and what they were in."""
    gone = tuple(f"{mark}{n}" for n in range(15, 30) for mark in ("x", "k1x", "k2x"))
    return {
        name: b"".join(line for line in content.splitlines(True) if line.decode().split(",")[0] not in gone)
        for name, content in files.items()
    }


def test_a_roster_suddenly_small_asks_first() -> None:
    bring_in(big())
    before = state()
    dry = bring_in(half(big()), dry_run=True)

    assert (dry.is_refused, dry.asks) == (False, {"users": (15, 63), "students": (15, 32), "enrollments": (20, 43)})
    assert codes(dry) == ["too_many_ends"]
    assert dry.counts["students"].end == 15
    with pytest.raises(ImportRefused) as caught:
        bring_in(half(big()))
    assert [p.code for p in caught.value.problems if p.refuses] == ["too_many_ends"]
    assert caught.value.problems[0].sentence == (
        "15 of 63 people and 20 of 43 places in classes would end. That is more than 10 %: a person has to agree to it"
        " first."
    )
    assert state() == before

    report = bring_in(half(big()), allow_ends=True)
    assert (report.applied, report.asks, codes(report)) == (True, {}, [])
    assert Student.objects.filter(left_on__isnull=False).count() == 15


def test_places_in_classes_that_are_over_are_not_asked_about() -> None:
    bring_in(big())
    summer = date(2027, 8, 1)
    header = SMALL["classes.csv"].splitlines()[0]
    new = header + "\nn1,,,New,05,c1,,scheduled,,s1,y2,,,\n"
    years = SMALL["academicSessions.csv"].splitlines()[0]
    files = big() | {
        "classes.csv": new.encode(),
        "enrollments.csv": (SMALL["enrollments.csv"].splitlines()[0] + "\nn,,,n1,s1,u2,student,,,\n").encode(),
        "academicSessions.csv": (years + "\ny2,,,2027-28,schoolYear,2027-09-01,2028-06-16,,2028\n").encode(),
        "courses.csv": SMALL["courses.csv"].replace(",,,y1,", ",,,,").encode(),
    }
    report = bring_in(files, day=summer)

    assert report.asks == {}
    assert Enrollment.objects.filter(ends_on=None).count() == 1


def test_somebody_who_is_no_student_any_more_leaves() -> None:
    bring_in(big())
    report = bring_in(
        big(
            ("users", "x5,,,true,s1,student", "x5,,,true,s1,aide"), ("enrollments", "k1x5,,,k1,s1,x5,student,,,\n", "")
        ),
        day=NEXT_DAY,
    )

    assert Student.objects.get(sourced_id="x5").left_on == DAY_BEFORE
    assert User.objects.get(sourced_id="x5").is_active
    assert report.counts["students"].end == 1


def test_what_was_made_by_hand_for_somebody_who_left_stays() -> None:
    bring_in(big())
    x5, tess = Student.objects.get(sourced_id="x5"), User.objects.get(username="tess")
    Caseload.objects.create(district=x5.district, manager=tess, student=x5)
    by_hand = Enrollment.objects.create(district=x5.district, student=x5, group=Group.objects.get(sourced_id="c1"))
    bring_in(half(big(students=30)) | {}, day=NEXT_DAY, allow_ends=True)

    by_hand.refresh_from_db()
    assert by_hand.ends_on is None
    assert Caseload.objects.get().ends_on is None


# Who a row is


def by_hand(district: Organization, given: str = "Ben", family: str = "Oakes", **more: Any) -> Student:
    school = Organization.objects.get(sourced_id="s1")
    return Student.objects.create(
        district=district, school=school, given_name=given, family_name=family, **{"is_provisional": True, **more}
    )


def without_ben() -> dict[str, bytes]:
    return bundle(
        ("users", "u2,,,true,s1,student,ben,,Ben,Oakes,,,,,,,05,\n", ""),
        ("enrollments", "e3,,,k1,s1,u2,student,,,\ne4,,,k2,s1,u2,student,,,\n", ""),
    )


@pytest.fixture
def waiting() -> Organization:
    """A district whose roster does not have Ben yet."""
    district = make_district()
    bring_in(without_ben(), organization=district)
    return district


@pytest.mark.parametrize("born", [None, date(2015, 1, 1)])
def test_a_provisional_student_becomes_the_one_of_the_row(born: date | None, waiting: Organization) -> None:
    ben = by_hand(waiting, "Bén", "OAKES", born_on=born)
    report = bring_in(bundle(), organization=waiting, day=NEXT_DAY)

    found = Student.objects.get(sourced_id="u2")
    assert (found.pk, found.is_provisional, found.given_name, found.user.username) == (ben.pk, False, "Ben", "ben")  # type: ignore[union-attr]
    assert found.source == RosterSource.objects.get()
    assert places(report.problems) == [("provisional_adopted", "users.csv", None, "")]
    assert report.problems[0].sentence.startswith("1 student who was entered by hand is now")
    assert report.counts["students"] == Counts(change=1, same=1)
    assert Enrollment.objects.filter(student=ben).count() == 2
    assert not bring_in(bundle(), organization=waiting, day=NEXT_DAY).changes_anything


def test_a_provisional_student_of_another_birth_date_is_somebody_else(waiting: Organization) -> None:
    by_hand(waiting, born_on=date(2013, 3, 3))
    born = ("demographics", "u1,,,2015-03-02,\n", "u1,,,2015-03-02,\nu2,,,2014-04-04,\n")
    bring_in(bundle(born), organization=waiting)

    assert Student.objects.filter(family_name="Oakes").count() == 2


def test_a_provisional_student_who_may_be_two_is_left_alone(waiting: Organization) -> None:
    by_hand(waiting)
    by_hand(waiting)
    bring_in(bundle(), organization=waiting)
    assert Student.objects.filter(is_provisional=True).count() == 2

    Student.objects.filter(is_provisional=True).delete()
    by_hand(waiting, "Ana", "Ruiz")  # the roster's own Ana is here already
    bring_in(bundle(), organization=waiting)
    assert Student.objects.filter(given_name="Ana").count() == 2


@pytest.mark.parametrize("more", [{"is_provisional": False}, {"given": "Benedict"}])
def test_a_student_who_is_not_provisional_or_has_another_name_is_left_alone(
    more: dict[str, Any], waiting: Organization
) -> None:
    by_hand(waiting, **more)
    bring_in(bundle(), organization=waiting)

    assert Student.objects.filter(family_name="Oakes").count() == 2


def test_what_the_roster_says_of_a_merged_record_goes_to_the_one_that_is_kept(district: Organization) -> None:
    kept = by_hand(district, "Anita", "Ruiz", is_provisional=False)
    ana = Student.objects.get(given_name="Ana")
    Enrollment.objects.filter(student=ana).update(student=kept)
    Guardianship.objects.filter(student=ana).update(student=kept)
    User.objects.filter(username="ana").update(given_name="Ana")
    ana.merged_into, ana.user = kept, None
    ana.save()
    changed = bundle(
        ("users", "ana,,Ana,Ruiz", "ana,,Ann,Ruiz"), ("enrollments", "e4,", "e9,,,k2,s1,u1,student,,,\ne4,")
    )
    bring_in(changed, organization=district)

    ana.refresh_from_db()
    assert (ana.given_name, ana.user, ana.merged_into) == ("Ann", None, kept)
    assert set(Enrollment.objects.filter(student=kept).values_list("sourced_id", flat=True)) == {"e2", "e9"}
    assert not Enrollment.objects.filter(student=ana).exists()
    assert Guardianship.objects.get().student == kept


def test_names_and_pronouns_of_version_1_2_do_not_clear_what_was_typed() -> None:
    def files(*cells: str) -> dict[str, bytes]:
        users = (
            "sourcedId,enabledUser,username,givenName,familyName,preferredGivenName,pronouns,primaryOrgSourcedId\n"
            f"u1,true,ana,Ana,Ruiz,{','.join(cells)},s1\n"
        )
        roles = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\nr1,u1,primary,student,,,s1\n"
        manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n"
        orgs = "sourcedId,name,type,parentSourcedId\nd1,Northfield,district,\ns1,Hill,school,d1\n"
        return {
            "manifest.csv": f"{manifest}file.orgs,bulk\n".encode(),
            "users.csv": users.encode(),
            "roles.csv": roles.encode(),
            "orgs.csv": orgs.encode(),
        }

    bring_in(files("Annie", "she/her"))
    ana = Student.objects.get()
    assert (ana.preferred_name, ana.pronouns, ana.first_name_for("family")) == ("Annie", "she/her", "Ana")
    bring_in(files("", ""))
    ana.refresh_from_db()
    assert (ana.preferred_name, ana.pronouns) == ("Annie", "she/her")


def roles_12(*rows: str, users: Iterable[str] = ("u1", "u2", "u3")) -> dict[str, bytes]:
    text = "sourcedId,enabledUser,username,givenName,familyName\n" + "".join(f"{u},true,{u},G{u},F\n" for u in users)
    roles = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n" + "\n".join(rows) + "\n"
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n"
    orgs = "sourcedId,name,type,parentSourcedId\nd1,Northfield,district,\ns1,Hill,school,d1\ns2,Dale,school,d1\n"
    return {
        "manifest.csv": f"{manifest}file.orgs,bulk\n".encode(),
        "users.csv": text.encode(),
        "roles.csv": roles.encode(),
        "orgs.csv": orgs.encode(),
    }


def test_a_role_that_is_over_counts_no_more_and_one_to_come_does() -> None:
    bring_in(
        roles_12(
            "r1,u1,primary,student,2025-09-01,2026-06-20,s1",
            "r2,u2,primary,student,2027-01-01,,s1",
            "r3,u3,secondary,student,,,s2",
            "r4,u3,primary,student,,2026-10-02,s1",
        )
    )

    assert set(Student.objects.values_list("user__username", "school__name")) == {("u2", "Hill"), ("u3", "Hill")}
    assert set(User.objects.values_list("username", "organization__name")) == {
        ("u1", "Northfield"),
        ("u2", "Hill"),
        ("u3", "Hill"),
    }


def test_somebody_of_whose_roles_one_is_left_out_stays_as_they_are() -> None:
    everybody = [f"v{n}" for n in range(20)]
    rows = [f"r{n},v{n},primary,student,,,s1" for n in range(20)]
    bring_in(roles_12(*rows, users=everybody))
    rows[3] = "r3,v3,primary,student,,,s9"
    report = bring_in(roles_12(*rows, users=everybody), day=NEXT_DAY)

    assert [(p.code, p.file) for p in report.left_out] == [
        ("reference_unresolved", "roles.csv"),
        ("depends", "users.csv"),
    ]
    assert Student.objects.filter(left_on=None).count() == 20


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


def test_relationship_is_the_word_of_the_role_until_somebody_types_a_better_one() -> None:
    bring_in(bundle(("users", "d1,guardian,rosa", "d1,parent,rosa")))
    assert Guardianship.objects.get().relationship == "parent"

    Guardianship.objects.update(relationship="Mother")
    assert not bring_in(bundle(("users", "d1,guardian,rosa", "d1,parent,rosa"))).changes_anything


def test_user_names_are_unique_in_a_district_alone() -> None:
    elsewhere = make_district("Elsewhere")
    User.objects.create(username="ben", given_name="Other", family_name="Ben", organization=elsewhere)
    bring_in(bundle())

    assert User.objects.filter(username="ben").count() == 2
    here = Organization.objects.get(name="Northfield")
    assert set(User.objects.exclude(organization=elsewhere).values_list("district", flat=True)) == {here.pk}


def test_two_districts_of_a_consortium_may_have_the_same_user_name() -> None:
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)
    files = bundle(
        ("orgs", "s1,", "d2,,,Southfield,district,,\ns2,,,South School,school,,d2\ns1,"),
        ("users", "u3,", "u7,,,true,s2,student,BEN,,Ben,South,,,,,,,05,\nu3,"),
    )
    report = bring_in(files, organization=consortium)

    assert report.left_out == []
    assert User.objects.filter(username__iexact="ben").count() == 2


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
