"""Nothing typed is ever lost: the network gone, the browser closed, somebody else signed in, the answer lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from lpm.people.models import Staffing, User
from students.mastery.models import Assessment, Judgement
from tests import chromium
from tests.browser.conftest import session_of, violations
from tests.browser.door import Door
from tests.browser.kept import expect_kept
from tests.world import World

AMARA, BEN, GWEN = "Amara of Birch", "Ben Classmate", "Gwen Grown"

Network = Callable[[BrowserContext, bool], None]
Device = Callable[[], BrowserContext]


@pytest.fixture
def address(world: World) -> str:
    return f"/groups/{world.own.group.uuid}/"


@pytest.fixture
def device(browser: Browser, open_server: str, tmp_path) -> Iterator[Device]:
    """A browser that can be closed and opened again, with what it keeps on its disk; workers run in it."""
    opened: list[BrowserContext] = []

    def open_browser() -> BrowserContext:
        for context in opened:
            context.close()
        context = browser.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=chromium.find(),
            args=chromium.FLAGS,
            base_url=open_server,
            viewport={"width": 1280, "height": 900},
            locale="en-US",
        )
        opened[:] = [context]
        return context

    yield open_browser
    for context in opened:
        context.close()


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    context.clear_cookies()
    context.add_cookies([session_of(user, url)])


def cell(page: Page, student: str) -> Locator:
    row = page.locator("tbody tr", has=page.get_by_role("link", name=student, exact=True))
    return row.locator("td").first.locator(".level")


def type_in(page: Page, student: str, keys: str) -> None:
    cell(page, student).focus()
    for key in keys:
        page.keyboard.press(key)


def expect_sync(page: Page, text: str) -> None:
    expect(page.locator("#sync:not([hidden])")).to_have_text(re.compile(rf"^\s*{re.escape(text)}\s*$"))


def both_logs() -> list[tuple[str, str, str]]:
    """(given name, evidence, judgement) of each mark, in the order in which they were recorded."""
    judged = dict(Judgement.objects.values_list("based_on_id", "level"))
    rows = Assessment.objects.order_by("recorded_at", "pk").values_list("student__given_name", "level", "pk")
    return [(name, f"{level:.1f}", f"{judged[pk]:.1f}") for name, level, pk in rows]


def makers() -> set[str]:
    return set(Assessment.objects.values_list("recorder__username", flat=True))


@pytest.fixture
def network(door: Door) -> Network:
    """Take the network from a browser, or give it back. The door is for the worker, whom the browser's switch does
    not always reach.
    """

    def switch(context: BrowserContext, is_there: bool) -> None:
        context.set_offline(not is_there)
        if is_there:
            door.open()
        else:
            door.close()

    return switch


def wait_for_page(page: Page, path: str) -> None:
    """Until the worker has kept it."""
    wait_until(page, lambda: page.evaluate("path => caches.match(path).then(Boolean)", path))


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("This never came to be.")


def test_grid_opens_without_a_network_and_marks_outlive_the_browser(
    world: World, device: Device, open_server: str, network: Network, address: str
) -> None:
    context = device()
    sign_in(context, world.teacher, open_server)
    page = context.new_page()
    page.goto(address)
    wait_for_page(page, address)
    network(context, False)
    type_in(page, BEN, "1")
    expect_sync(page, "Offline. 1 mark kept on this device")

    page.goto("/")
    expect(page.locator("h1")).to_have_text("The server cannot be reached")
    assert violations(page) == []
    page.get_by_role("link", name=world.own.group.name).click()
    expect(cell(page, BEN)).to_have_text("1.0")
    expect(page.locator("#messages")).to_contain_text("This is the page as you saw it on")
    type_in(page, GWEN, "2.")
    expect_sync(page, "Offline. 2 marks kept on this device")
    assert both_logs() == []

    context = device()
    network(context, False)
    page = context.new_page()
    page.goto(address)
    expect(cell(page, GWEN)).to_have_text("2.5")
    network(context, True)
    page.goto("/")  # not the grid: signing in again, then any page sends what waits
    sign_in(context, world.teacher, open_server)
    page.goto("/")

    expect(page.locator("#messages")).to_contain_text("2 marks that waited on this device are sent now.")
    expect_kept(page, 0)
    assert sorted(both_logs()) == [("Ben", "1.0", "1.0"), ("Gwen", "2.5", "2.5")]


def test_nobody_else_sends_or_sees_what_waits(
    world: World, device: Device, open_server: str, network: Network, address: str
) -> None:
    context = device()
    sign_in(context, world.teacher, open_server)
    page = context.new_page()
    page.goto(address)
    wait_for_page(page, address)
    network(context, False)
    type_in(page, BEN, "3")
    expect_sync(page, "Offline. 1 mark kept on this device")
    page.goto("about:blank")
    sign_in(context, world.co_teacher, open_server)
    network(context, True)

    page.goto("/")
    expect(page.locator("h1")).to_be_visible()
    wait_until(page, lambda: not page.evaluate("path => caches.match(path).then(Boolean)", address))
    expect(page.locator("[data-unsent]")).to_have_count(0)
    page.goto(address)
    expect(page.locator("#grid-notices")).to_contain_text("Marks that somebody else made are waiting")
    expect(cell(page, BEN)).to_have_attribute("value", "")
    expect_kept(page, 1)
    assert both_logs() == []

    sign_in(context, world.teacher, open_server)
    page.goto(address)
    expect_sync(page, "All saved")
    expect_kept(page, 0)
    assert (both_logs(), makers()) == ([("Ben", "3.0", "3.0")], {"teacher"})


def test_worker_sends_after_the_last_page_is_closed(
    world: World, device: Device, open_server: str, network: Network, address: str
) -> None:
    context = device()
    sign_in(context, world.teacher, open_server)
    page = context.new_page()
    page.goto(address)
    wait_for_page(page, address)
    network(context, False)
    type_in(page, BEN, "12")
    expect_sync(page, "Offline. 2 marks kept on this device")
    page.goto("about:blank")
    network(context, True)
    assert both_logs() == []

    session = context.new_cdp_session(page)
    registrations: list[Any] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    (registration,) = {one["registrationId"] for one in registrations}
    event = {"origin": open_server, "registrationId": registration, "tag": "marks", "lastChance": False}
    for _ in range(10):  # as a browser does: where the network was not quite back, it asks the worker again
        session.send("ServiceWorker.dispatchSyncEvent", event)
        page.wait_for_timeout(1000)
        if len(both_logs()) == 2:
            break

    assert sorted(both_logs()) == [("Ben", "1.0", "1.0"), ("Gwen", "2.0", "2.0")]


def test_signing_out_with_marks_that_are_not_sent_asks_first(
    world: World, page_as: Callable[..., Page], address: str
) -> None:
    page = page_as(world.teacher)
    page.goto(address)
    page.context.set_offline(True)
    type_in(page, BEN, "12")
    expect_sync(page, "Offline. 2 marks kept on this device")
    sign_out = page.locator("#account").get_by_role("button", name="Sign out")
    dialog = page.get_by_role("dialog", name="Sign out with marks that are not sent?")

    def ask() -> None:
        page.get_by_role("button", name="Account of").click()
        sign_out.click()

    ask()
    expect(dialog).to_contain_text("2 marks are on this device alone.")
    assert violations(page) == []
    dialog.get_by_role("button", name="Send now").click()
    expect(dialog).to_contain_text("2 marks could not be sent now. You are still signed in.")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    assert both_logs() == []

    page.route("**/marks", lambda route: route.abort())  # the rest of the server is there
    page.context.set_offline(False)
    ask()
    dialog.get_by_role("button", name="Sign out anyway").click()
    page.wait_for_url("**/sign-in")
    expect_kept(page, 2)

    sign_in(page.context, world.teacher, page.url)
    page.goto("/")
    expect(page.locator("[data-unsent]")).to_contain_text("2 marks on this device are not sent yet.")
    assert violations(page) == []
    page.unroute("**/marks")
    ask()
    dialog.get_by_role("button", name="Send now").click()
    page.wait_for_url("**/sign-in")
    expect_kept(page, 0)
    assert sorted(both_logs()) == [("Ben", "1.0", "1.0"), ("Gwen", "2.0", "2.0")]


def test_answer_that_was_lost_makes_one_mark_also_from_another_page(
    world: World, page_as: Callable[..., Page], address: str
) -> None:
    page = page_as(world.teacher)
    page.goto(address)
    answers = []

    def lose_the_answer(route: Route) -> None:
        answers.append(route.fetch().status)
        route.abort()

    page.route("**/marks", lose_the_answer, times=1)
    type_in(page, BEN, "3")
    expect_sync(page, "Offline. 1 mark kept on this device")
    page.goto("/")

    expect(page.locator("[data-unsent]")).to_contain_text("1 mark that waited on this device is sent now.")
    expect_kept(page, 0)
    assert (answers, both_logs()) == ([201], [("Ben", "3.0", "3.0")])


def test_what_the_server_refuses_or_answers_with_a_conflict_is_shown(
    world: World, page_as: Callable[..., Page], address: str
) -> None:
    page = page_as(world.teacher)
    page.goto(address)

    def answer_with_conflict(route: Route) -> None:
        answer = route.fetch()
        content = {**answer.json(), "conflict": {"sentence": "A colleague judged 2.0 meanwhile. Both are kept."}}
        route.fulfill(response=answer, json=content)

    page.route("**/marks", answer_with_conflict, times=1)
    type_in(page, BEN, "3")
    notices = page.locator("#grid-notices")
    expect(notices).to_contain_text(f"{BEN}, FR.1: your 3.0 is saved. A colleague judged 2.0 meanwhile.")
    expect(cell(page, BEN)).to_have_attribute("data-state", "error")
    page.reload()
    expect(notices).to_contain_text("A colleague judged 2.0 meanwhile.")
    notices.get_by_role("button", name="Seen").click()
    expect(notices).to_be_empty()
    expect(cell(page, BEN)).to_have_text("3.0")
    expect_kept(page, 0)

    Staffing.objects.filter(user=world.teacher).update(ends_on=world.own.group.starts_on - timedelta(days=60))
    type_in(page, GWEN, "1")
    expect(notices).to_contain_text(f"{GWEN}, FR.1: 1.0 was not saved.")
    page.goto("/")
    expect(page.locator("[data-unsent]")).to_contain_text("1 mark was not saved. Open the group to see why.")
    expect_kept(page, 1)
    assert both_logs() == [("Ben", "3.0", "3.0")]


def test_two_windows_send_each_mark_once_and_a_block_in_one_request(
    world: World, page_as: Callable[..., Page], address: str
) -> None:
    first = page_as(world.teacher)
    second = first.context.new_page()
    sent: list[str] = []
    first.context.on("requestfinished", lambda one: sent.append(one.url) if one.method == "POST" else None)
    for page in (first, second):
        page.goto(address)
    first.context.set_offline(True)
    type_in(first, AMARA, "1")
    expect_sync(first, "Offline. 1 mark kept on this device")
    student, target = (
        first.locator(where).first.get_attribute(name)
        for where, name in (("tbody tr", "data-s"), ("thead th[data-t]", "data-t"))
    )
    second.evaluate(ADD_BLOCK, [student, target])
    expect_sync(second, "Offline. 2 marks kept on this device")

    first.context.set_offline(False)

    for page in (first, second):
        expect_sync(page, "All saved")
    expect_kept(first, 0)
    assert sorted(url.rpartition("/")[2] for url in sent) == ["batch", "marks"]
    assert sorted(both_logs()) == [("Amara", "1.0", "1.0"), ("Ben", "2.0", "2.0"), ("Ben", "3.0", "3.0")]


def test_marks_that_an_earlier_version_kept_are_sent(world: World, page_as: Callable[..., Page], address: str) -> None:
    page = page_as(world.teacher)
    page.goto(address)
    page.context.set_offline(True)
    type_in(page, BEN, "3")
    expect_sync(page, "Offline. 1 mark kept on this device")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto("/healthz")  # which sends nothing
    page.evaluate(TO_LOCAL_STORAGE)
    page.goto("/")

    expect(page.locator("[data-unsent]")).to_contain_text("1 mark that waited on this device is sent now.")
    expect_kept(page, 0)
    assert both_logs() == [("Ben", "3.0", "3.0")]


TO_LOCAL_STORAGE = """() => new Promise(resolve => {
  indexedDB.open('cairn').onsuccess = ({ target: { result } }) => {
    const marks = result.transaction('marks', 'readwrite').objectStore('marks');
    marks.getAll().onsuccess = ({ target }) => {
      for (const { person, ...op } of target.result) localStorage.setItem(op.key, JSON.stringify(op));
      marks.clear().onsuccess = () => { result.close(); resolve(); };
    };
  };
})"""

ADD_BLOCK = """async ([student, target]) => {
  const { Queue } = await import('/static/js/marks/queue.js');
  const common = { kind: 'mark', student, target, block: 'one', before: {} };
  for (const level of ['2.0', '3.0']) Queue.here.add({ ...common, level });
}"""
