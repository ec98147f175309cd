"""A student asks to show something and a teacher answers: on a phone and on a computer, light and dark."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from curriculum.models import GuideLevel, Target
from lpm.lib.dates import school_day
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Assessment, ReadyRequest
from students.mastery.services import record_mark
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations

SHOTS = os.environ.get("LPM_SHOTS")
LONG = "Maximiliana-Theodora Featherstonehaugh-Wolfeschlegelsteinhausen"


def looked_at(page: Page, name: str) -> None:
    schemes: dict[int, Literal["dark", "light"]] = {390: "dark", 1280: "light"}
    for width, scheme in schemes.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{scheme}.png", full_page=True)


@pytest.fixture
def long_names(world) -> None:
    given, family = LONG.split()
    Student.objects.filter(pk=world.own.student.pk).update(given_name=given, family_name=family)
    Target.objects.filter(pk=world.targets[0].pk).update(
        short_title="Add and subtract fractions with unlike denominators and explain each step"
    )
    GuideLevel.objects.filter(target=world.targets[0], value=3).update(
        description="I can add and subtract fractions with unlike denominators, and say why I look for equal parts."
    )


def test_from_being_ready_to_the_answer(world, long_names, page_as):
    day, own, target = school_day("America/New_York"), world.own.student, world.targets[0]
    record_mark(
        uuid=uuid7(),
        student=own,
        target=target,
        level=Decimal("2.5"),
        kind=AssessmentKind.OFFERED,
        performed_on=day,
        recorder=world.substitute,
        comment="Explained it to a partner, who then did it alone.",
        day=day,
    )

    page = page_as(world.student, width=390, reduced_motion="reduce")
    page.goto(reverse("student:topic", args=[own.uuid, world.topic.uuid]))
    page.get_by_role("link", name="I am ready to show this").click()
    looked_at(page, "ready-ask")
    page.get_by_role("button", name="Tell my teachers").click()
    page.get_by_text("Say in a few words what you did").wait_for()
    page.get_by_label("What did you do to get ready?").fill("I did page 12 and taught it to Ben.")
    page.locator("input[name=level][value='3.0']").check()
    page.get_by_role("button", name="Tell my teachers").click()
    page.get_by_text("Your teachers know now").wait_for()
    looked_at(page, "ready-topic")

    teacher = page_as(world.teacher, reduced_motion="reduce")
    teacher.goto(reverse("mastery:request-list"))
    looked_at(teacher, "showing-list")
    teacher.get_by_role("checkbox", name=f"Choose {LONG}").check()
    teacher.get_by_role("button", name="Plan a showing session").click()
    teacher.get_by_role("textbox", name="Where").fill("The room with the big window, second floor")
    looked_at(teacher, "showing-plan")
    teacher.get_by_role("button", name="Plan it").click()
    teacher.get_by_text("The students see when and where").wait_for()
    teacher.get_by_role("heading", name="Showing sessions").wait_for()
    page.goto(reverse("mastery:ready-list", args=[own.uuid]))
    page.get_by_text("The room with the big window").wait_for()
    looked_at(page, "ready-list")

    teacher.get_by_role("link", name=LONG).first.click()
    teacher.locator("input[name=level][value='2.0']").check()
    looked_at(teacher, "showing-answer")
    teacher.get_by_role("button", name="Save the level").click()
    teacher.get_by_role("heading", name="Answered").wait_for()
    looked_at(teacher, "showing-answered")
    teacher.get_by_role("link", name="Back to the session").click()
    looked_at(teacher, "showing-session")
    teacher.goto(reverse("mastery:request-list"))
    looked_at(teacher, "showing-offered")
    teacher.get_by_role("button", name="Accept those chosen").click()
    teacher.get_by_text("1 mark is settled.").wait_for()

    assert ReadyRequest.objects.get().state == RequestState.ANSWERED
    kinds = Assessment.objects.order_by("pk").values_list("kind", "level")
    levels = [("offered", "2.50"), ("self", "3.00"), ("score", "2.00"), ("score", "2.50")]
    assert [(kind, str(level)) for kind, level in kinds] == levels
