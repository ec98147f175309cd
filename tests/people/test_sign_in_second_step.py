"""A second step: an app that shows codes, spare codes, passkeys; and those who must have one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.people.enums import Role
from lpm.people.models import PeopleSettings, User
from lpm.people.services.sign_in import remove_second_step
from tests.test_access import ROUTES, address, objects_of
from tests.world import DAY, PASSWORD, World, grant

SIGN_IN, STEP, ACCOUNT = reverse("home:sign-in"), reverse("mfa_authenticate"), reverse("mfa_index")
APP = reverse("mfa_activate_totp")


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def come_in(client: Client, user: User, **more: Any) -> Any:
    return client.post(SIGN_IN, {"username": user.username, "password": PASSWORD, **more})


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def with_app(user: User) -> str:
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def test_with_an_app_the_password_is_not_enough(world: World, client):
    secret = with_app(world.teacher)

    assert come_in(client, world.teacher, next="/curriculum/", own_device="on").url == STEP
    assert who(client) is None
    assert Entry.objects.filter(action="people.sign_in").count() == 0
    assert client.get(STEP).status_code == 200
    assert client.post(STEP, {"code": "000000"}).status_code == 422

    assert client.post(STEP, {"code": code_now(secret)}).url == "/curriculum/"
    assert who(client) == str(world.teacher.pk)
    assert not client.session.get_expire_at_browser_close()
    assert Entry.objects.get(action="people.sign_in").actor_id == world.teacher.pk


def test_a_code_of_an_app_holds_once(world: World):
    secret = with_app(world.teacher)
    code = code_now(secret)
    first, second = Client(), Client()
    for client in (first, second):
        come_in(client, world.teacher)
        client.post(STEP, {"code": code})

    assert [who(first), who(second)] == [str(world.teacher.pk), None]


def test_the_step_is_tried_ten_times_by_whichever_browser(world: World):
    secret = with_app(world.teacher)
    for _ in range(10):
        client = Client()
        come_in(client, world.teacher)
        assert client.post(STEP, {"code": "000000"}).status_code == 422

    client = Client()
    come_in(client, world.teacher)
    assert client.post(STEP, {"code": code_now(secret)}).status_code == 429


def test_a_spare_code_lets_in_once(world: World):
    with_app(world.teacher)
    spare = RecoveryCodes.activate(world.teacher).get_unused_codes()[0]
    seen = []
    for _ in range(2):
        client = Client()
        come_in(client, world.teacher)
        client.post(STEP, {"code": spare})
        seen.append(who(client))

    assert seen == [str(world.teacher.pk), None]


def test_whoever_goes_back_begins_anew(world: World, client):
    with_app(world.teacher)
    come_in(client, world.teacher)

    client.get(SIGN_IN)

    assert client.get(STEP).url == SIGN_IN


def test_somebody_else_with_a_second_step_can_come_in_where_somebody_is(world: World, as_person):
    secret = with_app(world.teacher)
    client = as_person(world.co_teacher)

    come_in(client, world.teacher)
    client.post(STEP, {"code": code_now(secret)})

    assert who(client) == str(world.teacher.pk)


def set_up(client: Client) -> Any:
    assert client.get(APP).status_code == 200
    return client.post(APP, {"code": code_now(client.session["mfa.totp.secret"])})


def test_one_sets_up_an_app_and_is_given_spare_codes(world: World, client):
    come_in(client, world.guardian)
    assert client.post(APP, {"code": "1"}).status_code == 422

    assert set_up(client).url == reverse("mfa_view_recovery_codes")

    page = client.get(reverse("mfa_view_recovery_codes"))
    assert len(page.context["unused_codes"]) == 10
    assert all(code in page.content.decode() for code in page.context["unused_codes"])
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    client.post(reverse("mfa_generate_recovery_codes"))
    assert client.get(ACCOUNT).context["app"].user == world.guardian
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_after_a_while_the_password_is_asked_for_again(world: World, as_person):
    client = as_person(world.guardian)
    again = reverse("account_reauthenticate")
    assert client.get(APP).url == f"{again}?next=%2Faccount%2Fapp"
    assert client.post(f"{again}?next={APP}", {"password": "a wrong one"}).status_code == 422

    assert client.post(f"{again}?next={APP}", {"password": PASSWORD}).url == APP
    assert client.get(APP).status_code == 200


def test_the_password_is_asked_for_again_ten_times(world: World, as_person):
    client = as_person(world.guardian)
    again = reverse("account_reauthenticate")

    for _ in range(10):
        assert client.post(again, {"password": "a wrong one"}).status_code == 422
    assert client.post(again, {"password": PASSWORD}).status_code == 429


@pytest.fixture
def demanding(world: World) -> World:
    PeopleSettings.objects.create(organization=world.own.district, valid_from=DAY, leaders_need_second_factor=True)
    return world


def test_a_leader_reaches_nothing_before_the_second_step_is_set_up(demanding: World, client):
    """Every route of the site, but coming in and out and what it takes to set the step up."""
    come_in(client, demanding.leader)
    things = objects_of(demanding, demanding.places["own"])
    asked = {route: client.get(address(route, things)) for route in ROUTES if route != "home:sign-in"}

    reached = {route for route, answer in asked.items() if answer.headers.get("Location") != ACCOUNT}
    assert reached == {
        "home:sign-out", "home:set-language", "home:healthz", "home:readyz", "home:demo-sign-in", "account_login",
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_set_password",
        "home:manifest", "home:service-worker", "home:offline",
    }  # fmt: skip
    assert "Set one up" in client.get(ACCOUNT).content.decode()

    set_up(client)
    assert client.get(reverse("home:home")).status_code == 200
    assert "second_factor_due" not in client.session


@pytest.mark.parametrize(
    ("name", "is_led"),
    [
        ("leader", True), ("administrator", True), ("privacy_officer", True), ("operator", True),
        ("teacher_here_leader_there", True), ("past_leader", False), ("far_administrator", False), ("office", False),
        ("teacher", False), ("guardian", False),
    ],
)  # fmt: skip
def test_those_who_see_many_are_led_to_the_second_step(name, is_led, demanding: World, client):
    come_in(client, demanding.people[name])

    assert ("second_factor_due" in client.session) is is_led


def test_where_the_school_does_not_ask_only_operators_must(world: World):
    for name, is_led in {"leader": False, "operator": True}.items():
        client = Client()
        come_in(client, world.people[name])
        assert ("second_factor_due" in client.session) is is_led


def test_whoever_must_have_a_second_step_keeps_the_last_one(demanding: World, client):
    secret = with_app(demanding.leader)
    come_in(client, demanding.leader)
    client.post(STEP, {"code": code_now(secret)})

    assert client.post(reverse("mfa_deactivate_totp")).status_code == 422
    assert "Add another one first" in client.get(reverse("mfa_deactivate_totp")).content.decode()
    assert Authenticator.objects.filter(user=demanding.leader).exists()


def key_of(user: User) -> Authenticator:
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Tablet", "credential": {}}
    )


def test_one_removes_ones_own_passkeys_only(world: World, client):
    mine, theirs = key_of(world.guardian), key_of(world.teacher)
    client.force_login(world.guardian)
    assert "Tablet" in client.get(ACCOUNT).content.decode()
    remove = reverse("people:key-remove")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert [client.post(remove, {"key": key}).status_code for key in (theirs.pk, "", "x")] == [404] * 3
    client.post(remove, {"key": mine.pk})

    assert list(Authenticator.objects.values_list("user", flat=True)) == [world.teacher.pk]
    assert Entry.objects.get(action="people.remove_passkey").actor_id == world.guardian.pk


def test_the_last_passkey_stays_where_a_second_step_is_asked_for(demanding: World, client):
    key = key_of(demanding.leader)
    client.force_login(demanding.leader)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    client.post(reverse("people:key-remove"), {"key": key.pk})

    assert "Add another one first" in client.get(ACCOUNT).content.decode()
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize("credential", ["", "{}", '{"id": 1}', "[]", '{"response": {"userHandle": "?"}}'])
def test_a_passkey_that_is_none_lets_nobody_in(credential, client, db):
    login = reverse("mfa_login_webauthn")
    assert client.get(login, headers={"accept": "application/json"}).json()["request_options"]["publicKey"]

    assert client.post(login, {"credential": credential}).url == SIGN_IN
    assert who(client) is None


@pytest.mark.parametrize("credential", ["", "{}", '{"id": 1}', "[]", "1"])
def test_what_is_no_passkey_is_not_added_nor_a_second_step(credential, world: World, client):
    come_in(client, world.guardian)
    add = reverse("mfa_add_webauthn")
    assert client.get(add).status_code == 200
    assert client.post(add, {"name": "Tablet", "credential": credential}).status_code == 422
    assert not Authenticator.objects.exists()
    client.logout()

    with_app(world.guardian)
    come_in(client, world.guardian)
    assert client.post(STEP, {"credential": credential}).status_code == 422
    assert who(client) is None


def test_a_step_that_asks_for_the_password_first_is_no_try(world: World, as_person):
    client = as_person(world.guardian)

    assert [client.post(APP, {"code": "1"}).status_code for _ in range(12)] == [302] * 12


def test_a_passkey_of_somebody_without_a_password_is_asked_for_again(world: World, as_person):
    world.guardian.set_unusable_password()
    world.guardian.save()
    with_app(world.guardian)
    client = as_person(world.guardian)
    again = reverse("mfa_reauthenticate")

    assert client.get(APP).url.startswith(again)
    assert client.get(reverse("mfa_generate_recovery_codes")).url.startswith(again)
    assert client.post(again, {"code": "000000"}).status_code == 422


def test_a_lost_second_step_is_taken_away(world: World):
    with_app(world.teacher)
    kept = with_app(world.co_teacher)
    for actor in (world.teacher, world.co_teacher, world.far_administrator):
        with pytest.raises(PermissionDenied):
            remove_second_step(person=world.teacher, actor=actor, day=DAY)

    assert remove_second_step(person=world.teacher, actor=world.administrator, day=DAY) == 1

    client = Client()
    come_in(client, world.teacher)
    assert who(client) == str(world.teacher.pk)
    entry = Entry.objects.get(action="people.remove_second_step")
    assert (entry.actor_id, entry.subject_uuid, entry.details) == (
        world.administrator.pk,
        world.teacher.uuid,
        {"count": 1},
    )
    assert kept
    assert Authenticator.objects.get().user == world.co_teacher


def test_a_lost_second_step_is_taken_away_from_the_shell(world: World, capsys):
    with_app(world.administrator)

    call_command("remove_second_step", str(world.administrator.uuid))

    assert capsys.readouterr().out == "Keys removed: 1.\n"
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="nobody of this UUID"):
        call_command("remove_second_step", str(world.own.school.uuid))


@pytest.mark.parametrize(("minutes", "is_led"), [(9, False), (11, True)])
def test_whoever_leads_since_they_came_in_is_led_there_too(minutes, is_led, demanding: World, client):
    come_in(client, demanding.teacher, own_device="on")
    grant(demanding.teacher, demanding.own.school, Role.LEADER)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        response = client.get(reverse("home:home"))

        assert (response.status_code == 302 and response.url == ACCOUNT) is is_led
        assert client.session.get_expire_at_browser_close() is is_led
        assert (client.session["ends_at"] - timezone.now().timestamp() <= 10 * 3600) is is_led
