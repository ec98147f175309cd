"""Parts close records to those who wait for them, and open nothing to anybody: whoever asks, and however."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lpm.people.access import conditions_of, remembered
from lpm.people.enums import Part
from lpm.people.models import Organization, Student, User
from lpm.people.policy import OPENED_BY, POLICY, Action, Relation
from lpm.people.queries.stated import find_student_in_group, lock_permitted_students
from lpm.people.services.tokens import make_token
from students.mastery.models import ReadyRequest
from tests.world import DAY, World, guard

ACTIONS = [*OPENED_BY, Action.VIEW_ACCESS, Action.WRITE_MESSAGE, Action.VIEW_STAFF_NOTES]
Rows = dict[tuple[int, Action], set[int]]


def turn_on(organization: Organization, *parts: Part) -> None:
    Organization.objects.filter(pk=organization.pk).update(parts=list(parts))


def of_everybody(closed: Any = None) -> Rows:
    """By person and action: the students; ``closed`` says by which relations an action is left out."""
    found = {}
    for user in User.objects.all():
        for action in ACTIONS:
            through = POLICY[action] - (closed or {}).get(action, set())
            rows = Student.objects.visible_to(user, action, DAY, through=through)
            found[user.pk, action] = set(rows.values_list("pk", flat=True))
    return found


def by_the_rules_alone() -> Rows:
    """Without a word of parts: what every relation gives that the policy names."""
    found = {}
    rules = Student.objects.all().rules
    for user in User.objects.filter(is_active=True):
        for action in ACTIONS:
            asked = [rule for relation in POLICY[action] for rule in rules.get(relation, [])]
            seen: set[int] = set()
            for condition in conditions_of(asked, user, DAY):
                seen |= set(Student.objects.filter(condition, merged_into=None).values_list("pk", flat=True))
            found[user.pk, action] = seen
    return found


def mixed(world: World) -> None:
    """A guardian of two schools; one who teaches the child; one who leads; one who writes alone; students of age."""
    guard(world.guardian, world.other_school.student)
    guard(world.co_teacher, world.own.student)
    guard(world.leader, world.other_school.student)
    guard(world.operator, world.own.student)
    guard(world.stranger, world.own.student, is_restricted=True, may_write=True)


def test_where_all_is_on_everybody_has_what_the_rules_say(world: World, not_traced: None):
    mixed(world)

    assert of_everybody() == by_the_rules_alone()


@pytest.mark.parametrize("part", [Part.FAMILIES, None])
def test_what_is_off_takes_from_those_who_wait_alone(world: World, not_traced: None, part: Part | None):
    mixed(world)
    off = {part} if part else set(Part)
    closed = {
        action: {relation for relation, needed in parts.items() if needed in off} for action, parts in OPENED_BY.items()
    }
    expected = of_everybody(closed)

    for place in (world.own, world.other_school, world.other_district):
        turn_on(place.school, *[one for one in Part if one not in off])

    assert of_everybody() == expected
    with remembered():
        assert of_everybody() == expected


def test_one_school_closes_its_own_students_alone(world: World):
    mixed(world)
    turn_on(world.own.school)
    waiting, begun = world.own.student, world.other_school.student

    seen = Student.objects.visible_to(world.guardian, Action.VIEW_STUDENT, DAY)
    assert set(seen) == {begun}
    for user, relation in [(world.co_teacher, Relation.TEACHER), (world.operator, Relation.OPERATOR)]:
        rows: Any = Student.objects.with_relation(user, Action.VIEW_STUDENT, DAY)
        assert rows.get(pk=waiting.pk).relation == relation.name


def test_a_student_of_age_keeps_deciding_who_sees_the_record(world: World, as_person):
    grown = Student.objects.get(user=world.grown_student)
    turn_on(world.own.school)
    client = as_person(world.grown_student)
    access = reverse("people:student-access", args=[grown.uuid])

    page = client.get(access)
    told = client.get("/", follow=True)
    allowed = client.post(reverse("people:student-allow", args=[grown.uuid]), {"allowed": []})

    assert page.context["form"] is not None
    assert "has not opened your pages yet" in told.content.decode()
    assert allowed.url == access
    assert not grown.guardianships.filter(student_allows=True).exists()
    turn_on(world.own.school, *Part)
    assert not Student.objects.visible_to(world.guardian_allowed, Action.VIEW_STUDENT, DAY).exists()


def test_a_program_goes_where_its_person_goes(world: World):
    made = make_token(user=world.guardian, name="x", may_write=True, lasts=timedelta(days=1), day=DAY)
    address = reverse("api:student-show", args=[world.own.student.uuid])
    headers = {"Authorization": f"Bearer {made.text}"}
    assert Client().get(address, headers=headers).status_code == 200

    turn_on(world.own.school, Part.STUDENTS)

    assert Client().get(address, headers=headers).status_code == 404


def test_who_locks_or_looks_up_a_student_is_asked_again(world: World):
    student, guardian, own = world.own.student, world.guardian, world.own
    asked = [(world.student, Action.ASSESS_SELF), (guardian, Action.VIEW_STUDENT), (world.teacher, Action.VIEW_STUDENT)]

    def locked() -> list[set[int]]:
        return [lock_permitted_students(user, [student.pk], action, DAY) for user, action in asked]

    assert locked() == [{student.pk}] * 3
    assert find_student_in_group(guardian, Action.VIEW_STUDENT, DAY, own.group.pk, student.uuid)

    turn_on(own.school)

    assert locked() == [set(), set(), {student.pk}]
    assert not find_student_in_group(guardian, Action.VIEW_STUDENT, DAY, own.group.pk, student.uuid)


def test_a_student_who_waits_asks_for_nothing(world: World, as_person):
    address = reverse("mastery:ready-ask", args=[world.own.student.uuid, world.own.targets[0].uuid])
    turn_on(world.own.school, Part.FAMILIES)

    answers = [as_person(world.people[who]).post(address, {"words": "I can"}) for who in ("student", "guardian")]

    assert [answer.status_code for answer in answers] == [404, 403]
    assert not ReadyRequest.objects.exists()
