"""A teacher writes a topic without the mouse; a row is dragged."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from curriculum.enums import FrameworkStatus
from curriculum.models import Target, Topic

LONG = (
    "Understand a fraction 1/b as the quantity formed by 1 part when a whole is partitioned into b equal parts; "
    "understand a fraction a/b as the quantity formed by a parts of size 1/b."
)


@pytest.fixture
def draft(world):
    framework = world.own.framework
    framework.status = FrameworkStatus.DRAFT
    framework.save()
    return framework


def order(topic: Topic) -> list[str]:
    return list(Target.objects.filter(topic=topic).order_by("position").values_list("code", flat=True))


def test_a_topic_is_written_by_keyboard_alone(draft, world, page_as):
    topic = Topic.objects.create(area=world.topic.area, case_identifier="new", title="Decimals", position=2)
    page = page_as(world.curriculum_lead)
    page.goto(f"/curriculum/write/{draft.uuid}/topics/{topic.uuid}/")
    keys = page.keyboard
    page.get_by_label("Code").focus()
    keys.type("DE.1")
    keys.press("Tab")
    for n, words in enumerate(["Reads decimals", "Compares decimals", LONG], start=1):
        keys.type(words)
        keys.press("Enter")
        expect(page.locator(".outline > li")).to_have_count(n)
        expect(page.locator("#announce")).to_have_text(f"DE.{n} is added.")
        expect(page.get_by_label("Next target")).to_be_focused()
        expect(page.get_by_label("Next target")).to_have_value("")
        expect(page.get_by_label("Code")).to_have_value(f"DE.{n + 1}")
    assert order(topic) == ["DE.1", "DE.2", "DE.3"]

    page.get_by_role("button", name="Move DE.3 up").focus()
    for n in (2, 1):
        keys.press("Enter")
        expect(page.locator("#announce")).to_have_text(f"DE.3 is now {n} of 3.")
        expect(page.get_by_role("button", name="Move DE.3 up")).to_be_focused()
    assert order(topic) == ["DE.3", "DE.1", "DE.2"]

    page.get_by_role("link", name=LONG).focus()
    keys.press("Enter")
    page.get_by_label("For students").focus()
    keys.type("I can say what a fraction is")
    page.get_by_label("Find a target by its code or words").focus()
    keys.type("DE.1")
    keys.press("Enter")
    page.get_by_role("checkbox", name="DE.1 Reads decimals").focus()
    keys.press("Space")
    expect(page.get_by_label("For students")).to_have_value("I can say what a fraction is")
    keys.press("Control+Enter")
    expect(page.get_by_text("DE.3 is saved.")).to_be_visible()
    saved = Target.objects.get(topic=topic, code="DE.3")
    assert (saved.i_can, [row.code for row in saved.requires.all()]) == ("I can say what a fraction is", ["DE.1"])


def test_a_row_is_dragged_on_a_phone_in_the_dark(draft, world, page_as):
    page = page_as(world.curriculum_lead, width=390, color_scheme="dark")
    page.goto(f"/curriculum/write/{draft.uuid}/topics/{world.topic.uuid}/")
    handle = page.locator(f"#p-{world.targets[0].uuid} .handle").bounding_box()
    below = page.locator(f"#p-{world.targets[2].uuid}").bounding_box()
    assert handle
    assert below
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"], below["y"] + below["height"] - 4, steps=6)
    page.mouse.up()
    expect(page.locator("#announce")).to_have_text("FR.1 is now 3 of 4.")
    assert order(world.topic) == ["FR.2", "FR.3", "FR.1", "FR.4"]
