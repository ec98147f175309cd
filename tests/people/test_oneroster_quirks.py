"""Habits of exporters, each seen in a published sample, and each with a bundle of its own. What is plain is taken."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from lpm.lib.csv import Row
from lpm.lib.files import open_bundle
from lpm.lib.imports import Problem
from lpm.people.enums import GroupKind
from lpm.people.imports.cells import date_orders, read_day
from lpm.people.models import Enrollment, Group, Guardianship, Organization, Staffing, Student, Term, User
from tests.people.oneroster import SMALL, bring_in, bundle, codes, everything, places, refused

Files = dict[str, bytes]
VERSION_12 = {
    "manifest.csv": (
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.academicSessions,bulk\n"
        "file.classes,bulk\nfile.courses,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.orgs,bulk\n"
        "file.roles,bulk\nfile.users,bulk\nsource.systemName,Abacus\n"
    ),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
        "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
        "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\n"
        "u1,,,true,ana,,Ana,Ruiz,,,ana@example.org,,,u4,05,,,Annie,,,s1,\n"
        "u2,,,true,ben,,Ben,Oakes,,,,,,,05,,,,,,s1,they/them\n"
        "u3,,,true,tess,,Tess,Moore,,,tess@example.org,,,,,,,,,,s1,\n"
        "u4,,,false,rosa,,Rosa,Ruiz,,,,,,,,,,,,,d1,\n"
    ),
    "roles.csv": (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
        "userProfileSourcedId\n"
        "r1,,,u1,primary,student,,,s1,\nr2,,,u2,primary,student,2026-08-01,2027-08-01,s1,\n"
        "r3,,,u3,primary,teacher,,,s1,\nr4,,,u4,primary,guardian,,,d1,\n"
    ),
}


def bundle_12(*changes: tuple[str, str, str], **more: str) -> Files:
    texts = {**SMALL, **VERSION_12, **{f"{name}.csv": text for name, text in more.items()}}
    for file, old, new in changes:
        assert old in texts[f"{file}.csv"], (file, old)
        texts[f"{file}.csv"] = texts[f"{file}.csv"].replace(old, new)
    return {name: text.encode() for name, text in texts.items()}


def rewritten(write: Callable[[list[list[str]]], str], files: Files) -> Files:
    """Every file but the manifest, written in another way."""
    return {
        name: write(list(csv.reader(io.StringIO(content.decode())))).encode() if name != "manifest.csv" else content
        for name, content in files.items()
    }


def quoted(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def padded(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([*row, "", "", ""] for row in rows)
    return text.getvalue()


def cut_short(rows: list[list[str]]) -> str:
    """Without the empty cells at the end of each row, as spreadsheets save it."""
    text = io.StringIO()
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def without_last_end(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().rstrip("\n")


def stored() -> dict[str, object]:
    """What the roster SMALL makes, without keys and times."""
    return {
        "students": set(Student.objects.values_list("given_name", "family_name", "born_on", "grade", "school__name")),
        "users": set(User.objects.values_list("username", "email", "is_active", "organization__name")),
        "groups": set(Group.objects.values_list("name", "kind", "code", "starts_on", "ends_on")),
        "terms": set(Term.objects.values_list("title", "starts_on", "ends_on")),
        "seats": set(Enrollment.objects.values_list("sourced_id", "starts_on", "ends_on")),
        "staff": set(Staffing.objects.values_list("sourced_id", "role")),
        "guardians": set(Guardianship.objects.values_list("guardian__username", "student__given_name")),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("write", [quoted, padded, cut_short, without_last_end])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_the_same_rows_written_in_another_way_are_the_same(
    write: Callable[[list[list[str]]], str], mark: bytes
) -> None:
    files = {name: mark + content for name, content in rewritten(write, bundle()).items()}
    assert bring_in(files).problems == []
    found = stored()
    assert not bring_in(bundle()).changes_anything
    assert stored() == found
    assert len(found["students"]) == 2  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("classes", "scheduled", "Scheduled"),
        ("classes", "homeroom", "HomeRoom"),
        ("orgs", ",school,", ",School,"),
        ("academicSessions", ",semester,", ",Semester,"),
        ("academicSessions", ",schoolYear,", ",SCHOOLYEAR,"),
        ("users", ",student,", ",Student,"),
        ("enrollments", ",teacher,", ",TEACHER,"),
        ("enrollments", ",true,", ",True,"),
        ("manifest", ",bulk", ",Bulk"),
        ("manifest", "file.academicSessions", "file.academicsessions"),
    ],
)
def test_words_in_any_case_are_the_same(file: str, old: str, new: str) -> None:
    assert bring_in(bundle((file, old, new))).problems == []
    assert not bring_in(bundle()).changes_anything
    assert set(Group.objects.values_list("kind", flat=True)) == {GroupKind.CLASS, GroupKind.ADVISORY}


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["active", "Active"])
def test_a_status_in_a_complete_roster_is_read_and_noted(word: str) -> None:
    files = bundle(("users", "u1,,", f"u1,{word},"), ("users", "u2,,", "u2,inactive,"))
    report = bring_in(files)

    assert places(report.problems) == [("status_in_bulk", "users.csv", 2, "status")]
    assert report.problems[0].sentence == "“status” is filled in 2 rows, but stays empty in a complete roster."
    assert set(Student.objects.values_list("given_name", flat=True)) == {"Ana"}


@pytest.mark.django_db
def test_a_misspelt_header_of_the_last_change_is_understood() -> None:
    manifest = ("manifest", "file.users,bulk", "file.users,delta")
    files = bundle(manifest, ("users", "dateLastModified", "dataLastModified"), ("users", ",,,", ",active,2026-10-01,"))
    assert bring_in(files).left_out == []
    assert "modified_missing" not in codes(bring_in(files))


@pytest.mark.django_db
def test_a_misspelt_header_of_the_preferred_name_is_understood() -> None:
    bring_in(bundle_12(("users", "preferredGivenName", "prefferedGivenName")))
    assert set(Student.objects.values_list("given_name", "preferred_name", "pronouns")) == {
        ("Ana", "Annie", ""),
        ("Ben", "", "they/them"),
    }


@pytest.mark.django_db
def test_version_1_2_is_read_as_1_1_is() -> None:
    bring_in(bundle())
    report = bring_in(bundle_12())
    assert report.problems == []
    assert {kind: c.change for kind, c in report.counts.items() if c.change} == {"students": 2}  # names and pronouns
    assert (User.objects.count(), Enrollment.objects.count(), Guardianship.objects.count()) == (4, 3, 1)


@pytest.mark.django_db
def test_a_file_of_profiles_that_is_a_copy_of_the_roles_is_passed_over() -> None:
    files = bundle_12(("manifest", "file.users", "file.userProfiles,bulk\nfile.users"))
    report = bring_in(files | {"userprofiles.csv": files["roles.csv"]})

    assert places(report.problems) == [("file_not_kept", "userprofiles.csv", None, "")]
    assert Student.objects.count() == 2


@pytest.mark.django_db
def test_a_misspelt_line_of_the_manifest_is_understood() -> None:
    report = bring_in(bundle(("manifest", "file.demographics", "fiel.demographics")))
    assert codes(report) == ["manifest_misspelt"]
    assert Student.objects.exclude(born_on=None).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("line", ["file.results,\n", "source.systemCode,\n", "file.categories,\nfile.lineItems,\n"])
def test_a_line_of_the_manifest_without_a_value_says_nothing(line: str) -> None:
    report = bring_in(bundle(("manifest", "file.orgs", f"{line}file.orgs")))
    assert set(codes(report)) <= {"manifest_empty"}
    assert Student.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("3/02/2015", "27/8/2014"), date(2015, 2, 3)),
        (("3/02/2015", "8/27/2014"), date(2015, 3, 2)),
        (("3.02.2015", "27.8.2014"), date(2015, 2, 3)),
        (("2/2/2015", "1/1/2014"), date(2015, 2, 2)),
    ],
)
def test_one_date_of_a_column_tells_how_the_others_are_written(dates: tuple[str, str], expected: date) -> None:
    files = bundle(("demographics", "u1,,,2015-03-02,\n", f"u1,,,{dates[0]},\nu2,,,{dates[1]},\n"))
    report = bring_in(files)

    assert Student.objects.get(given_name="Ana").born_on == expected
    assert codes(report) == ["odd_date", "odd_date"]


@pytest.mark.django_db
@pytest.mark.parametrize("others", [("27/8/2014", "8/27/2014"), ("4/5/2014",), ("2014-08-27",)])
def test_a_date_that_may_be_two_is_refused(others: tuple[str, ...]) -> None:
    born = "".join(f"{key},,,{day},\n" for key, day in zip(("u2", "u3"), others, strict=False))
    problems = refused(bundle(("demographics", "u1,,,2015-03-02,\n", f"u1,,,3/02/2015,\n{born}")))
    assert ("bad_date", "demographics.csv", 2, "birthDate") in places(problems)


def test_each_column_has_its_own_way() -> None:
    rows = [
        Row(2, {"startDate": "27/8/2026", "endDate": "8/27/2026"}),
        Row(3, {"startDate": "1/2/2026", "title": "3/4"}),
    ]
    assert date_orders(rows) == {"startDate": "dmy", "endDate": "mdy"}
    assert read_day("1/2/2026", "dmy") == (date(2026, 2, 1), False)
    assert read_day("1/2/2026", "mdy") == (date(2026, 1, 2), False)


@given(st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1), st.sampled_from(["dmy", "mdy"]))
def test_a_column_of_slashed_dates_is_never_read_wrongly(days: list[date], way: str) -> None:
    write = {"dmy": "{0.day}/{0.month}/{0.year}", "mdy": "{0.month}/{0.day}/{0.year}"}[way]
    texts = [write.format(day) for day in days]
    order = date_orders(Row(n, {"birthDate": text}) for n, text in enumerate(texts)).get("birthDate")
    for day, text in zip(days, texts, strict=True):
        assert read_day(text, order)[0] in {day, None}


@pytest.mark.django_db
def test_a_header_alone_says_nothing_though_others_refer_to_it() -> None:
    bring_in(bundle())
    before = everything()
    header = SMALL["users.csv"].splitlines()[0].encode()
    report = bring_in(bundle() | {"users.csv": header}, organization=Organization.objects.get(kind="district"))

    assert codes(report) == ["no_rows"]
    assert not report.changes_anything
    assert {k: v for k, v in everything().items() if k != "Entry"} == {k: v for k, v in before.items() if k != "Entry"}


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["file.courses,absent\n", ""])
def test_classes_may_refer_to_courses_that_were_not_sent(mode: str) -> None:
    report = bring_in(bundle(("manifest", "file.courses,bulk\n", mode), without=["courses.csv"]))
    assert places(report.problems) == [("courses_absent", "classes.csv", 2, "courseSourcedId")]
    assert Group.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("orgs", "s1,,,Hill School,school,,d1", "s1,,,Hill School,school,,d9", "parentSourcedId"),
        ("academicSessions", "2027-06-16,y1,", "2027-06-16,y9,", "parentSourcedId"),
        ("users", ",u4,05", ",u9,05", "agentSourcedIds"),
    ],
)
def test_a_parent_that_is_not_in_the_set_is_done_without(file: str, old: str, new: str, column: str) -> None:
    report = bring_in(bundle((file, old, new)))
    assert [(p.code, p.file, p.column) for p in report.problems] == [("reference_loose", f"{file}.csv", column)]
    assert (Student.objects.count(), Organization.objects.count(), Term.objects.count()) == (2, 3, 2)
    assert Organization.objects.get(sourced_id="s1").parent == Organization.objects.get(kind="district")


@pytest.mark.django_db
def test_japanese_is_kept_as_it_is() -> None:
    files = bundle(
        ("users", "Ana,Ruiz", "花子,山田"), ("classes", "Math 5", "数学（5年）"), ("orgs", "Hill School", "丘の学校")
    )
    report = bring_in({name: b"\xef\xbb\xbf" + content for name, content in files.items()})

    assert report.problems == []
    assert Student.objects.filter(given_name="花子", family_name="山田", school__name="丘の学校").exists()
    assert Group.objects.filter(name="数学（5年）").exists()


@pytest.mark.django_db
def test_extension_columns_are_passed_over() -> None:
    files = bundle(
        ("users", ",password\n", ",password,metadata.phoneticGivenName,ext_locker,jp.kana\n"),
        ("users", ",u4,05,Secret-1\n", ",u4,05,Secret-1,アナ,12,\n"),
        ("orgs", "parentSourcedId\n", "parentSourcedId,metadata.code\n"),
    )
    assert bring_in(files).problems == []
    assert not bring_in(bundle()).changes_anything


@pytest.mark.django_db
def test_column_names_of_version_1_0_are_understood() -> None:
    files = bundle(
        ("users", "userIds", "userId"),
        ("users", "agentSourcedIds,grades", "agents,grade"),
        ("demographics", "sourcedId", "userSourcedId"),
        ("demographics", "birthDate", "birthdate"),
    )
    assert bring_in(files).problems == []
    assert not bring_in(bundle()).changes_anything


def zipped(files: Files, folder: str = "") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for name, content in files.items():
            out.writestr(f"{folder}{name}", content)
        out.writestr(f"__MACOSX/{folder}._users.csv", b"left behind")
    return archive.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["", "export/", "./", "My roster 2026\\"])
def test_a_folder_in_the_archive_is_no_hindrance(folder: str) -> None:
    assert bring_in(open_bundle(zipped(bundle(), folder))).problems == []


@pytest.mark.django_db
def test_a_folder_on_the_disk_is_read_as_an_archive_is(tmp_path: Path) -> None:
    inner = tmp_path / "roster" / "export"
    inner.mkdir(parents=True)
    for name, content in bundle().items():
        (inner / name).write_bytes(content)
    call_command("import_oneroster", str(tmp_path / "roster"))
    assert Student.objects.count() == 2


@pytest.mark.django_db
def test_no_right_and_no_password_comes_from_a_file() -> None:
    role = ("roles", "r3,,,u3,primary,teacher", "r3,,,u3,primary,systemAdministrator")
    bring_in(bundle_12(role, ("users", ",,,u4,05,,", ",,,u4,05,Secret-1,")))
    tess = User.objects.get(username="tess")
    assert not tess.grants.exists()
    assert not tess.is_operator
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_a_problem_that_leaves_a_row_out_does_not_refuse() -> None:
    assert not Problem("x", "X", leaves_out=True, refuses=False).refuses
