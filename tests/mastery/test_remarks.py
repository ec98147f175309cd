"""What is said about a level, in one tap or in words: written once, taken back, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from students.mastery.models import Judgement, Remark
from students.mastery.services import MarkRefused, record_mark, record_remark, take_back_remark
from tests.world import World

Say = Callable[..., Remark]


@pytest.fixture
def say(world: World, school_day: date) -> Say:
    def record(**changed: Any) -> Remark:
        usual = {
            "uuid": uuid4(),
            "student": world.own.student,
            "target": world.targets[0],
            "author": world.teacher,
            "day": school_day,
            "reason": "observed",
        }
        return record_remark(**{**usual, **changed})

    return record


@pytest.fixture
def judgement(world: World, school_day: date) -> Judgement:
    record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=world.own.student,
        target=world.targets[0],
        level=Decimal(3),
        performed_on=school_day,
        day=school_day,
    )
    return Judgement.objects.get()


def code_of(do: Callable[[], object]) -> str:
    with pytest.raises(MarkRefused) as refused:
        do()
    return refused.value.code


def test_a_reason_words_and_whom_they_are_for_are_kept(world: World, say: Say, judgement: Judgement) -> None:
    say(judgement=judgement)
    say(reason="", text="  Amara showed it with beans.  ", is_for_family=True, language="en")

    rows = Remark.objects.order_by("pk").values_list("reason", "text", "is_for_family", "judgement", "author__username")
    assert list(rows) == [
        ("observed", "", False, judgement.pk, "teacher"),
        ("", "Amara showed it with beans.", True, None, "teacher"),
    ]


def test_sending_again_changes_nothing_and_other_words_are_refused(say: Say) -> None:
    uuid = uuid4()
    first = say(uuid=uuid, text="With beans.")

    assert say(uuid=uuid, text="With beans.") == first
    assert code_of(lambda: say(uuid=uuid, text="With peas.")) == "uuid_reused"
    assert Remark.objects.get().text == "With beans."


def test_what_says_nothing_or_too_much_or_is_of_another_cell_is_refused(
    world: World, say: Say, judgement: Judgement
) -> None:
    there = world.places["other_district"]

    assert code_of(lambda: say(reason="", text=" ")) == "empty"
    assert code_of(lambda: say(text="a" * 2001)) == "too_long"
    assert code_of(lambda: say(judgement=judgement, target=world.targets[1])) == "other_cell"
    assert code_of(lambda: say(target=there.targets[0])) == "target_not_in_use"
    assert not Remark.objects.exists()


@pytest.mark.parametrize("who", ["student", "guardian", "substitute", "far_teacher", "past_teacher"])
def test_only_teachers_of_the_student_say_something(who: str, world: World, say: Say) -> None:
    assert code_of(lambda: say(author=world.people[who])) == "not_allowed"


def test_ones_own_is_taken_back_once(world: World, say: Say, school_day: date) -> None:
    remark, uuid = say(text="The wrong child."), uuid4()

    def take_back(uuid: Any = None, author: str = "teacher") -> Remark:
        return take_back_remark(
            uuid=uuid or uuid4(), remark_uuid=remark.uuid, author=world.people[author], day=school_day
        )

    assert code_of(lambda: take_back(author="co_teacher")) == "no_such_remark"
    void = take_back(uuid)
    assert (void.voids, void.text, void.reason) == (remark, "", "")
    assert take_back(uuid) == void
    assert code_of(take_back) == "already_undone"
    assert code_of(lambda: take_back_remark(uuid=uuid4(), remark_uuid=void.uuid, author=world.teacher, day=school_day))
    assert Remark.objects.count() == 2
