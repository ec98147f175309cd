"""How levels are made, chosen by what a person does: tried on five students, counted, and put in force."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from lpm.lib.dates import school_day
from students.mastery.enums import ChangeState
from students.mastery.models import MethodRule
from students.mastery.services import record_mark
from students.mastery.services.changes import carry_out_change, count_change
from tests.browser.conftest import OpenPage, scrolls_sideways, violations
from tests.mastery.changes import make_four
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS")


def looked_at(page: Page, name: str) -> Any:
    """At both widths: what axe has against it, and whether it scrolls sideways."""
    found = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found.append(scrolls_sideways(page))
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    return [*violations(page), *found]


CLEAN = [False, False]


def test_a_method_is_tried_counted_and_put_in_force(world: World, page_as: OpenPage) -> None:
    day = school_day("America/New_York")
    world.own.student.family_name = "Oyelaran-Wojciechowska de la Fuente y Montenegro"
    world.own.student.save()
    for level in ("4", "2"):
        record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=world.own.student,
            target=world.targets[0],
            level=Decimal(level),
            performed_on=day,
            judges=False,
            day=day,
        )
    page = page_as(world.administrator)
    page.goto(f"/levels/{world.own.district.uuid}/")
    assert looked_at(page, "list") == CLEAN
    page.get_by_role("link", name="Northern mathematics").click()
    assert looked_at(page, "show") == CLEAN
    row = page.locator("#method-decaying")
    row.get_by_label("How much the newest piece of work counts").fill("99")
    row.get_by_role("button", name="Try it on the five").click()
    expect(page.locator("#method-decaying").get_by_text("counts 99%")).to_be_visible()
    page.locator("#method-mean").get_by_role("button", name="Count what would change").click()
    page.get_by_text("Nothing changes while we count").wait_for()
    assert looked_at(page, "counting") == CLEAN

    rule = MethodRule.objects.get()
    MethodRule.objects.filter(pk=rule.pk).update(attempts=0)  # a worker comes, whoever was sent for
    count_change(kind="rule", change_id=rule.pk)
    page.get_by_role("heading", name="1 of 1 level would change").wait_for()
    expect(page.get_by_text("Oyelaran-Wojciechowska")).to_be_visible()
    assert looked_at(page, "counted") == CLEAN
    page.get_by_role("button", name="Apply it").click()
    page.get_by_text("still as before").wait_for()
    carry_out_change(kind="rule", change_id=rule.pk)
    page.get_by_text("In force since").wait_for()
    assert MethodRule.objects.get().state == ChangeState.DONE

    make_four(world)
    page.goto(f"/levels/scale/{world.own.framework.uuid}/")
    page.get_by_role("button", name="Show its levels").click()
    expect(page.get_by_label("2.5 becomes")).to_have_value("2.00")
    assert looked_at(page, "scale") == CLEAN
    page.goto(f"/levels/{world.own.district.uuid}/settings")
    assert looked_at(page, "settings") == CLEAN


def test_a_start_is_found_by_quick_checks(world: World, page_as: OpenPage) -> None:
    page = page_as(world.teacher, width=390)
    page.goto(f"/students/{world.own.student.uuid}/start?topic={world.topic.uuid}")
    page.get_by_label("What did they show?").select_option("4.00")
    page.get_by_role("button", name="See where that puts them").click()
    expect(page.get_by_text("Takes step 2 with fractions")).to_be_visible()
    assert looked_at(page, "entry") == CLEAN
    page.get_by_role("button", name="Starts here Step 2").click()
    page.get_by_text("Fractions: starts at Step 2.").wait_for()
