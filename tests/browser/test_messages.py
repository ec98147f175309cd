"""A guardian and a teacher write to each other, and a family reads its letter: on a phone and on a computer."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from lpm.lib.dates import school_day
from lpm.lib.ids import uuid7
from lpm.people.models import Guardianship, Student
from students.mastery.services import record_mark, record_remark
from students.threads.models import Message, Thread
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.world import World

SHOTS = os.environ.get("LPM_SHOTS")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LONG = "Maximiliana-Theodora Featherstonehaugh-Wolfeschlegelsteinhausen"


def looked_at(page: Page, name: str) -> None:
    """Phone in the dark, computer in the light; both in both for somebody who wants to look."""
    for width, scheme in ((390, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert violations(page) == []
        assert not scrolls_sideways(page)
        for one in SCHEMES if SHOTS else ():
            page.emulate_media(color_scheme=one)
            page.screenshot(path=Path(SHOTS or "") / f"C_{name}_{width}_{one}.png", full_page=True)


@pytest.fixture
def long_names(world: World) -> None:
    given, family = LONG.split()
    Student.objects.filter(pk=world.own.student.pk).update(given_name=given, family_name=family)
    world.guardian.family_name = family
    world.guardian.save()


def test_writing_to_a_teacher_and_reading_the_answer(world: World, long_names, page_as):
    student = world.own.student
    page = page_as(world.guardian, width=390, reduced_motion="reduce")
    page.goto(reverse("threads:thread-list"))
    page.get_by_role("link", name="Write about").click()
    looked_at(page, "choose")
    page.get_by_role("link", name="Case Manager Person").click()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Write a few words first").wait_for()
    looked_at(page, "begin")
    page.get_by_label("Your message").fill("Hola. ¿Cómo va con las fracciones? En casa dice que le gustan mucho.")
    page.get_by_label("Written in").select_option("es")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Case Manager Person").wait_for()

    staff = page_as(world.case_manager, reduced_motion="reduce")
    staff.goto(reverse("threads:thread-list"))
    looked_at(staff, "list")
    staff.get_by_role("link", name="Guardian").click()
    staff.get_by_label("Your message").fill("Very well. She drew two thirds today and explained it to Ben.")
    staff.get_by_role("button", name="Send").click()
    staff.locator("#newest").get_by_text("Very well").wait_for()
    assert staff.get_by_label("Your message").input_value() == ""
    staff.get_by_role("link", name="Put into another language").first.click()
    staff.get_by_label("In that language").fill("Hello. How is it going with fractions? She likes them.")
    looked_at(staff, "translate")
    staff.get_by_role("button", name="Save").click()
    staff.get_by_text("It stands below the message now").wait_for()
    looked_at(staff, "thread")

    page.reload()
    page.get_by_text("explained it to Ben").wait_for()
    leader = page_as(world.leader, reduced_motion="reduce")
    leader.goto(reverse("threads:overseen-at-school", args=[world.own.school.uuid]))
    looked_at(leader, "overseen")
    leader.get_by_role("link", name="Case Manager Person").click()
    looked_at(leader, "overseen_thread")
    [thread] = Thread.objects.all()
    assert (thread.student, thread.staff, thread.guardian) == (student, world.case_manager, world.guardian)
    assert [message.language for message in Message.objects.order_by("pk")] == ["es", "en"]


def test_the_weekly_letter_on_a_page_and_on_sheets(world: World, long_names, page_as):
    about = {"student": world.own.student, "target": world.targets[0]}
    with time_machine.travel(timezone.now() - timedelta(days=4)):  # families have read it since
        day = school_day("America/New_York")
        record_mark(uuid=uuid7(), level=Decimal(3), recorder=world.teacher, performed_on=day, day=day, **about)
        words = "She drew two thirds, cut the paper, and explained it to a partner."
        record_remark(uuid=uuid7(), text=words, is_for_family=True, author=world.teacher, day=day, **about)
    Guardianship.objects.create(district=world.own.district, guardian=world.guardian, student=world.other_class.student)

    page = page_as(world.guardian, width=390, reduced_motion="reduce")
    page.goto(reverse("letters:letter-mine"))
    looked_at(page, "letter")
    teacher = page_as(world.teacher, reduced_motion="reduce")
    teacher.goto(reverse("letters:group-letters", args=[world.own.group.uuid]))
    looked_at(teacher, "sheets")
    if SHOTS:
        teacher.set_viewport_size({"width": 680, "height": HEIGHT})
        teacher.emulate_media(media="print", color_scheme="light")
        teacher.screenshot(path=Path(SHOTS) / "C_sheets_print.png", full_page=True)
        for name in ("A4", "Letter"):
            teacher.pdf(path=Path(SHOTS) / f"C_sheets_{name}.pdf", format=name)

    assert teacher.locator("article.sheet").count() == 3
