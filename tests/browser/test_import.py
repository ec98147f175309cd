"""A roster with errors: sent, its problems read, mended, sent again, applied; and one that is suddenly small."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lpm.home.services import process_import
from lpm.people.models import ImportRun, Student
from tests.browser.conftest import scrolls_sideways, violations
from tests.people.test_oneroster_partial import big, half

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
PLACE = ("orgs", "Hill School", f"The {LONG} Memorial School of Arts and Letters")


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def archive(folder: Path, name: str, files: dict[str, bytes]) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as out:
        for file, text in files.items():
            out.writestr(file, text)
    (folder / name).write_bytes(content.getvalue())
    return str(folder / name)


def send(page: Page, file: str) -> None:
    """Send the file, and let a worker look at it."""
    page.goto("/imports/")
    page.get_by_label("people and classes (OneRoster)").check()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Send and check").click()
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    process_import(ImportRun.objects.latest("pk").pk)


def apply(page: Page) -> None:
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    process_import(ImportRun.objects.latest("pk").pk)


def test_a_roster_with_errors_is_mended_and_applied(world, page_as, tmp_path):
    page = page_as(world.administrator)
    wrong = [("users", f"x{n},,Given{n},", f"x{n},,,") for n in range(8)]
    send(page, archive(tmp_path, "wrong.zip", big(*wrong, PLACE)))

    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    expect(page.get_by_text("8 of 64 rows would be left out.")).to_be_visible()
    expect(page.get_by_text("users.csv, line 6, column givenName")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="All of them as a table").click()
    assert len(Path(download.value.path()).read_text().splitlines()) > 8
    assert violations(page) == []

    page.get_by_role("link", name="Send another file").click()
    send(page, archive(tmp_path, "better.zip", big(wrong[3], PLACE)))
    expect(page.get_by_role("heading", name="Rows that would be left out")).to_be_visible()
    expect(page.get_by_role("row", name="Students 31")).to_be_visible()
    assert violations(page) == []
    apply(page)

    expect(page.get_by_text("This file is brought in, without the rows named below.")).to_be_visible()
    assert Student.objects.filter(source__isnull=False).count() == 31


@pytest.mark.parametrize("width", [390, 1280])
def test_a_roster_suddenly_small_asks_before_it_is_applied(width, world, page_as, tmp_path):
    page = page_as(world.administrator, width=width)
    send(page, archive(tmp_path, "whole.zip", big(PLACE)))
    apply(page)
    expect(page.get_by_text("Everything in this file is brought in.")).to_be_visible()
    send(page, archive(tmp_path, "half.zip", half(big(PLACE))))

    expect(page.get_by_text("Students: 15 of 32 would end")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_role("checkbox")).to_be_visible()  # the browser asks for it
    assert Student.objects.filter(left_on__isnull=False).count() == 0

    page.get_by_role("checkbox").check()
    apply(page)
    expect(page.get_by_text("Everything in this file is brought in.")).to_be_visible()
    assert Student.objects.filter(left_on__isnull=False).count() == 15
