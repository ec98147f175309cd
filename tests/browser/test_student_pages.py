"""The pages of a student, an early reader and a family, as they look and as a person goes through them."""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal
from uuid import uuid4

import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import ContentArea, GuideLevel, Target, Topic
from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.models import ReadyRequest, ShowingSession
from students.mastery.services import record_mark, record_remark
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.mastery.strands import build_habits, habits_of, rate
from tests.world import World, enroll, guard

SHOTS = os.environ.get("LPM_SHOTS")
SCIENCE = [
    "I can tell what a plant needs to grow, and show it with a drawing",
    "I can plan a fair test of what a plant needs, and say what I keep the same",
]
LONG = "I can add and subtract fractions with unlike denominators, including mixed numbers, and say why it works"


def looked_at(page: Page, name: str) -> None:
    schemes: dict[int, Literal["dark", "light"]] = {390: "dark", 1280: "light"}
    for width, scheme in schemes.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        shoot(page, name, width, scheme)
    for width in (320, 700, 1024, 1440):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert (width, scrolls_sideways(page)) == (width, False)
    if SHOTS:
        for width, scheme in ((390, "light"), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            shoot(page, name, width, scheme)


def shoot(page: Page, name: str, width: int, scheme: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"D_{name}_{width}_{scheme}.png", full_page=True)


def mark(world: World, target: Target, level: str, days_ago: int, student: Student | None = None) -> None:
    day = school_day("America/New_York") - timedelta(days=days_ago)
    with time_machine.travel(timezone.now() - timedelta(days=days_ago), tick=True):
        record_mark(
            uuid=uuid4(), recorder=world.teacher, student=student or world.own.student, target=target,
            level=Decimal(level), performed_on=day, day=day,
        )  # fmt: skip


def fill(world: World, day: date) -> Topic:
    """A student with long names, two areas, words of a teacher, a session and habits."""
    own = world.own.student
    Student.objects.filter(pk=own.pk).update(preferred_name="Maximiliana", family_name="Featherstonehaugh-Wolfe")
    Target.objects.filter(pk=world.targets[1].pk).update(i_can=LONG, short_title="")
    words = "I swap both fractions for equivalent ones, then add. Left: mixed numbers such as 2 1/3 + 1 1/4."
    GuideLevel.objects.create(target=world.targets[1], value=Decimal(3), description=words)
    place = ContentArea.objects.filter(framework=world.own.framework).count() + 1
    area = ContentArea.objects.create(
        framework=world.own.framework, case_identifier="sci", title="Science and technology", position=place
    )
    topic = Topic.objects.create(area=area, case_identifier="life", title="Living things", position=1)
    science = [
        Target.objects.create(topic=topic, case_identifier=text, statement=text, i_can=text, position=n)
        for n, text in enumerate(SCIENCE)
    ]
    for level, days in (("1.0", 30), ("2.0", 21), ("3.0", 3)):
        mark(world, world.targets[0], level, days)
    for level, days in (("1.5", 12), ("2.5", 2)):
        mark(world, world.targets[1], level, days)
    mark(world, science[0], "2.0", 5)
    with time_machine.travel(timezone.now() - timedelta(days=2), tick=True):
        record_remark(
            uuid=uuid4(), author=world.teacher, student=own, target=world.targets[1], is_for_family=True, reason="",
            text="Your strips show why twelfths work. Now try one with a whole number in it.", language="en",
            day=day - timedelta(days=2),
        )  # fmt: skip
    session = ShowingSession.objects.create(
        district=own.district, group=world.own.group, host=world.teacher, places=4, place="Room 12",
        starts_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    ReadyRequest.objects.create(
        district=own.district, student=own, target=science[0], done_since="I watered it.", session=session
    )
    past = day - timedelta(days=3)
    with time_machine.travel(timezone.now() - timedelta(days=3), tick=True):
        for number, habit in enumerate(habits_of(build_habits(world.own.district, 3))):
            rate(world, habit, f"{number + 2}.0", day=past, performed_on=past)
    return topic


def test_a_student_goes_from_home_to_what_is_left_to_show(world, page_as):
    fill(world, school_day("America/New_York"))
    page = page_as(world.student, reduced_motion="reduce")
    page.goto(reverse("student:path", args=[world.own.student.uuid]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maximiliana")
    expect(page.get_by_role("heading", name="What came back to me")).to_be_visible()
    expect(page.get_by_text("Room 12")).to_be_visible()
    looked_at(page, "home")
    page.get_by_role("link", name="Keep going").click()
    expect(page.get_by_text("Your strips show why twelfths work.")).to_be_visible()
    looked_at(page, "topic")

    Student.objects.update(is_early_reader=True)
    page.goto(reverse("student:path", args=[world.own.student.uuid]))
    expect(page.get_by_role("heading", name=LONG)).to_be_visible()
    looked_at(page, "early")
    page.get_by_role("button", name="I want to show this").click()
    expect(page.get_by_text("You asked to show this.")).to_be_visible()
    page.get_by_role("link", name="Show me another one").click()
    expect(page.get_by_role("heading", name=SCIENCE[0])).to_be_visible()
    assert set(ReadyRequest.objects.values_list("target", "done_since")) == {
        (world.targets[1].pk, "I want to show this."),
        (Target.objects.get(statement=SCIENCE[0]).pk, "I watered it."),
    }


def test_a_family_reads_a_week_and_goes_to_the_other_child(world, page_as):
    fill(world, school_day("America/New_York"))
    idris = enroll(world.own.group, given_name="Idris", family_name="Featherstonehaugh-Wolfe")
    guard(world.guardian, idris)
    mark(world, world.targets[0], "2.0", 3, student=idris)
    page = page_as(world.guardian, reduced_motion="reduce")
    page.goto(reverse("student:family", args=[world.own.student.uuid]))
    expect(page.get_by_text("One thing to do at home:")).to_be_visible()
    page.locator("#scale summary").click()
    looked_at(page, "family")
    page.get_by_role("link", name="All", exact=True).click()
    looked_at(page, "children")
    page.get_by_role("link", name="Open the week of Idris").click()
    expect(page.get_by_role("heading", name="Idris", exact=True)).to_be_visible()
