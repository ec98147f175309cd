"""News from the bell to the page behind it, and the choice of how it comes."""

from __future__ import annotations

from django.utils import timezone

from lpm.notices.enums import NoticeKind
from lpm.notices.services import tell
from tests.browser.conftest import OpenPage, scrolls_sideways, violations
from tests.world import World


def test_news_is_found_read_and_chosen_on_a_phone(world: World, page_as: OpenPage):
    student, guardian = world.own.student, world.guardian
    student.given_name = "Maximiliana-Konstantina Aleksandrovna"
    student.save(update_fields=["given_name"])
    guardian.email = "guardian@example.org"
    guardian.save(update_fields=["email"])
    about = {"people": [guardian], "path": "/notices/settings", "student": student}
    tell(**about, kind=NoticeKind.LEVEL, key="1")
    tell(**about, kind=NoticeKind.MESSAGE, key="2", writer="Ms. Wilhelmina Featherstonehaugh-Cholmondeley")
    tell(**about, kind=NoticeKind.SESSION, key="3", target="Step 1", at=timezone.now().isoformat(), place="Room 4")

    page = page_as(guardian, width=390)
    page.goto("/notices/settings")
    page.get_by_role("link", name="3 notices are new").click()
    page.get_by_role("heading", name="Your news").wait_for()
    assert (violations(page), scrolls_sideways(page)) == ([], False)

    page.get_by_role("button", name="I have read this").first.click()
    page.get_by_role("link", name="2 notices are new").wait_for()
    page.get_by_role("link", name="wrote to you about").click()
    page.get_by_role("heading", name="How I am told").wait_for()
    assert (violations(page), scrolls_sideways(page)) == ([], False)

    page.get_by_label("Somebody wrote to me").select_option(label="here, and in one e-mail a day")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_text("Kept. This holds from now on.").wait_for()
