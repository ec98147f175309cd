"""The grid of somebody who only looks, of a past day, and what changed since: as the browser shows it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.models import MasterySettings
from students.mastery.services import record_mark
from tests.browser.conftest import scrolls_sideways, violations

LONG = "Maximiliana-Konstantina Featherstonehaugh-Wolfeschlegelstein"


def mark(world, level, *, days_ago=0, target=0):
    day = school_day(world.own.school.time_zone) - timedelta(days=days_ago)
    with time_machine.travel(f"{day}T15:00:00+00:00" if days_ago else timezone.now(), tick=True):
        record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=world.own.student,
            target=world.targets[target],
            level=Decimal(level),
            performed_on=day,
            day=day,
        )
    return day


def test_who_only_looks_sees_news_and_the_past_is_told_apart(world, page_as):
    Student.objects.filter(pk=world.own.student.pk).update(family_name=LONG)
    MasterySettings.objects.create(organization=world.own.district, valid_from=date(2020, 8, 1), recency_days=30)
    mark(world, "3.0", days_ago=60)
    then = mark(world, "2.0", days_ago=5, target=1)
    page = page_as(world.leader)
    page.clock.install()
    address = f"/groups/{world.own.group.uuid}/"
    page.goto(address)
    row = page.locator(f'tr[data-s="{world.own.student.uuid}"]')
    expect(row.locator("td").nth(0)).to_contain_text("3.0, worth another look: last shown long ago")
    mark(world, "3.0", target=1)
    page.clock.fast_forward(8000)
    expect(row.locator("data").nth(1)).to_have_text("3.0")
    expect(row.locator("data").nth(1)).to_have_class("level")
    expect(page.locator("tfoot td").nth(1)).to_have_text("1 of 3")
    row.locator("td").nth(1).focus()
    page.keyboard.press("3")  # does nothing to who may not record

    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for query, words in {
            "": "worth another look",
            f"?as_of={then}": "The record as it stood on",
            f"?since={then}": "1 cell says something else now, of 1 student.",
        }.items():
            page.goto(f"{address}{query}")
            expect(page.locator("main")).to_contain_text(words)
            assert (violations(page), scrolls_sideways(page)) == ([], False), (width, query)
    expect(row.locator("td.changed data")).to_contain_text("3.0was 2.0")
    page.get_by_role("button", name="Earlier day").click()
    page.get_by_label("The record at the end of").fill(str(then))
    page.locator("#earlier").get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("The record as it stood on")
    expect(row.locator("data").nth(1)).to_have_text("2.0")
