"""Within a request the rules of access are asked by keys that were read before: the same rows, and nothing stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from curriculum.models import Framework
from lpm.people.access import note_allowed, remembered
from lpm.people.enums import ImportKind, OrganizationKind, Role, StaffRole
from lpm.people.models import Enrollment, Group, ImportRun, Organization, RoleGrant, Staffing, Student, User
from lpm.people.policy import POLICY, Action, Relation
from lpm.people.services import create_organization
from tests.world import DAY, World, enroll, grant, guard, look_in, teach

PEOPLE_MODELS: list[Any] = [Student, Group, Organization, User, RoleGrant, ImportRun]
# An action for each relation, so that every rule is asked by itself.
GIVING = {relation: next(action for action in POLICY if relation in POLICY[action]) for relation in Relation}


def busy(world: World) -> None:
    """One person with much at once; an import of each kind; a student in two groups; days at their edge."""
    own, other = world.own, world.other_school
    teach(world.teacher, world.other_class.group)
    Enrollment.objects.create(district=own.district, group=world.other_class.group, student=own.student)
    teach(world.teacher, other.group, role=StaffRole.SUBSTITUTE, starts_on=DAY, ends_on=DAY)
    guard(world.teacher, other.student)
    guard(world.past_teacher, own.student, is_restricted=True, may_write=True)
    for place, role in [(own.school, Role.OFFICE), (other.school, Role.LEADER), (own.district, Role.CURRICULUM_LEAD)]:
        grant(world.teacher, place, role)
    look_in(world.operator, world.other_district.school)
    grant(world.leader, other.school, Role.LEADER, ends_on=DAY)
    Organization.objects.filter(pk=own.school.pk).update(opens_before=7, closes_after=60)
    soon = enroll(own.group, given_name="Soon", family_name="There")
    Enrollment.objects.filter(student=soon).update(starts_on=DAY + timedelta(days=7))
    late = enroll(own.group, given_name="Not", family_name="Yet")
    Enrollment.objects.filter(student=late).update(starts_on=DAY + timedelta(days=8))
    create_organization(kind=OrganizationKind.SCHOOL, name="New", parent=own.district)
    for kind in ImportKind:
        ImportRun.objects.create(kind=kind, organization=own.district, started_by=world.teacher, file_name="a.zip")


def found(user: User, model: Any) -> Iterator[tuple[Relation, set[int]]]:
    """By each relation that the model has rules for: the rows that somebody has by it."""
    for relation in model.objects.all().rules:
        rows = model.objects.all().visible_to(user, GIVING[relation], DAY, through=[relation])
        yield relation, set(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("model", PEOPLE_MODELS, ids=lambda model: model.__name__)
def test_by_keys_everybody_has_the_same_rows_by_each_relation(model: Any, world: World):
    busy(world)
    users = User.objects.all()
    asked = {(user.pk, relation): rows for user in users for relation, rows in found(user, model)}
    known: dict[object, set[int]] = {}
    for user in users:
        with remembered():
            known |= {(user.pk, relation): rows for relation, rows in found(user, model)}

    assert known == asked
    assert {relation for (_, relation), rows in asked.items() if rows} == set(model.objects.all().rules)


@pytest.mark.parametrize("action", [Action.VIEW_CURRICULUM, Action.WRITE_CURRICULUM])
def test_by_keys_everybody_has_the_same_curricula(action: Action, world: World):
    busy(world)
    Framework.objects.filter(pk=world.own.framework.pk).update(owner=world.own.school)

    for user in User.objects.all():
        asked = set(Framework.objects.visible_to(user, action, DAY))
        with remembered():
            assert set(Framework.objects.visible_to(user, action, DAY)) == asked


def test_by_keys_the_reason_is_the_same(world: World):
    busy(world)
    for user in User.objects.all():
        rows: Any = Student.objects.with_relation(user, Action.VIEW_PROFILE, DAY)
        asked = {row.pk: row.relation for row in rows}
        with remembered():
            rows = Student.objects.with_relation(user, Action.VIEW_PROFILE, DAY)
            assert {row.pk: row.relation for row in rows} == asked


def groups_of(user: User) -> set[Group]:
    return set(Group.objects.visible_to(user, Action.VIEW_GROUP, DAY))


def test_how_somebody_stands_is_read_once(world: World):
    """The database is asked for the rows, and once for all else; of an operator twice."""
    for name, queries in {"teacher": 3, "operator": 4}.items():
        with remembered(), CaptureQueriesContext(connection) as asked:
            Student.objects.visible_to(world.people[name], Action.VIEW_STUDENT, DAY).first()
            groups_of(world.people[name])
            Organization.objects.any_visible_to(world.people[name], Action.VIEW_SCHOOL, DAY)

        assert len(asked) == queries


def test_in_haste_only_what_is_asked_is_read(world: World):
    with remembered(in_haste=True), CaptureQueriesContext(connection) as asked:
        assert set(Group.objects.visible_to(world.teacher, Action.RECORD_MARK, DAY)) == {world.own.group}
        assert groups_of(world.teacher) == {world.own.group}
        assert not Organization.objects.any_visible_to(world.teacher, Action.VIEW_SCHOOL, DAY)

    assert len(asked) == 4
    assert "people_rolegrant" not in asked[0]["sql"]


def test_nobody_knows_what_another_person_or_day_has(world: World):
    with remembered():
        assert groups_of(world.teacher) == {world.own.group}
        assert groups_of(world.far_teacher) == {world.other_district.group}
        later = Group.objects.visible_to(world.substitute, Action.VIEW_GROUP, DAY + timedelta(days=1))
        assert (groups_of(world.substitute), set(later)) == ({world.own.group}, set())


def test_what_is_written_is_known_at_once(world: World):
    with remembered():
        assert groups_of(world.stranger) == set()
        staffing = teach(world.stranger, world.own.group)
        assert groups_of(world.stranger) == {world.own.group}
        with transaction.atomic():
            Staffing.objects.filter(pk=staffing.pk).delete()
            assert groups_of(world.stranger) == set()
        assert groups_of(world.stranger) == set()


def test_what_is_taken_back_is_not_remembered(world: World):
    with remembered():
        with transaction.atomic():
            teach(world.stranger, world.own.group)
            with transaction.atomic():
                assert groups_of(world.stranger) == {world.own.group}
            transaction.set_rollback(True)
        assert groups_of(world.stranger) == set()


def test_after_the_request_nothing_is_known(world: World):
    with remembered():
        assert groups_of(world.teacher) == {world.own.group}
    with CaptureQueriesContext(connection) as asked:
        groups_of(world.teacher)

    assert len(asked) == 1
    assert "people_staffing" in asked[0]["sql"]


def test_what_the_door_found_is_not_looked_up_again_until_something_is_written(world: World, as_person):
    student, question = world.own.student, (Action.VIEW_STUDENT, DAY)
    with remembered():
        note_allowed(world.teacher.pk, *question, Student, student.pk)
        with CaptureQueriesContext(connection) as asked:
            assert Student.objects.allows(world.teacher, *question, student)
        assert len(asked) == 0
        assert not Student.objects.allows(world.stranger, *question, student)
        assert not Student.objects.allows(world.teacher, *question, world.other_class.student)

        Staffing.objects.filter(user=world.teacher).update(ends_on=DAY - timedelta(days=15))

        assert not Student.objects.allows(world.teacher, *question, student)
    note_allowed(world.teacher.pk, *question, Student, student.pk)
    assert not Student.objects.allows(world.teacher, *question, student)


@pytest.mark.parametrize("kept", [True, False])
def test_whether_there_are_any(kept: bool, world: World):
    def any_of(name: str, model: Any, action: Action) -> bool:
        return bool(model.objects.any_visible_to(world.people[name], action, DAY))

    def ask() -> list[bool]:
        return [
            any_of("teacher", Group, Action.VIEW_GROUP),
            any_of("stranger", Group, Action.VIEW_GROUP),
            any_of("leader", Group, Action.VIEW_GROUP),
            any_of("guardian", Student, Action.VIEW_STUDENT),
            any_of("administrator", Organization, Action.MANAGE_ORGANIZATION),
            any_of("leader", Organization, Action.MANAGE_ORGANIZATION),
        ]

    expected = [True, False, True, True, True, False]
    if not kept:
        assert ask() == expected
        return
    with remembered():
        assert ask() == expected


def test_a_student_who_was_merged_is_not_there_to_be_had(world: World):
    Student.objects.filter(pk=world.own.student.pk).update(merged_into=world.other_class.student)
    with remembered():
        assert not Student.objects.any_visible_to(world.guardian, Action.VIEW_STUDENT, DAY)
