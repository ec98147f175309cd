"""The first pages of those who are with students: teachers, advisors, those with a caseload."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import RecordView
from lpm.home.queries import read_advising, read_teaching
from lpm.people.enums import GroupKind
from lpm.people.models import Caseload, SchoolYear, Student
from students.mastery.enums import AssessmentKind
from students.threads.models import Message, Thread
from tests.home.desks import add_group, add_seminar, add_session, ask, mark
from tests.home.test_home_pages import HOME, text
from tests.world import DAY, World, enroll, guard, teach


def classmate() -> Student:
    return Student.objects.get(family_name="Classmate")


def offer(world: World) -> None:
    mark(world.substitute, world.own.student, world.targets[0], "2.0", DAY, kind=AssessmentKind.OFFERED)


# --- a teacher


def test_teacher_begins_with_whoever_waits(world, as_person):
    ask(world.own.student, world.targets[0], 3)
    ask(world.own.student, world.targets[1])
    ask(classmate(), world.targets[0], 1)
    offer(world)
    teach(world.teacher, add_group(world.own, "Aspen"))
    said = text(as_person(world.teacher).get(HOME))
    assert said.startswith("Hello, Teacher Somebody is ready to show you what they can do. Begin there.")
    assert "3 requests of students wait. the first since November 16 1 mark of a substitute waits for you." in said
    assert "Birch 2 wait class 3 students" in said
    assert said.index("requests") < said.index("My groups") < said.index("Aspen class 0 students")


def test_teacher_is_told_of_nobody_who_waits_elsewhere(world):
    ask(world.other_class.student, world.targets[0])
    ask(world.other_school.student, world.targets[0])
    found = read_teaching(world.teacher, DAY)
    assert (found.waiting.count, dict(found.waiting.in_group)) == (0, {})
    assert read_teaching(world.far_teacher, DAY).waiting.count == 0


def test_teacher_reads_one_sentence_of_what_comes_next(world):
    said = [read_teaching(world.teacher, DAY).sentence]
    for student in Student.objects.filter(enrollments__group=world.own.group):
        mark(world.teacher, student, world.targets[0], "3.0", DAY)
    said.append(read_teaching(world.teacher, DAY).sentence)
    add_session(world.own.group, world.teacher, timezone.now() + timedelta(days=3))
    said.append(read_teaching(world.teacher, DAY).sentence)
    add_session(world.own.group, world.teacher, timezone.now() + timedelta(hours=1))
    said.append(read_teaching(world.teacher, DAY).sentence)
    offer(world)
    said.append(read_teaching(world.teacher, DAY).sentence)
    assert said == [
        "Nobody waits for you. Some students could do with a word from you.",
        "Nobody waits for you. Open a group to see where everyone is.",
        "Nobody waits for you. Open a group to see where everyone is.",
        "You meet students at a set time today.",
        "A substitute noted what students showed. Look it over first.",
    ]


def test_teacher_sees_the_meetings_of_today_else_the_next_one(world, as_person):
    later = add_session(world.own.group, world.teacher, timezone.now() + timedelta(days=2))
    add_session(world.own.group, world.teacher, timezone.now() + timedelta(days=3))
    client = as_person(world.teacher)
    assert "Showing session, Birch Saturday, November 21, 10 a.m., Room 4. 0 of 5 places taken" in text(
        client.get(HOME)
    )
    seminar = add_seminar(world.own, world.teacher, timezone.now() + timedelta(hours=2))
    teach(world.teacher, seminar.group)
    response = client.get(HOME)
    said, html = text(response), response.content.decode()
    assert "Seminar on halves today, noon, Library. 0 students come" in said
    assert "Showing session" not in said
    assert reverse("mastery:seminar-change", args=[seminar.uuid]) in html
    assert reverse("mastery:session-show", args=[later.uuid]) not in html


def test_substitute_has_groups_and_nothing_that_is_for_their_teacher(world, as_person):
    ask(world.own.student, world.targets[0])
    response = as_person(world.substitute).get(HOME)
    said, html = text(response), response.content.decode()
    assert said.startswith("Hello, Substitute Open a group to see where everyone is, and to note what they show you.")
    assert "Birch class 3 students Students and teachers" in said
    assert "wait" not in said
    assert reverse("mastery:walk-show", args=[world.own.group.uuid]) not in html


def test_groups_of_several_schools_say_of_which_they_are(world, as_person):
    teach(world.teacher, world.other_school.group)
    said = text(as_person(world.teacher).get(HOME))
    assert "Birch class Hill 3 students" in said
    assert f"{world.other_school.group.name} class Lake" in said


def test_home_of_somebody_who_leads_and_has_a_child_says_what_is_new_to_them(world, as_person):
    own = world.own
    guard(world.leader, own.student)
    thread = Thread.objects.create(
        district=own.district, student=own.student, staff=world.teacher, guardian=world.leader
    )
    Message.objects.create(district=own.district, thread=thread, author=world.teacher, text="Welcome")
    assert "1 conversation has a message that you have not read." in text(as_person(world.leader).get(HOME))


def test_home_says_how_many_conversations_have_something_new(world, as_person):
    own = world.own
    for guardian in (world.guardian, None):
        thread = Thread.objects.create(
            district=own.district, student=own.student, staff=world.teacher, guardian=guardian
        )
        Message.objects.create(district=own.district, thread=thread, author=world.guardian, text="Thank you")
    said = text(as_person(world.teacher).get(HOME))
    assert "2 conversations have messages that you have not read. Read" in said
    assert "conversation" not in text(as_person(world.co_teacher).get(HOME))


@pytest.mark.parametrize("rows", [1, 30])
def test_teacher_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        group = add_group(world.own, f"Group {n}")
        teach(world.teacher, group)
        student = enroll(group, given_name=f"Child {n}", family_name="of Birch")
        ask(student, world.targets[0], n)
        session = add_session(group, world.teacher, timezone.now() + timedelta(hours=1 + n))
        student.ready_requests.update(session=session)
    offer(world)
    client = as_person(world.teacher)
    client.get(HOME)
    with django_assert_num_queries(20):
        client.get(HOME)


# --- advisory and caseload


@pytest.fixture
def year(world) -> None:
    SchoolYear.objects.create(
        organization=world.own.district, ends_in=2027, starts_on=date(2026, 8, 24), ends_on=date(2027, 6, 18)
    )


def test_caseload_says_of_each_student_where_they_are_and_what_is_newest(world, as_person, year):
    mark(world.teacher, world.own.student, world.targets[0], "3.0", DAY)
    mark(world.teacher, world.own.student, world.targets[1], "2.5", DAY)
    response = as_person(world.case_manager).get(HOME)
    assert text(response) == (
        "Hello, Case Manager Something was seen of everybody lately, and nobody waits for long. My students "
        "1 student 1 showed something in full in the last four weeks 0 wait for an answer "
        "Everybody Amara of Birch Working on: Step 2 2.5 November 19"
    )
    assert reverse("student:path", args=[world.own.student.uuid]) in response.content.decode()
    assert 'data-role="teacher"' in response.content.decode()
    looked = RecordView.objects.filter(viewer=world.case_manager).values_list("student_uuid", "page", "relation")
    assert list(looked) == [(world.own.student.uuid, "home", "CASE_MANAGER")]


def test_caseload_puts_first_with_whom_a_conversation_is_worth_while_and_says_why(world, as_person, year):
    """By name, not by how long: nobody is ranked."""
    quiet, waiting, fresh, new = (
        enroll(world.own.group, given_name=name, family_name="Person") for name in ("Dee", "Cal", "Abe", "Bea")
    )
    for student in (quiet, waiting, fresh, new):
        Caseload.objects.create(district=world.own.district, manager=world.counselor, student=student)
    with time_machine.travel("2026-10-30T15:00:00+00:00", tick=True):  # 14 school days before
        mark(world.teacher, quiet, world.targets[0], "2.0", date(2026, 10, 30))
    for student in (waiting, fresh):
        mark(world.teacher, student, world.targets[0], "3.0", DAY)
    ask(waiting, world.targets[1], 8)
    ask(fresh, world.targets[1], 6)
    said = text(as_person(world.counselor).get(HOME))
    assert said.startswith("Hello, Counselor 4 of your students are worth a conversation. My students 5 students")
    amara = "Amara of Birch Nothing is recorded yet: a talk about where to begin."
    assert f"Worth a conversation {amara} Bea Person Nothing is recorded yet" in said
    assert (
        "Cal Person Asked on November 11 to show something, and still waits for an answer. "
        "Working on: Step 2 3.0 Step 1, November 19 waits since November 11 Cal Person "
        "Dee Person Nothing new was recorded for 14 school days."
    ) in said
    assert "Everybody else Abe Person Working on: Step 2" in said


def test_caseload_says_the_day_on_which_a_student_asked_by_the_clock_of_the_school(world, as_person, year):
    asked = ask(world.own.student, world.targets[1])
    asked.asked_at = datetime(2026, 11, 11, 2, 30, tzinfo=UTC)  # the evening before, where the school is
    asked.save()
    said = text(as_person(world.case_manager).get(HOME))
    assert "Asked on November 10 to show something, and still waits for an answer. waits since November 10" in said


def test_advisory_is_a_list_beside_the_groups(world, as_person, year):
    maple = add_group(world.own, "Maple", GroupKind.ADVISORY)
    teach(world.teacher, maple)
    teach(world.co_teacher, maple, ends_on=DAY - timedelta(days=60))
    dee = enroll(maple, given_name="Dee", family_name="Person")
    enroll(maple, given_name="Gone", family_name="Person", left_on=DAY - timedelta(days=1))
    mark(world.teacher, dee, world.targets[3], "4.0", DAY)
    said = text(as_person(world.teacher).get(HOME))
    assert (
        "My students Something was seen of everybody lately, and nobody waits for long. "
        "1 student 1 showed something in full in the last four weeks 0 wait for an answer "
        "Everybody Dee Person Working on: Step 1 4.0 Step 4, November 19"
    ) in said
    assert "My students" not in text(as_person(world.co_teacher).get(HOME))
    Caseload.objects.create(district=world.own.district, manager=world.teacher, student=classmate())
    lines = {line.student.name: list(line.groups) for line in read_advising(world.teacher, DAY, timezone.now()).lines}
    assert lines == {"Ben Classmate": [], "Dee Person": ["Maple"]}
    assert "Ben Classmate on your caseload" in text(as_person(world.teacher).get(HOME))


def test_advisor_reads_when_a_topic_is_behind_somebody(world, year):
    for target in world.targets:
        mark(world.teacher, world.own.student, target, "3.0", DAY)
    [line] = read_advising(world.case_manager, DAY, timezone.now()).lines
    assert (line.here, line.newest.target if line.newest else None) == (None, world.targets[3])


def test_narrow_caseload_says_who_they_are_and_nothing_of_their_learning(world, as_person):
    mark(world.teacher, world.own.student, world.targets[0], "3.0", DAY)
    ask(world.own.student, world.targets[1], 9)
    response = as_person(world.narrow_caseload).get(HOME)
    said = text(response)
    assert "Everybody Amara of Birch You see who they are, not how they learn." in said
    assert "3.0" not in said
    assert "waits since" not in said
    assert reverse("people:student-show", args=[world.own.student.uuid]) in response.content.decode()
    assert not RecordView.objects.filter(viewer=world.narrow_caseload).exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_advisor_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries, year):
    mark(world.teacher, world.own.student, world.targets[0], "3.0", DAY)
    ask(world.own.student, world.targets[1])
    for n in range(rows - 1):
        student = enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch")
        Caseload.objects.create(district=world.own.district, manager=world.case_manager, student=student)
        mark(world.teacher, student, world.targets[n % 4], "2.0", DAY)
        ask(student, world.targets[1])
    client = as_person(world.case_manager)
    client.get(HOME)
    with django_assert_num_queries(16):
        client.get(HOME)
