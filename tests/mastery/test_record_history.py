"""Bringing in what was recorded some time ago: marks, entry points, words and requests, all or none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from curriculum.models import Framework
from lpm.lib.copying import copy_in
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus, RequestState
from students.mastery.models import Assessment, Judgement, MasteryState, ReadyRequest, Remark, TopicMastery
from students.mastery.queries import find_differences
from students.mastery.services import (
    MarkRefused,
    PastDecision,
    PastMark,
    PastRemark,
    PastRequest,
    record_history,
)
from tests.world import World

SEEN_ON = date(2026, 10, 6)
AT = datetime(2026, 10, 6, 19, 30, tzinfo=UTC)


def mark(world: World, number: int = 1, level: str | None = "3.0", **more: Any) -> PastMark:
    own = world.places["own"]
    known: dict[str, Any] = {
        "student": own.student,
        "target": own.targets[number],
        "level": level and Decimal(level),
        "recorder": world.teacher,
        "group": own.group,
        "performed_on": SEEN_ON,
        "recorded_at": AT,
    }
    return PastMark(**known | more)


def test_marks_are_as_they_were_made_and_states_follow(world, school_day):
    own = world.places["own"]
    marks = [
        mark(world, 1, "2.0", comment="Casi.", language="es"),
        mark(world, 1, "3.0", recorded_at=AT + timedelta(days=1)),
        mark(world, 2, "2.5", judges=False),
        mark(world, 2, None, kind=AssessmentKind.PRACTICE),
        mark(world, 3, "1.5", kind=AssessmentKind.SELF, group=None),
    ]
    record_history(marks=marks, day=school_day)

    rows = Assessment.objects.order_by("pk").values_list("uuid", "kind", "level", "comment", "language", "recorded_at")
    assert list(rows) == [(one.uuid, one.kind, one.level, one.comment, one.language, one.recorded_at) for one in marks]
    assert list(Judgement.objects.order_by("pk").values_list("based_on__uuid", "kind", "level")) == [
        (marks[0].uuid, "set", Decimal("2.00")),
        (marks[1].uuid, "set", Decimal("3.00")),
    ]
    states = {row.target_id: (row.level, row.judged) for row in MasteryState.objects.filter(student=own.student)}
    assert states[own.targets[1].pk] == (Decimal("3.00"), Decimal("3.00"))
    assert states[own.targets[2].pk][1] is None
    assert find_differences([own.student], school_day) == []


def test_entry_points_words_and_requests_come_too(world, school_day):
    own = world.places["own"]
    answer = mark(world, 2)
    record_history(
        marks=[answer],
        decisions=[PastDecision(own.student, own.targets[0], JudgementKind.ASSUMED, world.teacher, AT)],
        remarks=[PastRemark(own.student, own.targets[2], world.teacher, "Well told.", "en", True, AT)],
        requests=[
            PastRequest(
                own.student,
                own.targets[2],
                "I practised.",
                AT - timedelta(days=3),
                RequestState.ANSWERED,
                world.teacher,
                AT,
                answer,
                "You were ready.",
                "en",
            ),
            PastRequest(own.student, own.targets[3], "I drew it.", AT),
        ],
        day=school_day,
    )

    assert MasteryState.objects.get(target=own.targets[0]).status == MasteryStatus.ASSUMED
    assert TopicMastery.objects.get(student=own.student).aside_count == 1
    assert Remark.objects.get().recorded_at == AT
    answered, waiting = ReadyRequest.objects.order_by("pk")
    assert (answered.answer and answered.answer.uuid, answered.reply_language) == (answer.uuid, "en")
    assert (waiting.state, waiting.asked_at, waiting.answer) == ("waiting", AT, None)
    assert find_differences([own.student], school_day) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"level": "4.5"}, "level_off_scale"),
        ({"performed_on": date(2026, 12, 1)}, "future_date"),
    ],
)
def test_one_that_cannot_be_keeps_all_out(world, school_day, more, code):
    with pytest.raises(MarkRefused) as refused:
        record_history(marks=[mark(world), mark(world, 2, **more)], day=school_day)

    assert refused.value.code == code
    assert not Assessment.objects.exists()


def test_a_target_that_the_school_does_not_use_keeps_all_out(world, school_day):
    own = world.places["own"]
    Framework.objects.filter(pk=own.framework.pk).update(status="draft")
    with pytest.raises(MarkRefused) as refused:
        record_history(marks=[mark(world)], day=school_day)

    assert refused.value.code == "target_not_in_use"


def test_nothing_is_copied_where_there_is_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        copy_in([])


def test_after_many_rows_the_database_looks_at_the_table(world, school_day, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("lpm.lib.copying.MANY", 2)
    own = world.places["own"]
    rows = [
        Remark(district=own.district, student=own.student, target=own.targets[0], text=text, author=world.teacher)
        for text in ("One.", "Two.", "Three.")
    ]
    with django_assert_num_queries(5):  # keys, checks at once, COPY, checks at the end, ANALYZE
        copy_in(rows)

    assert list(Remark.objects.order_by("pk").values_list("pk", "text")) == [(row.pk, row.text) for row in rows]
