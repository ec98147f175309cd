"""A teacher makes a seminar, pastes a class list and finds everybody in the grid; a substitute finds their day."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lpm.people.models import Enrollment, Group, Student
from tests.browser.conftest import scrolls_sideways, violations
from tests.world import enroll

LONG = "Ana-Alejandra Guadalupe"


@pytest.fixture
def classes(world):
    """The teacher's class has two of one name, and one whose name is long."""
    own = world.own.group
    for names in [("Ana", "Lopez"), ("Ana", "Lopez"), ("Zoë", "O’Brien"), (LONG, "of Birch-Birkenau")]:
        enroll(own, given_name=names[0], family_name=names[1], grade="05")
    return world


def check(page: Page, name: str) -> None:
    assert (name, violations(page)) == (name, [])
    assert (name, scrolls_sideways(page)) == (name, False)
    if folder := os.environ.get("LPM_SHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_teacher_makes_a_seminar_with_a_pasted_list(width, scheme, classes, page_as):
    page = page_as(classes.teacher, width=width, color_scheme=scheme)
    page.goto("/")
    check(page, "home")
    page.get_by_role("link", name="Make a group").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Seminar").focus()
    page.keyboard.press("Space")
    page.get_by_label("Name").focus()
    page.keyboard.type("Kites and wind")
    check(page, "create")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Kites and wind")).to_be_visible()
    page.get_by_role("link", name="Paste a class list").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Names, one on each line").focus()
    page.keyboard.insert_text(f"Classmate, Ben\nO'Brien, Zoe\nAna Lopez\nof Birch-Birkenau, {LONG}\nNora Newcomer")
    check(page, "paste")
    page.get_by_role("button", name="See who is meant").focus()
    page.keyboard.press("Enter")

    page.get_by_label("Ana Lopez").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Add Nora Newcomer as a new student").focus()
    page.keyboard.press("Space")
    check(page, "preview")
    assert not Enrollment.objects.filter(group__name="Kites and wind").exists()
    page.get_by_role("button", name="Save the list").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("5 students are put in.")).to_be_visible()
    check(page, "group")
    assert Student.objects.get(family_name="Newcomer").is_provisional
    page.get_by_role("link", name="Open the grid").click()
    expect(page.get_by_role("heading", name="Kites and wind")).to_be_visible()
    for name in ("Ben Classmate", "Zoë O’Brien", "Ana Lopez", LONG, "Nora Newcomer"):
        expect(page.locator("main")).to_contain_text(name)


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_of_a_group_are_accessible_and_fit(width, classes, page_as):
    group = classes.own.group
    seat = Enrollment.objects.get(student=classes.own.student)
    staffing = group.staffing.get(user=classes.teacher)
    page = page_as(classes.teacher, width=width)
    for name in ("people", "change", "students", "teachers", "substitutes"):
        page.goto(f"/groups/{group.uuid}/{name}")
        check(page, name)
    for name in (f"students/{seat.uuid}", f"teachers/{staffing.uuid}"):
        page.goto(f"/groups/{group.uuid}/{name}")
        check(page, name.replace("/", "-"))
    leader = page_as(classes.leader, width=width)
    leader.goto(f"/schools/{classes.own.school.uuid}/")
    check(leader, "school")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_substitute_finds_their_day(width, classes, page_as):
    page = page_as(classes.substitute, width=width)
    page.goto("/")
    check(page, "home-substitute")
    page.get_by_role("link", name="Open your day").click()
    expect(page.locator("main")).to_contain_text("Amara of Birch")
    check(page, "morning")
    page.get_by_role("link", name="See where everyone is").click()
    expect(page.get_by_role("heading", name="Birch")).to_be_visible()
    Group.objects.get(pk=classes.own.group.pk).staffing.filter(user=classes.substitute).delete()
    page.goto("/morning")
    expect(page.locator("main")).to_contain_text("No groups today")
    check(page, "morning-empty")
