"""Habits beside content: on the pages of a student, in the grid and on the page of what is off by plan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from django.urls import reverse
from playwright.sync_api import Page, expect

from curriculum.models import ContentArea, Target
from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.mastery.strands import build_habits, habits_of, pause, rate

SHOTS = os.environ.get("LPM_SHOTS")
LONG = "Keeps at long work when it is hard, and asks for help in time, at home and at school"


def looked_at(page: Page, name: str) -> None:
    schemes: dict[int, Literal["dark", "light"]] = {390: "dark", 1280: "light"}
    for width, scheme in schemes.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{scheme}.png", full_page=True)


def test_habits_stand_apart_wherever_they_are_shown(world, page_as):
    day = school_day("America/New_York")
    own = world.own.student
    given, family = "Maximiliana-Theodora", "Featherstonehaugh-Wolfeschlegelsteinhausen"
    Student.objects.filter(pk=own.pk).update(given_name=given, family_name=family)
    area = build_habits(world.own.district, 3)
    Target.objects.filter(topic__area=area, position=1).update(short_title=LONG)
    first, second, _third = habits_of(area)
    now = {"day": day, "performed_on": day}
    for level in ("1.0", "3.0", "2.0", "4.0"):
        rate(world, first, level, **now)
    rate(world, second, "2.5", **now)
    rate(world, first, "3.0", kind=AssessmentKind.SELF, **now)
    rate(world, world.targets[0], "3.0", **now)

    page = page_as(world.teacher, reduced_motion="reduce")
    page.goto(reverse("student:path", args=[own.uuid]))
    expect(page.get_by_role("heading", name="Habits and reasoning")).to_be_visible()
    expect(page.get_by_text("sometimes to often")).to_be_visible()
    looked_at(page, "path")

    page.goto(reverse("mastery:strand-pauses", args=[own.uuid]))
    pause(world, ContentArea.objects.get(pk=area.pk), day)
    page.reload()
    looked_at(page, "off")

    page.goto(f"{reverse('mastery:group-grid', args=[world.own.group.uuid])}?topic={first.topic.uuid}")
    expect(page.get_by_text("off by plan").first).to_be_attached()
    row = page.locator("tbody tr").filter(has_not=page.locator("td > data")).first
    row.locator("td.strand > button").first.focus()
    page.keyboard.press("3")
    expect(page.locator("#sync")).to_contain_text("All saved")
    looked_at(page, "grid")
    assert Assessment.objects.exclude(student=own).count() == 1
