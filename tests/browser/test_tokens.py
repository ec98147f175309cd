"""Tokens of programs: making one, copying it, revoking it; and what programs can ask for."""

from __future__ import annotations

import re

import pytest

from lpm.people.models import ApiToken
from tests.browser.conftest import OpenPage, scrolls_sideways, violations
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "The gradebook of the whole northern district, with everything in it that anybody ever asked for"


def test_somebody_makes_a_token_and_revokes_it(world: World, page_as: OpenPage):
    page = page_as(world.teacher, 390)
    page.goto("/account/tokens")
    page.get_by_role("link", name="Make a token").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("What is it for?").fill(LONG)
    assert violations(page) == []
    page.get_by_role("button", name="Make the token").click()
    assert re.fullmatch(r"cairn_[\w-]{43}", page.get_by_label(LONG).input_value())
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("link", name="I have copied it").click()
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("link", name="What programs can ask for").click()
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.go_back()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("None yet.").wait_for()

    assert ApiToken.objects.get().revoked_at is not None
