"""What a teacher decides without new evidence: to accept, to set, to excuse, to lift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from lpm.people.models import Student
from students.mastery.enums import JudgementKind, MasteryStatus
from students.mastery.models import Assessment, Judgement, MasterySettings, MasteryState
from students.mastery.queries import find_differences
from students.mastery.services import (
    Decided,
    Decision,
    MarkRefused,
    record_decision,
    record_decisions,
    record_mark,
    undo_mark,
)
from tests.world import World, enroll

D = Decimal
K = JudgementKind
Decide = Callable[..., Decision]


@pytest.fixture
def new(world: World) -> Decide:
    def make(kind: JudgementKind, level: str | None = None, target: int = 0, **changed: Any) -> Decision:
        usual = {
            "uuid": uuid4(),
            "student": world.own.student,
            "target": world.targets[target],
            "kind": kind,
            "level": None if level is None else D(level),
        }
        return Decision(**{**usual, **changed})

    return make


def see(world: World, day: date, *levels: str, target: int = 0, judges: bool = False, **changed: Any) -> Any:
    """Evidence of the own student, one after the other; the last of it."""
    usual = {"recorder": world.teacher, "student": world.own.student, "target": world.targets[target]}
    for level in levels:
        seen = record_mark(
            **{**usual, **changed}, uuid=uuid4(), level=D(level), performed_on=day, day=day, judges=judges
        )
    return seen.assessment


def decide(world: World, day: date, *decisions: Decision, who: str = "teacher") -> list[Decided | MarkRefused]:
    return record_decisions(decisions=decisions, judge=world.people[who], day=day)


def codes(answers: list[Decided | MarkRefused]) -> list[str]:
    return [answer.code if isinstance(answer, MarkRefused) else "" for answer in answers]


def state_of(world: World, target: int = 0) -> MasteryState:
    return MasteryState.objects.get(student=world.own.student, target=world.targets[target])


def check_derived(day: date) -> None:
    assert find_differences(list(Student.objects.select_related("school")), day) == []


def test_accepting_makes_the_suggestion_the_level(world: World, new: Decide, school_day: date) -> None:
    see(world, school_day, "1.0", "3.0")
    assert (state_of(world).level, state_of(world).judged) == (D("2.5"), None)

    decided = record_decision(
        judge=world.teacher,
        day=school_day,
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        kind=K.CONFIRMED,
        level=D("2.5"),
    )

    assert (decided.state.level, decided.state.judged, decided.is_new) == (D("2.5"), D("2.5"), True)
    row = Judgement.objects.get()
    assert (row.kind, row.level, row.judge, row.based_on) == ("confirmed", D("2.5"), world.teacher, None)
    assert state_of(world).judgement == row
    assert Assessment.objects.count() == 2
    check_derived(school_day)


@pytest.mark.parametrize("level", ["2.0", "3.0"])
def test_only_the_suggestion_that_was_seen_is_accepted(level: str, world: World, new: Decide, school_day: date) -> None:
    see(world, school_day, "1.0", "3.0")

    with pytest.raises(MarkRefused) as refused:
        record_decision(
            judge=world.teacher,
            day=school_day,
            **vars(new(K.CONFIRMED, level)),
        )

    assert refused.value.code == "changed"
    assert not Judgement.objects.exists()


def test_nothing_is_accepted_where_nothing_is_suggested(world: World, new: Decide, school_day: date) -> None:
    assert codes(decide(world, school_day, new(K.CONFIRMED, "3.0"))) == ["changed"]


def test_each_gets_an_answer_and_one_refused_leaves_the_others(world: World, new: Decide, school_day: date) -> None:
    see(world, school_day, "3.0")
    answers = decide(
        world,
        school_day,
        new(K.SET, "4.5"),
        new(K.SET),
        new(K.EXCUSED, "3.0"),
        new(K.AUTOMATIC, "3.0"),
        new(K.VOID),
        new(K.ASSUMED),
        new(K.SET, "3.0", student=world.places["other_class"].student),
        new(K.SET, "3.0", student=world.own.student, target=0),
        Decision(uuid4(), world.own.student, world.places["other_district"].targets[0], K.SET, D(3)),
        new(K.EXCUSED, None, 1, note="Away for six weeks."),
    )

    assert codes(answers) == [
        "level_off_scale",
        *["no_level"] * 5,
        "not_allowed",
        "",
        "target_not_in_use",
        "",
    ]
    rows = Judgement.objects.order_by("pk").values_list("kind", "level", "note")
    assert list(rows) == [("set", D(3), ""), ("excused", None, "Away for six weeks.")]
    assert state_of(world, 1).status == MasteryStatus.EXCUSED
    check_derived(school_day)


@pytest.mark.parametrize("who", ["student", "guardian", "leader", "substitute", "past_teacher", "far_teacher"])
def test_only_teachers_of_the_student_decide(who: str, world: World, new: Decide, school_day: date) -> None:
    assert codes(decide(world, school_day, new(K.SET, "3.0"), who=who)) == ["not_allowed"]
    assert not Judgement.objects.exists()


def test_the_last_of_several_on_one_cell_holds(world: World, new: Decide, school_day: date) -> None:
    answers = decide(world, school_day, new(K.SET, "1.0"), new(K.EXCUSED), new(K.LIFTED), new(K.SET, "2.0"))

    assert [answer.state.level for answer in answers if isinstance(answer, Decided)] == [D(2)] * 4
    rows = list(Judgement.objects.order_by("recorded_at").values_list("kind", flat=True))
    assert rows == ["set", "excused", "lifted", "set"]
    check_derived(school_day)


def test_sending_again_changes_nothing(world: World, new: Decide, school_day: date) -> None:
    see(world, school_day, "3.0")
    confirm = new(K.CONFIRMED, "3.0")
    first = decide(world, school_day, confirm, confirm)
    see(world, school_day, "1.0")  # something else is suggested now
    again = decide(world, school_day, confirm, new(K.SET, "3.0", uuid=confirm.uuid))

    assert [answer.is_new for answer in [*first, *again] if isinstance(answer, Decided)] == [True, False, False]
    assert codes(again) == ["", "uuid_reused"]
    assert Judgement.objects.count() == 1
    assert {answer.judgement.pk for answer in [*first, *again] if isinstance(answer, Decided)} == {
        Judgement.objects.get().pk
    }


def test_excused_is_neither_a_level_nor_an_end_of_it(world: World, new: Decide, school_day: date) -> None:
    see(world, school_day, "3.0", judges=True)

    decide(world, school_day, new(K.EXCUSED))
    assert (state_of(world).status, state_of(world).level) == (MasteryStatus.EXCUSED, None)
    decide(world, school_day, new(K.LIFTED))
    assert (state_of(world).status, state_of(world).level, state_of(world).judged) == (MasteryStatus.LEVEL, D(3), None)


def test_a_decision_after_its_evidence_was_taken_back_holds(world: World, new: Decide, school_day: date) -> None:
    mark = see(world, school_day, "3.0", judges=True)
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=mark.uuid, day=school_day)
    assert state_of(world).status == MasteryStatus.NOT_STARTED

    decide(world, school_day, new(K.SET, "2.0"))

    state = state_of(world)
    assert (state.level, state.judged, state.suggested, state.score_count) == (D(2), D(2), None, 0)
    check_derived(school_day)


def test_a_colleagues_unseen_level_is_told_and_kept(world: World, new: Decide, school_day: date) -> None:
    before = timezone.now()
    see(world, school_day, "2.0", judges=True, recorder=world.co_teacher)

    answers = decide(world, school_day, new(K.SET, "2.0", seen_at=before), new(K.EXCUSED, seen_at=before, target=1))
    assert [answer.conflict for answer in answers if isinstance(answer, Decided)] == [None, None]
    see(world, school_day, "1.0", judges=True, recorder=world.co_teacher)
    [answer] = decide(world, school_day, new(K.SET, "3.0", seen_at=before))

    assert isinstance(answer, Decided)
    assert answer.conflict is not None
    assert (answer.conflict.judge, answer.conflict.level) == (world.co_teacher, D(1))
    assert answer.judgement.unseen == answer.conflict
    assert (state_of(world).level, state_of(world).is_contested) == (D(3), True)


def test_what_becomes_the_level_by_itself_does_so_again_when_nobody_judges(
    world: World, new: Decide, school_day: date
) -> None:
    MasterySettings.objects.create(organization=world.own.school, valid_from=school_day, accepts_automatically=True)
    decide(world, school_day, new(K.SET, "1.0"))
    see(world, school_day, "3.0", "3.0")
    assert (state_of(world).judged, state_of(world).is_flagged) == (D(1), True)

    decide(world, school_day, new(K.LIFTED))

    assert (state_of(world).judged, state_of(world).is_automatic) == (D(3), True)
    check_derived(school_day)


@pytest.mark.parametrize("count", [1, 30])
def test_one_or_many_in_four_queries(
    count: int, world: World, new: Decide, school_day: date, django_assert_num_queries: Any
) -> None:
    group = world.own.group
    others = [enroll(group, given_name=f"Child {n}", family_name="of Birch") for n in range(count - 1)]
    decisions = [new(K.SET, "3.0", n % 4, student=student) for n, student in enumerate([world.own.student, *others])]

    with django_assert_num_queries(4):
        decide(world, school_day, *decisions)

    assert Judgement.objects.count() == MasteryState.objects.count() == count


def test_more_than_five_thousand_are_refused_whole(world: World, new: Decide, school_day: date) -> None:
    with pytest.raises(ValueError, match="at most 5000"):
        decide(world, school_day, *[new(K.SET, "3.0")] * 5001)
