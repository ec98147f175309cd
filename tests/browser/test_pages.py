"""Every page as a person opens it: narrow and wide, light and dark, without one thing axe objects to."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from students.mastery.services import record_mark
from tests.browser.conftest import scrolls_sideways, violations

LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def learned(world):
    """The student has met the first target and is under way with the second."""
    own = world.places["own"]
    own.student.given_name = "Ana-Alejandra Guadalupe"  # 40 characters together with the family name
    own.student.family_name = "of Birch-Birkenau"
    own.student.save()
    from lpm.lib.dates import school_day

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
        ("guardian", f"/family/{student}/"),
        ("classmate", "/"),
        ("administrator", "/imports/"),
        ("administrator", "/"),
        ("student", "/curriculum/"),
        ("student", f"/curriculum/{own.framework.uuid}/"),
        ("student", f"/curriculum/topics/{topic}/"),
        ("stranger", "/"),
        ("stranger", f"/students/{student}/"),
    ]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_are_accessible_and_fit(width, scheme, learned, page_as):
    pages = {}
    for who, address in addresses(learned):
        if who not in pages:
            pages[who] = page_as(learned.people[who] if who else None, width=width, color_scheme=scheme)
        page = pages[who]
        page.goto(address)

        assert (address, who, violations(page)) == (address, who, [])
        assert (address, scrolls_sideways(page)) == (address, False)


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_scrolls_sideways(width, learned, page_as):
    wide = []
    for who, address in addresses(learned):
        page = page_as(learned.people[who] if who else None, width=width)
        page.goto(address)
        wide += [(who, address)] if scrolls_sideways(page) else []

    assert wide == []


def test_spanish_pages_are_accessible_too(learned, page_as):
    page = page_as(learned.people["guardian"], width=390)
    page.goto("/")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Español").click()

    page.wait_for_selector("html[lang=es]")
    assert violations(page) == []
    assert "Qué ha cambiado" in page.inner_text("main") or "Qué cambió" in page.inner_text("main")
