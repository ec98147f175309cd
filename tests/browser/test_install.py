"""Cairn on a phone: it can be put beside the apps, and says so kindly when there is no connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests import chromium
from tests.browser.conftest import scrolls_sideways, session_of, violations
from tests.browser.door import Door
from tests.world import World

PHONE = ViewportSize(width=390, height=844)
KEPT = "Promise.all([caches.match('/offline'), navigator.serviceWorker.ready]).then(found => Boolean(found[0]))"
WHAT_IS_KEPT = """async () => (await Promise.all((await caches.keys()).map(async name =>
  (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat()"""


@pytest.fixture
def phone(browser: Browser, open_server: str, tmp_path) -> Iterator[BrowserContext]:
    """A browser with a profile of its own: a private window installs nothing."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=chromium.find(),
        args=chromium.FLAGS,
        base_url=open_server,
        viewport=PHONE,
        locale="en-US",
    )
    yield context
    context.close()


def test_a_family_can_install_it_and_nothing_of_theirs_is_kept(
    world: World, phone: BrowserContext, open_server: str, door: Door
) -> None:
    phone.add_cookies([session_of(world.guardian, open_server)])
    page = phone.new_page()
    troubles: list[str] = []
    page.on("console", lambda entry: troubles.append(entry.text) if entry.type == "error" else None)
    page.goto("/")
    page.wait_for_function(KEPT)
    session = phone.new_cdp_session(page)

    found = session.send("Page.getAppManifest")
    refused = session.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert (found["errors"], refused) == ([], [])
    assert json.loads(found["data"])["start_url"] == "/"
    page.reload()  # through the worker
    expect(page.locator("h1")).to_be_visible()
    kept = page.evaluate(WHAT_IS_KEPT)
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline"]
    assert troubles == []

    phone.set_offline(True)
    door.close()
    page.goto(f"/family/{world.own.student.uuid}/")
    expect(page.locator("h1")).to_have_text("The server cannot be reached")
    expect(page.get_by_text("Pages of students and families are not kept on a device.")).to_be_visible()
    expect(page.get_by_role("heading", name="What you can open now")).to_be_hidden()
    assert world.own.student.name not in page.content()
    assert (violations(page), scrolls_sideways(page)) == ([], False)

    phone.set_offline(False)
    door.open()
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_title("Amara · Cairn")


def test_what_is_open_is_decided_after_a_look(world: World, page_as: Callable[..., Page]) -> None:
    page = page_as(world.administrator, width=390)
    page.goto(f"/organizations/{world.own.district.uuid}/parts")
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_label("Families see their child’s learning").uncheck()
    page.get_by_role("button", name="See whom it touches").click()

    expect(page.get_by_role("heading", name="What would change on")).to_be_in_viewport()
    assert (violations(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("button", name="Decide it").click()
    expect(page.locator("#messages")).to_contain_text("It is decided.")

    family = page_as(world.guardian, width=390)
    family.goto("/")
    expect(family.locator("h1")).to_have_text("Hill has not opened the family pages yet")
    assert (violations(family), scrolls_sideways(family)) == ([], False)
