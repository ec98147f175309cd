"""A real Chromium against the real server, signed in as somebody of the world."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lpm.people.models import User
from tests import chromium
from tests.browser.door import Door
from tests.kept_world import put_world
from tests.world import World

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*.min.js"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}  # of the others, axe need not collect every node
HEIGHT = 900

OpenPage = Callable[..., Page]

# On a machine that has no Chromium and where nobody may install one, the other tests still run; CI must have it.
collect_ignore_glob = [] if chromium.find() or os.environ.get("CI") == "true" else ["test_*.py"]

# Playwright runs an event loop in this thread, which Django takes for asynchronous code; it is not.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(autouse=True, scope="module")
def _lines_are_counted_elsewhere(not_traced):
    """A browser tests what a person sees."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.find() is None:
        pytest.fail(chromium.HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def door(live_server) -> Door:
    """The door of the live server, closed until somebody opens it."""
    httpd = live_server.thread.httpd
    door = Door(httpd.get_app())
    httpd.set_app(door)
    return door


@pytest.fixture
def open_server(transactional_db, door: Door, live_server) -> Iterator[str]:
    """The address of the live server, which answers nobody any more when the tables are emptied."""
    door.open()
    yield live_server.url
    door.close()


@pytest.fixture
def world(transactional_db) -> World:
    """The world as of today, since the browser's clock cannot be set together with the server's."""
    from lpm.lib.dates import school_day

    return put_world(school_day("America/New_York"))


@pytest.fixture
def page_as(browser: Browser, open_server: str) -> Iterator[OpenPage]:
    """Open a page as somebody (None: nobody); every page is looked at for errors in its console."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(user: User | None, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(
            base_url=open_server,
            viewport={"width": width, "height": HEIGHT},
            locale="en-US",
            **{"service_workers": "block", **options},  # a worker would answer before ``page.route``
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_of(user, open_server)])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda entry: troubles.append(entry.text) if "Content Security" in entry.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def session_of(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def violations(page: Page) -> list[str]:
    """What axe-core has against the page as it stands: rule and element, a line each."""
    load_axe(page)
    found = page.evaluate(f"axe.run({json.dumps(AXE_OPTIONS)}).then(found => found.violations)")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def load_axe(page: Page) -> None:
    """Into the page as it stands, and from now on into every page that its context opens."""
    if not page.evaluate("'axe' in window"):
        page.context.add_init_script(path=AXE)
        page.evaluate(AXE.read_text(encoding="utf-8"))


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
