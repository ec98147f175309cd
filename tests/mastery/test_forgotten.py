"""Nobody forgotten: who I have not heard from in 10 school days, and that it is nobody else's to see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from lpm.audit.models import RecordView
from lpm.people.models import Closure, Enrollment, Group, SchoolYear, Staffing, Student
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Absence, Assessment, ReadyRequest, Remark, Seminar
from students.mastery.queries.forgotten import count_forgotten, read_forgotten
from students.mastery.services import undo_mark
from tests.mastery.test_needs import named, text
from tests.world import DAY, World, enroll, teach

PAGE = reverse("mastery:forgotten-list")
LONG_AGO = date(2026, 11, 5)  # Thursday, 10 weekdays before the day


def log(world: World, student: Student, day: date, who: str = "teacher", **fields: Any) -> Assessment:
    with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
        usual: dict[str, Any] = {"kind": AssessmentKind.SCORE, "level": "2.0", "recorder": world.people[who]}
        return Assessment.objects.create(
            district=student.district,
            student=student,
            target=world.targets[0],
            performed_on=day,
            **{**usual, **fields},
        )


def forgotten(world: World, who: str = "teacher") -> dict[str, tuple[date | None, int, int]]:
    rows = read_forgotten(world.people[who], DAY)
    assert count_forgotten(world.people[who], DAY) == len(rows)
    return {row.student.given_name: (row.last, row.days, row.absent_count) for row in rows}


def test_ten_school_days_without_a_word_and_not_one_less(world):
    log(world, world.own.student, LONG_AGO)
    log(world, named("Classmate"), LONG_AGO + timedelta(days=1))
    found = forgotten(world)
    assert found["Amara"] == (LONG_AGO, 10, 0)
    assert set(found) == {"Amara", "Gwen"}  # nothing was ever recorded of Gwen
    assert found["Gwen"][0] is None
    assert [row.student.given_name for row in read_forgotten(world.teacher, DAY)] == ["Gwen", "Amara"]


def test_days_are_those_with_school(world):
    log(world, world.own.student, LONG_AGO)
    log(world, named("Classmate"), date(2026, 11, 4))
    year = SchoolYear.objects.create(
        organization=world.own.district, ends_in=2027, starts_on=date(2026, 8, 24), ends_on=date(2027, 6, 18)
    )
    Closure.objects.create(
        organization=world.own.district, starts_on=date(2026, 11, 11), ends_on=date(2026, 11, 11), title="Holiday"
    )
    assert set(forgotten(world)) == {"Ben", "Gwen"}
    year.starts_on = date(2026, 11, 9)
    year.save()
    assert forgotten(world) == {}


def test_only_what_i_recorded_myself_counts_and_still_stands(world):
    own, ben, gwen = world.own.student, named("Classmate"), named("Grown")
    log(world, own, DAY, who="co_teacher")
    log(world, own, DAY, who="student", kind=AssessmentKind.SELF)
    log(world, own, DAY, kind=AssessmentKind.IMPORTED)
    wrong = log(world, ben, DAY)
    assert set(forgotten(world)) == {"Amara", "Gwen"}
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=wrong.uuid, day=DAY)
    assert set(forgotten(world)) == {"Amara", "Ben", "Gwen"}
    assert set(forgotten(world, "co_teacher")) == {"Ben", "Gwen"}
    said = {"district": own.district, "target": world.targets[0], "author": world.teacher, "text": "Well said."}
    Remark.objects.create(student=own, **said)
    back = Remark.objects.create(student=ben, **said)
    Remark.objects.create(student=ben, **{**said, "text": ""}, voids=back)
    ReadyRequest.objects.create(
        district=gwen.district,
        student=gwen,
        target=world.targets[0],
        state=RequestState.RETURNED,
        done_since="I read.",
        answered_by=world.teacher,
        answered_at=f"{DAY}T14:00:00+00:00",
    )
    assert set(forgotten(world)) == {"Ben"}


def test_days_of_absence_are_told(world):
    own = world.own.student
    log(world, own, LONG_AGO)
    noted = {"district": own.district, "student": own, "noted_by": world.co_teacher}
    for day in (LONG_AGO, date(2026, 11, 10), date(2026, 11, 12)):
        Absence.objects.create(group=world.own.group, day=day, **noted)
    Absence.objects.create(group=world.other_class.group, day=date(2026, 11, 12), **noted)
    assert forgotten(world)["Amara"] == (LONG_AGO, 10, 2)


def test_who_came_just_now_and_who_meets_once_is_not_forgotten(world):
    own, ben = world.own.student, named("Classmate")
    Enrollment.objects.filter(student=ben).update(starts_on=DAY - timedelta(days=3))
    meeting = Group.objects.create(
        district=own.district, school=own.school, kind="seminar", name="Once", starts_on=DAY - timedelta(days=40)
    )
    Seminar.objects.create(group=meeting, meets_at=f"{DAY}T20:00:00+00:00", made_by=world.teacher)
    teach(world.teacher, meeting)
    guest = enroll(meeting, given_name="Guest", family_name="Once")
    Enrollment.objects.filter(student=named("Grown")).update(ends_on=DAY - timedelta(days=1))
    assert set(forgotten(world)) == {"Amara"}
    assert guest.given_name not in forgotten(world)
    second = Group.objects.create(district=own.district, school=own.school, kind="advisory", name="Oak", starts_on=DAY)
    teach(world.teacher, second)
    Enrollment.objects.create(district=own.district, group=second, student=own)
    assert [row.group.name for row in read_forgotten(world.teacher, DAY)] == ["Birch"]
    Staffing.objects.filter(user=world.teacher, group=world.own.group).update(starts_on=DAY)
    assert forgotten(world) == {}


def test_nobody_else_sees_my_list(world, as_person):
    """Everybody who may look into the class asks for the list: it is theirs, or there is none."""
    for student in (world.own.student, named("Classmate"), named("Grown")):
        log(world, student, DAY, who="co_teacher")
    mine = text(as_person(world.teacher).get(PAGE))
    assert "Amara of Birch" in mine
    assert "You heard from everybody" in text(as_person(world.co_teacher).get(PAGE))
    for who in ("leader", "administrator", "privacy_officer", "operator", "office", "case_manager", "student",
                "guardian", "substitute", "counselor"):  # fmt: skip
        client = as_person(world.people[who])
        assert client.get(PAGE).status_code == 404, who
        home = client.get(reverse("home:home"), follow=True).content.decode()
        assert "not heard from" not in home, who
        assert reverse("mastery:needs-show") not in home, who
    assert set(RecordView.objects.values_list("page", flat=True)) <= {"needs", "family", "path", "home"}


def test_the_list_and_the_first_page_lead_on(world, as_person):
    log(world, world.own.student, LONG_AGO)
    client = as_person(world.teacher)
    page = client.get(PAGE).content.decode()
    assert reverse("student:path", args=[world.own.student.uuid]) in page
    assert reverse("mastery:group-grid", args=[world.own.group.uuid]) + "?filter=quiet" in page
    home = text(client.get(reverse("home:home")))
    assert "You have not heard from 3 students for 10 school days." in home
    assert count_forgotten(world.stranger, DAY) == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        log(world, enroll(world.own.group, given_name=f"N{n}", family_name="Many"), LONG_AGO)
    client = as_person(world.teacher)
    client.get(PAGE)
    with django_assert_num_queries(15):
        client.get(PAGE)
