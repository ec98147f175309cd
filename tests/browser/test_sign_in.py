"""Coming in as people do it: by keyboard, with a passkey, with a badge; and the look of the pages on the way."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page

from lpm.lib.dates import school_day
from lpm.people.models import Badge
from lpm.people.services.badges import make_badges
from tests.browser.conftest import scrolls_sideways, violations
from tests.world import PASSWORD, World, enroll, person

WIDTHS = [1280, 390]
SHOTS = os.environ.get("LPM_SHOTS")


def look(page: Page, name: str) -> None:
    """The page as it stands is sound in light and dark, and does not scroll sideways."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
        assert violations(page) == []
        assert not scrolls_sideways(page)
        if SHOTS:
            width = page.viewport_size["width"] if page.viewport_size else 0
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)


def type_password(page: Page, name: str) -> None:
    page.goto(reverse("home:sign-in"))
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_coming_in_by_keyboard_alone(world: World, page_as):
    page = page_as(None)
    page.goto(f"{reverse('home:sign-in')}?next=/account/")
    page.get_by_label("Username").focus()
    page.keyboard.type("guardian")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("This is my own device").is_checked()
    page.keyboard.press("Enter")

    page.wait_for_url("**/account/")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_coming_in(width, world: World, page_as, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {"provider_id": "district", "name": "North and Greater Lakes United School District", "client_id": "c"}
            ]
        }
    }
    world.guardian.email = "a.guardian.with.a.long.name@families.north.example"
    world.guardian.save()
    page = page_as(None, width)
    page.goto(reverse("home:sign-in"))
    look(page, "sign-in")
    page.get_by_role("link", name="Get a code by e-mail").click()
    look(page, "code")
    page.get_by_label("E-mail address").fill("nobody")
    page.evaluate("document.querySelector('form').noValidate = true")
    page.get_by_role("button", name="Send me a code").click()
    look(page, "code-wrong")
    page.get_by_label("E-mail address").fill(world.guardian.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill("WRONG")
    page.get_by_role("button", name="Sign in").click()
    look(page, "code-confirm")
    found = re.search(r"[A-Z]{4}-[A-Z]{4}", str(mail.outbox[-1].body))
    assert found
    page.get_by_label("Code").fill(found[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/students/|/family/|/$"))

    page = page_as(None, width)
    page.goto(reverse("account_reset_password"))
    look(page, "reset")
    page.get_by_label("E-mail address").fill(world.guardian.email)
    page.get_by_role("button", name="Send me a code").click()
    found = re.search(r"[A-Z]{4}-[A-Z]{4}", str(mail.outbox[-1].body))
    assert found
    page.get_by_label("Code").fill(found[0])
    page.get_by_role("button", name="Go on").click()
    look(page, "reset-new")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_ones_account(width, world: World, page_as):
    page = page_as(None, width)
    type_password(page, "guardian")
    page.wait_for_url(re.compile("/students/|/family/|/$"))
    page.get_by_role("button", name="Account of Guardian Person").click()
    assert violations(page) == []
    page.get_by_role("link", name="Your account").click()
    look(page, "account-empty")
    page.get_by_role("link", name="Add an app").click()
    look(page, "app")
    page.get_by_role("button", name="Use this app").click()
    page.goto(reverse("usersessions_list"))
    look(page, "sessions")
    page.goto(reverse("account_change_password"))
    look(page, "password")
    page.goto(reverse("account_reauthenticate"))
    look(page, "again")


def virtual_key(page: Page) -> None:
    """A device of the browser's own that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def test_a_passkey_is_added_and_lets_in(world: World, page_as):
    page = page_as(None)
    virtual_key(page)
    type_password(page, "guardian")
    page.goto(reverse("mfa_add_webauthn"))
    look(page, "passkey-add")
    page.get_by_label("What to call it").fill("A telephone with a name that somebody took very seriously")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/account/codes")
    look(page, "spare-codes")
    page.get_by_role("link", name="Done").click()
    look(page, "account")
    assert Authenticator.objects.get(type="webauthn").user == world.guardian
    page.goto(reverse("home:home"))
    page.get_by_role("button", name="Account of Guardian Person").click()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("This is my own device").check()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/students/|/family/|/$"))
    assert [c for c in page.context.cookies() if c.get("name") == "sessionid" and c.get("expires", -1) > 0]

    page.context.clear_cookies()
    type_password(page, "guardian")
    page.wait_for_url("**/sign-in/step")
    look(page, "step")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/students/|/family/|/$"))


def test_a_device_without_a_passkey_says_so(world: World, page_as):
    page = page_as(None)
    page.goto(reverse("home:sign-in"))
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')) }")

    page.get_by_role("button", name="Use a passkey").click()

    page.get_by_text("No passkey came from this device").wait_for()


def test_a_badge_held_up_opens_the_path(world: World, page_as):
    day = school_day("America/New_York")
    [badge] = make_badges(group=world.own.group, student_uuids=[world.own.student.uuid], actor=world.teacher, day=day)
    page = page_as(None, 1024)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{reverse('people:badge-sign-in')}#{badge.code}")
    page.wait_for_url(f"**{reverse('student:path', args=[world.own.student.uuid])}")

    assert not [url for url in asked if badge.code in url.partition("#")[0]]
    look(page, "badge-path")
    page.go_back()
    assert badge.code not in page.url


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_badges(width, world: World, page_as):
    for n in range(8):
        child = enroll(world.own.group, given_name=f"Maximiliana-Theodora {n}", family_name="von Hohenstaufen-Oyelaran")
        child.user = person(f"child{n}", world.own.school)
        child.save()
    enroll(world.own.group, given_name="Noah", family_name="Without")
    page = page_as(world.teacher, width)
    page.goto(reverse("people:group-badges", args=[world.own.group.uuid]))
    look(page, "badges")
    page.get_by_role("button", name="Make new badges").click()
    page.get_by_role("heading", name="Print these badges now").wait_for()
    look(page, "badge-sheet")
    assert Badge.objects.count() == 11
    for paper in ("A4", "Letter"):
        sheets = page.pdf(format=paper)
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 2
        if SHOTS:
            (Path(SHOTS) / f"sheet-{paper}.pdf").write_bytes(sheets)
    page.goto(reverse("people:badge-sign-in"))
    look(page, "badge")
