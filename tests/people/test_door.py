"""Dates at the edge of every relation, and what the door answers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from curriculum.models import Framework
from lpm.people.enums import Role
from lpm.people.models import Enrollment, Group, Guardianship, Organization, RoleGrant, Staffing, Student, User
from lpm.people.policy import POLICY, Action
from tests.world import build_framework, grant, guard, teach


def sees(user, student, day, action=Action.VIEW_STUDENT):
    return Student.objects.visible_to(user, action, day).filter(pk=student.pk).exists()


@pytest.mark.parametrize(("days", "expected"), [(-31, False), (-30, True), (0, True)])
def test_a_teacher_sees_a_student_from_30_days_before(days, expected, world, school_day):
    Enrollment.objects.filter(student=world.own.student).update(starts_on=school_day)

    assert sees(world.teacher, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (14, True), (15, False)])
@pytest.mark.parametrize("model", [Enrollment, Staffing, Group])
def test_a_teacher_sees_a_student_until_14_days_after(model, days, expected, world, school_day):
    model.objects.update(ends_on=school_day)

    assert sees(world.teacher, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (1, False)])
def test_a_guardian_sees_a_child_until_contact_ends(days, expected, world, school_day):
    Guardianship.objects.filter(guardian=world.guardian).update(ends_on=school_day)

    assert sees(world.guardian, world.own.student, school_day + timedelta(days=days)) is expected


@pytest.mark.parametrize(("today", "expected"), [("2034-02-28", True), ("2034-03-01", False)])
def test_at_18_rights_pass_to_the_student(today, expected, world):
    assert world.own.student.born_on == date(2016, 3, 1)

    assert sees(world.guardian, world.own.student, date.fromisoformat(today)) is expected


@pytest.mark.parametrize(
    ("born", "age", "today", "expected"),
    [
        ("2010-11-19", 16, "2026-11-18", True),  # a child until the day before
        ("2010-11-19", 16, "2026-11-19", False),
        ("2008-11-19", 18, "2026-11-18", True),
        ("2008-11-19", 18, "2026-11-19", False),
        ("2005-11-19", 21, "2026-11-18", True),
        ("2005-11-19", 21, "2026-11-19", False),
        ("2005-11-19", 18, "2026-11-19", False),
        ("2010-02-28", 18, "2028-02-27", True),
        ("2010-02-28", 18, "2028-02-28", False),
        ("2010-03-01", 18, "2028-02-29", True),  # a leap day is the 28th of other years, not March 1
        ("2010-03-01", 18, "2028-03-01", False),
    ],
)
def test_rights_pass_on_the_birthday_at_the_age_that_the_school_has(born, age, today, expected, world):
    Organization.objects.filter(pk=world.own.school.pk).update(age_of_rights=age)
    Student.objects.filter(pk=world.own.student.pk).update(born_on=born)

    assert sees(world.guardian, world.own.student, date.fromisoformat(today)) is expected
    assert sees(world.student, world.own.student, date.fromisoformat(today))


@pytest.mark.parametrize(
    ("today", "expected"), [("2026-02-27", True), ("2026-02-28", True), ("2026-03-01", False), ("2028-02-29", False)]
)
def test_somebody_born_on_a_leap_day_comes_of_age_on_march_1(today, expected, world):
    Student.objects.filter(pk=world.own.student.pk).update(born_on="2008-02-29")

    assert sees(world.guardian, world.own.student, date.fromisoformat(today)) is expected


def test_without_a_birth_date_a_child_is_assumed(world):
    Student.objects.filter(pk=world.own.student.pk).update(born_on=None)

    assert sees(world.guardian, world.own.student, date(2060, 1, 1))


def test_of_age_a_guardian_goes_on_seeing_who_is_allowed_to(world, school_day):
    grown = Student.objects.get(user=world.grown_student)
    assert not sees(world.guardian_of_grown, grown, school_day)
    assert sees(world.guardian_allowed, grown, school_day)

    Guardianship.objects.filter(student=grown).update(student_allows=False)

    assert not sees(world.guardian_allowed, grown, school_day)


def test_nobody_signed_in_sees_nothing(world, school_day):
    nobody: Any = AnonymousUser()

    assert not Student.objects.visible_to(nobody, Action.VIEW_STUDENT, school_day).exists()


def test_no_rule_means_no_rows(world, school_day):
    assert not Student.objects.visible_to(world.administrator, Action.VIEW_CURRICULUM, school_day).exists()


def test_an_address_that_is_no_uuid_is_not_found(world, as_person):
    client = as_person(world.teacher)

    assert client.get(f"/groups/{world.own.group.uuid}/?topic=fractions").status_code == 404
    assert client.get(f"/groups/{world.own.group.uuid}/mark?student=1&target=2").status_code == 404


def test_after_signing_in_a_form_that_cannot_be_sent_again_leads_home(world, client):
    response = client.post(f"/imports/{world.own.group.uuid}/apply")

    assert response.url == "/sign-in?next=/"


# --- who reads the curriculum of a school


def reads(user: User, framework: Framework, day: date) -> bool:
    return Framework.objects.visible_to(user, Action.VIEW_CURRICULUM, day).filter(pk=framework.pk).exists()


@pytest.mark.parametrize("name", ["guardian_from_nowhere", "teacher_from_afar"])
def test_who_belongs_to_a_school_by_a_child_or_a_group_reads_its_curriculum(name, world, school_day):
    guardianships, staffing = Guardianship.objects.filter(guardian__username=name), Staffing.objects
    assert reads(world.people[name], world.own.framework, school_day)

    guardianships.update(ends_on=school_day - timedelta(days=1))
    staffing.filter(user__username=name).update(ends_on=school_day - timedelta(days=15))

    assert not reads(world.people[name], world.own.framework, school_day)


def test_a_restricted_guardian_from_nowhere_reads_no_curriculum(world, school_day):
    Guardianship.objects.filter(guardian=world.guardian_from_nowhere).update(is_restricted=True)

    assert not reads(world.guardian_from_nowhere, world.own.framework, school_day)


def test_a_student_from_nowhere_reads_the_curriculum_while_in_a_group(world, school_day):
    User.objects.filter(pk=world.student.pk).update(organization=None)
    assert reads(world.student, world.own.framework, school_day)

    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=15))

    assert not reads(world.student, world.own.framework, school_day)


@pytest.mark.parametrize(("name", "days"), [("leader", 0), ("administrator", 0), ("past_leader", 1)])
def test_a_role_holder_from_nowhere_reads_the_curriculum_while_the_role_lasts(name, days, world, school_day):
    User.objects.filter(pk=world.people[name].pk).update(organization=None)
    RoleGrant.objects.filter(user__username=name).update(ends_on=school_day - timedelta(days=days))

    assert reads(world.people[name], world.own.framework, school_day) is (days == 0)


def test_a_role_over_a_district_reads_what_a_school_of_it_made(world, school_day):
    framework = build_framework(world.own.school, "Ours")
    User.objects.filter(pk=world.administrator.pk).update(organization=None)

    assert reads(world.administrator, framework, school_day)
    assert not reads(world.far_administrator, framework, school_day)


# --- how it asks the database


def test_a_row_is_found_once_however_many_relations_give_it(world, school_day):
    teacher, student = world.teacher, world.own.student
    for group in (world.own.group, world.other_class.group):
        teach(teacher, group)
        Enrollment.objects.create(district=world.own.district, group=group, student=student)
    guard(teacher, student)
    grant(teacher, world.own.school, Role.LEADER)
    grant(teacher, world.own.district, Role.ADMINISTRATOR)

    seen = list(Student.objects.visible_to(teacher, Action.VIEW_STUDENT, school_day).filter(pk=student.pk))

    assert seen == [student]


def test_one_student_is_looked_up_without_reading_the_others(world, school_day):
    """3,000 more in the same school and group: an administrator's look at one reads a handful of rows."""
    own = world.own
    made = [Student(district=own.district, school=own.school, given_name="A", family_name="B") for _ in range(3000)]
    students = Student.objects.bulk_create(made)
    Enrollment.objects.bulk_create(
        [Enrollment(district=own.district, group=own.group, student=student) for student in students]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for name in ("administrator", "teacher", "stranger"):
        rows = Student.objects.visible_to(world.people[name], Action.VIEW_STUDENT, school_day)
        plan = json.loads(rows.filter(uuid=students[7].uuid).explain(format="json", analyze=True))
        assert most_rows(plan[0]["Plan"]) < 100, name


def most_rows(node: dict[str, Any]) -> float:
    """The most rows that one step of the plan read, passed on or threw away.

    A bitmap of an index has entries of rows that other tests left dead; what reads the table by it counts its rows.
    """
    if node["Node Type"] == "Bitmap Index Scan":
        return 0
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    thrown += node.get("Rows Removed by Index Recheck", 0)
    read: float = (node["Actual Rows"] + thrown) * node["Actual Loops"]
    return max([read, *(most_rows(part) for part in node.get("Plans", []))])


def test_who_may_see_a_group_and_not_record_is_told_so(world, as_person, monkeypatch):
    """403 looks at the action that shows a group, not at the one that shows a student."""
    client = as_person(world.leader)
    address = f"/groups/{world.own.group.uuid}/mark?student={world.own.student.uuid}&target={world.targets[0].uuid}"
    assert client.get(address).status_code == 403

    monkeypatch.setitem(POLICY, Action.VIEW_GROUP, frozenset())

    assert client.get(address).status_code == 404
