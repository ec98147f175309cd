"""A number for text messages is somebody's own when they write back the code that was sent to it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from lpm.lib import limits
from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import NoticeChoice, NoticePerson
from lpm.notices.queries.choices import asked_for, number_key
from lpm.people.models import User
from tests.notices.mail import choose
from tests.world import World

SETTINGS = "/notices/settings"
ASK, CONFIRM, FORGET = "number-ask", "number-confirm", "number-forget"
NUMBER, TYPED = "+12075550123", "+1 (207) 555-0123"


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    limits.process.clear()


def post(client: Client, name: str, **data: str) -> Any:
    return client.post(reverse(f"notices:{name}"), data)


def phone(person: User) -> str:
    return NoticePerson.objects.filter(person=person).values_list("phone", flat=True).first() or ""


def offers_texts(client: Client) -> bool:
    form = client.get(SETTINGS).context["form"]
    return any(("sms", "here, and a text message") in field.field.choices for field in form.kind_fields())


def code_in(gateway: Any) -> str:
    [code] = re.findall(r"\b\d{6}\b", gateway.got[-1][1]["text"])
    return str(code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_number_is_used_when_its_code_was_written_back(world: World, as_person, gateway):
    client = as_person(world.guardian)
    assert not offers_texts(client)

    assert post(client, ASK, phone=TYPED).status_code == 302
    code = code_in(gateway)
    assert (gateway.got[0][1]["to"], phone(world.guardian), offers_texts(client)) == (NUMBER, "", False)
    page = client.get(SETTINGS)
    assert (page.context["asked"], page.context["number_form"]["phone"].value()) == (NUMBER, NUMBER)
    assert code not in str(asked_for(world.guardian))

    response = post(client, CONFIRM, code=wrong(code))
    assert (response.status_code, set(response.context["code_form"].errors)) == (422, {"code"})
    assert phone(world.guardian) == ""

    assert post(client, CONFIRM, code=f" {code[:3]} {code[3:]}").status_code == 302
    assert (phone(world.guardian), offers_texts(client), asked_for(world.guardian)) == (NUMBER, True, {})
    assert post(client, CONFIRM, code=code).status_code == 422  # once


def test_a_code_is_of_one_person_and_one_number(world: World, as_person, gateway):
    mine, theirs = as_person(world.guardian), as_person(world.teacher)
    post(mine, ASK, phone=TYPED)
    first = code_in(gateway)
    post(theirs, ASK, phone="+12075550199")
    assert post(theirs, CONFIRM, code=first).status_code == 422

    post(mine, ASK, phone="+12075550177")
    second = code_in(gateway)
    assert first == second or post(mine, CONFIRM, code=first).status_code == 422
    post(mine, CONFIRM, code=second)

    assert (phone(world.guardian), phone(world.teacher)) == ("+12075550177", "")


def test_a_code_holds_for_a_while(world: World, as_person, gateway):
    """The cache goes by its own clock, so that what it would have forgotten is taken out here."""
    client = as_person(world.guardian)
    post(client, ASK, phone=TYPED)
    store: Any = caches["default"]
    left = store._cache.get_client().ttl(store.make_key(number_key(world.guardian)))
    assert 0 < left <= 15 * 60

    cache.clear()
    response = post(client, CONFIRM, code=code_in(gateway))
    assert (response.status_code, phone(world.guardian)) == (422, "")
    assert "it is older than 15 minutes" in response.content.decode()


def test_codes_are_sent_and_tried_a_few_times_only(world: World, as_person, gateway):
    client = as_person(world.guardian)
    answers = [post(client, ASK, phone=TYPED).status_code for _time in range(6)]
    assert (answers, len(gateway.got)) == ([302] * 5 + [422], 5)
    code = code_in(gateway)

    other = post(as_person(world.teacher), ASK, phone=TYPED)  # nobody else fills that telephone either
    assert (other.status_code, len(gateway.got)) == (422, 5)

    for _time in range(10):
        post(client, CONFIRM, code=wrong(code))
    assert post(client, CONFIRM, code=code).status_code == 422
    assert phone(world.guardian) == ""


@pytest.mark.parametrize("number", ["2075550123", "", "+1 207", "call me"])
def test_what_is_no_number_is_sent_no_code(world: World, as_person, gateway, number: str):
    response = post(as_person(world.guardian), ASK, phone=number)

    assert (response.status_code, set(response.context["number_form"].errors)) == (422, {"phone"})
    assert (gateway.got, asked_for(world.guardian)) == ([], {})


def test_a_code_that_was_not_sent_is_none(world: World, as_person, gateway):
    gateway.status = 503

    response = post(as_person(world.guardian), ASK, phone=TYPED)

    assert (response.status_code, asked_for(world.guardian)) == (422, {})


def test_a_number_is_taken_out_with_what_was_sent_to_it(world: World, as_person, gateway):
    client = as_person(world.guardian)
    post(client, ASK, phone=TYPED)
    post(client, CONFIRM, code=code_in(gateway))
    choose(world.guardian, NoticeKind.MESSAGE, Channel.SMS)
    choose(world.guardian, NoticeKind.LEVEL, Channel.PAGE)

    assert post(client, FORGET).status_code == 302

    assert (phone(world.guardian), offers_texts(client)) == ("", False)
    assert list(NoticeChoice.objects.values_list("kind", "channel")) == [("level", "page")]
