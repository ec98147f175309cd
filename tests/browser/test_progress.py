"""The page on which leaders read how all are doing, as they see it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from django.urls import reverse

from curriculum.models import ContentArea
from lpm.people.enums import OrganizationKind
from lpm.people.services import create_organization
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.mastery.progress import count
from tests.world import World

LONG = "The Regional School of Science, Letters and the Arts at Penobscot Bay"
SHOTS = os.environ.get("LPM_SHOTS", "")
LOOKS: list[tuple[int, Literal["dark", "light"]]] = [(1280, "light"), (1280, "dark"), (390, "dark"), (390, "light")]


def fill(world: World) -> None:
    long = create_organization(kind=OrganizationKind.SCHOOL, name=LONG, parent=world.own.district)
    area = ContentArea.objects.get(framework=world.own.framework)
    for n, there in enumerate((world.own.school, world.places["other_school"].school, long)):
        size = 120 + 40 * n
        count(there, "all", {"": size}, heard=78 - 20 * n, learned=52 + 10 * n, waiting=4 + 5 * n)
        count(there, "area", {str(area.uuid): size - 20}, heard=30, learned=22)
        count(there, "year", {"KG": 40, "01": 40, "02": size - 80}, heard=60 - 15 * n, learned=64)
        count(there, "language", {"en": size - 34, "es": 30, "so": 4}, heard=55)
        count(there, "race", {"asian": 15, "pacific": 12, "white": size - 40}, heard=60)
        count(there, "programme", {"meals": 60, "special_education": 24, "migrant": 3}, heard=44)


def test_how_all_are_doing_reads_well(world, page_as):
    fill(world)
    page = page_as(world.administrator, reduced_motion="reduce")
    page.goto(reverse("mastery:progress-show", kwargs={"organization": world.own.district.uuid}))
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")

    headings = page.locator("main").get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["How could all do better?", "School by school", "Who?"]
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"F_progress_{width}_{scheme}.png", full_page=True)
    if SHOTS:
        look_at_form(world, page_as)


def look_at_form(world, page_as):
    page = page_as(world.administrator, reduced_motion="reduce")
    page.goto(reverse("people:student-demographics", kwargs={"student": world.own.student.uuid}))
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        page.screenshot(path=Path(SHOTS) / f"F_demographics_{width}_{scheme}.png", full_page=True)
