"""Words in another language, as a family and a teacher see them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.lib.dates import school_day
from students.mastery.services import record_remark
from students.mastery.services.words import translate_words
from tests.browser.conftest import scrolls_sideways, violations
from tests.world import World

SPANISH = "Explica bien cada paso, y escucha lo que dicen los demás."
ENGLISH = "They explain each step well, and listen to what the others say."


@pytest.mark.parametrize("width", [390, 1280])
def test_a_translation_is_read_and_the_words_as_written_are_a_tap_away(world: World, page_as, width):
    day, target = school_day("America/New_York"), world.targets[0]
    about = {"student": world.own.student, "target": target, "author": world.teacher, "language": "es", "day": day}
    with time_machine.travel(timezone.now() - timedelta(days=9), tick=True):
        row = record_remark(uuid=uuid4(), text=SPANISH, is_for_family=True, **about)
        translate_words(uuid=uuid4(), row=row, language="en", text=ENGLISH, translator=world.teacher, day=day)
    record_remark(uuid=uuid4(), text="Entre nosotros.", **about)
    address = reverse("mastery:why-show", args=[world.own.student.uuid, target.uuid])

    family = page_as(world.guardian, width)
    family.goto(address)
    assert family.get_by_text(ENGLISH).is_visible()
    assert not family.get_by_text(SPANISH).is_visible()
    family.get_by_text("Translated from Spanish").click()
    assert family.get_by_text(SPANISH).is_visible()
    assert (violations(family), scrolls_sideways(family)) == ([], False)

    teacher = page_as(world.teacher, width)
    teacher.goto(address)
    assert (violations(teacher), scrolls_sideways(teacher)) == ([], False)
    teacher.get_by_role("link", name="Translate Entre nosotros.").click()
    assert (violations(teacher), scrolls_sideways(teacher)) == ([], False)
    teacher.get_by_label("Translation").fill("Between us.")
    teacher.get_by_role("button", name="Save").click()
    assert teacher.get_by_text("Between us.").is_visible()
