"""The questions at the door that are asked with every mark, as statements that are made once.

Each asks the rules of ``access`` in the query itself, about somebody on some day; who and when is a value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from lpm.lib.statements import AMONG_KEYS, SOME_DAY, SOME_KEYS, SOME_UUID, SOMEBODY, SOMETHING, Stated, Statement
from lpm.people.access import unremembered
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action

M = TypeVar("M", bound=Model)


def find_user(user_id: object) -> User | None:
    """With the organization."""
    return _user().first({SOMEBODY: user_id})


def find_group(user: User, action: Action, day: date, uuid: UUID) -> Group | None:
    """The group, with its school, if ``user`` may do ``action`` in it."""
    if _is_special(user):
        return Group.objects.visible_to(user, action, day).select_related("school").filter(uuid=uuid).first()
    return _group(action).first({SOMEBODY: user.pk, SOME_DAY: day, SOME_UUID: uuid})


def find_student_in_group(user: User, action: Action, day: date, group_id: int, uuid: UUID) -> Student | None:
    """The student, with their school and by the name that ``user`` knows, if they are in the group and ``user`` may
    do ``action``."""
    if _is_special(user):
        rows = _students_in_group(user, action, day, group_id)
        return rows.select_related("school").filter(uuid=uuid).first()
    values = {SOMEBODY: user.pk, SOME_DAY: day, SOMETHING: group_id, SOME_UUID: uuid}
    return _student_in_group(action).first(values)


def lock_permitted_students(user: User, student_ids: Collection[int], action: Action, day: date) -> set[int]:
    """Those of the students for whom ``user`` may do ``action``, locked, always in the same order."""
    if _is_special(user):
        locked = _locking(Student.objects.visible_to(user, action, day).filter(pk__in=student_ids))
        return set(locked.values_list("pk", flat=True))
    rows = _lock(action).fetch({SOMEBODY: user.pk, SOME_DAY: day, SOME_KEYS: list(student_ids)})
    return {pk for (pk,) in rows}


def _is_special(user: User) -> bool:
    """Whether what they may do is not a matter of who and when alone: of the minute, or not at all."""
    return user.is_operator or not user.is_active


def _for_somebody(make: Callable[[User], QuerySet[M]]) -> QuerySet[M]:
    with unremembered():
        return make(User(pk=SOMEBODY))


@cache
def _user() -> Stated[User]:
    return Stated(User.objects.filter(pk=SOMEBODY), "organization")


@cache
def _group(action: Action) -> Stated[Group]:
    rows = _for_somebody(lambda user: Group.objects.visible_to(user, action, SOME_DAY))
    return Stated(rows.filter(uuid=SOME_UUID), "school")


@cache
def _student_in_group(action: Action) -> Stated[Student]:
    rows = _for_somebody(lambda user: _students_in_group(user, action, SOME_DAY, SOMETHING))
    return Stated(rows.filter(uuid=SOME_UUID), "school")


def _students_in_group(user: User, action: Action, day: date, group_id: int) -> QuerySet[Student]:
    return Student.objects.enrolled_in(group_id, day).visible_to(user, action, day).named_for(user)


@cache
def _lock(action: Action) -> Statement:
    rows = _for_somebody(lambda user: Student.objects.visible_to(user, action, SOME_DAY))
    return Statement.of(_locking(rows.filter(pk__in=AMONG_KEYS)).values_list("pk"))


def _locking(rows: QuerySet[Student]) -> QuerySet[Student]:
    return rows.order_by("pk").select_for_update(no_key=True, of=("self",))
