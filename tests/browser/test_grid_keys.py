"""The grid by keys alone: few keys for many cells, blocks, undo and redo, accepting, projecting, colleagues."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from lpm.people.models import Student
from students.mastery.models import Assessment, Remark
from students.mastery.services import record_mark
from tests.browser.conftest import violations
from tests.browser.grids import AMARA, BEN, GWEN, cell, expect_sync, judged, log, press, row_of, shown, type_in
from tests.world import enroll

CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture
def grid(world, page_as):
    """The grid of the own class, open for one of its teachers."""

    def open_grid(who="teacher", query="", clock=False, **options):
        page = page_as(world.people[who], **options)
        if clock:
            page.clock.install()
        page.goto(f"/groups/{world.own.group.uuid}/{query}")
        return page

    return open_grid


@pytest.fixture
def blocks():
    """Counts the requests to the address of blocks of a page."""

    def listen(page):
        found = []
        page.on("request", lambda sent: found.append(sent) if sent.url.endswith("/batch") else None)
        return found

    return listen


def evidence(world, student, level, *, days_ago=0, judges=False, target=0, who="teacher"):
    from lpm.lib.dates import school_day

    day = school_day("America/New_York")
    return record_mark(
        uuid=uuid4(),
        recorder=world.people[who],
        student=Student.objects.get(given_name=student, enrollments__group=world.own.group),
        target=world.targets[target],
        level=Decimal(level),
        performed_on=day - timedelta(days=days_ago),
        day=day,
        group=world.own.group,
        judges=judges,
    )


# --- few keys

WHOLE = [level for _ in range(14) for level in (3, 2, 4, 1, 0)]  # 70 of a hundred; 30 with a half point
LEVELS = [f"{level}.0" for level in WHOLE] + [f"{number % 4}.5" for number in range(30)]
HUNDRED = [LEVELS[number * 37 % 100] for number in range(100)]


def test_a_hundred_cells_take_at_most_one_and_a_half_keys_each(world, grid):
    for number in range(22):
        enroll(world.own.group, given_name=f"Student {number:02}", family_name="Z")
    page = grid()
    page.context.set_offline(True)  # sending them one by one is tested elsewhere
    wanted = [HUNDRED[column * 25 : column * 25 + 25] for column in range(4)]

    cell(page, BEN).focus()
    pressed = 0
    for number, column in enumerate(wanted):
        keys = [key for level in column for key in (level[0], *("." if level.endswith("5") else ""))]
        if number:
            keys = ["Control+Home", *["ArrowRight"] * number, *keys]
        press(page, keys)
        pressed += len(keys)

    assert sum(level.endswith("5") for level in HUNDRED) == 30
    assert pressed <= 150
    assert shown(page) == [list(row) for row in zip(*wanted, strict=True)]
    expect_sync(page, "Offline. 100 marks kept on this device")


# --- blocks


def test_fill_copy_and_paste_are_one_request_each(grid, blocks):
    page = grid(permissions=CLIPBOARD)
    sent = blocks(page)
    type_in(page, BEN, ["3", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown"])
    assert page.locator("td[aria-selected=true]").count() == 3

    press(page, ["Control+d"])
    expect_sync(page, "All saved")
    press(page, ["Control+a", "Shift+ArrowRight", "Control+r"])
    expect_sync(page, "All saved")
    assert shown(page) == [["3.0", "3.0", "", ""]] * 3
    assert len(sent) == 2
    assert [(row[1], row[2]) for row in log()] == [
        *[("Ben", "FR.1"), ("Gwen", "FR.1"), ("Amara", "FR.1")],
        *[("Ben", "FR.2"), ("Gwen", "FR.2"), ("Amara", "FR.2")],
    ]

    cell(page, BEN, 2).focus()
    cell(page, GWEN, 3).click(modifiers=["Shift"])
    press(page, ["Control+c"])
    assert page.evaluate("navigator.clipboard.readText()") == "3.0\t\n3.0\t"
    expect(page.locator("#announce")).to_have_text("4 cells copied")

    page.evaluate("navigator.clipboard.writeText('2,5\\t\\tabc\\n1\\t4\\t0')")
    type_in(page, BEN, ["Control+v"])
    expect(page.locator("#hint")).to_have_text("“abc” in line 1, column 3 is not a level here. Nothing was pasted.")
    page.evaluate("navigator.clipboard.writeText('2,5\\t\\t2.5\\r\\n1\\t4\\t0\\r\\n')")
    type_in(page, AMARA, ["Control+v"])
    expect(page.locator("#hint")).to_have_text("2 lines of 3 cells do not fit from here. Nothing was pasted.")
    assert (len(sent), len(log())) == (2, 6)
    type_in(page, BEN, ["Control+v"], target=2)

    expect_sync(page, "All saved")
    assert shown(page) == [["3.0", "2.5", "", "2.5"], ["3.0", "1.0", "4.0", "0.0"], ["3.0", "3.0", "", ""]]
    assert len(sent) == 3
    assert [row[3] for row in log()[6:]] == ["2.5", "2.5", "1.0", "4.0", "0.0"]


def test_undo_and_redo_go_back_and_forth_over_fifty_actions(world, grid, blocks):
    evidence(world, "Gwen", "1.0", judges=True, target=1)
    page = grid()
    sent = blocks(page)
    type_in(page, BEN, ["3", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d"])
    expect_sync(page, "All saved")

    press(page, ["Control+z"])
    expect_sync(page, "All saved")
    assert [row[0] for row in shown(page)] == ["3.0", "", ""]
    press(page, ["Control+Shift+z"])
    expect_sync(page, "All saved")
    assert [row[0] for row in shown(page)] == ["3.0", "3.0", "3.0"]
    press(page, ["Control+a", "Shift+ArrowRight", "Delete"])  # Gwen's 1.0 of today was made on another page
    expect_sync(page, "All saved")
    assert shown(page) == [["", "", "", ""]] * 3
    press(page, ["Control+z"])
    expect_sync(page, "All saved")
    assert [row[0] for row in shown(page)] == ["3.0", "3.0", "3.0"]
    kinds = [row[0] for row in log()]
    assert (kinds.count("score"), kinds.count("void")) == (1 + 1 + 2 + 2 + 3, 2 + 4)
    assert len(sent) == 6  # fill, undo, redo, two for Delete (made here, and made elsewhere), undo

    page.context.set_offline(True)
    page.evaluate("localStorage.setItem('cairn.grid.onward', 'stay')")
    type_in(page, BEN, [str(number % 5) for number in range(52)], target=3)
    press(page, ["Control+z"] * 50)
    expect(cell(page, BEN, 3)).to_have_text("1.0")
    press(page, ["Control+z"])
    expect(page.locator("#hint")).to_have_text("There is no mark of yours from today to take back.")
    press(page, ["Control+y"] * 50)
    expect(cell(page, BEN, 3)).to_have_text("1.0")
    press(page, ["Control+y"])
    expect(page.locator("#hint")).to_have_text("There is nothing to do again.")
    press(page, ["Control+z"] * 50)
    page.context.set_offline(False)
    expect_sync(page, "All saved")
    assert [row[3] for row in log() if row[2] == "FR.3"] == ["0.0", "1.0"]


# --- accepting, reasons, practice


def test_accepting_by_keys_and_saying_why(world, grid, blocks):
    for name, levels in [("Ben", ["2.0", "2.0"]), ("Gwen", ["1.0", "4.0"]), ("Amara", ["3.0"])]:
        for days_ago, level in enumerate(reversed(levels)):
            evidence(world, name, level, days_ago=days_ago)
    page = grid()
    sent = blocks(page)
    assert page.locator("table.grid .level.suggested").count() == 3

    type_in(page, BEN, ["Shift+A"])

    expect(page.locator("#hint")).to_have_text(
        "2 levels accepted. 1 stays for a look: its newest evidence says something else."
    )
    expect_sync(page, "All saved")
    assert judged() == [("confirmed", "Ben", "2.0"), ("confirmed", "Amara", "3.0")]
    assert page.locator("table.grid .level.suggested").count() == 1
    press(page, ["Control+z"])
    expect_sync(page, "All saved")
    assert page.locator("table.grid .level.suggested").count() == 3
    type_in(page, GWEN, ["a"])
    expect_sync(page, "All saved")
    assert judged()[2:] == [("lifted", "Ben", None), ("lifted", "Amara", None), ("confirmed", "Gwen", "3.0")]
    assert len(sent) == 3

    why = page.locator("#why")
    expect(why).to_be_hidden()
    press(page, ["0"])
    expect(why).to_contain_text(f"{GWEN}, FR.1: 0.0. What made you decide?")
    assert page.evaluate("document.activeElement.matches('table.grid .level')")
    assert violations(page) == []
    why.get_by_role("button", name="saw it in class").click()
    expect(page.locator("#announce")).to_have_text(f"{GWEN}, FR.1: note saved")
    expect(why).to_be_hidden()
    type_in(page, BEN, ["n"])
    press(page, ["Escape"])
    assert Remark.objects.values_list("reason", "student__given_name").get() == ("observed", "Gwen")

    type_in(page, BEN, ["p", "4"], target=2)
    expect_sync(page, "All saved")
    expect(cell(page, BEN, 2)).to_contain_text("practice 4.0")
    expect(cell(page, BEN, 2)).to_have_attribute("value", "")
    expect(page.locator("#practice-on")).to_be_visible()
    press(page, ["p", "3"])
    expect_sync(page, "All saved")
    assert log()[-2:] == [("practice", "Ben", "FR.2", "4.0"), ("score", "Gwen", "FR.2", "3.0")]


def test_evidence_is_shown_beside_the_level_and_one_key_makes_it_the_level(world, grid):
    evidence(world, "Ben", "2.0", judges=True, days_ago=1)
    page = grid(query="?mode=evidence")

    type_in(page, BEN, ["3"])

    expect_sync(page, "All saved")
    expect(cell(page, BEN)).to_have_attribute("value", "3.0")
    expect(cell(page, BEN)).to_contain_text("level 2.0")
    assert judged() == [("set", "Ben", "2.0")]
    type_in(page, BEN, ["a"])
    expect_sync(page, "All saved")
    expect(cell(page, BEN)).not_to_contain_text("level")
    assert [(kind, level) for kind, _, level in judged()][1] in [("set", "3.0"), ("confirmed", "3.0")]


# --- projecting, jumping


def test_names_hide_for_a_projector_and_a_jump_finds_a_place(grid):
    page = grid()
    type_in(page, GWEN, ["n"])
    expect(page.locator("#why")).to_contain_text(GWEN)
    type_in(page, GWEN, ["h"])

    expect(page.locator("#why")).to_be_hidden()
    tree = page.locator("table.grid").aria_snapshot()
    assert [name for name in (AMARA, BEN, GWEN) if name in tree] == []
    assert page.get_by_text(re.compile(f"{AMARA}|{BEN}|{GWEN}")).filter(visible=True).count() == 0
    assert page.locator("table.grid tbody .level:visible").count() == 4
    press(page, ["ArrowDown", "3"])
    expect(page.locator("#announce")).to_have_text("Row 3, FR.1: 3.0 saved")
    page.locator("tbody tr").first.locator("td").nth(1).click(position={"x": 8, "y": 8})
    press(page, ["Escape"])
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.reload()
    assert page.get_by_text(BEN).is_visible() is False
    page.get_by_role("button", name="Show names").click()
    expect(page.get_by_role("link", name=BEN)).to_be_visible()

    type_in(page, BEN, ["j"])
    assert page.locator("#jump-names option").count() == 7
    page.keyboard.type("gwen")
    press(page, ["Enter"])
    expect(cell(page, GWEN)).to_be_focused()
    press(page, ["/"])
    page.keyboard.type("step 3")
    press(page, ["Enter"])
    expect(cell(page, GWEN, 3)).to_be_focused()
    press(page, ["j"])
    page.keyboard.type("nobody")
    press(page, ["Enter"])
    assert page.locator("#jump input").evaluate("one => one.validationMessage") == (
        "There is no student or target like this here."
    )
    assert violations(page) == []


# --- colleagues


def test_two_teachers_see_each_others_marks_and_both_stand(world, grid):
    mine, theirs = grid(clock=True), grid("co_teacher", clock=True)
    type_in(mine, BEN, ["3"])
    expect_sync(mine, "All saved")

    theirs.clock.fast_forward(8000)
    expect(cell(theirs, BEN)).to_have_text("3.0")
    type_in(theirs, GWEN, ["2"])
    expect_sync(theirs, "All saved")
    type_in(mine, GWEN, ["4"])  # before it is seen here

    expect(mine.locator("#grid-notices")).to_contain_text("4.0 is saved")
    expect(mine.locator("#grid-notices")).to_contain_text("2.0")
    expect(cell(mine, GWEN)).to_contain_text("4.0, two people judged this without seeing each other’s level")
    mine.get_by_role("button", name="Seen").click()
    expect(mine.locator("#grid-notices .notice")).to_have_count(0)
    theirs.clock.fast_forward(8000)
    expect(cell(theirs, GWEN)).to_contain_text("4.0")
    rows = Assessment.objects.order_by("recorded_at").values_list("recorder__username", "kind", "level")
    assert list(rows) == [
        ("teacher", "score", Decimal("3.0")),
        ("co_teacher", "score", Decimal("2.0")),
        ("teacher", "score", Decimal("4.0")),
    ]
    assert row_of(mine, GWEN).count() == 1
