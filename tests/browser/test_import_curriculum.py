"""A curriculum whose types nobody knows: what they become is said on the page, and applied."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from curriculum.models import Target
from lpm.home.services import process_import
from lpm.people.models import ImportRun
from tests.browser.conftest import scrolls_sideways, violations
from tests.curriculum.test_case_sorts_in import strands


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_mapping_is_changed_and_applied(world, page_as, tmp_path):
    file = tmp_path / "strands.json"
    file.write_text(json.dumps(strands()))
    page = page_as(world.curriculum_lead, width=390)
    page.goto("/imports/")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Send and check").click()
    process_import(ImportRun.objects.latest("pk").pk)

    expect(page.get_by_role("heading", name="What each sort of item becomes")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.get_by_label("What “Big Idea” at level 2 becomes").select_option("learning target")
    page.get_by_role("button", name="Look again with this").click()
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    process_import(ImportRun.objects.latest("pk").pk)
    expect(page.get_by_text("learning targets 2, parts of targets 2.")).to_be_visible()
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    process_import(ImportRun.objects.latest("pk").pk)

    expect(page.get_by_role("link", name="Look at the curriculum")).to_be_visible()
    assert Target.objects.filter(case_identifier="s2").exists()
