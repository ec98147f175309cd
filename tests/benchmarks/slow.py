"""How soon a page is there on a telephone with a slow connection and nothing kept of Cairn, as production serves it.

A Chromium with its network slowed as on a poor 4G connection opens each page anew. A figure holds bytes on the line,
and milliseconds to the first and to the largest thing that is seen; against what a page may at most need.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from lpm.people.models import Student, User
from tests import chromium

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs an event loop in this thread

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
MOST_BYTES, MOST_MS = 100_000, 1_500
RUNS = 5
FILES = 30
PHONE = ViewportSize(width=390, height=844)
PAINTED = """new Promise(resolve => {
  new PerformanceObserver(list => {
    const largest = list.getEntries().at(-1).startTime;
    const [first] = performance.getEntriesByName('first-contentful-paint');
    resolve([first.startTime, largest]);
  }).observe({ type: 'largest-contentful-paint', buffered: true });
})"""


@dataclass(frozen=True)
class Seen:
    """``bytes`` on the line until the page was there; the medians of the times."""

    name: str
    bytes: int
    first_ms: float
    largest_ms: float
    files: tuple[tuple[str, int], ...] = ()  # the largest ones

    @property
    def is_within(self) -> bool:
        return self.bytes <= MOST_BYTES and self.largest_ms <= MOST_MS


def measure_slow() -> list[Seen]:
    """Of the people of ``data.build_class``; nothing without a Chromium."""
    if chromium.find() is None:
        return []
    with as_in_production() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        return [see(browser, address, name, user, path) for name, user, path in pages()]


def pages() -> Iterator[tuple[str, User | None, str]]:
    teacher, student, guardian = (User.objects.named(name).get() for name in ("teacher", "student", "guardian"))
    child = Student.objects.get(user=student)
    yield "sign-in page", None, reverse("home:sign-in")
    yield "a student's home", student, reverse("student:path", args=[child.uuid])
    yield "a family's home", guardian, reverse("student:family", args=[child.uuid])
    yield "a teacher's home", teacher, reverse("home:home")


@contextmanager
def as_in_production() -> Iterator[str]:
    """The address of a server that sends files by their hashed names, compressed, and pages as production does."""
    files = tempfile.mkdtemp(prefix="cairn-static-")
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "lpm.lib.static.StaticStorage"}}
    production = override_settings(
        STATIC_ROOT=files, STORAGES=storages, WHITENOISE_USE_FINDERS=False, WHITENOISE_AUTOREFRESH=False
    )
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, files)
        stack.enter_context(production)
        call_command("collectstatic", interactive=False, verbosity=0)
        thread = LiveServerThread("localhost", Untouched)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        stack.callback(thread.terminate)
        yield f"http://localhost:{thread.port}"


class Untouched(WSGIHandler):
    """The application as it is: a server for tests would serve the files itself."""

    def __init__(self, *args: Any) -> None:
        super().__init__()


def see(browser: Browser, address: str, name: str, user: User | None, path: str) -> Seen:
    runs = [once(browser, address, user, path) for _ in range(RUNS)]
    files: dict[str, int] = runs[-1][2]
    largest = sorted(files.items(), key=lambda file: -file[1])[:FILES]
    return Seen(
        name,
        max(sum(sent.values()) for _first, _largest, sent in runs),
        round(median(first for first, _largest, _sent in runs)),
        round(median(largest for _first, largest, _sent in runs)),
        tuple(largest),
    )


def once(browser: Browser, address: str, user: User | None, path: str) -> tuple[float, float, dict[str, int]]:
    """Milliseconds to what was painted first and to the largest, and the bytes of each file."""
    context = browser.new_context(base_url=address, viewport=PHONE, locale="en-US", service_workers="block")
    if user is not None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    named: dict[str, str] = {}
    sent: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda event: named.update({event["requestId"]: event["request"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sent.update({named[event["requestId"]].removeprefix(address): int(event["encodedDataLength"])}),
    )
    answer = page.goto(path, wait_until="networkidle")
    assert answer is not None
    assert answer.ok, answer.status
    first, largest = page.evaluate(PAINTED)
    context.close()
    return first, largest, sent


def as_json(seen: Sequence[Seen]) -> str:
    return json.dumps([asdict(one) for one in seen], indent=1) + "\n"


def told(seen: Sequence[Seen]) -> str:
    """A line each: what it took, and how much that is of what it may take."""
    if not seen:
        return f"Slow connection: not measured. {chromium.HOW}"
    width = max(len(one.name) for one in seen)
    lines = [
        f"{one.name:{width}}{one.bytes:>9,} bytes × {one.bytes / MOST_BYTES:.2f}"
        f"{one.first_ms:>8,.0f} ms first × {one.first_ms / MOST_MS:.2f}"
        f"{one.largest_ms:>8,.0f} ms largest × {one.largest_ms / MOST_MS:.2f}"
        f"{'' if one.is_within else '  MORE THAN IT MAY'}"
        for one in seen
    ]
    head = f"Slow 4G, nothing kept, against at most {MOST_BYTES:,} bytes and {MOST_MS:,} ms:"
    return "\n".join([head, *lines])
