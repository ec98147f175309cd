"""Where a student starts who comes during the year."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.models import Target, Topic
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement, MasteryState, TopicMastery
from students.mastery.queries import find_differences
from students.mastery.services import EntryPoint, MarkRefused, NotAllowed, record_entry_point, record_mark
from tests.world import DAY, World


def start(world: World, step: int, **more) -> EntryPoint:
    """Starts at the target ``step``, counted from 1."""
    values = {"student": world.own.student, "actor": world.people["teacher"], "day": DAY} | more
    return record_entry_point(target=world.targets[step - 1], **values)


def mark(world: World, step: int, level: str) -> None:
    record_mark(
        uuid=uuid4(),
        recorder=world.people["teacher"],
        student=world.own.student,
        target=world.targets[step - 1],
        level=Decimal(level),
        performed_on=DAY,
        day=DAY,
    )


def states(world: World) -> dict[str, str]:
    rows = MasteryState.objects.filter(student=world.own.student)
    return dict(rows.values_list("target__code", "status"))


def here(world: World) -> str | None:
    row = TopicMastery.objects.filter(student=world.own.student).select_related("here").first()
    return row.here.code if row and row.here else None


def test_targets_before_are_assumed_and_the_student_is_there(world):
    done = start(world, 3)

    assert done == EntryPoint(assumed=2, lifted=0)
    assert states(world) == {"FR.1": "assumed", "FR.2": "assumed"}
    assert here(world) == "FR.3"
    rows = Judgement.objects.filter(student=world.own.student).values_list("kind", "level", "judge", "based_on")
    found: set[Any] = set(rows)
    assert found == {("assumed", None, world.people["teacher"].pk, None)}
    row = TopicMastery.objects.get(student=world.own.student)
    assert (row.proficient_count, row.under_way_count, row.aside_count) == (0, 0, 2)
    assert list(find_differences([world.own.student], DAY)) == []


def test_saying_it_again_writes_nothing(world):
    start(world, 3)

    assert start(world, 3) == EntryPoint(assumed=0, lifted=0)
    assert Judgement.objects.count() == 2


def test_a_later_start_assumes_more_and_an_earlier_one_less(world):
    start(world, 2)
    assert start(world, 4) == EntryPoint(assumed=2, lifted=0)

    assert start(world, 2) == EntryPoint(assumed=0, lifted=2)

    assert states(world) == {"FR.1": "assumed", "FR.2": "not_started", "FR.3": "not_started"}
    assert here(world) == "FR.2"
    assert start(world, 3) == EntryPoint(assumed=1, lifted=0)
    assert start(world, 1) == EntryPoint(assumed=0, lifted=2)
    assert here(world) == "FR.1"


def test_what_is_known_stays_known(world):
    mark(world, 1, "2.0")
    Judgement.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[1],
        kind=JudgementKind.EXCUSED,
        judge=world.people["teacher"],
    )

    assert start(world, 4) == EntryPoint(assumed=1, lifted=0)

    assert states(world) == {"FR.1": "level", "FR.2": "excused", "FR.3": "assumed"}


def test_the_first_evidence_makes_a_target_ordinary_again(world):
    start(world, 3)

    mark(world, 1, "2.5")

    assert states(world)["FR.1"] == "level"
    assert start(world, 3) == EntryPoint(assumed=0, lifted=0)


def test_only_teachers_say_it_and_only_on_targets_in_use(world):
    for name in ("leader", "office", "guardian", "student", "substitute", "far_teacher"):
        with pytest.raises(NotAllowed):
            start(world, 3, actor=world.people[name])
    with pytest.raises(MarkRefused):
        record_entry_point(
            student=world.own.student,
            target=world.other_district.targets[2],
            actor=world.people["teacher"],
            day=DAY,
        )
    assert not Judgement.objects.exists()


def test_a_moment_lies_after_everything_judged_before(world):
    ahead = Judgement.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[0],
        kind=JudgementKind.LIFTED,
        recorded_at=Judgement._meta.get_field("recorded_at").default() + timedelta(minutes=5),
    )

    start(world, 2)

    newest = Judgement.objects.latest("pk")
    assert newest.recorded_at == ahead.recorded_at + timedelta(microseconds=1)
    assert states(world) == {"FR.1": "assumed"}


# The pages


def address(world: World) -> str:
    return reverse("mastery:entry-points", args=[world.own.student.uuid])


def test_a_teacher_chooses_a_topic_and_presses_once(world, as_person):
    client = as_person(world.people["teacher"])
    topic = {"topic": str(world.topic.uuid)}

    topics = client.get(address(world)).context["topics"]
    steps = client.get(address(world), topic).context["entry"].steps
    response = client.post(address(world), {"target": str(world.targets[2].uuid)}, follow=True)

    assert [(row.topic, row.here) for row in topics] == [(world.topic, None)]
    assert [step.is_usual for step in steps] == [True, False, False, False]
    assert "Fractions: starts at" in response.text
    assert [row.here for row in response.context["topics"]] == [world.targets[2]]
    after = client.get(address(world), topic).context["entry"].steps
    assert [(step.is_here, step.is_assumed) for step in after] == [
        (False, True), (False, True), (True, False), (False, False),
    ]  # fmt: skip


def test_what_is_not_there_is_not_found(world, as_person):
    client = as_person(world.people["teacher"])

    assert client.get(address(world), {"topic": str(uuid4())}).status_code == 404
    assert client.get(address(world), {"topic": "x"}).status_code == 404
    assert client.post(address(world), {}).status_code == 404
    assert client.post(address(world), {"target": str(world.other_district.targets[0].uuid)}).status_code == 404


def test_without_topics_or_targets_the_page_says_so(world, as_person):
    client = as_person(world.people["teacher"])
    Target.objects.filter(topic=world.topic).update(retired_on=DAY)
    assert "No targets in this topic yet" in client.get(address(world), {"topic": str(world.topic.uuid)}).text

    world.own.framework.status = "draft"
    world.own.framework.save(update_fields=["status"])
    assert "No topics yet" in client.get(address(world)).text


def test_queries_are_the_same_for_1_and_30_topics_and_targets(world, as_person):
    client = as_person(world.people["teacher"])
    counts = []
    for size in (0, 29):
        for n in range(size):
            Topic.objects.create(area=world.topic.area, case_identifier=f"t{n}", title=f"T{n}", position=n + 2)
            Target.objects.create(
                topic=world.topic, case_identifier=f"x{n}", short_title=f"X{n}", statement="x", position=n + 9
            )
        with CaptureQueriesContext(connection) as listed:
            client.get(address(world))
        with CaptureQueriesContext(connection) as shown:
            client.get(address(world), {"topic": str(world.topic.uuid)})
        counts.append((len(listed), len(shown)))

    assert counts == [(8, 11)] * 2
