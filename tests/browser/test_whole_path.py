"""One day: a teacher records, the student and the family see where they are, the leader sees the school."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from students.mastery.models import Assessment, Judgement
from tests.world import PASSWORD


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_mark_to_the_family(world, page_as):
    own = world.own
    teacher = page_as(None)
    sign_in(teacher, "teacher")
    teacher.get_by_role("link", name="Birch").first.click()
    cell = teacher.locator(f'tr[data-s="{own.student.uuid}"] .level').first
    expect(teacher.get_by_role("grid")).to_be_visible()  # the script has made the table one
    cell.focus()
    teacher.keyboard.press("3")
    expect(cell).to_have_attribute("value", "3.0")
    expect(teacher.locator("#sync")).to_have_attribute("data-state", "saved")

    assert Assessment.objects.get().level == Judgement.objects.get().level == Decimal("3.0")

    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):  # when families read it
        student = page_as(None, width=390)
        sign_in(student, "student")
        expect(student.get_by_text("I can take step 2")).to_be_visible()
        student.get_by_role("link", name="Fractions").first.click()
        here = student.locator("li[data-state=here]")
        expect(here).to_contain_text("You are here")
        expect(here).to_contain_text("Step 2")

        family = page_as(None, width=390)
        sign_in(family, "guardian")
        expect(family.locator("main")).to_contain_text("Amara")
        expect(family.locator("main")).to_contain_text("Step 1")
        assert "FR.1" not in family.inner_text("main")

    leader = page_as(None)
    sign_in(leader, "leader")
    leader.get_by_role("link", name="Hill").first.click()
    expect(leader.get_by_role("link", name="Birch", exact=True)).to_be_visible()
    expect(leader.get_by_role("link", name="Alder", exact=True)).to_be_visible()


def test_the_same_path_without_javascript(world, page_as):
    own = world.own
    page = page_as(world.teacher, java_script_enabled=False)
    page.goto(f"/groups/{own.group.uuid}/")
    page.locator(f'tr[data-s="{own.student.uuid}"] .level').first.click()
    page.get_by_role("radio", name="2.5").check()
    page.get_by_role("button", name="Save").click()

    assert Assessment.objects.get().level == Judgement.objects.get().level == Decimal("2.5")
    expect(page.locator(f'tr[data-s="{own.student.uuid}"] .level').first).to_have_attribute("value", "2.5")

    page.locator(f'tr[data-s="{own.student.uuid}"] .level').first.click()
    page.get_by_role("button", name="Undo").click()

    assert list(Assessment.objects.order_by("pk").values_list("kind", flat=True)) == ["score", "void"]
    expect(page.locator(f'tr[data-s="{own.student.uuid}"] .level').first).to_have_attribute("value", "")
