"""The grid of a past day, what changed since one, what was left alone for long, and how it opens again."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from lpm.lib.ids import uuid7
from students.mastery.enums import AssessmentKind
from students.mastery.models import GridView, MasterySettings
from students.mastery.services import record_mark
from tests.world import DAY, World, enroll

LONG_AGO = DAY - timedelta(days=60)
THEN = DAY - timedelta(days=10)
CELL = re.compile(
    r'<td(?: class="(\w+)")?><(?:data|button)[^>]* class="([^"]*)" value="([^"]*)"[^>]*>(.*?)</(?:data|button)>'
)


def mark(world: World, level: str, on: date = DAY, target: int = 0, **fields: Any) -> None:
    values = {"recorder": world.teacher, "student": world.own.student, **fields}
    with time_machine.travel(f"{on}T15:00:00+00:00", tick=True):
        record_mark(uuid=uuid7(), target=world.targets[target], level=Decimal(level), performed_on=on, day=on, **values)


def get(client: Client, world: World, **query: Any) -> Any:
    return client.get(reverse("mastery:group-grid", args=[world.own.group.uuid], query=query))


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def said(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", main, flags=re.DOTALL).split())


def row_of(page: str, world: World) -> list[tuple[str, str, str, str]]:
    """Of the student's first two cells: what holds of the cell, of the number, the number, the text."""
    row = page[page.index(f'<tr data-s="{world.own.student.uuid}"') :]
    found = CELL.findall(row[: row.index("</tr>")])
    return [(kind, look, value, re.sub("<[^>]*>", "", text)) for kind, look, value, text in found[:2]]


def own_view(world: World) -> dict[str, Any]:
    return {"owner": world.teacher, "district": world.own.district, "school": world.own.school, "name": "Mine"}


@pytest.fixture
def grown(world: World) -> World:
    """2.0 before the day asked for, then 3.0; the second target was shown only since."""
    mark(world, "2.0", LONG_AGO)
    mark(world, "3.0")
    mark(world, "2.5", target=1)
    return world


def test_the_record_of_a_past_day_is_to_look_at(grown, as_person):
    page = text_of(get(as_person(grown.teacher), grown, as_of=THEN))

    assert row_of(page, grown) == [("", "level", "2.0", "2.0"), ("", "level", "", "–no evidence yet")]
    assert "The record as it stood on Nov. 9, 2026. What was recorded later is not in it." in said(page)
    assert "<td><button" not in page
    for part in ('id="grid-settings"', 'id="picker"', 'id="sync"', "data-offline"):
        assert part not in page
    assert f"since={THEN}" in page


def test_what_changed_since_a_day_is_counted_and_says_what_was(grown, as_person):
    mark(grown, "2.0", LONG_AGO, target=2)
    client = as_person(grown.teacher)

    page = text_of(get(client, grown, since=THEN))
    quiet = text_of(get(client, grown, since=THEN, mode="evidence", grade="KG"))

    assert row_of(page, grown) == [
        ("changed", "level", "3.0", "3.0was 2.0"),
        ("changed", "level", "2.5", "2.5was –"),
    ]
    assert page.count('class="changed"') == 2
    assert "What changed since Nov. 9, 2026. 2 cells say something else now, of 1 student." in said(page)
    assert "<td><button" not in page
    assert f"as_of={THEN}" in page
    assert "Every cell says what it said then." in said(quiet)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"as_of": "yesterday"}, "This is no date."),
        ({"as_of": str(DAY + timedelta(days=1))}, "This day has not come yet."),
        ({"since": "2026-02-30"}, "This is no date."),
    ],
)
def test_a_day_that_is_none_is_refused_with_a_sentence(query, sentence, world, as_person):
    response = get(as_person(world.teacher), world, **query)

    assert response.status_code == 422
    assert sentence in said(text_of(response))


def test_today_is_the_grid_to_record_in(world, as_person):
    response = get(as_person(world.teacher), world, as_of=DAY)

    assert response.status_code == 200
    assert "<td><button" in text_of(response)


def test_a_view_has_a_past_too(grown, as_person):
    view = GridView.objects.create(
        district=grown.own.district, owner=grown.teacher, school=grown.own.school, name="Mine", mode="levels"
    )
    view.groups.add(grown.own.group)
    view.topics.add(grown.topic)
    address = reverse("mastery:view-show", args=[view.uuid])
    client = as_person(grown.teacher)

    past = text_of(client.get(address, {"as_of": str(THEN)}))
    refused = client.get(address, {"as_of": "2026-13-01"})

    assert row_of(past, grown)[0] == ("", "level", "2.0", "2.0")
    assert "<td><button" not in past
    assert refused.status_code == 422


@pytest.mark.parametrize("count", [1, 30])
def test_a_past_day_asks_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    for n in range(count):
        mark(world, "2.0", LONG_AGO, student=enroll(world.own.group, given_name=f"S{n}", family_name="Of"))
    client = as_person(world.teacher)
    get(client, world)

    with django_assert_num_queries(20):
        get(client, world, as_of=THEN)
    with django_assert_num_queries(21):
        get(client, world, since=THEN)


# --- left alone for long


def test_what_was_left_alone_for_long_says_so_where_the_school_wants_it(world, as_person):
    mark(world, "3.0", LONG_AGO)
    mark(world, "2.0", LONG_AGO, target=1)
    client = as_person(world.teacher)
    before = text_of(get(client, world))
    MasterySettings.objects.create(organization=world.own.district, valid_from=LONG_AGO, recency_days=45)

    page = text_of(get(client, world))
    past = text_of(get(client, world, as_of=THEN - timedelta(days=10)))
    settings = json.loads(re.findall(r'<script id="grid-settings"[^>]*>(.*?)</script>', page)[0])

    note = "worth another look: last shown long ago"
    assert row_of(before, world)[0] == ("", "level", "3.0", "3.0")
    assert row_of(page, world) == [("", "level due", "3.0", f"3.0, {note}"), ("", "level", "2.0", "2.0")]
    assert row_of(past, world)[0] == ("", "level", "3.0", "3.0")
    assert settings["notes"]["due"] == note
    assert "last shown more than 45 days ago" in said(page)
    assert "days ago" not in said(before)


def test_news_of_a_cell_say_whether_it_was_left_alone_for_long(world, as_person):
    MasterySettings.objects.create(organization=world.own.district, valid_from=LONG_AGO, recency_days=45)
    mark(world, "3.0", LONG_AGO)
    mark(world, "3.0", DAY, target=1)
    query = {"since": "2026-01-01T00:00:00Z"}
    address = reverse("mastery:grid-changes", args=[world.own.group.uuid], query=query)

    cells = as_person(world.leader).get(address).json()["cells"]

    told = {target: look["due"] for _student, target, look in cells}
    assert told == {str(world.targets[0].uuid): True, str(world.targets[1].uuid): False}


# --- how a group opens, and what stands beside the guide


def test_a_group_opens_as_it_was_chosen_last_and_never_in_practice(world, as_person):
    client = as_person(world.teacher)
    opened = [get(client, world, **query).context["mode"] for query in (
        {}, {"mode": "evidence"}, {}, {"mode": "practice"}, {}, {"mode": "levels"}, {},
    )]  # fmt: skip
    GridView.objects.create(
        district=world.own.district,
        owner=world.teacher,
        school=world.own.school,
        name="Mine",
        mode="evidence",
        is_default=True,
    )
    by_default = get(client, world).context["mode"]

    assert opened == ["levels", "evidence", "evidence", "practice", "evidence", "levels", "levels"]
    assert by_default == "evidence"
    assert get(as_person(world.co_teacher), world).context["mode"] == "levels"


def test_the_students_own_word_and_practice_stand_beside_the_guide(world, as_person):
    mark(world, "2.0", LONG_AGO, kind=AssessmentKind.SELF, recorder=world.student)
    mark(world, "3.0", THEN, kind=AssessmentKind.SELF, recorder=world.student)
    for level, on in (("1.0", LONG_AGO), ("1.5", THEN)):
        mark(world, level, on, kind=AssessmentKind.PRACTICE)
    query = {"student": world.own.student.uuid, "target": world.targets[0].uuid}

    page = said(text_of(as_person(world.teacher).get(
        reverse("mastery:mark-form", args=[world.own.group.uuid], query=query)
    )))  # fmt: skip

    assert "The student’s own word 3.0" in page
    assert "In practice, the newest first 1.5 1.0" in page
    assert "piece of evidence" not in page


def test_a_mark_is_taken_back_from_what_stands_behind_the_level_by_whoever_may(world, as_person):
    mark(world, "2.0", THEN)
    mark(world, "3.0", THEN, recorder=world.co_teacher)
    address = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    people = {"teacher": 1, "leader": 2, "student": 0, "guardian": 0}

    counts = {name: text_of(as_person(world.people[name]).get(address)).count('/void"') for name in people}
    past = text_of(as_person(world.leader).get(address, {"as_of": str(DAY - timedelta(days=1))}))

    assert counts == people
    assert '/void"' not in past
