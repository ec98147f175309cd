"""What is asked at the door with every mark, by statements that were made once: the same answers as the rules give."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from curriculum.models import Target, Topic
from curriculum.queries.in_use import find_in_use
from lpm.lib.statements import Statement
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from lpm.people.queries.stated import find_group, find_student_in_group, find_user, lock_permitted_students
from students.mastery.models import Assessment
from tests.world import DAY, World

ACTIONS = [Action.RECORD_MARK, Action.OFFER_MARK, Action.ASSESS_SELF, Action.VIEW_STUDENT, Action.VIEW_GROUP]


def locked(user: User, students: Collection[int], action: Action) -> set[int]:
    with transaction.atomic():
        return lock_permitted_students(user, students, action, DAY)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_everybody_finds_and_locks_what_the_rules_give_them(action: Action, world: World):
    students, groups, own = list(Student.objects.all()), list(Group.objects.all()), world.own.group
    pks = [student.pk for student in students]
    for user in User.objects.all():
        given: Any = Student.objects.visible_to(user, action, DAY)
        assert locked(user, pks, action) == set(given.values_list("pk", flat=True)), user.username
        seen = {one.pk for one in students if find_student_in_group(user, action, DAY, own.pk, one.uuid)}
        assert seen == set(given.enrolled_in(own.pk, DAY).values_list("pk", flat=True)), user.username
        shown = {one.pk for one in groups if find_group(user, action, DAY, one.uuid)}
        assert shown == set(Group.objects.visible_to(user, action, DAY).values_list("pk", flat=True)), user.username


def test_the_statement_is_asked_for_its_own_person_and_day(world: World):
    long_after = DAY + timedelta(days=3000)
    pk, uuid = world.own.student.pk, world.own.student.uuid
    group = world.own.group

    def finds(user: User, day: date) -> bool:
        return find_student_in_group(user, Action.RECORD_MARK, day, group.pk, uuid) is not None

    assert (finds(world.teacher, DAY), finds(world.far_teacher, DAY)) == (True, False)
    world.teacher.staffing.update(ends_on=DAY)
    assert (finds(world.teacher, DAY), finds(world.teacher, long_after)) == (True, False)
    world.teacher.is_active = False
    assert (finds(world.teacher, DAY), locked(world.teacher, [pk], Action.RECORD_MARK)) == (False, set())


def test_rows_come_with_what_belongs_to_them(world: World, django_assert_num_queries: Any):
    own = world.own
    with django_assert_num_queries(5):
        teacher = find_user(world.teacher.pk)
        group = find_group(world.teacher, Action.RECORD_MARK, DAY, own.group.uuid)
        student = find_student_in_group(world.teacher, Action.RECORD_MARK, DAY, own.group.pk, own.student.uuid)
        target = find_in_use(own.school.pk, own.targets[0].uuid)
        stranger = find_user(world.stranger.pk)
        assert teacher is not None
        assert stranger is not None
        assert group is not None
        assert student is not None
        assert target is not None
        assert (teacher, teacher.organization, stranger.organization) == (world.teacher, own.school, None)
        assert (group, group.school.name, student.school.name, student.name) == (
            own.group,
            own.school.name,
            own.school.name,
            own.student.name,
        )
        assert target.topic.area.framework.scale.proficient == own.framework.scale.proficient
    assert target.grades == own.targets[0].grades
    assert [
        field
        for field in ("title", "statement", "retired_on")
        if getattr(target, field) != getattr(own.targets[0], field)
    ] == []


def test_a_target_is_found_where_it_is_in_use(world: World):
    for school in (world.own.school, world.other_district.school):
        used = Target.objects.current().filter(topic__in=Topic.objects.used_by(school.pk))
        found = {target.pk for target in Target.objects.all() if find_in_use(school.pk, target.uuid)}
        assert found == set(used.values_list("pk", flat=True)) != set()


def test_where_no_row_can_be_nothing_is_asked(world: World, django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        assert Statement.of(Student.objects.none()).fetch({}) == []


def test_a_mark_takes_eight_statements(world: World, as_person: Any, school_day: date, django_assert_num_queries: Any):
    """Who asks, the group, the student, the target; then the lock, the rules, the record and all that is written."""
    client = as_person(world.teacher)
    fields = {"student": world.own.student.uuid, "target": world.targets[0].uuid, "level": "3.0", "uuid": uuid4()}
    address = reverse("mastery:mark-record", args=[world.own.group.uuid])
    with django_assert_num_queries(8 + 2):  # and, since a test is a transaction, a savepoint and its release
        answer = client.post(address, fields, headers={"accept": "application/json"})
    assert (answer.status_code, Assessment.objects.count()) == (201, 1)
