"""What is told beside a mark in the picker, and excusing a student from there."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from students.mastery.models import Assessment, Judgement
from tests.browser.conftest import scrolls_sideways, violations
from tests.browser.grids import BEN, cell, expect_sync
from tests.world import World, enroll

LONG = "Wolfgang Amadeus Hubertus-Bergerstein-Wolf"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_from_the_picker(width: int, scheme: str, world: World, page_as: Any) -> None:
    enroll(world.own.group, given_name=LONG, family_name="Oberwald-Lichtenstein")
    page = page_as(world.teacher, width=width, color_scheme=scheme)
    page.goto(f"/groups/{world.own.group.uuid}/")

    cell(page, BEN).click()
    page.get_by_text("With accommodations, or a comment").click()
    page.get_by_label("scribe").check()
    page.get_by_label("extra time").check()
    page.get_by_label("Comment").fill("At the board, slowly.")
    assert violations(page) == []
    page.locator("#picker label", has_text="Step 1 at 3").click(position={"x": 20, "y": 10})
    expect_sync(page, "All saved")
    row = Assessment.objects.get()
    assert (row.accommodations, row.comment) == (["scribe", "extra_time"], "At the board, slowly.")

    cell(page, BEN).click()
    page.get_by_role("link", name="Excuse from this target").click()
    expect(page.get_by_label(BEN)).to_be_checked()
    page.get_by_label("Why?").fill("Has a plan without fractions.")
    page.get_by_role("button", name="Excuse from this target").click()
    expect(page.locator("main")).to_contain_text("1 student is excused.")
    assert violations(page) == []
    assert not scrolls_sideways(page)
    assert list(Judgement.objects.order_by("pk").values_list("kind", flat=True)) == ["set", "excused"]
