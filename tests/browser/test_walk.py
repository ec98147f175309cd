"""Walking the room with a phone, and a sheet typed in its order: what is tapped is in the record, exactly once."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.models import Absence
from tests.browser.conftest import scrolls_sideways, violations
from tests.browser.grids import expect_sync, judged, log
from tests.browser.kept import expect_kept
from tests.world import enroll

SHOTS = os.environ.get("LPM_SHOTS")
LONG = "Maximiliana-Theodora Featherstonehaugh-Wo"


def looked_at(page: Page, name: str) -> None:
    schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{scheme}.png", full_page=len(name) > 14)


def line(page: Page, student: str) -> Locator:
    return page.locator("ul.walk > li", has=page.locator("b", has_text=student))


def tap(page: Page, student: str, what: str) -> None:
    """A level, or ½, or absent, as a thumb does."""
    found = line(page, student)
    names = {"½": ".half input", "absent": ".absent input"}
    found.locator(names.get(what, f'input[value="{what}"]')).click()


def do(page: Page, student: str, what: str) -> None:
    line(page, student).locator(f'[data-do="{what}"]').click()


def expect_standing(page: Page, student: str, words: str) -> None:
    expect(line(page, student).locator(".standing")).to_have_text(words)


def test_walk_with_one_hand(world, page_as):
    given, family = LONG.split()
    Student.objects.filter(pk=world.own.student.pk).update(given_name=given, family_name=family)
    Target.objects.filter(pk=world.targets[0].pk).update(short_title="Add fractions with unlike denominators")
    for number in range(57):
        enroll(world.own.group, given_name=f"Student {number:02}", family_name="Zimmer")
    page = page_as(world.teacher, width=390, has_touch=True, reduced_motion="reduce")
    page.goto(reverse("mastery:walk-show", args=[world.own.group.uuid]) + f"?target={world.targets[0].uuid}")
    expect(page.locator("ul.walk > li")).to_have_count(60)
    before = line(page, "Gwen").evaluate("row => [row.offsetTop, row.offsetHeight]")

    tap(page, "Ben", "2.0")
    tap(page, "Ben", "½")
    tap(page, "Gwen", "3.0")
    expect_standing(page, "Ben", "level 2.5, not confirmed")
    expect_standing(page, "Gwen", "level 3.0, not confirmed")
    tap(page, "Gwen", "3.0")  # the same again is nothing
    do(page, "Gwen", "again")
    tap(page, "Gwen", "3.0")  # another piece
    tap(page, "Ben", "3.0")
    expect(page.locator("#undo")).to_have_text(re.compile(r"Undo 3\.0: Ben Classmate"))
    tap(page, "Ben", "½")
    expect(line(page, "Ben").locator("label:has(:checked) .level")).to_have_attribute("value", "3.5")
    page.locator("#undo").click()
    page.locator("#undo").click()
    expect(line(page, "Ben").locator("label:has(:checked) .level")).to_have_attribute("value", "2.5")
    do(page, "Gwen", "keep")
    expect_standing(page, "Gwen", "level 3.0")
    tap(page, LONG, "absent")
    page.locator("#practice").check()
    tap(page, "Student 00", "4.0")
    page.locator("#practice").uncheck()
    expect_sync(page, "All saved")
    expect_kept(page, 0)

    after = line(page, "Gwen").evaluate("row => [row.offsetTop, row.offsetHeight]")
    assert before == after  # no row moved under the thumb
    assert [(kind, name, level) for kind, name, _code, level in log() if name == "Gwen"] == [
        ("score", "Gwen", "3.0")
    ] * 2
    standing_now = [(kind, name, level) for kind, name, _code, level in log()]
    assert standing_now[-1] == ("practice", "Student 00", "4.0")
    assert judged() == [("confirmed", "Gwen", "3.0")]
    assert [row.student.pk for row in Absence.objects.all()] == [world.own.student.pk]
    tap(page, LONG, "4.0")  # who shows something is not absent
    tap(page, LONG, "½")
    expect(line(page, LONG).locator(".absent input")).not_to_be_checked()
    tap(page, LONG, "absent")
    expect_sync(page, "All saved")
    page.evaluate("scrollTo(0, 0)")
    looked_at(page, "walk-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    looked_at(page, "walk-1280")

    page.context.set_offline(True)
    tap(page, "Ben", "4.0")
    tap(page, "Student 01", "absent")
    expect(line(page, "Ben").locator(".state")).to_have_text("kept on this device")
    page.context.set_offline(False)
    expect_sync(page, "All saved")
    expect_standing(page, "Ben", "level 4.0, not confirmed")
    page.reload()
    expect(page.locator("ul.walk :checked")).to_have_count(2)  # two are absent; the levels begin empty
    expect_standing(page, "Ben", "level 4.0, not confirmed")


def test_sheet_is_typed_in_its_order(world, page_as):
    day = school_day("America/New_York").isoformat()
    query = "&".join(f"target={target.uuid}" for target in world.targets[:2])
    page = page_as(world.teacher, reduced_motion="reduce")
    page.goto(reverse("mastery:walk-sheet", args=[world.own.group.uuid]) + f"?{query}")
    looked_at(page, "walk-sheet-whole")
    page.emulate_media(media="print")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "walk-sheet-print.png")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Enter what is on it").click()
    expect(page.locator(".entry").first).to_be_focused()

    for key in ["2", ".", "Enter", "4", "1", "Backspace"]:  # Ben 2.5, Gwen skipped, Amara 4, Ben on the next target 1
        page.keyboard.press(key)
    expect(page.locator(".entry").nth(1)).to_have_value("1.0")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Backspace")
    expect(page.locator(".entry").nth(1)).to_have_value("")
    page.get_by_role("checkbox", name="Absent: Gwen Grown").check()
    expect_sync(page, "All saved")
    expect_kept(page, 0)

    looked_at(page, "walk-enter-whole")
    page.set_viewport_size({"width": 390, "height": 900})
    looked_at(page, "walk-enter-narrow")
    assert page.url.endswith(f"day={day}")
    assert [row.student.given_name for row in Absence.objects.all()] == ["Gwen"]
    page.reload()
    assert [entry for entry in log() if entry[0] == "score"][:2] == [
        ("score", "Ben", "FR.1", "2.5"),
        ("score", "Amara", "FR.1", "4.0"),
    ]
