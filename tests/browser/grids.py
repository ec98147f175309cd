"""Words for what a teacher does in a grid, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from students.mastery.models import Assessment, Judgement

AMARA, BEN, GWEN = "Amara of Birch", "Ben Classmate", "Gwen Grown"  # whose rows stand as Ben, Gwen, Amara


def row_of(page: Page, student: str) -> Locator:
    return page.locator("table.grid tbody tr", has=page.get_by_role("link", name=student, exact=True))


def cell(page: Page, student: str, target: int = 1) -> Locator:
    return row_of(page, student).locator("td").nth(target - 1).locator(".level")


def press(page: Page, keys: Iterable[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def type_in(page: Page, student: str, keys: Iterable[str], target: int = 1) -> None:
    cell(page, student, target).focus()
    press(page, keys)


def expect_sync(page: Page, text: str) -> None:
    expect(page.locator("#sync:not([hidden])")).to_have_text(re.compile(rf"^\s*{re.escape(text)}\s*$"))


def shown(page: Page) -> list[list[str]]:
    """The value of every cell, row by row."""
    rows: list[list[str]] = page.locator("table.grid").evaluate(
        """table => [...table.tBodies[0].rows].map(row => [...row.querySelectorAll('.level')].map(
            one => one.getAttribute('value')))"""
    )
    return rows


def log() -> list[tuple[Any, ...]]:
    """The evidence in the order in which it was recorded: kind, given name, code of the target, level."""
    rows = Assessment.objects.order_by("recorded_at", "pk")
    return [
        (kind, name, code, None if level is None else f"{level:.1f}")
        for kind, name, code, level in rows.values_list("kind", "student__given_name", "target__code", "level")
    ]


def judged() -> list[tuple[Any, ...]]:
    rows = Judgement.objects.order_by("recorded_at", "pk")
    return [
        (kind, name, None if level is None else f"{level:.1f}")
        for kind, name, level in rows.values_list("kind", "student__given_name", "level")
    ]
