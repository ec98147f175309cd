"""Habits of exporters, and whatever else stands in a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpm.people.imports.cells import read_day
from lpm.people.models import (
    Enrollment,
    Group,
    User,
)
from tests.people.oneroster import bring_in, bundle, codes, places


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
