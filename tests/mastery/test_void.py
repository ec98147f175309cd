"""Taking back what was recorded on any day, with a reason: teachers their own, heads anybody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from lpm.people.models import Student
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import find_differences
from students.mastery.services import MarkRefused, NewMark, Recorded, record_marks, void_mark
from tests.world import World

New = Callable[..., NewMark]


@pytest.fixture
def new(world: World, school_day: date) -> New:
    def make(level: str, **changed: Any) -> NewMark:
        usual = {"student": world.own.student, "target": world.targets[0], "performed_on": school_day}
        return NewMark(uuid=uuid4(), level=Decimal(level), **{**usual, **changed})

    return make


def send(world: World, day: date, *marks: NewMark) -> None:
    record_marks(marks=marks, recorder=world.teacher, day=day)


def void(world: World, mark: NewMark, day: date, who: str = "teacher", reason: str = "wrong child") -> Recorded:
    return void_mark(uuid=uuid4(), voider=world.people[who], mark_uuid=mark.uuid, reason=reason, day=day)


@pytest.mark.parametrize("who", ["teacher", "leader", "administrator"])
def test_it_is_taken_back_by_oneself_or_by_a_head(who: str, world: World, new: New, school_day: date) -> None:
    mark = new("3.0", performed_on=school_day - timedelta(days=40))
    send(world, school_day, new("2.0"), mark)

    answer = void(world, mark, school_day, who, reason="  The wrong child.  ")

    assert (answer.state.level, answer.is_new) == (Decimal(2), True)
    row = Assessment.objects.get(kind="void")
    assert (row.reason, row.voids, row.recorder) == (
        "The wrong child.",
        Assessment.objects.get(uuid=mark.uuid),
        world.people[who],
    )
    assert Judgement.objects.get(kind="void").voids == Judgement.objects.get(based_on__uuid=mark.uuid)
    assert find_differences(list(Student.objects.select_related("school")), school_day) == []


@pytest.mark.parametrize(
    ("who", "reason", "code"),
    [
        ("co_teacher", "wrong child", "not_yours"),
        ("teacher", "   ", "no_reason"),
        ("student", "wrong child", "no_such_mark"),
        ("guardian", "wrong child", "no_such_mark"),
        ("far_teacher", "wrong child", "no_such_mark"),
    ],
)
def test_by_nobody_else_and_not_without_a_reason(
    who: str, reason: str, code: str, world: World, new: New, school_day: date
) -> None:
    mark = new("3.0")
    send(world, school_day, mark)

    with pytest.raises(MarkRefused) as refused:
        void(world, mark, school_day, who, reason)

    assert refused.value.code == code
    assert Assessment.objects.count() == 1


def test_it_is_taken_back_once(world: World, new: New, school_day: date) -> None:
    mark = new("3.0")
    send(world, school_day, mark)
    void(world, mark, school_day)

    with pytest.raises(MarkRefused) as refused:
        void(world, mark, school_day)

    assert refused.value.code == "already_undone"
