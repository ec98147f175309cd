"""What a complete roster ends."""

from __future__ import annotations

from datetime import date

import pytest

from lpm.lib.imports import ImportRefused
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Guardianship,
    SchoolStay,
    Student,
    User,
)
from tests.people.oneroster import DAY_BEFORE, NEXT_DAY, SMALL, big, bring_in, codes, half, state

pytestmark = pytest.mark.django_db


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
