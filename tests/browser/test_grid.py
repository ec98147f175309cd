"""The grid as a teacher uses it: keys, the picker, and marks that are not lost whatever happens."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from curriculum.models import Scale, Target, Topic
from lpm.people.models import Staffing
from students.mastery.models import Assessment, MasteryState
from students.mastery.services import record_mark
from tests.browser.conftest import scrolls_sideways, violations
from tests.browser.kept import expect_kept
from tests.world import PASSWORD, enroll

D = Decimal
AMARA, BEN, GWEN = "Amara of Birch", "Ben Classmate", "Gwen Grown"


@pytest.fixture
def grid(world, page_as):
    """The grid of the own class, open for its teacher."""

    def open_grid(who="teacher", width=1280, **options):
        page = page_as(world.people[who], width=width, **options)
        page.goto(f"/groups/{world.own.group.uuid}/")
        return page

    return open_grid


def cell(page, student, target=1):
    row = page.locator("tbody tr", has=page.get_by_role("link", name=student, exact=True))
    return row.locator("td").nth(target - 1).locator(".level")


def type_in(page, student, keys, target=1):
    cell(page, student, target).focus()
    for key in keys:
        page.keyboard.press(key)


def expect_sync(page, text):
    expect(page.locator("#sync:not([hidden])")).to_have_text(re.compile(rf"^\s*{re.escape(text)}\s*$"))


def focused(page):
    """Student and number of the target that has the focus."""
    return page.evaluate(
        """(([row, cell]) => [row.querySelector('.rowhead').textContent, cell.cellIndex])(
            [document.activeElement.closest('tr'), document.activeElement.closest('td, th')])"""
    )


def log():
    """The assessments in the order in which they were recorded: kind, given name, level."""
    rows = Assessment.objects.order_by("recorded_at", "pk")
    return [
        (kind, name, None if level is None else f"{level:.1f}")
        for kind, name, level in rows.values_list("kind", "student__given_name", "level")
    ]


def mark(world, level, who="teacher"):
    from lpm.lib.dates import school_day

    day = school_day("America/New_York")
    return record_mark(
        uuid=uuid4(),
        recorder=world.people[who],
        student=world.own.student,
        target=world.targets[0],
        level=D(level),
        performed_on=day,
        day=day,
        group=world.own.group,
    )


def stop_teaching(world):
    ended = world.own.group.starts_on - timedelta(days=60)
    Staffing.objects.filter(user=world.teacher).update(ends_on=ended)


def sign_in(page, username):
    page.get_by_label("Password").wait_for()
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.primary").click()


# --- keys


def test_level_is_saved_and_the_focus_goes_down(grid):
    page = grid()

    type_in(page, BEN, "3")

    assert focused(page) == [GWEN, 1]
    expect(cell(page, BEN)).to_have_attribute("data-state", "saved")
    expect_sync(page, "All saved")
    expect(page.locator("#announce")).to_have_text(f"{BEN}, FR.1: 3.0 saved")
    expect(page.locator("tfoot td").first).to_have_text("1 of 3")
    assert log() == [("score", "Ben", "3.0")]
    expect_kept(page, 0)


def test_levels_typed_one_after_the_other_are_all_saved(grid):
    page = grid()

    type_in(page, BEN, "123")

    expect_sync(page, "All saved")
    page.reload()
    assert [cell(page, name).get_attribute("value") for name in (BEN, GWEN, AMARA)] == ["1.0", "2.0", "3.0"]
    assert log() == [("score", "Ben", "1.0"), ("score", "Gwen", "2.0"), ("score", "Amara", "3.0")]


def test_half_point_right_after_a_level_is_one_mark_on_the_cell_just_marked(grid):
    page = grid()

    type_in(page, BEN, "2.")

    expect_sync(page, "All saved")
    expect(cell(page, BEN)).to_have_text("2.5")
    expect(cell(page, GWEN)).to_have_attribute("value", "")
    assert log() == [("score", "Ben", "2.5")]


def test_half_point_that_comes_late_replaces_the_mark(grid):
    page = grid()
    type_in(page, BEN, "2")
    expect(cell(page, BEN)).to_have_attribute("data-state", "saved")

    page.keyboard.press("5")

    expect(cell(page, BEN)).to_have_text("2.5")
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "2.0"), ("void", "Ben", None), ("score", "Ben", "2.5")]
    assert MasteryState.objects.get().score_count == 1


def test_half_point_after_moving_belongs_to_the_cell_in_focus(grid):
    page = grid()
    type_in(page, BEN, "2")
    type_in(page, GWEN, "1")

    type_in(page, BEN, ".")

    expect_sync(page, "All saved")
    assert sorted(log()) == [("score", "Ben", "2.0"), ("score", "Ben", "2.5"), ("score", "Gwen", "1.0")]


def test_plus_and_minus_of_one_gesture_are_one_mark(world, grid):
    mark(world, "2.0")
    page = grid()

    type_in(page, AMARA, "++-+")

    page.keyboard.press("ArrowUp")
    expect_sync(page, "All saved")
    expect(cell(page, AMARA)).to_have_text("3.0")
    assert log() == [("score", "Amara", "2.0"), ("score", "Amara", "3.0")]


@pytest.mark.parametrize(("onward", "then"), [("across", [BEN, 2]), ("nowhere", [BEN, 1])])
def test_direction_after_a_level_is_chosen_and_remembered(onward, then, grid):
    page = grid()
    cell(page, BEN).focus()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text(onward, exact=True).click()
    page.keyboard.press("Escape")
    page.reload()

    type_in(page, BEN, "3")

    assert focused(page) == then
    expect_sync(page, "All saved")


def test_arrows_move_over_cells_students_and_targets(grid):
    page = grid()
    cell(page, BEN).focus()
    seen = []
    for key in ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft", "End", "Control+Home", "Control+End", "PageUp"]:
        page.keyboard.press(key)
        seen.append(focused(page))

    assert seen == [
        [BEN, 2],
        [GWEN, 2],
        [GWEN, 1],
        [GWEN, 0],
        [GWEN, 4],
        [BEN, 1],
        [AMARA, 4],
        [BEN, 4],
    ]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_contain_text("I can take step 4")


def test_grid_is_one_tab_stop(grid):
    page = grid()

    for target in (1, 3):
        cell(page, GWEN, target).focus()
        assert page.locator("table.grid [tabindex='0']").count() == 1
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.closest('.gridbox')") is None
        cell(page, GWEN, target).focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.gridbox')") is None


def test_box_of_the_grid_can_be_scrolled_by_keys_without_a_script(grid):
    page = grid(java_script_enabled=False)

    expect(page.locator(".gridbox")).to_have_attribute("tabindex", "0")
    expect(page.locator("#sync")).to_be_hidden()


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (["9"], "9.0 is not a level here."),
        (["+"], "There is no level here yet. Type one first."),
        (["."], "There is no level here yet. Type one first."),
        (["Delete"], "There is no mark of yours from today to take back."),
        (["Control+z"], "There is no mark of yours from today to take back."),
    ],
)
def test_key_that_does_nothing_says_why_for_all_to_see(keys, sentence, grid):
    page = grid()
    page.clock.install()
    before = page.locator(".gridbox").bounding_box()

    type_in(page, BEN, keys)

    expect(page.locator("#hint")).to_be_visible()
    expect(page.locator("#hint")).to_have_text(sentence)
    expect(page.locator("#announce")).to_have_text(sentence)
    assert page.locator(".gridbox").bounding_box() == before
    assert focused(page) == [BEN, 1]
    page.clock.fast_forward(8000)
    expect(page.locator("#hint")).to_be_hidden()


def test_hint_is_never_over_the_focus(world, grid):
    for number in range(30):
        enroll(world.own.group, given_name=f"Student {number}", family_name="Z")
    page = grid(width=390)
    cell(page, BEN).focus()

    covered = []
    for key in ["9", "Control+End", "9", "PageUp", "PageUp", "9", "Tab", "Shift+Tab"]:
        page.keyboard.press(key)
        if page.evaluate(UNDER_HINT):
            covered.append(key)

    assert covered == []

    cell(page, BEN).focus()
    page.evaluate("scrollTo(0, 0)")
    bottom = cell(page, BEN).bounding_box()["y"] + 40
    page.set_viewport_size({"width": 390, "height": int(bottom)})  # the cell is where the hint would be
    page.keyboard.press("9")
    expect(page.locator("#hint")).to_have_class("hint above")
    assert not page.evaluate(UNDER_HINT)


@pytest.fixture
def step(world):
    """Another step for the scale of the curriculum."""

    def set_step(value):
        Scale.objects.filter(pk=world.topic.area.framework.scale_id).update(step=D(value))

    return set_step


@pytest.mark.parametrize(
    ("size", "keys", "level"), [("0.25", "2+", "2.25"), ("0.25", "2.", "2.5"), ("0.20", "2.", "2.2")]
)
def test_levels_follow_the_step_of_the_scale(size, keys, level, step, grid):
    step(size)
    page = grid()
    page.evaluate("localStorage.setItem('cairn.grid.onward', 'stay')")

    type_in(page, BEN, keys)

    expect(cell(page, BEN)).to_have_text(level)
    expect_sync(page, "All saved")
    expect(cell(page, BEN)).to_have_text(level)
    page.reload()
    expect(cell(page, BEN)).to_have_text(level)
    assert list(Assessment.objects.values_list("level", flat=True)) == [D(level)]


def test_half_point_where_the_scale_has_whole_levels_alone_says_so(step, grid):
    step("1.00")
    page = grid()

    type_in(page, BEN, "2.")

    expect(page.locator("#hint")).to_have_text("There is no half point above this level.")
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "2.0")]


def test_undo_takes_back_the_last_mark(world, grid):
    mark(world, "1.0")
    page = grid()
    type_in(page, AMARA, "3")
    expect(cell(page, AMARA)).to_have_attribute("data-state", "saved")

    page.keyboard.press("Control+z")

    expect(cell(page, AMARA)).to_have_text("1.0")
    expect(page.locator("#announce")).to_have_text(f"{AMARA}, FR.1: mark taken back. Now 1.0")
    assert focused(page) == [AMARA, 1]
    assert log() == [("score", "Amara", "1.0"), ("score", "Amara", "3.0"), ("void", "Amara", None)]


def test_undo_of_a_mark_that_is_not_sent_yet_leaves_no_trace(grid):
    page = grid()
    page.context.set_offline(True)
    type_in(page, BEN, "1")
    type_in(page, GWEN, ["3", "Control+z"])

    page.context.set_offline(False)

    expect_sync(page, "All saved")
    expect(cell(page, GWEN)).to_have_attribute("value", "")
    assert log() == [("score", "Ben", "1.0")]


def test_delete_takes_back_my_mark_of_today_and_no_other(world, grid):
    mark(world, "1.0", who="co_teacher")
    mark(world, "3.0")
    page = grid()

    type_in(page, AMARA, ["Delete"])

    expect(cell(page, AMARA)).to_have_text("1.0")
    expect_sync(page, "All saved")
    type_in(page, AMARA, ["Delete"])
    expect(page.locator("#announce")).to_have_text("This mark is not yours from today, so it stays.")
    expect(page.locator("#hint")).to_have_text("This mark is not yours from today, so it stays.")
    assert [kind for kind, *_ in log()] == ["score", "score", "void"]


# --- the picker


def test_picker_by_keys(world, grid):
    mark(world, "2.0")
    page = grid()
    cell(page, AMARA).focus()

    page.keyboard.press("Enter")
    picker = page.locator("#picker")
    expect(picker).to_contain_text("Step 1 at 3")
    expect(picker).to_contain_text("I can take step 1")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(picker).to_be_hidden()
    assert focused(page) == [AMARA, 1]
    expect(cell(page, AMARA)).to_have_text("2.5")
    expect_sync(page, "All saved")
    assert log() == [("score", "Amara", "2.0"), ("score", "Amara", "2.5")]


def test_picker_left_without_a_choice_records_nothing(world, grid):
    mark(world, "2.0")
    page = grid()
    for leave in ("Escape", "Enter"):
        type_in(page, AMARA, ["Enter"])
        expect(page.locator("#picker")).to_be_visible()
        page.keyboard.press(leave)
        expect(page.locator("#picker")).to_be_hidden()
        assert focused(page) == [AMARA, 1]

    assert log() == [("score", "Amara", "2.0")]


@pytest.mark.parametrize("width", [1280, 390])
def test_picker_by_pointer_saves_and_closes(width, grid):
    page = grid(width=width)
    cell(page, BEN).click()

    page.locator("#picker label", has_text="Step 1 at 4").click(position={"x": 20, "y": 10})

    expect(page.locator("#picker")).to_be_hidden()
    expect(cell(page, BEN)).to_have_text("4.0")
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "4.0")]


def test_picker_dates_the_mark_and_undoes_it(grid):
    page = grid()
    cell(page, BEN).click()
    seen_on = page.locator("#picker [name=performed_on]")
    earlier = page.evaluate("new Date(Date.now() - 5 * 864e5).toISOString().slice(0, 10)")
    seen_on.fill(earlier)
    page.locator("#picker label", has_text="Step 1 at 2").click()
    expect_sync(page, "All saved")
    assert str(Assessment.objects.get().performed_on) == earlier

    cell(page, BEN).click()
    expect(page.locator("#picker details:not(.more)")).to_contain_text("1 piece of evidence")
    page.get_by_role("button", name="Undo my last mark").click()

    expect(cell(page, BEN)).to_have_attribute("value", "")
    expect_sync(page, "All saved")
    assert [kind for kind, *_ in log()] == ["score", "void"]


@pytest.mark.parametrize("width", [1280, 390])
def test_picker_offline_offers_the_levels_without_the_guide(width, grid):
    page = grid(width=width, has_touch=width < 400)
    page.context.set_offline(True)

    cell(page, BEN).click()

    picker = page.locator("#picker")
    expect(picker).to_contain_text("Offline: only the levels. The guide comes back later.")
    expect(picker).to_contain_text("I can take step 1")
    expect(picker).to_contain_text("All of 2.0, and part of 3.0")
    assert picker.locator("input").evaluate_all("all => all.map(one => one.value)") == [
        f"{n / 2:.1f}" for n in range(8, -1, -1)
    ]
    assert page.evaluate("document.activeElement.value") == "3.0"
    assert violations(page) == []
    picker.locator("label", has_text="going further").first.click()
    expect(picker).to_be_hidden()
    expect(cell(page, BEN)).to_have_text("4.0")
    expect_sync(page, "Offline. 1 mark kept on this device")
    page.context.set_offline(False)
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "4.0")]


def test_picker_of_a_student_who_may_not_be_marked_any_more_says_so(world, grid):
    page = grid()
    stop_teaching(world)

    cell(page, BEN).click()

    expect(page.locator("#hint")).to_contain_text("You cannot record levels for this student")
    expect(page.locator("#picker")).to_be_hidden()


# --- marks that are not lost


def test_marks_made_offline_are_kept_and_sent(grid):
    page = grid()
    page.context.set_offline(True)

    type_in(page, BEN, "12")

    expect_sync(page, "Offline. 2 marks kept on this device")
    expect(cell(page, BEN)).to_have_attribute("data-state", "queued")
    expect(cell(page, BEN)).to_have_text("1.0")
    assert log() == []
    page.context.set_offline(False)
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "1.0"), ("score", "Gwen", "2.0")]


def test_marks_made_offline_are_sent_when_the_page_is_opened_again(world, grid):
    page = grid()
    page.context.set_offline(True)
    type_in(page, BEN, "12")
    expect_sync(page, "Offline. 2 marks kept on this device")
    page.goto("about:blank")
    page.context.set_offline(False)

    page.goto(f"/groups/{world.own.group.uuid}/")

    expect_sync(page, "All saved")
    expect(cell(page, GWEN)).to_have_text("2.0")
    assert sorted(log()) == [("score", "Ben", "1.0"), ("score", "Gwen", "2.0")]


def test_mark_survives_leaving_the_page_at_once(world, grid):
    page = grid()

    type_in(page, BEN, "3")
    page.goto("/")
    page.goto(f"/groups/{world.own.group.uuid}/")

    expect_sync(page, "All saved")
    expect(cell(page, BEN)).to_have_text("3.0")
    assert log() == [("score", "Ben", "3.0")]
    expect_kept(page, 0)


def test_answer_that_never_arrived_makes_no_second_mark(grid):
    page = grid()
    lost = []

    def lose_the_answer(route):
        lost.append(route.fetch())
        route.abort()

    page.route("**/marks", lose_the_answer, times=1)
    type_in(page, BEN, "3")
    expect_sync(page, "Offline. 1 mark kept on this device")

    page.evaluate("dispatchEvent(new Event('online'))")

    expect_sync(page, "All saved")
    assert [answer.status for answer in lost] == [201]
    assert log() == [("score", "Ben", "3.0")]


def test_marks_wait_for_the_same_person_to_sign_in_again(grid):
    page = grid()
    page.context.clear_cookies(name="sessionid")

    type_in(page, BEN, "12")

    notice = page.locator("#grid-notices")
    expect(notice).to_contain_text("You were signed out. Your 2 marks are kept on this device")
    expect_sync(page, "2 marks kept on this device")
    assert log() == []
    notice.get_by_role("link", name="Sign in").click()
    sign_in(page, "co_teacher")
    expect(notice).to_contain_text("Marks that somebody else made are waiting on this device")
    expect(cell(page, BEN)).to_have_attribute("value", "")
    assert log() == []
    expect_kept(page, 2)

    page.context.clear_cookies(name="sessionid")
    page.reload()
    sign_in(page, "teacher")

    expect(cell(page, GWEN)).to_have_text("2.0")
    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "1.0"), ("score", "Gwen", "2.0")]
    assert set(Assessment.objects.values_list("recorder__username", flat=True)) == {"teacher"}


def test_mark_is_not_sent_as_somebody_who_signed_in_in_another_window(grid):
    page = grid()
    page.context.clear_cookies(name="sessionid")
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in(other, "co_teacher")
    other.wait_for_url("**/")

    type_in(page, BEN, "3")

    expect(page.locator("#grid-notices")).to_contain_text("Somebody else has signed in here")
    expect(page.locator("#grid-notices").get_by_role("link", name="Sign in")).to_be_visible()
    assert log() == []
    expect_kept(page, 1)


def test_mark_after_the_token_was_lost_is_saved_with_a_fresh_one(grid):
    page = grid()
    page.context.clear_cookies(name="csrftoken")

    type_in(page, BEN, "3")

    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "3.0")]


def test_refused_mark_stays_until_it_is_dismissed(world, grid):
    mark(world, "1.0")
    page = grid()
    stop_teaching(world)

    type_in(page, AMARA, "3")

    notice = page.locator("#grid-notices")
    expect(notice).to_contain_text(f"{AMARA}, FR.1: 3.0 was not saved.")
    expect(cell(page, AMARA)).to_have_attribute("data-state", "error")
    expect(cell(page, AMARA)).to_have_text("3.0")
    expect_sync(page, "1 mark not saved")
    assert violations(page) == []

    notice.get_by_role("button", name="Discard").click()

    expect(notice).to_be_empty()
    expect(cell(page, AMARA)).to_have_text("1.0")
    expect_sync(page, "All saved")
    assert log() == [("score", "Amara", "1.0")]
    expect_kept(page, 0)


def test_refused_mark_can_be_tried_again(world, grid):
    page = grid()
    stop_teaching(world)
    type_in(page, BEN, "3")
    expect(page.locator("#grid-notices")).to_contain_text("was not saved")
    Staffing.objects.filter(user=world.teacher).update(ends_on=None)

    page.get_by_role("button", name="Try again").click()

    expect_sync(page, "All saved")
    assert log() == [("score", "Ben", "3.0")]


def test_mark_written_although_the_server_broke_is_not_written_again(grid):
    page = grid()
    written = []

    def write_and_break(route):
        written.append(route.fetch().status)
        route.fulfill(status=500)

    page.route("**/marks", write_and_break)
    type_in(page, BEN, "3")
    for _ in range(2):
        expect(page.locator("#sync")).to_have_attribute("data-state", "offline")
        page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Try again").wait_for()
    page.unroute("**/marks")

    page.get_by_role("button", name="Try again").click()

    expect_sync(page, "All saved")
    assert written == [201, 200, 200]
    assert log() == [("score", "Ben", "3.0")]


def test_mark_whose_identity_is_taken_gets_a_new_one(world, grid):
    taken = mark(world, "1.0").assessment.uuid
    page = grid()
    page.evaluate(f"crypto.randomUUID = () => '{taken}'")
    type_in(page, BEN, "3")
    page.get_by_role("button", name="Try again").wait_for()
    page.evaluate("delete crypto.randomUUID")

    page.get_by_role("button", name="Try again").click()

    expect_sync(page, "All saved")
    assert log() == [("score", "Amara", "1.0"), ("score", "Ben", "3.0")]


def test_page_that_asks_by_itself_says_once_that_the_server_is_away(grid):
    page = grid()
    page.evaluate(
        """() => {
          window.said = 0;
          new MutationObserver(all => { said += all.filter(one => one.addedNodes.length).length; })
            .observe(document.querySelector('#messages'), { childList: true });
          const polled = document.createElement('div');
          for (const [name, value] of [['hx-get', location.href], ['hx-trigger', 'every 200ms'], ['hx-swap', 'none']]) {
            polled.setAttribute(name, value);
          }
          document.querySelector('main').append(polled);
          htmx.process(polled);
        }"""
    )

    page.context.set_offline(True)
    expect(page.locator("#messages")).to_contain_text("We could not reach the school’s server.")
    page.wait_for_timeout(1200)

    assert page.evaluate("said") == 1
    page.context.set_offline(False)
    expect(page.locator("#messages .notice")).to_have_count(0)


def test_marks_of_somebody_else_are_not_said_on_other_pages(world, grid):
    page = grid()
    page.evaluate(f"localStorage.setItem('cairn.mark.{world.co_teacher.uuid}.1.1.x', '{{}}')")

    page.goto("/")

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#messages .notice")).to_have_count(0)


# --- who may only look, and who has no script


def test_leader_moves_and_records_nothing(world, grid):
    mark(world, "2.0")
    page = grid("leader")
    page.locator("tbody td").first.focus()

    for key in ["ArrowDown", "3", "Enter", "Delete", "Control+z"]:
        page.keyboard.press(key)

    assert focused(page) == [GWEN, 1]
    assert violations(page) == []
    assert log() == [("score", "Amara", "2.0")]


def test_mark_without_a_script(world, grid):
    page = grid(java_script_enabled=False)
    cell(page, BEN).click()
    page.locator("label", has_text="Step 1 at 3").click()
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#messages")).to_contain_text("Saved")
    expect(cell(page, BEN)).to_have_text("3.0")
    cell(page, BEN).click()
    page.get_by_role("button", name="Undo my last mark").click()
    expect(cell(page, BEN)).to_have_attribute("value", "")
    assert log() == [("score", "Ben", "3.0"), ("void", "Ben", None)]


def test_level_chosen_without_a_script_is_there_after_signing_in_again(world, grid):
    page = grid(java_script_enabled=False)
    cell(page, BEN).click()
    page.context.clear_cookies(name="sessionid")
    page.locator("label", has_text="Step 1 at 3").click()
    page.get_by_role("button", name="Save").click()

    sign_in(page, "teacher")

    expect(page.locator("main")).to_contain_text("Your choice is still here")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("Saved")
    assert log() == [("score", "Ben", "3.0")]


# --- access for everybody


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_grid_is_accessible_with_everything_open(width, scheme, world, grid):
    enroll(world.own.group, given_name="Wolfgang Amadeus", family_name="Hubertus-Bergerstein-Wolf")
    mark(world, "2.0")
    page = grid(width=width, color_scheme=scheme)
    assert violations(page) == []

    cell(page, AMARA).click()
    expect(page.locator("#picker")).to_be_visible()
    page.locator("#picker details:not(.more) summary").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("thead button").first.click()
    expect(page.locator("#about")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_focus_is_never_under_what_is_sticky(world, grid):
    for number in range(30):
        enroll(world.own.group, given_name=f"Student {number}", family_name="Z")
    page = grid(width=390)
    cell(page, BEN, 4).focus()

    hidden = []
    for key in ["PageDown"] * 3 + ["ArrowUp"] * 9 + ["Home", "Control+End", "PageUp"] + ["ArrowLeft"] * 3:
        page.keyboard.press(key)
        if page.evaluate(UNDER_STICKY):
            hidden.append((key, focused(page)))

    assert hidden == []


LONG_TITLE = "Fractions, decimals and percentages: comparing, ordering and computing with all of them now"


@pytest.mark.parametrize("title", ["Fractions", LONG_TITLE], ids=["short", "long"])
@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_title_of_a_topic_and_what_is_beside_it_have_room(title, width, world, grid):
    Topic.objects.filter(pk=world.topic.pk).update(title=title)
    page = grid(width=width)

    head, select = (page.locator(where).bounding_box() for where in (".pagehead", "#topic"))

    assert not scrolls_sideways(page)
    assert select["x"] + select["width"] <= head["x"] + head["width"] + 1
    assert page.locator(".gridbar :is(select, .seg)").evaluate_all(OVERLAPS) == []


def test_whole_line_of_a_choice_takes_the_click(grid):
    page = grid()
    cell(page, BEN).focus()
    page.keyboard.press("?")

    assert (
        page.get_by_role("dialog")
        .locator(".seg label")
        .evaluate_all(
            """labels => labels.map(label => {
          const box = label.getBoundingClientRect();
          return document.elementFromPoint(box.right - 3, box.top + 3) === label.querySelector('input');
        })"""
        )
        == [True] * 3
    )


def test_place_of_the_messages_takes_no_room_when_it_is_empty(grid):
    page = grid()

    assert page.locator("#messages").evaluate("one => getComputedStyle(one).marginBlockEnd") == "0px"


def test_printed_grid_has_all_columns_on_the_sheet(world, grid):
    for number in range(5, 26):
        Target.objects.create(
            topic=world.topic,
            case_identifier=f"more-{number}",
            code=f"FR.{number}",
            short_title=f"Step {number} with equivalent denominators and more words than a head shows",
            statement="Takes the step.",
            i_can="I can take it.",
            position=number,
        )
    mark(world, "2.5")
    page = grid()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 979, "height": 700})  # Letter on its side, less the margins

    assert page.locator("thead tr:last-child th").count() == 25
    assert not scrolls_sideways(page)
    cut = page.locator(".grid :is(th, td, button, a, span:not(.sr), b)").evaluate_all(
        """all => all.filter(one => getComputedStyle(one).overflow !== 'visible'
          && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
          .map(one => one.outerHTML.slice(0, 90))"""
    )
    assert cut == []
    expect(page.locator("p.print-only")).to_have_text(re.compile(re.escape(world.own.school.name)))
    assert page.locator(".gridbox").evaluate("one => getComputedStyle(one).borderTopWidth") == "0px"
    assert page.evaluate("getComputedStyle(document.body).page") == "wide"


def test_head_of_a_column_ends_with_an_ellipsis(world, grid):
    Target.objects.filter(pk=world.targets[0].pk).update(
        short_title="Equivalent fractions with unlike denominators and more words than fit"
    )
    page = grid()

    lines = page.locator("thead button span").first.evaluate(
        "one => [getComputedStyle(one).webkitLineClamp, "
        "one.getBoundingClientRect().bottom <= one.parentElement.getBoundingClientRect().bottom]"
    )

    assert lines == ["4", True]


OVERLAPS = """all => {
  const boxes = all.map(one => [one.id || one.className, one.getBoundingClientRect()]);
  const isOver = (one, other) => one.top < other.bottom && other.top < one.bottom
    && one.left < other.right && other.left < one.right;
  return boxes.flatMap(([name, box], n) => boxes.slice(n + 1)
    .filter(([, other]) => isOver(box, other)).map(([other]) => [name, other]));
}"""
UNDER_HINT = """(() => {
  if (document.activeElement === document.body) return false;
  const boxOf = element => element.getBoundingClientRect();
  const [one, other] = [document.querySelector('#hint'), document.activeElement].map(boxOf);
  const isLevel = one.top < other.bottom && other.top < one.bottom;
  return one.height > 0 && isLevel && one.left < other.right && other.left < one.right;
})()"""
UNDER_STICKY = """(() => {
  const box = document.activeElement.getBoundingClientRect();
  const edge = (where, side) => document.querySelector(where).getBoundingClientRect()[side];
  return box.top < edge('thead tr:last-child th', 'bottom') - 1
    || box.bottom > edge('tfoot th', 'top') + 1
    || box.left < edge('tbody .rowhead', 'right') - 1;
})()"""
