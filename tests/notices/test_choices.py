"""How people say how they are told, and the links in letters that end them, signed in or not."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import NoticeChoice, NoticePerson
from lpm.notices.services.compose import person_row
from lpm.people.models import User
from tests.notices.mail import choose, with_address
from tests.world import World

SETTINGS = "/notices/settings"
QUIET = {"quiet_from": "21:00", "quiet_until": "06:30"}


def choices(person: User) -> dict[str, str]:
    return dict(NoticeChoice.objects.filter(person=person).values_list("kind", "channel"))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("student", {"returned", "level", "message", "session"}),
        ("guardian", {"level", "message"}),
        ("teacher", {"ready", "message"}),
        ("administrator", {"import", "message"}),
        ("stranger", {"message"}),
    ],
)
def test_one_is_asked_of_what_one_is_told(world: World, as_person, name: str, kinds: set[str]):
    form = as_person(with_address(world.people[name])).get(SETTINGS).context["form"]

    assert {field.name for field in form.kind_fields()} == kinds
    assert ("wants_letters" in form.fields) == (name == "guardian")


def test_without_an_address_there_is_the_page_alone(world: World, as_person):
    form = as_person(world.guardian).get(SETTINGS).context["form"]

    assert set(form.fields) == {"level", "message", "quiet_from", "quiet_until"}
    assert {tuple(field.field.choices) for field in form.kind_fields()} == {(("page", "here alone"),)}


def test_what_somebody_says_is_kept(world: World, as_person, settings):
    settings.SMS_URL = "https://sms.example.org"
    client = as_person(with_address(world.guardian))
    person_row(world.guardian)
    NoticePerson.objects.update(phone="+12075550123")
    said = {**QUIET, "level": "page", "message": "sms", "wants_letters": "on", "phone": "+1 999 999 9999"}

    assert client.post(SETTINGS, said).status_code == 302

    row = NoticePerson.objects.get()
    assert (row.quiet_from, row.quiet_until, row.phone) == (time(21), time(6, 30), "+12075550123")
    assert (row.wants_letters, row.stopped_at is not None) == (True, True)
    assert choices(world.guardian) == {"level": "page", "message": "sms"}

    client.post(SETTINGS, {**said, "message": "email", "wants_email": "on", "wants_letters": ""})
    row.refresh_from_db()
    assert (row.wants_letters, row.stopped_at, row.phone) == (False, None, "+12075550123")
    assert choices(world.guardian) == {"level": "page", "message": "email"}
    assert client.get(SETTINGS).context["form"]["message"].initial == Channel.EMAIL


def test_what_somebody_is_not_asked_stays_as_it_was(world: World, as_person):
    row = person_row(world.teacher)
    NoticePerson.objects.update(wants_letters=False, phone="+12075550123")

    as_person(world.teacher).post(SETTINGS, {**QUIET, "ready": "page", "message": "page"})

    row.refresh_from_db()
    assert (row.wants_letters, row.phone, row.stopped_at) == (False, "+12075550123", None)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"message": "sms"}, "message"),  # before there is a number
        ({"message": "by pigeon"}, "message"),
        ({"quiet_from": "late"}, "quiet_from"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_kept(
    world: World, as_person, settings, said: dict[str, Any], wrong: str
):
    settings.SMS_URL = "https://sms.example.org"
    client = as_person(with_address(world.guardian))

    response = client.post(SETTINGS, {**QUIET, "level": "page", "message": "email", **said})

    assert (response.status_code, set(response.context["form"].errors)) == (422, {wrong})
    assert not NoticeChoice.objects.exists()


# --- links in letters


def stop(person: User, what: str) -> str:
    return reverse("notices:stop", args=[person_row(person).secret, what])


def state(person: User) -> tuple[dict[str, str], bool, bool]:
    row = NoticePerson.objects.get(person=person)
    return choices(person), row.wants_letters, row.stopped_at is not None


@pytest.mark.parametrize(
    ("what", "stopped", "resumed"),
    [
        ("message", ({"message": "page"}, True, False), ({"message": "email"}, True, False)),
        ("letters", ({}, False, False), ({}, True, False)),
        ("all", ({}, True, True), ({}, True, False)),
        ("digest", ({"level": "page"}, True, False), ({"level": "digest"}, True, False)),
    ],
)
def test_a_mail_program_stops_letters_by_one_post_of_its_own(world: World, what: str, stopped: Any, resumed: Any):
    guardian = with_address(world.guardian)
    program = Client(enforce_csrf_checks=True)

    for _again in range(2):
        response = program.post(stop(guardian, what), {"List-Unsubscribe": "One-Click"})
        assert (response.status_code, state(guardian)) == (200, stopped)

    program.post(stop(guardian, what), {"undo": "1"})
    assert state(guardian) == resumed


def test_what_was_in_the_email_of_a_day_is_in_it_again(world: World, client):
    guardian = with_address(world.guardian)
    choose(guardian, NoticeKind.MESSAGE, Channel.DIGEST)
    choose(guardian, NoticeKind.LEVEL, Channel.EMAIL)

    kinds = client.post(stop(guardian, "digest")).context["kinds"]
    assert (kinds, choices(guardian)) == ([NoticeKind.MESSAGE], {"message": "page", "level": "email"})

    client.post(stop(guardian, "digest"), {"undo": "1", "kind": ["message", "no kind"]})
    assert choices(guardian) == {"message": "digest", "level": "email"}


def test_looking_at_the_link_stops_nothing(world: World, client):
    guardian = with_address(world.guardian)
    choose(guardian, NoticeKind.MESSAGE, Channel.EMAIL)

    response = client.get(stop(guardian, "message"))

    assert (response.status_code, response.context["state"]) == (200, "asked")
    assert "guardian@example.org" not in response.content.decode()
    assert state(guardian) == ({"message": "email"}, True, False)


def test_a_link_that_nobody_was_sent_leads_nowhere(world: World, client):
    person_row(world.guardian)
    assert client.post(reverse("notices:stop", args=["another secret", "all"])).status_code == 404
    assert client.post(stop(world.guardian, "everything")).status_code == 404
    assert client.post("/notices/stop/%00/all").status_code == 404
    assert state(world.guardian) == ({}, True, False)
