"""What a substitute saw: it counts once a teacher accepts it, or is set aside with a reason."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.services import MarkRefused, Recorded, record_mark, undo_mark
from students.mastery.services.offered import accept_offered, set_aside_offered
from tests.world import DAY, World, enroll


def offer(world: World, level: str = "3.0", target: int = 0, student: Student | None = None) -> Assessment:
    return record_mark(
        uuid=uuid4(),
        student=student or world.own.student,
        target=world.targets[target],
        level=Decimal(level),
        kind=AssessmentKind.OFFERED,
        performed_on=DAY - timedelta(days=1),
        group=world.own.group,
        comment="On the board.",
        recorder=world.substitute,
        day=DAY,
    ).assessment


def codes(answers: Any) -> list[str]:
    return [answer.code if isinstance(answer, MarkRefused) else answer.assessment.kind for answer in answers]


def accept(world: World, *marks: Assessment | UUID, who: str = "teacher", judges: bool = True) -> Any:
    uuids = [mark if isinstance(mark, UUID) else mark.uuid for mark in marks]
    return accept_offered(marks=uuids, teacher=world.people[who], day=DAY, judges=judges)


def test_accepting_makes_it_the_teachers_own_of_the_day_it_was_seen(world):
    mark = offer(world)
    assert MasteryState.objects.get().level is None

    [first], [again] = accept(world, mark), accept(world, mark)

    assert isinstance(first, Recorded)
    assert isinstance(again, Recorded)
    assert (first.is_new, again.is_new, first.state.level) == (True, False, Decimal("3.0"))
    row = Assessment.objects.exclude(pk=mark.pk).get()
    assert first.assessment == again.assessment == row
    assert (row.kind, row.voids, row.recorder, row.level) == ("score", mark, world.teacher, Decimal("3.0"))
    assert (row.performed_on, row.group, row.student) == (mark.performed_on, mark.group, world.own.student)
    assert row.comment == "Seen by a substitute, accepted by a teacher."
    assert Judgement.objects.get().based_on == row
    assert MasteryState.objects.get().judged == Decimal("3.0")


def test_as_evidence_only_nothing_is_judged(world):
    [answer] = accept(world, offer(world, "2.0"), judges=False)

    assert (answer.state.level, answer.state.judged) == (Decimal("2.0"), None)
    assert not Judgement.objects.exists()


def test_the_same_number_of_queries_for_one_and_for_many(world):
    def queries(marks: list[Assessment]) -> int:
        with CaptureQueriesContext(connection) as found:
            assert codes(accept(world, *marks)) == ["score"] * len(marks)
        return len(found)

    one = [offer(world)]
    many = [offer(world, student=enroll(world.own.group, given_name="Kit", family_name=str(n))) for n in range(12)]

    assert (queries(one), queries(many)) == (16, 16)


def test_setting_aside_says_why_and_counts_nothing(world):
    mark = offer(world)
    with pytest.raises(MarkRefused, match="Say in a few words"):
        set_aside_offered(marks=[mark.uuid], teacher=world.teacher, reason=" ", day=DAY)
    aside: dict[str, Any] = {"marks": [mark.uuid], "reason": "Another child.", "day": DAY}
    for _ in range(2):
        assert codes(set_aside_offered(teacher=world.teacher, **aside)) == [AssessmentKind.VOID]

    row = Assessment.objects.exclude(pk=mark.pk).get()
    assert (row.voids, row.reason, row.recorder, row.level) == (mark, "Another child.", world.teacher, None)
    assert MasteryState.objects.get().status == MasteryStatus.NOT_STARTED
    assert codes(accept(world, mark)) == ["settled"]
    assert codes(set_aside_offered(teacher=world.co_teacher, **aside)) == ["settled"]


def test_each_gets_an_answer_and_one_refused_leaves_the_others(world):
    mark, settled, ended, mine = (offer(world, target=n) for n in range(4))
    accept(world, settled, who="co_teacher")
    Target.objects.filter(pk=world.targets[2].pk).update(retired_on=DAY)
    own = record_mark(
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        level=Decimal("1.0"),
        performed_on=DAY,
        recorder=world.teacher,
        day=DAY,
    ).assessment

    answers = accept(world, mark, settled, ended, uuid4(), own, mine, mark)

    assert codes(answers) == ["score", "settled", "target_not_in_use", "no_such_mark", "no_such_mark", "score"]
    for who in ("substitute", "leader", "far_teacher", "student"):
        assert codes(accept(world, ended, who=who)) == ["no_such_mark"]
    assert codes(set_aside_offered(marks=[ended.uuid], teacher=world.teacher, reason="Ended.", day=DAY)) == ["void"]


def test_undoing_what_was_accepted_does_not_offer_it_again(world):
    mark = offer(world)
    [answer] = accept(world, mark)
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=answer.assessment.uuid, day=DAY)

    assert MasteryState.objects.get().level is None
    assert Judgement.objects.filter(kind=JudgementKind.VOID).count() == 1
    assert codes(accept(world, mark)) == ["score"]  # as it was answered before
    assert Assessment.objects.count() == 3


def test_what_was_offered_on_a_record_that_was_merged_counts_for_the_child(world):
    doubled = enroll(world.own.group, given_name="Amara", family_name="Again")
    mark = offer(world, student=doubled)
    Student.objects.filter(pk=doubled.pk).update(merged_into=world.own.student)

    [answer] = accept(world, mark)

    assert answer.assessment.student == doubled
    assert MasteryState.objects.get(student=world.own.student).level == Decimal("3.0")


def test_what_a_teacher_judged_since_is_not_judged_again_by_default(world, as_person):
    def ticked() -> tuple[bool, int]:
        page = as_person(world.teacher).get(reverse("mastery:request-list")).content.decode()
        return bool(re.search(r'name="judges"[^>]*checked', page)), page.count("judged by a teacher since then")

    def judge(target: int) -> Assessment:
        return record_mark(
            uuid=uuid4(),
            student=world.own.student,
            target=world.targets[target],
            level=Decimal("2.0"),
            performed_on=DAY,
            recorder=world.co_teacher,
            day=DAY,
        ).assessment

    judge(0)  # before
    offer(world)
    offer(world, target=1)
    judge(2)  # nothing was offered there
    assert ticked() == (True, 0)
    own = judge(1)
    assert ticked() == (False, 1)
    undo_mark(uuid=uuid4(), recorder=world.co_teacher, mark_uuid=own.uuid, day=DAY)
    assert ticked() == (True, 0)


def test_the_queue_settles_several_at_once_and_says_what_came_of_it(world, as_person):
    marks = [offer(world, target=n) for n in range(3)]
    client, address = as_person(world.teacher), reverse("mastery:offered-settle")
    accepting: dict[str, Any] = {"marks": [mark.uuid for mark in marks[:2]], "step": "accept", "judges": "on"}

    said = client.post(address, accepting, follow=True).content.decode()
    assert "2 marks are settled." in said
    assert Judgement.objects.count() == 2
    said = client.post(address, {"marks": [marks[2].uuid], "step": "aside"}, follow=True).content.decode()
    assert "Say in a few words why it is set aside." in said
    client.post(address, {"marks": [marks[2].uuid], "step": "aside", "reason": "Too early."})
    assert Assessment.objects.get(voids=marks[2]).reason == "Too early."
    said = as_person(world.co_teacher).post(address, accepting, follow=True).content.decode()
    assert "Somebody has settled this mark already." in said
    assert "Choose at least one of them." in client.post(address, {}, follow=True).content.decode()
    assert Assessment.objects.count() == 6
    assert client.get(address).status_code == 405
    assert as_person(world.leader).post(address, accepting).status_code == 404
