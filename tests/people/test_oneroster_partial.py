"""Rows that are left out of a roster, and what depends on them."""

from __future__ import annotations

import pytest

from lpm.people.models import (
    Enrollment,
    Guardianship,
    Student,
    User,
)
from tests.people.oneroster import DAY_BEFORE, NEXT_DAY, big, bring_in, half, refused, state

__all__ = ["big", "half"]

pytestmark = pytest.mark.django_db


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
