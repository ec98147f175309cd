"""Codes by e-mail: to sign in, and for a new or a first password. Nothing tells whether an address is known."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.models import User
from tests.world import DAY, PASSWORD, World

REQUEST, CONFIRM = reverse("account_request_login_code"), reverse("account_confirm_login_code")
RESET, RESET_CODE = reverse("account_reset_password"), reverse("account_confirm_password_reset_code")
NEW = reverse("account_complete_password_reset")
ADDRESS = "Tea.Cher@North.example"


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def code_sent() -> str:
    found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[0]


@pytest.fixture
def teacher(world: World) -> User:
    user: User = world.teacher
    user.email = ADDRESS
    user.save()
    return user


def ask(client: Client, address: str = ADDRESS, **more: Any) -> Any:
    return client.post(REQUEST, {"email": address, **more})


def test_a_code_lets_in_whoever_reads_the_address(teacher, client):
    assert client.get(REQUEST).status_code == 200
    response = ask(client, "tea.cher@north.example", own_device="on", next="/curriculum/")
    assert response.url == f"{CONFIRM}?next=%2Fcurriculum%2F"
    assert client.get(CONFIRM).status_code == 200

    response = client.post(f"{CONFIRM}?next=/curriculum/", {"code": code_sent().lower().replace("-", "")})

    assert (response.url, who(client)) == ("/curriculum/", str(teacher.pk))
    assert not client.session.get_expire_at_browser_close()
    entry = Entry.objects.get(action="people.sign_in")
    assert entry.actor_id == teacher.pk


def test_a_code_is_tried_three_times(teacher, client):
    ask(client)
    code = code_sent()
    assert [client.post(CONFIRM, {"code": "WRONG"}).status_code for _ in range(3)] == [422, 422, 302]

    assert client.post(CONFIRM, {"code": code}).url == REQUEST
    assert who(client) is None
    assert Entry.objects.filter(action="people.sign_in_failed").exists()


def test_a_code_holds_for_five_minutes(teacher, client):
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        ask(client)
        clock.shift(timedelta(minutes=5, seconds=1))
        client.post(CONFIRM, {"code": code_sent()})

    assert who(client) is None


def test_a_code_is_of_the_browser_that_asked(teacher, client):
    ask(client)

    Client().post(CONFIRM, {"code": code_sent()})
    assert who(client) is None


@pytest.mark.parametrize("page", [REQUEST, RESET])
def test_nothing_tells_who_is_known(page, teacher):
    answers = []
    for address in (ADDRESS, "nobody@north.example"):
        client = Client()
        response: Any = client.post(page, {"email": address})
        after = re.sub(r'value="[^"]+"|X-CSRFToken": "[^"]+"', "", client.get(response.url).content.decode())
        answers.append((response.status_code, response.url, after))

    assert answers[0] == answers[1]
    assert [message.to[0].lower() for message in mail.outbox] == [ADDRESS.lower(), "nobody@north.example"]
    assert re.search(r"[A-Z]{4}-[A-Z]{4}", str(mail.outbox[0].body))
    assert "nobody of this address" in mail.outbox[1].body


def test_two_who_share_an_address_say_who_they_are(teacher, world: World, client):
    world.co_teacher.email = ADDRESS
    world.co_teacher.save()
    ask(client)
    assert "several people who share it" in mail.outbox[-1].body

    ask(client, username="Co_Teacher")
    client.post(CONFIRM, {"code": code_sent()})

    assert who(client) == str(world.co_teacher.pk)


def test_a_closed_account_gets_no_code(teacher, client):
    ask(client)
    code = code_sent()
    User.objects.filter(pk=teacher.pk).update(is_active=False)

    assert client.post(CONFIRM, {"code": code}).url == reverse("home:sign-in")
    assert who(client) is None
    assert "This account is closed" in client.get(reverse("home:sign-in")).content.decode()
    ask(client)
    assert "nobody of this address" in mail.outbox[-1].body


def test_an_address_gets_three_letters_in_five_minutes(teacher, client):
    assert [ask(client).status_code for _ in range(4)] == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_something_that_is_no_address_is_said_so(client, db):
    response = ask(client, "nobody")

    assert response.status_code == 422
    assert mail.outbox == []


def test_a_mail_server_that_does_not_answer_is_said_so(teacher, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert ask(client).url == reverse("home:sign-in")
    assert "could not be sent" in client.get(reverse("home:sign-in")).content.decode()


def test_without_e_mail_there_are_no_codes(client, db, settings):
    settings.HAS_EMAIL = False

    assert [client.get(page).status_code for page in (REQUEST, CONFIRM, RESET, RESET_CODE, NEW)] == [404] * 5
    assert REQUEST not in client.get(reverse("home:sign-in")).content.decode()


@pytest.mark.parametrize("has_password", [True, False])
def test_a_new_or_first_password_by_a_code(has_password, teacher, client):
    if not has_password:
        teacher.set_unusable_password()
        teacher.save()
    elsewhere = Client()
    elsewhere.force_login(teacher)
    assert client.post(RESET, {"email": ADDRESS}).url == RESET_CODE
    assert client.post(RESET_CODE, {"code": "WRONG"}).status_code == 422
    assert client.post(RESET_CODE, {"code": code_sent()}).url == NEW
    assert client.get(NEW).status_code == 200
    assert client.post(NEW, {"password1": "short", "password2": "short"}).status_code == 422

    response = client.post(NEW, {"password1": "leaves in the wind", "password2": "leaves in the wind"})

    assert (response.url, who(client)) == (reverse("home:sign-in"), None)
    assert elsewhere.get("/account/").status_code == 302
    client.post(reverse("home:sign-in"), {"username": "teacher", "password": "leaves in the wind"})
    assert who(client) == str(teacher.pk)
    assert Entry.objects.filter(action="people.set_password", subject_uuid=teacher.uuid).count() == 1


def test_a_code_for_a_password_is_tried_three_times(teacher, client):
    client.post(RESET, {"email": ADDRESS})
    code = code_sent()
    for _ in range(3):
        client.post(RESET_CODE, {"code": "WRONG"})

    assert client.post(RESET_CODE, {"code": code}).url == reverse("home:sign-in")
    assert client.get(NEW).url == RESET


def test_a_first_password_by_somebody_who_came_in_by_a_code(teacher, client):
    teacher.set_unusable_password()
    teacher.save()
    ask(client)
    client.post(CONFIRM, {"code": code_sent()})
    assert reverse("account_set_password") in client.get("/account/").content.decode()

    client.post(reverse("account_set_password"), {"password1": "leaves in the wind", "password2": "leaves in the wind"})

    assert client.get("/account/").status_code == 200  # still in
    assert User.objects.get(pk=teacher.pk).check_password("leaves in the wind")


def test_nobody_signs_up(db):
    from allauth.account.adapter import get_adapter
    from allauth.socialaccount.adapter import get_adapter as get_provider_adapter
    from django.urls import NoReverseMatch

    assert PASSWORD
    assert not get_adapter().is_open_for_signup(None)
    assert not get_provider_adapter().is_open_for_signup(None, None)
    for route in ("account_signup", "socialaccount_signup", "account_email", "socialaccount_connections"):
        with pytest.raises(NoReverseMatch):
            reverse(route)
