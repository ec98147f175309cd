"""Finding a target while typing, and following the picture of what comes before and after it."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import expect

from curriculum.models import Target


def test_a_target_is_found_while_typing_and_leads_along_the_picture(world, page_as):
    page = page_as(world.student, 390, color_scheme="dark")
    page.goto(reverse("curriculum:search"))
    page.get_by_role("searchbox").press_sequentially("fr3")
    expect(page.locator("#found h2")).to_have_count(1)
    assert page.url.endswith("?q=fr3")
    page.locator("#found h2 a").click()
    page.locator(".only-narrow svg a", has_text="FR.4").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Step 4")
    for n in range(5):
        Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement="Does more of it", position=n + 5)
    page.goto(reverse("curriculum:topic-cards", kwargs={"topic": world.topic.uuid}))
    assert re.findall(rb"/Count (\d+)", page.pdf(format="A4")) == [b"2"]  # eight cards to a page, and one more
    assert re.findall(rb"/Count (\d+)", page.pdf(format="Letter")) == [b"2"]
