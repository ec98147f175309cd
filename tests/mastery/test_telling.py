"""Who is told of what happened, and never earlier than their pages show it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.people.enums import Part
from lpm.people.models import Closure, Guardianship, Organization, SchoolYear, Student, User
from students.mastery.enums import JudgementKind
from students.mastery.models import MasteryState
from students.mastery.services import record_decision, record_mark, void_mark
from students.mastery.services.sessions import cancel_session, seat_requests, unseat_request
from students.mastery.services.showing import return_request, withdraw_request
from students.mastery.services.telling import sweep_news, tell_news
from tests.mastery.test_showing import answer, ask, plan
from tests.world import DAY, World

TEACHERS = {"teacher", "co_teacher", "teacher_here_leader_there", "teacher_from_afar"}
Row = tuple[str, str, str]  # who, of what kind, how it ended


def told(unread: bool = True) -> set[Row]:
    rows = Notice.objects.filter(read_at__isnull=unread).select_related("person")
    return {(row.person.username, row.kind, row.params.get("outcome", "")) for row in rows}


def sweep(world: World) -> None:
    tell_news(school_id=world.own.school.pk)


def mark(world: World, level: str = "2.5", place: int = 0, student: Student | None = None, **changed: Any) -> Any:
    return record_mark(
        **{
            "uuid": uuid4(),
            "recorder": world.teacher,
            "student": student or world.own.student,
            "target": world.targets[place],
            "level": Decimal(level),
            "performed_on": DAY,
            "day": DAY,
            "group": world.own.group,
            **changed,
        }
    )


@pytest.fixture
def at():
    """Goes to a time of that Thursday, as the clocks at school show it, or of a day after."""
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as traveller:

        def go(hour: int, minute: int = 0, days: int = 0) -> datetime:
            moment = datetime(2026, 11, 19, hour + 5, minute, tzinfo=UTC) + timedelta(days=days)
            traveller.move_to(moment)
            return moment

        yield go


# --- at once


def test_teachers_are_told_of_who_is_ready_until_somebody_answers(world: World):
    ready = ask(world)
    assert told() == {(name, "ready", "") for name in TEACHERS}

    answer(world, ready)

    assert told() == set()
    withdraw_request(request=ask(world, 1), actor=world.student, day=DAY)
    assert told() == set()


def test_a_student_is_told_at_once_what_comes_first(world: World):
    ready = ask(world)

    for _twice in range(2):
        return_request(request=ready, reply="Read it once more.", teacher=world.teacher, day=DAY)

    [notice] = Notice.objects.filter(kind=NoticeKind.RETURNED)
    assert told() == {("student", "returned", "returned")}
    assert notice.path == reverse("mastery:ready-list", args=[world.own.student.uuid])
    assert notice.params == {"target": "Step 1", "writer": "Teacher Person", "outcome": "returned"}


def test_students_are_told_when_they_can_show_it_and_when_not(world: World):
    ready = ask(world)
    Notice.objects.all().delete()
    session = plan(world, ready)
    [notice] = Notice.objects.all()
    assert told() == {("student", "session", "on")}
    assert (notice.params["place"], notice.params["at"]) == ("Room 4", session.starts_at.isoformat())

    seat_requests(session=session, requests=[ready], actor=world.teacher, day=DAY)  # has a place already
    assert Notice.objects.count() == 1

    unseat_request(session=session, request=ready, actor=world.teacher, day=DAY)
    assert (told(), told(unread=False)) == ({("student", "session", "off")}, {("student", "session", "on")})

    seat_requests(session=session, requests=[ready], actor=world.teacher, day=DAY)
    assert told() == {("student", "session", "on")}
    for _twice in range(2):
        cancel_session(session=session, actor=world.teacher, day=DAY)
    assert told() == {("student", "session", "off")}
    assert Notice.objects.count() == 4


@pytest.mark.parametrize("how", ["withdrawn", "returned", "answered"])
def test_a_time_that_is_over_is_not_told_any_more(world: World, how: str):
    """Else an e-mail that waits would still say that there is one."""
    ready = ask(world)
    plan(world, ready)

    if how == "withdrawn":
        withdraw_request(request=ready, actor=world.student, day=DAY)
    elif how == "returned":
        return_request(request=ready, reply="Read it once more.", teacher=world.teacher, day=DAY)
    else:
        answer(world, ready)

    assert ("student", "session", "on") not in told()


def test_a_student_without_an_account_is_told_nothing(world: World):
    ready = ask(world)
    Notice.objects.all().delete()
    Student.objects.filter(pk=world.own.student.pk).update(user=None)

    cancel_session(session=plan(world, ready), actor=world.teacher, day=DAY)
    return_request(request=ready, reply="Read it once more.", teacher=world.teacher, day=DAY)

    assert told() == set()


# --- when it is released


def test_a_student_is_told_of_a_topic_once_a_day_when_the_level_shows(world: World, at):
    mark(world)
    mark(world, place=1)
    at(10, 9)
    sweep(world)
    assert told() == set()

    at(10, 11)
    for _twice in range(2):
        sweep(world)
    assert told() == {("student", "level", "")}
    [notice] = Notice.objects.all()
    assert notice.path == reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])
    assert notice.params == {"topic": "Fractions"}  # and no level

    mark(world, place=2)
    at(12)
    sweep(world)
    assert Notice.objects.count() == 1

    at(11, days=1)
    Notice.objects.all().delete()
    mark(world, place=2)
    at(11, 30, days=1)
    sweep(world)
    assert ("student", "level", "") in told()


def test_what_was_taken_back_in_time_is_told_to_nobody(world: World, at):
    recorded = mark(world)
    void_mark(uuid=uuid4(), voider=world.teacher, mark_uuid=recorded.assessment.uuid, reason="another student", day=DAY)

    at(10, 30)
    sweep(world)
    at(8, days=1)
    sweep(world)

    assert told() == set()


def test_an_answer_is_told_with_its_level(world: World, at):
    ready = ask(world)
    answer(world, ready)
    at(10, 9)
    sweep(world)
    assert told() == set()

    at(10, 11)
    sweep(world)
    assert told() == {("student", "level", ""), ("student", "returned", "answered")}


def test_families_are_told_once_on_the_morning_on_which_they_read_it(world: World, at):
    mark(world)
    at(6, 59, days=1)
    sweep(world)
    guardians = {("guardian", "level", ""), ("guardian_from_nowhere", "level", "")}
    assert told() & guardians == set()

    at(7, 1, days=1)
    for _twice in range(2):
        sweep(world)

    assert told() == {*guardians, ("student", "level", "")}
    notice = Notice.objects.get(person=world.guardian)
    assert (notice.path, notice.params) == (reverse("student:family", args=[world.own.student.uuid]), {})
    assert Notice.objects.count() == 3


def test_the_day_before_a_long_break_is_told_after_it(world: World, at):
    school = world.own.school
    SchoolYear.objects.create(
        organization=school, title="2026/27", ends_in=2027, starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 15)
    )
    days = {"starts_on": DAY + timedelta(days=1), "ends_on": DAY + timedelta(days=24)}  # until Sunday, December 13
    Closure.objects.create(organization=school, title="Three weeks", **days)
    mark(world)

    at(8, days=24)
    sweep(world)
    assert not Notice.objects.filter(person=world.guardian).exists()
    at(8, days=25)
    sweep(world)

    assert Notice.objects.filter(person=world.guardian).count() == 1


def test_a_level_that_falls_is_told_when_families_read_it(world: World, at):
    family = Notice.objects.filter(person=world.guardian)
    friday = DAY + timedelta(days=1)
    mark(world, "3.0", judges=False)
    at(8, days=1)
    sweep(world)
    assert family.count() == 1
    for _twice in range(2):
        mark(world, "1.0", judges=False, day=friday, performed_on=friday)

    monday = at(8, days=4).date()
    sweep(world)
    assert family.count() == 1

    level = MasteryState.objects.get().suggested
    asked = {"student": world.own.student, "target": world.targets[0], "kind": JudgementKind.CONFIRMED, "level": level}
    record_decision(uuid=uuid4(), judge=world.teacher, day=monday, **asked)
    at(8, days=5)
    sweep(world)
    assert family.count() == 2


def test_a_part_that_is_off_tells_nobody(world: World, at):
    mark(world)
    Organization.objects.update(parts=[Part.MESSAGES])

    at(10, 30)
    sweep(world)
    at(8, days=1)
    sweep(world)

    assert told() == set()


def test_the_sweep_goes_through_every_school(world: World, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent:
        assert sweep_news() == 4

    assert len(sent) == 4


def test_telling_a_class_costs_no_more_than_telling_one(world: World, at, django_assert_max_num_queries):
    """Once somebody has been told; the first time costs a look at what each family reads."""
    user = User.objects.get(pk=world.classmate.pk)
    Guardianship.objects.create(
        district=world.own.district, student=Student.objects.get(user=user), guardian=world.guardian
    )
    for student in Student.objects.filter(school=world.own.school):
        mark(world, student=student) if student.user_id in {world.student.pk, user.pk} else None
    at(8, days=1)
    sweep(world)
    count = Notice.objects.count()
    assert count == 5

    with django_assert_max_num_queries(31):
        sweep(world)
    assert Notice.objects.count() == count
    assert timezone.now() == at(8, days=1)
