"""The pages of a student as of a past day, what changed since, and a level for a whole topic."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from curriculum.enums import ChangeKind
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import MasterySettings
from students.mastery.queries import read_changes_since, read_grid_as_of, sight_of, states_as_of
from students.mastery.queries.changes import Reason
from students.mastery.services import record_decision, record_mark, undo_mark, void_mark
from tests.mastery.revised import revise
from tests.mastery.ways import choose_method
from tests.world import DAY, World

THEN = DAY - timedelta(days=9)  # a Tuesday


def mark(world: World, level: str, day: date, step: int = 0, **fields: Any) -> Any:
    values: dict[str, Any] = {"recorder": world.teacher, "student": world.own.student, **fields}
    with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
        return record_mark(
            uuid=uuid4(), target=world.targets[step], level=Decimal(level), performed_on=day, day=day, **values
        ).assessment


def said(client: Client, address: str, as_of: date | str = "", status: int = 200) -> str:
    response = client.get(address, {"as_of": str(as_of)})
    assert response.status_code == status
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split()).replace("&#x27;", "'")


def pages_of(world: World) -> dict[str, str]:
    student = world.own.student.uuid
    return {
        "path": reverse("student:path", args=[student]),
        "topic": reverse("student:topic", args=[student, world.topic.uuid]),
        "family": reverse("student:family", args=[student]),
        "why": reverse("mastery:why-show", args=[student, world.targets[0].uuid]),
    }


def test_every_page_as_of_a_past_day(world, as_person):
    mark(world, "2", THEN - timedelta(days=3))
    mark(world, "3", DAY - timedelta(days=3))
    for name in ("teacher", "student", "guardian"):
        client = as_person(world.people[name])
        told = {page: said(client, address, THEN) for page, address in pages_of(world).items()}
        assert ["The record as it stood on Nov. 10, 2026." in text for text in told.values()] == [True] * 4
        assert "0 of 4 met, 1 under way" in told["path"]
        assert "2.0 , in 1 piece" in told["topic"].replace("2.0,", "2.0 ,")
        assert "The week up to Nov. 10, 2026" in told["family"]
        assert "decided on Nov. 7, 2026" in told["why"]
        assert "Nov. 16, 2026" not in told["topic"] + told["why"]
    now = said(as_person(world.student), pages_of(world)["path"])
    assert "1 of 4 met" in now
    assert "What changed since" not in now


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("2026-11-20", "This day has not come yet."),
        ("last week", "This is no date."),
        ("2026-02-30", "This is no date."),
        ("0001-01-01", "This is no date."),
    ],
)
def test_a_day_that_cannot_be_shown(asked, sentence, world, as_person):
    mark(world, "3", THEN)
    for address in pages_of(world).values():
        told = said(as_person(world.teacher), address, asked, status=422)
        assert sentence in told
        assert "The record as it stood" not in told


def test_today_is_now(world, as_person):
    mark(world, "3", THEN)
    for address in pages_of(world).values():
        assert "The record as it stood" not in said(as_person(world.teacher), address, as_of=DAY)


def test_a_past_day_shows_nobody_more_than_today_does(world, as_person):
    mark(world, "3", DAY)
    with time_machine.travel(f"{DAY + timedelta(days=1)}T05:30:00+00:00", tick=True):  # soon after midnight
        told = {
            name: "1 of 4 met" in said(as_person(world.people[name]), pages_of(world)["path"], DAY)
            for name in ("teacher", "student", "guardian")
        }
    assert told == {"teacher": True, "student": True, "guardian": False}


def since_then(world: World, name: str = "teacher") -> dict[int, tuple[Any, ...]]:
    """Step to level then, level now, reasons."""
    now = sight_of(world.people[name], world.own.student, DAY, timezone.now())
    changes = read_changes_since(world.own.student, now.on(THEN, world.own.school.time_zone), now)
    places = {target.pk: step for step, target in enumerate(world.targets)}
    return {
        places[change.target.pk]: (change.before.level, change.now.level, set(change.reasons)) for change in changes
    }


def test_what_changed_since_says_why(world, as_person):
    wrong = mark(world, "4", THEN, step=1)
    for step in (0, 2, 3):
        mark(world, "2", THEN, step=step, judges=False)
    mark(world, "4", DAY - timedelta(days=2), judges=False)
    with time_machine.travel(f"{DAY - timedelta(days=2)}T15:00:00+00:00", tick=True):
        undo_day = DAY - timedelta(days=2)
        undone = {"uuid": uuid4(), "mark_uuid": wrong.uuid}
        void_mark(**undone, voider=world.teacher, reason="Another child", day=undo_day)
        record_decision(
            uuid=uuid4(), judge=world.teacher, student=world.own.student, target=world.targets[2],
            kind=JudgementKind.EXCUSED, day=undo_day,
        )  # fmt: skip
        mark(world, "2", undo_day, step=3, kind=AssessmentKind.PRACTICE)
    assert since_then(world) == {
        0: (2, Decimal("3.5"), {Reason.EVIDENCE}),
        1: (4, None, {Reason.TAKEN_BACK}),
        2: (2, None, {Reason.ASIDE}),
    }
    told = said(as_person(world.teacher), pages_of(world)["path"], as_of=THEN)
    assert "Step 1 2.0 then, and now 3.5 There is new evidence." in told
    assert "Step 3 2.0 then, and now excused It was set aside." in told


def test_what_changed_since_by_the_curriculum_and_by_the_method(world):
    mark(world, "1", THEN - timedelta(days=5), judges=False)
    mark(world, "3", THEN - timedelta(days=4), judges=False)
    mark(world, "2", THEN, step=3)
    choose_method(world.own.district, world.own.framework, DAY - timedelta(days=1), method="highest")
    revise(
        world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]]
    )  # fmt: skip
    found = since_then(world)
    assert found[0] == (Decimal("2.5"), 3, {Reason.METHOD})
    assert found[2] == (None, 2, {Reason.CURRICULUM})


def test_nothing_changed_since(world, as_person):
    mark(world, "2", THEN)
    told = said(as_person(world.student), pages_of(world)["path"], as_of=THEN)
    assert "What changed since Nothing: every level is what it was then." in told


def test_a_grid_as_of_a_day_is_that_part_of_all_states(world):
    for step in (0, 1, 2):
        mark(world, "2", THEN, step=step)
    mark(world, "3", DAY, step=0)
    students = [world.own.student, world.other_class.student, world.other_school.student]
    wanted = [target.pk for target in world.targets[:2]]
    everything = states_as_of(students, THEN)
    assert len(everything) == 3
    found = read_grid_as_of(students, wanted, THEN)
    assert found == {cell: state for cell, state in everything.items() if cell[1] in wanted}
    assert {state.level for state in found.values()} == {2}


def test_a_topic_has_a_level_only_where_the_school_asks_for_one(world, as_person):
    for step, level in enumerate(["2", "3", "4"]):
        mark(world, level, THEN, step=step)
    client = as_person(world.student)
    assert "The topic as a whole" not in said(client, pages_of(world)["path"])
    MasterySettings.objects.create(organization=world.own.district, valid_from=DAY, shows_topic_levels=True)
    assert "The topic as a whole: 3.0" in said(client, pages_of(world)["path"])


@pytest.mark.parametrize("rows", [1, 4])
def test_a_past_day_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for step in range(rows):
        mark(world, "2", THEN, step=step)
        mark(world, "3", DAY - timedelta(days=2), step=step)
    client = as_person(world.guardian)
    addresses = pages_of(world)
    client.get(addresses["path"], {"as_of": str(THEN)})
    for page, count in {"path": 34, "topic": 27, "family": 24, "why": 20}.items():
        with django_assert_num_queries(count):
            client.get(addresses[page], {"as_of": str(THEN)})


def test_an_undone_mark_of_the_day_is_no_news(world):
    mark(world, "2", THEN)
    wrong = mark(world, "4", DAY)
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=wrong.uuid, day=DAY)
    assert since_then(world) == {}
