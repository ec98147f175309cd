"""What the grid shows in its modes, to whom, filtered, and what changed in it since."""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Target
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from students.mastery.models import GridView, Judgement, MasteryState
from students.mastery.queries.grid import EMPTY_CELL, Grid, GridCell, GridRow
from students.mastery.services import record_mark
from students.mastery.templatetags.grid import grid_rows
from tests.world import DAY, enroll


def mark(world, level, target=0, who="teacher", **fields):
    given = {"student": world.own.student, "performed_on": DAY, "group": world.own.group, **fields}
    target = world.targets[target]
    by = world.people[who]
    return record_mark(uuid=uuid7(), recorder=by, target=target, level=Decimal(level), day=DAY, **given).assessment


def get(client, world, name="mastery:group-grid", **query):
    response = client.get(reverse(name, args=[world.own.group.uuid], query=query))
    assert response.status_code == 200
    return response


def found(pattern, page):
    (only,) = re.findall(pattern, page)
    return only


def page_of(response):
    return unescape(response.content.decode())


def cells(page, row=2):
    """Attributes and text of the cells of one row."""
    found = re.findall(
        r'<td><button name="(\d+)\.\d+" class="([^"]*)" value="([^"]*)"([^>]*)>(.*?)</button></td>', page
    )
    return [
        (look, value, rest.strip(), re.sub("<[^>]*>", "", text))
        for r, look, value, rest, text in found
        if r == str(row)
    ]


def names(page):
    return re.findall(r'<a href="[^"]*" title="[^"]*">([^<]*)</a></th>', page)


def settings_of(page):
    return json.loads(found(r'<script id="grid-settings" type="application/json">(.*?)</script>', page))


def evidence(world):
    """Old 2.0, newest 3.5 judged by nobody; and one that was judged 3.0 and not contradicted."""
    mark(world, "2.0", performed_on=DAY - timedelta(days=3), judges=False)
    mark(world, "3.5", judges=False)
    mark(world, "3.0", target=1)


def test_levels_and_evidence_show_one_big_and_say_the_other(world, as_person):
    evidence(world)
    client = as_person(world.teacher)

    levels = page_of(get(client, world, mode="levels"))
    newest = page_of(get(client, world, mode="evidence"))

    assert cells(levels)[:3] == [
        ("level suggested", "3.0", 'data-n="3.5"', "3.0, suggested by the evidence, not confirmed"),
        ("level", "3.0", "", "3.0"),
        ("level", "", "", "–no evidence yet"),
    ]
    assert cells(newest)[:3] == [
        (
            "level suggested",
            "3.5",
            'data-l="3.0" data-s="3.0"',
            "3.5level 3.0, suggested by the evidence, not confirmed",
        ),
        ("level", "3.0", "", "3.0"),
        ("level", "", "", "–no evidence yet"),
    ]
    assert re.findall(r'data-mode="(\w+)"\s+aria-current="true"', newest) == ["evidence"]
    assert settings_of(newest)["mode"] == "evidence"


def test_a_level_without_evidence_is_no_evidence_in_the_evidence_view(world, as_person):
    level = Decimal("3.0")
    MasteryState.objects.create(
        district=world.own.district, student=world.own.student, target=world.targets[0], status="level",
        level=level, judged=level, is_contested=True, method="decaying", method_version=1,
    )  # fmt: skip

    page = page_of(get(as_person(world.teacher), world, mode="evidence"))

    assert cells(page)[0] == ("level contested", "", 'data-l="3.0"', "–no evidence yetlevel 3.0")


def test_a_group_opens_in_the_mode_of_ones_own_default_view_else_of_the_schools(world, as_person):
    given = {"district": world.own.district, "school": world.own.school, "is_default": True}
    client = as_person(world.teacher)
    GridView.objects.create(**given, name="School", mode="evidence")
    schools = settings_of(page_of(get(client, world)))["mode"]
    GridView.objects.create(**given, name="Mine", mode="practice", owner=world.teacher)
    GridView.objects.create(**given, name="Theirs", mode="levels", owner=world.co_teacher)

    assert (schools, settings_of(page_of(get(client, world)))["mode"]) == ("evidence", "practice")
    assert settings_of(page_of(get(client, world, mode="levels")))["mode"] == "levels"


def test_a_substitute_has_a_grid_to_note_in_and_is_told_who_accepts(world, as_person):
    page = page_of(get(as_person(world.substitute), world))

    assert len(cells(page)) == 4
    assert settings_of(page)["offers"] is True
    assert re.search(r"What you note waits for [^<]*Teacher Person[^<]* to accept\.", page)
    assert 'id="accept-agreeing"' not in page


def test_the_rows_left_by_a_filter(world, as_person):
    quiet = enroll(world.own.group, given_name="Quiet", family_name="One")
    mark(world, "2.0")
    mark(world, "2.0", student=quiet, who="co_teacher", judges=False)
    ben = Student.objects.get(given_name="Ben")
    mark(world, "4.0", student=ben, performed_on=DAY - timedelta(days=3))
    MasteryState.objects.filter(student=ben).update(is_flagged=True)
    client = as_person(world.teacher)

    found = {name: names(page_of(get(client, world, filter=name))) for name in ("", "below", "flagged", "quiet", "x")}

    everybody = ["Ben Classmate", "Gwen Grown", "Amara of Birch", "Quiet One"]
    assert sorted(found[""]) == sorted(everybody)
    assert sorted(found["below"]) == ["Amara of Birch", "Quiet One"]
    assert found["flagged"] == ["Ben Classmate"]
    assert sorted(found["quiet"]) == ["Gwen Grown", "Quiet One"]
    assert found["x"] == found[""]


def test_a_filter_that_leaves_nobody_says_so(world, as_person):
    assert "No student here is like that" in page_of(get(as_person(world.teacher), world, filter="flagged"))


def test_columns_of_one_grade(world, as_person):
    Target.objects.filter(pk=world.targets[1].pk).update(grades=["06", "07"])
    client = as_person(world.teacher)

    sixth = page_of(get(client, world, grade="06"))
    nonsense = page_of(get(client, world, grade="x"))

    assert re.findall(r'data-t="([^"]*)"', sixth) == [str(world.targets[1].uuid)]
    assert re.findall(r'data-t="([^"]*)"', nonsense) == [str(target.uuid) for target in world.targets]
    assert "grade=06" in settings_of(sixth)["urls"]["changes"]


def test_changes_are_what_anybody_recorded_since(world, as_person):
    mark(world, "2.0", target=1)
    client = as_person(world.teacher)
    now = get(client, world, "mastery:grid-changes").json()
    assert now["cells"] == []
    later = timezone.now() + timedelta(seconds=30)
    mark(world, "3.0", who="co_teacher")
    MasteryState.objects.filter(target=world.targets[0]).update(changed_at=later)

    changed = get(client, world, "mastery:grid-changes", since=(later - timedelta(seconds=1)).isoformat()).json()
    nothing = get(client, world, "mastery:grid-changes", since=(later + timedelta(seconds=60)).isoformat()).json()

    [[student, target, look]] = changed["cells"]
    assert (student, target) == (str(world.own.student.uuid), str(world.targets[0].uuid))
    assert (look["level"], look["confirmed"], look["newest"]) == ("3.0", True, "3.0")
    assert nothing["cells"] == []


@pytest.mark.parametrize("count", [1, 30])
def test_changes_ask_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    for n in range(count):
        mark(world, "2.0", student=enroll(world.own.group, given_name=f"S{n}", family_name="of Birch"))
    client = as_person(world.teacher)
    query = {"since": (timezone.now() - timedelta(minutes=1)).isoformat(), "topic": world.topic.uuid}
    get(client, world, "mastery:grid-changes", **query)

    with django_assert_num_queries(9):
        assert len(get(client, world, "mastery:grid-changes", **query).json()["cells"]) == count


def test_accepting_all_that_agree_leaves_the_others_for_a_look(world, as_person):
    evidence(world)
    mark(world, "2.0", target=2, judges=False)
    client = as_person(world.teacher)
    page = page_of(get(client, world))
    seen_at = found(r'name="seen_at" value="([^"]*)"', page)

    response = client.post(
        reverse("mastery:grid-accept", args=[world.own.group.uuid]), {"seen_at": seen_at}, follow=True
    )

    assert "1 level accepted. 1 is left for a look." in page_of(response)
    confirmed = Judgement.objects.filter(kind="confirmed")
    assert list(confirmed.values_list("target", "level", "judge")) == [
        (world.targets[2].pk, Decimal("2.0"), world.teacher.pk)
    ]


def test_accepting_takes_nothing_that_was_not_seen(world, as_person):
    mark(world, "2.0", judges=False)
    address = reverse("mastery:grid-accept", args=[world.own.group.uuid], query={"topic": world.topic.uuid})
    client = as_person(world.teacher)

    for seen_at in ("", (timezone.now() - timedelta(minutes=1)).isoformat()):
        assert "0 levels accepted. 1 is left for a look." in page_of(
            client.post(address, {"seen_at": seen_at}, follow=True)
        )
    assert Judgement.objects.count() == 0


def test_a_grid_of_120_by_60_is_under_60_kilobytes():
    chance = random.Random(5)

    def cell():
        if chance.random() < 0.25:
            return EMPTY_CELL
        level, newest = (Decimal(chance.randrange(9)) / 2 for _ in range(2))
        is_plain = chance.random() < 0.6
        return GridCell(
            level, "level", is_plain, chance.random() > 0.9,
            newest=level if is_plain else newest, suggested=level if chance.random() < 0.7 else newest,
        )  # fmt: skip

    rows = [GridRow(str(uuid7()), f"Student {n} {chance.random()}", [cell() for _ in range(60)]) for n in range(120)]

    html = grid_rows(Grid([], rows, ""), True)

    assert html.count("<button") == 7200
    assert len(gzip.compress(html.encode())) < 50_000
