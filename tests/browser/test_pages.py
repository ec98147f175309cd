"""Every page as a person opens it: narrow and wide, light and dark, without one thing axe objects to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from students.mastery.services import record_mark
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations

SCHEMES = ("light", "dark")


@pytest.fixture
def learned(world):
    """The student has met the first target and is under way with the second."""
    own = world.places["own"]
    own.student.given_name = "Ana-Alejandra Guadalupe"  # 40 characters together with the family name
    own.student.family_name = "of Birch-Birkenau"
    own.student.save()
    from lpm.lib.dates import school_day

    with time_machine.travel(timezone.now() - timedelta(days=4), tick=True):  # families read it by now
        day = school_day("America/New_York")
        for target, level in [(0, "2.5"), (0, "3.0"), (1, "2.0")]:
            record_mark(
                uuid=uuid4(),
                recorder=world.people["teacher"],
                student=own.student,
                target=own.targets[target],
                level=Decimal(level),
                performed_on=day,
                day=day,
                group=own.group,
            )
    return world


def addresses(world) -> list[tuple[str | None, str]]:
    own = world.places["own"]
    student, topic = own.student.uuid, own.topic.uuid
    mark = f"/groups/{own.group.uuid}/mark?student={student}&target={own.targets[1].uuid}"
    return [
        (None, "/sign-in"),
        ("teacher", "/"),
        ("teacher", f"/groups/{own.group.uuid}/"),
        ("teacher", mark),
        ("leader", f"/schools/{own.school.uuid}/"),
        ("leader", f"/groups/{own.group.uuid}/"),
        ("student", f"/students/{student}/"),
        ("student", f"/students/{student}/topics/{topic}/"),
        ("student", f"/students/{student}/?as_of=2026-11-01"),
        ("guardian", f"/family/{student}/"),
        ("guardian", f"/students/{student}/targets/{own.targets[0].uuid}/why"),
        ("classmate", "/"),
        ("administrator", "/imports/"),
        ("administrator", "/"),
        ("student", "/curriculum/"),
        ("student", f"/curriculum/{own.framework.uuid}/"),
        ("student", f"/curriculum/topics/{topic}/"),
        ("stranger", "/"),
        ("stranger", f"/students/{student}/"),
    ]


@pytest.fixture
def visit(learned, page_as):
    """Each page open for the one who needs it, at the width."""

    def each(width):
        pages = {}
        for who, address in addresses(learned):
            if who not in pages:
                pages[who] = page_as(learned.people[who] if who else None, width=width, reduced_motion="reduce")
            pages[who].goto(address)
            yield who, address, pages[who]

    return each


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible_and_fit(width, visit):
    for who, address, page in visit(width):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)

            assert (address, who, scheme, violations(page)) == (address, who, scheme, [])
            assert (address, scheme, scrolls_sideways(page)) == (address, scheme, False)


def test_no_page_scrolls_sideways(visit):
    wide = []
    for who, address, page in visit(1440):
        for width in (320, 768, 1440):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            wide += [(who, address, width)] if scrolls_sideways(page) else []

    assert wide == []


def test_spanish_pages_are_accessible_too(learned, page_as):
    page = page_as(learned.people["guardian"], width=390)
    page.goto("/")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Español").click()

    page.wait_for_selector("html[lang=es]")
    assert violations(page) == []
    assert "Qué ha cambiado" in page.inner_text("main") or "Qué cambió" in page.inner_text("main")
