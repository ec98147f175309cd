"""The first pages of those who lead: a principal's week, and schools side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import RecordView
from lpm.home.queries import find_reach, read_week, read_wide
from lpm.people.enums import GroupKind, OrganizationKind, Role
from lpm.people.models import Enrollment, Group, Organization, Student
from lpm.people.policy import Action
from lpm.people.services import create_organization
from students.mastery.calculations.suppression import Band
from students.mastery.enums import RequestState
from tests.home.desks import add_group, add_school, add_seminar, add_session, ask, count
from tests.home.test_home_pages import HOME, text
from tests.world import DAY, World, enroll, grant, person, teach

LATER = (
    "Visits to classrooms Nothing here yet: Cairn does not keep visits so far. "
    "Check-ins of teams Nothing here yet: Cairn does not keep the cycles of teams so far. "
    "A question from the Parking Lot Nothing here yet: Cairn has no Parking Lot so far."
)


# --- a principal


def test_week_of_a_principal_in_which_nothing_waits(world, as_person):
    ask(world.own.student, world.targets[0], 6)
    ask(world.other_school.student, world.targets[0], 20)
    assert text(as_person(world.leader).get(HOME)) == (
        "Hello, Leader Nobody has waited for an answer for more than a week. This week "
        "Answers that students wait for Nobody has waited for more than a week. "
        "Sessions with places this week None with a free place is planned for the next seven days. "
        f"{LATER} Hill groups, students, staff and calendar How groups of students are doing Hill"
    )
    assert not RecordView.objects.exists()


def test_week_says_who_waits_and_who_can_answer(world, as_person):
    ask(world.own.student, world.targets[0], 9)
    ask(world.own.student, world.targets[1], 8).answer_id = None
    alone = Student.objects.create(
        district=world.own.district, school=world.own.school, given_name="Solo", family_name="Person"
    )
    ask(alone, world.targets[0], 12)
    answered = ask(world.own.student, world.targets[2], 30)
    answered.state = RequestState.ANSWERED
    answered.save()
    teach(world.school_teacher, add_seminar(world.own, world.teacher, timezone.now()).group)
    response = as_person(world.leader).get(HOME)
    said, html = text(response), response.content.decode()
    assert said.startswith(
        "Hello, Leader Some students have waited for an answer for more than a week. Ask what would help. This week "
        "Answers that students wait for 3 requests are older than a week. "
        f"Sessions with places this week None with a free place is planned for the next seven days. {LATER} "
        "Who has waited for more than a week An hour for it, or a session with a colleague, often helps. "
        "Solo Person Step 1 since November 7 · in no group that has a teacher "
        "Amara of Birch Step 1 since November 10 · can be answered in Birch "
        "(Co Teacher Person, Teacher Person, Teacher From Afar Person, Teacher Here Leader There Person) "
        "Amara of Birch Step 2 since November 11"
    )
    assert reverse("mastery:group-grid", args=[world.own.group.uuid]) in html
    looked = RecordView.objects.filter(viewer=world.leader).values_list("student_uuid", "page", "relation")
    assert set(looked) == {(uuid, "home", "LEADER") for uuid in (world.own.student.uuid, alone.uuid)}


def test_week_shows_the_first_three_and_folds_the_rest(world, as_person):
    for n in range(12):
        ask(enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch"), world.targets[0], 8 + n)
    week = read_week(world.leader, [world.own.school], DAY, timezone.now())
    first = [wait.request.student.given_name for wait in week.first_waits]
    later = [wait.request.student.given_name for wait in week.later_waits]
    assert (first, later) == (["Child 11", "Child 10", "Child 9"], [f"Child {n}" for n in range(8, 1, -1)])
    assert (week.long_wait_count, week.later_count, week.more_waits) == (12, 9, 2)
    said = text(as_person(world.leader).get(HOME))
    assert said.index("Child 9") < said.index("And 9 more that came later Child 8")
    assert "2 more are not named here." in said


def test_week_names_two_groups_that_can_help_classes_first(world, as_person):
    teach(world.teacher, Group.objects.get(pk=world.own.group.pk))
    for name, kind in (("Aaa advisory", GroupKind.ADVISORY), ("Cedar", GroupKind.CLASS), ("Dune", GroupKind.CLASS)):
        group = add_group(world.own, name, kind)
        teach(world.school_teacher, group)
        Enrollment.objects.create(district=world.own.district, group=group, student=world.own.student)
    ask(world.own.student, world.targets[0], 9)
    [wait] = read_week(world.leader, [world.own.school], DAY, timezone.now()).long_waits
    assert [helper.group.name for helper in wait.groups] == ["Birch", "Cedar", "Dune", "Aaa advisory"]
    said = text(as_person(world.leader).get(HOME))
    assert "Cedar (School Teacher Person) and 2 more" in said
    assert "Dune" not in said


def test_week_leads_into_no_group_that_is_closed_to_the_reader(world, as_person):
    group = world.other_school.group
    Enrollment.objects.filter(student=world.own.student).delete()
    Enrollment.objects.create(district=world.own.district, group=group, student=world.own.student)
    teach(world.far_teacher, group)
    ask(world.own.student, world.targets[0], 9)
    response = as_person(world.leader).get(HOME)
    assert f"can be answered in {group.name} (" in text(response)
    assert reverse("mastery:group-grid", args=[group.uuid]) not in response.content.decode()


def test_week_asks_nobody_to_answer_a_student_who_has_left(world):
    ask(world.own.student, world.targets[0], 9)
    Student.objects.filter(pk=world.own.student.pk).update(left_on=DAY - timedelta(days=1))
    assert read_week(world.leader, [world.own.school], DAY, timezone.now()).long_wait_count == 0
    Student.objects.filter(pk=world.own.student.pk).update(left_on=DAY)
    assert read_week(world.leader, [world.own.school], DAY, timezone.now()).long_wait_count == 1


def test_week_knows_the_sessions_that_still_have_places(world, as_person):
    own, now = world.own, timezone.now()
    soon = add_session(own.group, world.teacher, now + timedelta(days=1), places=2)
    asked = ask(own.student, world.targets[0])
    asked.session = soon
    asked.save()
    full = add_session(own.group, world.teacher, now + timedelta(days=1), places=1)
    other = ask(Student.objects.get(family_name="Classmate"), world.targets[0])
    other.session = full
    other.save()
    add_session(own.group, world.teacher, now - timedelta(hours=1))
    add_session(own.group, world.teacher, now + timedelta(days=8))
    add_session(world.other_school.group, world.teacher, now + timedelta(days=1))
    cancelled = add_session(own.group, world.teacher, now + timedelta(days=2))
    cancelled.cancelled_at = now
    cancelled.save()
    seminar = add_seminar(own, world.teacher, now + timedelta(days=2), is_open=True, places=3)
    Enrollment.objects.create(district=own.district, group=seminar.group, student=own.student)
    add_seminar(own, world.teacher, now + timedelta(days=3), is_open=True)
    add_seminar(own, world.teacher, now + timedelta(days=3))  # its list is given
    ended = add_seminar(own, world.teacher, now + timedelta(days=3), is_open=True)
    Group.objects.filter(pk=ended.group_id).update(ends_on=DAY + timedelta(days=1))
    week = read_week(world.leader, [own.school], DAY, now)
    assert [(meeting.group.name, meeting.free) for meeting in week.free] == [
        ("Birch", 1),
        ("Seminar on halves", 2),
        ("Seminar on halves", None),
    ]
    said = text(as_person(world.leader).get(HOME))
    assert "There are places in sessions this week." in said
    assert "Birch Friday, November 20, 10 a.m., Room 4 · 1 place left" in said
    assert "Library · as many as like" in said
    for n in range(5):
        add_session(own.group, world.teacher, now + timedelta(hours=n))
    assert read_week(world.leader, [own.school], DAY, now).more_free == 2


def test_week_of_nobody_who_leads_from_above(world):
    """Whoever leads a district has its schools side by side; whoever leads a school besides, a week of that one."""
    led = find_reach(world.administrator, Action.VIEW_PROGRESS, DAY)
    assert (led.schools, [one.name for one in led.tops], [one.name for one in led.below]) == (
        [], ["North"], ["Hill", "Lake"],
    )  # fmt: skip
    grant(world.administrator, world.other_district.school, Role.LEADER)
    led = find_reach(world.administrator, Action.VIEW_PROGRESS, DAY)
    assert [one.name for one in led.schools] == ["Shore"]
    assert not find_reach(world.teacher, Action.VIEW_PROGRESS, DAY)


@pytest.mark.parametrize("rows", [1, 30])
def test_principal_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        group = add_group(world.own, f"Group {n}")
        teach(world.teacher, group)
        ask(enroll(group, given_name=f"Child {n}", family_name="of Birch"), world.targets[0], 8 + n)
        add_session(group, world.teacher, timezone.now() + timedelta(hours=n + 1))
        add_seminar(world.own, world.teacher, timezone.now() + timedelta(days=1), is_open=True)
    client = as_person(world.leader)
    client.get(HOME)
    with django_assert_num_queries(16):
        client.get(HOME)


# --- schools side by side


def told(world: World, user: str = "administrator") -> dict[str, tuple[int, Band] | bool]:
    """Of each school its students and how many were heard from; else whether it is hidden."""
    wide = read_wide(find_reach(world.people[user], Action.VIEW_PROGRESS, DAY))
    return {
        line.organization.name: (line.told.students, line.told.heard) if line.told else line.is_hidden
        for district in wide.districts
        for line in district.schools
    }


def test_schools_stand_side_by_side_in_the_order_of_their_names(world, as_person):
    count(world.own.school, 300, learned=210, heard=90, waiting=12)
    count(world.other_school.school, 120, learned=119, heard=119)
    said = text(as_person(world.administrator).get(HOME))
    assert said.startswith(
        "Hello, Administrator Where few are heard from or learned something new, ask the school what would help."
    )
    assert "Hill 300 90 to 96 210 to 216 12 to 18 Lake 120 114 to 120 114 to 120 0 to 6" in said
    assert "Counted on November 19, 10 a.m." in said
    assert "How groups of students are doing, North" in said


def test_schools_of_few_students_are_hidden_and_what_would_give_them_away(world):
    assert told(world) == {"Hill": False, "Lake": False}
    count(world.own.school, 300, heard=30)
    count(world.other_school.school, 6, heard=6)
    assert told(world) == {"Hill": True, "Lake": True}
    third, fourth = add_school(world.own.district, "Third"), add_school(world.own.district, "Fourth")
    count(third, 200, heard=199)
    count(fourth, 40)
    assert told(world) == {
        "Fourth": True, "Hill": (300, Band(10, 12)), "Lake": True, "Third": (200, Band(96, 100)),
    }  # fmt: skip


def test_consortium_opens_district_by_district(world, as_person):
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    east = create_organization(kind=OrganizationKind.DISTRICT, name="East", parent=consortium)
    west = create_organization(kind=OrganizationKind.DISTRICT, name="West", parent=consortium)
    count(add_school(east, "Big"), 100, heard=50)
    count(add_school(west, "Tiny"), 4)
    leader = person("superintendent", consortium)
    grant(leader, consortium, Role.LEADER)
    response = as_person(leader).get(HOME)
    said, html = text(response), response.content.decode()
    assert "East 100 50 to 55 0 to 5 0 to 5 West Nothing is told here" in said
    assert "East 1 school East School Students" in said
    assert "Tiny Nothing is told here" in said
    assert "How groups of students are doing, Coast" in said
    assert html.count("<details") == 2
    assert reverse("mastery:progress-show", args=[east.uuid]) in html


def test_district_without_schools_or_counts_says_so(world, as_person):
    assert "Nothing was counted yet. The counts of all schools are made every night." in text(
        as_person(world.administrator).get(HOME)
    )
    empty = create_organization(kind=OrganizationKind.DISTRICT, name="Empty", parent=None)
    leader = person("superintendent", empty)
    grant(leader, empty, Role.LEADER)
    assert text(as_person(leader).get(HOME)).startswith(
        "Hello, Superintendent There are no schools yet. They come with the first file of people and classes."
    )


@pytest.mark.parametrize("rows", [1, 30])
def test_superintendent_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    leader = person("superintendent", world.own.district)
    grant(leader, world.own.district, Role.LEADER)
    count(world.own.school, 300, heard=30)
    for n in range(rows - 1):
        count(add_school(world.own.district, f"School {n}"), 100 + n, heard=n)
    client = as_person(leader)
    client.get(HOME)
    with django_assert_num_queries(7):
        client.get(HOME)
    assert Organization.objects.filter(parent=world.own.district).count() == rows + 1
