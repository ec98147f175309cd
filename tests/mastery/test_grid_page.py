"""How the grid and the page of one mark look to whom; what they do with a mark is in test_record.py."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from itertools import cycle

import pytest
from django.core import signing
from django.urls import reverse

from curriculum.models import FrameworkAdoption, Topic
from lpm.lib.ids import uuid7
from lpm.people.models import Enrollment, Group
from students.mastery.enums import MasteryStatus
from students.mastery.models import Assessment, MasteryState
from students.mastery.queries.grid import Grid, GridCell, GridRow
from students.mastery.services import record_mark
from students.mastery.templatetags.grid import grid_rows
from students.mastery.views.marks import TYPED
from tests.world import DAY, enroll, teach


def grid_address(world, **query):
    return reverse("mastery:group-grid", args=[world.own.group.uuid], query=query)


def mark_address(world, **typed):
    query = {"student": world.own.student.uuid, "target": world.targets[0].uuid, **typed}
    return reverse("mastery:mark-form", args=[world.own.group.uuid], query=query)


def mark(world, level, target=0):
    return record_mark(
        uuid=uuid7(),
        recorder=world.teacher,
        student=world.own.student,
        target=world.targets[target],
        level=Decimal(level),
        performed_on=DAY,
        day=DAY,
        group=world.own.group,
    ).assessment


def page_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def cells_of(page):
    """(classes, value, name, text) of each cell that is a button."""
    found = re.findall(r'<td><button name="([^"]*)" class="([^"]*)" value="([^"]*)"[^>]*>(.*?)</button></td>', page)
    return [(look, value, name, re.sub(r"<[^>]*>", "", text)) for name, look, value, text in found]


def only(pattern, page):
    (found,) = re.findall(pattern, page)
    return found


def set_state(world, target, **fields):
    MasteryState.objects.update_or_create(
        student=world.own.student,
        target=world.targets[target],
        defaults={"district": world.own.district, "method": "decaying", "method_version": 1, **fields},
    )


def test_grid_page_has_a_button_for_each_cell(world, as_person):
    mark(world, "2.5", target=1)

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert cells_of(page) == [
        ("level", "2.5" if (row, column) == (2, 1) else "", f"{row}.{column}", text)
        for row in range(3)
        for column in range(4)
        for text in (["2.5"] if (row, column) == (2, 1) else ["–no evidence yet"])
    ]
    assert re.findall(r'<tr data-s="([^"]*)">', page)[2] == str(world.own.student.uuid)
    assert re.findall(r'data-t="([^"]*)"', page) == [str(target.uuid) for target in world.targets]
    assert "3 students" in page
    assert "4 targets" in page


def test_grid_page_says_what_stands_where_a_number_would(world, as_person):
    for target, status in enumerate(["insufficient", "excused", "assumed", "no_evidence"]):
        set_state(world, target, status=status)

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert [(value, text) for _, value, name, text in cells_of(page) if name.startswith("2.")] == [
        ("", "too littlenot enough evidence yet"),
        ("", "excused"),
        ("", "assumedassumed: the starting point is further on"),
        ("", "–no evidence yet"),
    ]


def test_grid_page_tells_suggested_and_flagged_apart_in_words(world, as_person):
    level = Decimal("3.0")
    set_state(world, 0, status=MasteryStatus.LEVEL, level=level, is_proficient=True)
    set_state(world, 1, status=MasteryStatus.LEVEL, level=level, judged=level, is_flagged=True)
    set_state(world, 2, status=MasteryStatus.LEVEL, level=level, judged=level)

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert [(look, text) for look, _, name, text in cells_of(page) if name.startswith("2.")][:3] == [
        ("level suggested", "3.0, suggested by the evidence, not confirmed"),
        ("level flagged", "3.0, new evidence since this was judged"),
        ("level", "3.0"),
    ]


def test_grid_page_counts_who_is_proficient(world, as_person):
    mark(world, "3.0")
    mark(world, "2.5", target=1)

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert "At 3.0 or above" in page
    assert re.findall(r"<span>\s*(\d+ of \d+)\s*</span>", page) == ["1 of 3", "0 of 3", "0 of 3", "0 of 3"]
    bars = re.findall(r'<svg class="spread" viewBox="0 0 3 4"[^>]*>(.*?)</svg>', page)
    parts = [re.findall(r'data-l="(\w+)" x="(\d)" width="(\d)"', bar) for bar in bars]
    assert [[part for part in bar if part[2] != "0"] for bar in parts] == [
        [("3", "0", "1"), ("none", "1", "2")],
        [("2", "0", "1"), ("none", "1", "2")],
        [("none", "0", "3")],
        [("none", "0", "3")],
    ]


def test_grid_page_writes_levels_as_the_language_does_and_values_as_machines_do(world, as_person):
    mark(world, "2.5")
    world.teacher.language = "es"
    world.teacher.save()

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert [cell[1:4:2] for cell in cells_of(page) if cell[2] == "2.0"] == [("2.5", "2,5")]
    assert 'data-step="0.50"' in page


@pytest.mark.parametrize("who", ["leader", "administrator"])
def test_grid_page_of_somebody_who_may_not_record_has_levels_to_read(world, as_person, who):
    mark(world, "2.5")

    page = page_of(as_person(getattr(world, who)).get(grid_address(world)))

    assert cells_of(page) == []
    assert page.count("<td><data ") == 12
    assert '<td><data class="level" value="2.5">2.5</data></td>' in page
    for part in ('id="picker"', 'id="sync"'):
        assert part not in page
    given = json.loads(only(r'<script id="grid-settings" type="application/json">(.*?)</script>', page))
    assert (given["records"], set(given["urls"])) == (False, {"changes"})


def test_cell_of_the_page_leads_to_its_mark_without_a_script(world, as_person):
    client = as_person(world.teacher)
    page = page_of(client.get(grid_address(world)))
    axes = only(r'name="axes" value="([^"]*)"', page)
    topic = only(r'name="topic" value="([^"]*)"', page)
    action = only(r'action="([^"]*/pick)"', page)

    response = client.get(action, {"axes": axes, "topic": topic, "2.0": ""})

    assert response.url == mark_address(world)


def test_grid_page_of_a_group_without_students_says_what_to_do(world, as_person):
    empty = Group.objects.create(
        district=world.own.district, school=world.own.school, kind="class", name="Empty", starts_on=DAY
    )
    teach(world.teacher, empty)

    page = page_of(as_person(world.teacher).get(reverse("mastery:group-grid", args=[empty.uuid])))

    assert "Nobody is in this group today" in page
    assert "<table" not in page


def test_grid_page_without_a_curriculum_says_so(world, as_person):
    FrameworkAdoption.objects.update(ended_on=DAY)

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    assert "No curriculum is in use here yet" in page
    assert "<select" not in page


def test_grid_page_of_a_topic_without_targets_offers_the_others(world, as_person):
    area = world.topic.area
    bare = Topic.objects.create(area=area, case_identifier="bare", title="Bare", position=2)

    page = page_of(as_person(world.teacher).get(grid_address(world, topic=bare.uuid)))

    assert "This topic has no learning targets" in page
    choices = only(r'(?s)<select class="topics".*?</select>', page)
    assert re.findall(r'<option value="([^"]*)"', choices) == [str(world.topic.uuid), str(bare.uuid)]


@pytest.mark.parametrize("rows", [1, 30])
def test_grid_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    Enrollment.objects.exclude(student=world.own.student).filter(group=world.own.group).delete()
    for n in range(rows - 1):
        enroll(world.own.group, given_name=f"Student {n}", family_name="of Birch", preferred_name="Someone")
    client = as_person(world.teacher)
    client.get(grid_address(world))

    with django_assert_num_queries(17):
        client.get(grid_address(world))


def test_grid_settings_carry_no_name_and_no_level(world, as_person):
    mark(world, "2.5")

    page = page_of(as_person(world.teacher).get(grid_address(world)))

    text = only(r'<script id="grid-settings" type="application/json">(.*?)</script>', page)
    settings = json.loads(text)
    assert settings["person"] == str(world.teacher.uuid)
    assert settings["day"] == str(DAY)
    for name in (world.own.student.name, "Ben Classmate", world.teacher.name):
        assert name in page
        assert name not in text


def test_grid_of_30_by_60_is_small():
    levels = cycle(Decimal(n) / 2 for n in range(9))
    looks = [GridCell(next(levels), "level", n % 5 > 0, n % 7 == 0) for n in range(40)]
    order = cycle(looks)
    rows = [
        GridRow(str(uuid7()), f"Student {n} with a family name of some length", [next(order) for _ in range(60)])
        for n in range(30)
    ]

    html = grid_rows(Grid([], rows, ""), True)

    assert html.count("<button") == 1800
    assert len(gzip.compress(html.encode())) < 14_000


def test_mark_page_shows_the_scoring_guide_with_the_level_chosen(world, as_person):
    mark(world, "2.0")

    page = page_of(as_person(world.teacher).get(mark_address(world)))

    assert re.findall(r'name="level"\s+value="([^"]*)"', page) == [f"{n / 2:.1f}" for n in range(8, -1, -1)]
    assert re.findall(r'value="([\d.]+)"\s+checked', page) == ["2.0"]
    assert "Step 1 at 3" in page
    assert "I can take step 1" in page
    assert "no scoring guide of its own" not in page
    assert f'max="{DAY}"' in page


def test_mark_page_of_a_target_without_a_guide_shows_the_general_words(world, as_person):
    page = page_of(as_person(world.teacher).get(mark_address(world, target=world.targets[1].uuid)))

    assert "no scoring guide of its own" in page
    assert "In general: proficient" in page


def test_mark_page_lists_the_evidence_and_offers_to_undo_my_own(world, as_person):
    mine = mark(world, "2.0")

    page = page_of(as_person(world.teacher).get(mark_address(world)))
    colleagues = page_of(as_person(world.co_teacher).get(mark_address(world)))

    assert "1 piece of evidence" in page
    assert world.teacher.name in page
    assert f'name="mark" value="{mine.uuid}"' in page
    assert 'name="mark"' not in colleagues


def test_mark_page_says_what_the_evidence_suggests_when_it_differs(world, as_person):
    mark(world, "2.0")
    set_on = DAY - timedelta(days=30)
    record_mark(
        uuid=uuid7(),
        recorder=world.co_teacher,
        student=world.own.student,
        target=world.targets[0],
        level=Decimal("4.0"),
        performed_on=set_on,
        day=DAY,
    )

    page = page_of(as_person(world.teacher).get(mark_address(world)))

    assert "Judged" in page
    assert "Evidence suggests" in page


def test_mark_page_keeps_the_refused_level_and_says_why(world, as_person):
    typed = {
        "uuid": uuid7(),
        "student": world.own.student.uuid,
        "target": world.targets[0].uuid,
        "level": "3.5",
        "performed_on": DAY + timedelta(days=3),
    }

    response = as_person(world.teacher).post(reverse("mastery:mark-record", args=[world.own.group.uuid]), typed)

    page = unescape(response.content.decode())
    assert response.status_code == 422
    assert re.findall(r'value="([\d.]+)"\s+checked', page) == ["3.5"]
    assert "A level cannot be dated in the future." in page
    assert f'value="{typed["uuid"]}"' in page
    assert Assessment.objects.count() == 0


def test_mark_page_after_signing_in_again_has_what_was_typed(world, as_person):
    uuid = uuid7()
    typed = signing.dumps({"level": "1.5", "performed_on": "", "uuid": str(uuid)}, salt=TYPED)

    page = page_of(as_person(world.teacher).get(mark_address(world, typed=typed)))

    assert "You were signed out. Your choice is still here: press Save." in page
    assert re.findall(r'value="([\d.]+)"\s+checked', page) == ["1.5"]
    assert f'value="{uuid}"' in page


def test_mark_page_from_a_link_that_somebody_made_has_nothing_typed(world, as_person):
    page = page_of(as_person(world.teacher).get(mark_address(world, level="1.5", typed="1.5:made:up")))

    assert "You were signed out" not in page
    assert re.findall(r'value="([\d.]+)"\s+checked', page) == []


def test_mark_page_takes_nonsense_for_a_level_as_no_choice(world, as_person):
    page = page_of(as_person(world.teacher).get(mark_address(world, typed=signing.dumps({"level": "<b>"}, salt=TYPED))))

    assert re.findall(r'value="([\d.]+)"\s+checked', page) == []


def test_mark_page_for_a_script_is_the_picker_alone(world, as_person):
    response = as_person(world.teacher).get(mark_address(world), headers={"HX-Request": "true"})

    page = page_of(response)
    assert "<html" not in page
    assert 'id="pick-h"' in page
    assert 'id="mark"' in page
