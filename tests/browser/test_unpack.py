"""A class finds its own words for a target: by keyboard alone, read from the back row, kept over a reload."""

from __future__ import annotations

from django.urls import reverse

from curriculum.models import Wording
from tests.world import World

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('unpack:')).length"


def address(world: World, n: int) -> str:
    return reverse("curriculum:unpack-show", args=[world.own.group.uuid, world.targets[n].uuid])


def test_a_class_says_a_target_in_its_own_words_by_keyboard(world, page_as):
    page = page_as(world.teacher)
    page.goto(address(world, 0))
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#sentence')).fontSize)") >= 36

    page.locator("#id_i_can").focus()
    page.keyboard.type("We can cut a pie fairly")
    page.wait_for_function(f"{KEPT} === 1")
    page.reload()
    assert page.locator("#id_i_can").input_value() == "We can cut a pie fairly"
    assert page.locator("#kept-words").is_visible()

    page.locator("#id_i_can").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages :text('Saved for this class.')")
    assert Wording.objects.get().i_can == "We can cut a pie fairly"
    assert page.evaluate(KEPT) == 0
    assert not page.locator("#kept-words").is_visible()

    page.locator("#id_i_can").fill("Other words")
    page.get_by_role("link", name="After").press("Enter")
    page.wait_for_url(f"**{address(world, 1)}")
    assert page.locator("#id_i_can").input_value() == ""  # each target keeps its own
    page.get_by_role("link", name="Before").press("Enter")
    page.wait_for_url(f"**{address(world, 0)}")
    page.get_by_role("button", name="Go back to what is saved").press("Enter")
    assert page.locator("#id_i_can").input_value() == "We can cut a pie fairly"
    assert page.evaluate(KEPT) == 0
