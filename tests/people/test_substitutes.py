"""Substitutes: named groups, named days, and nothing beside them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from lpm.people.enums import GroupKind, StaffRole
from lpm.people.models import Group, Staffing, Student
from lpm.people.policy import Action
from lpm.people.services.groups import (
    AlreadyThere,
    FromRoster,
    NotStaff,
    TooLong,
    assign_substitute,
    withdraw_substitute,
)
from lpm.people.services.roles import WrongDates
from tests.people.test_groups import rostered, said, url
from tests.world import enroll, teach

__all__ = ["rostered"]
MORNING = reverse("people:morning")


@pytest.fixture
def second(world) -> Group:
    """Another class of the same teacher."""
    group = Group.objects.create(district=world.own.district, school=world.own.school, kind=GroupKind.CLASS, name="Elm")
    enroll(group, given_name="Eli", family_name="of Elm")
    teach(world.teacher, group)
    return group


def assign(world, groups, first, last, *, user=None, actor=None, day=None):
    return assign_substitute(
        groups=groups,
        user=user or world.school_teacher,
        first_day=first,
        last_day=last,
        actor=actor or world.teacher,
        day=day or date(2026, 11, 19),
    )


def seen(user, day: date) -> set[str]:
    return {student.name for student in Student.objects.visible_to(user, Action.VIEW_STUDENT, day)}


def test_a_teacher_names_a_substitute_for_two_groups(world, as_person, second, school_day):
    client = as_person(world.teacher)
    page = client.get(url("substitute-create", world))
    assert set(page.context["form"].fields["groups"].queryset) == {world.own.group, second}

    response = client.post(
        url("substitute-create", world),
        {
            "step": "save",
            "user": world.school_teacher.uuid,
            "first_day": "2026-11-20",
            "last_day": "2026-11-23",
            "groups": [world.own.group.uuid, second.uuid],
        },
    )

    assert response.status_code == 302
    rows = Staffing.objects.filter(user=world.school_teacher, role=StaffRole.SUBSTITUTE)
    assert set(rows.values_list("group", "starts_on", "ends_on")) == {
        (world.own.group.pk, date(2026, 11, 20), date(2026, 11, 23)),
        (second.pk, date(2026, 11, 20), date(2026, 11, 23)),
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, set()), (0, {"Eli of Elm"}), (1, {"Eli of Elm"}), (2, set())],
)
def test_only_named_groups_open_and_only_on_named_days(days, expected, world, second, school_day):
    first = school_day + timedelta(days=3)
    assign(world, [second], first, first + timedelta(days=1))

    assert seen(world.school_teacher, first + timedelta(days=days)) == expected


def test_a_substitute_stands_in_for_60_days_at_most(world, school_day):
    with pytest.raises(TooLong):
        assign(world, [world.own.group], school_day, school_day + timedelta(days=60))
    assert len(assign(world, [world.own.group], school_day, school_day + timedelta(days=59))) == 1


def test_what_is_refused(world, school_day, second):
    yesterday = school_day - timedelta(days=1)
    with pytest.raises(WrongDates):
        assign(world, [world.own.group], school_day, yesterday)
    with pytest.raises(WrongDates):
        assign(world, [world.own.group], yesterday, yesterday)
    with pytest.raises(NotStaff):
        assign(world, [world.own.group], school_day, school_day, user=world.guardian)
    with pytest.raises(NotStaff):
        assign(world, [world.own.group], school_day, school_day, user=world.far_teacher)
    with pytest.raises(PermissionDenied):
        assign(world, [second, world.other_class.group], school_day, school_day)
    with pytest.raises(AlreadyThere):
        assign(world, [second, world.own.group], school_day, school_day, user=world.substitute)
    assert not Staffing.objects.filter(group=second, role=StaffRole.SUBSTITUTE).exists()


def test_too_long_is_said_on_the_page(world, as_person):
    response = as_person(world.teacher).post(
        url("substitute-create", world),
        {
            "step": "save",
            "user": world.school_teacher.uuid,
            "first_day": "2026-11-20",
            "last_day": "2027-11-20",
            "groups": [world.own.group.uuid],
        },
    )

    assert response.status_code == 422
    assert "Somebody can stand in for up to 60 days at a time." in said(response)


def test_a_substitute_not_needed_any_more_sees_nothing_at_once(world, as_person, school_day):
    row = Staffing.objects.get(user=world.substitute)
    page = url("substitute-withdraw", world, substitution=row.uuid)
    assert seen(world.substitute, school_day)

    response = as_person(world.teacher).post(page)

    assert response.status_code == 302
    assert seen(world.substitute, school_day) == set()


def test_days_that_were_stay_written_down(world, school_day):
    row = teach(
        world.school_teacher,
        world.own.group,
        role=StaffRole.SUBSTITUTE,
        starts_on=school_day - timedelta(days=2),
        ends_on=school_day + timedelta(days=2),
    )

    withdraw_substitute(staffing=row, actor=world.teacher, day=school_day)

    assert Staffing.objects.get(pk=row.pk).ends_on == school_day - timedelta(days=1)


def test_what_is_over_or_from_a_roster_is_not_withdrawn(world, as_person, school_day, rostered):
    past = Staffing.objects.get(user=world.past_substitute)
    response = as_person(world.teacher).post(url("substitute-withdraw", world, substitution=past.uuid), follow=True)
    assert "or is over" in said(response)

    row = Staffing.objects.get(user=world.substitute)
    Staffing.objects.filter(pk=row.pk).update(source=rostered, sourced_id="sub")
    row.refresh_from_db()
    with pytest.raises(FromRoster):
        withdraw_substitute(staffing=row, actor=world.teacher, day=school_day)


# --- the morning


def test_the_morning_shows_the_groups_of_the_day_and_whom_to_ask(world, as_person, second):
    response = as_person(world.substitute).get(MORNING)

    (item,) = response.context["groups"]
    assert item.group == world.own.group
    assert {student.name for student in item.students} == {"Amara of Birch", "Ben Classmate", "Gwen Grown"}
    page = said(response)
    assert "Elm" not in page
    assert "Teacher Person teaches this group" in page
    assert "Leader Person leads the school" in page
    assert "Past Teacher" not in page


@pytest.mark.parametrize("days", [-1, 1])
def test_the_day_before_and_the_day_after_the_morning_is_empty(days, world, as_person, school_day):
    client = as_person(world.substitute)
    assert "Amara of Birch" in said(client.get(MORNING))

    with time_machine.travel(f"{school_day + timedelta(days=days)}T15:00:00+00:00"):
        page = said(as_person(world.substitute).get(MORNING))

    assert "No groups today" in page
    assert "Birch" not in page


@pytest.mark.parametrize("who", ["teacher", "leader", "guardian", "student", "past_substitute"])
def test_nobody_else_has_a_morning(who, world, as_person):
    assert "No groups today" in said(as_person(world.people[who]).get(MORNING))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_morning_asks_the_database_the_same_number_of_times(
    rows, world, as_person, school_day, django_assert_num_queries
):
    for n in range(rows):
        group = Group.objects.create(
            district=world.own.district, school=world.own.school, kind=GroupKind.CLASS, name=f"Group {n}"
        )
        enroll(group, given_name=f"Child {n}", family_name="Many")
        teach(world.teacher, group)
        teach(world.substitute, group, role=StaffRole.SUBSTITUTE, starts_on=school_day, ends_on=school_day)
    client = as_person(world.substitute)
    client.get(MORNING)

    with django_assert_num_queries(7):
        client.get(MORNING)
