"""A scale made by what a person does: numbers changed, its levels seen, then kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from curriculum.models import Scale
from tests.browser.conftest import OpenPage, scrolls_sideways, violations
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_scale_is_seen_before_it_is_kept(world: World, page_as: OpenPage, width: int) -> None:
    page = page_as(world.curriculum_lead, width=width)
    page.goto("/curriculum/scales/")
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("link", name="0 to 4 by halves").click()

    page.get_by_label("In steps of").fill("1")
    page.get_by_label("In steps of").press("Tab")
    expect(page.locator("#levels data.level")).to_have_count(5)
    page.get_by_label("Name of 3.0").fill("there")
    page.get_by_label("Name of 3.0").press("Tab")
    expect(page.locator("#picture-card strong").nth(1)).to_have_text("there")
    expect(page.get_by_label("What 3.0 looks like in general")).to_be_focused()
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("button", name="Keep this scale").click()

    page.get_by_text("The scale is there to be chosen.").wait_for()
    scale = Scale.objects.get(name="0 to 4 by halves")
    assert scale.step == 1
    assert scale.levels.get(value=3).name == "there"
