"""Tokens of programs: made once, kept as a digest, over or revoked at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.lib import limits
from lpm.people.api.door import TIMES
from lpm.people.models import ApiToken
from lpm.people.services.tokens import MOST, digest, make_token, revoke_token
from tests.world import DAY, PASSWORD, World

LIST, NEW = reverse("people:token-list"), reverse("people:token-create")
ME = reverse("api:me")


def made(user, **fields):
    return make_token(
        **{"user": user, "name": "a program", "may_write": False, "lasts": timedelta(days=30), "day": DAY, **fields}
    )


def ask(text: str, client: Client | None = None):
    return (client or Client()).get(ME, headers={"authorization": f"Bearer {text}"})


def refused(text: str) -> str:
    response = ask(text)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    code: str = response.json()["code"]
    return code


def test_a_token_is_made_after_the_password_and_shown_once(world: World, as_person):
    client = as_person(world.teacher)
    assert client.get(NEW).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(NEW, {"name": "", "lasts": "900"}).status_code == 422
    assert not ApiToken.objects.exists()

    page = client.post(NEW, {"name": "our gradebook", "lasts": "90", "may_write": "on"}).content.decode()

    row = ApiToken.objects.get()
    text = page.partition('value="cairn_')[2].partition('"')[0]
    assert row.digest == digest(f"cairn_{text}")
    assert (row.hint, row.may_write, row.expires_on) == (text[-4:], True, DAY + timedelta(days=90))
    listed = client.get(LIST).content.decode()
    assert "our gradebook" in listed
    assert text not in listed
    assert ask(f"cairn_{text}").json()["uuid"] == str(world.teacher.uuid)


def test_one_revokes_ones_own(world: World, as_person):
    token = made(world.teacher)
    address = reverse("people:token-revoke", args=[token.row.uuid])
    assert as_person(world.co_teacher).post(address).status_code == 404
    with pytest.raises(ApiToken.DoesNotExist):
        revoke_token(token=token.row, user=world.co_teacher)
    assert ask(token.text).status_code == 200

    assert as_person(world.teacher).post(address).url == LIST
    as_person(world.teacher).post(address)

    assert refused(token.text) == "token_revoked"
    actions = Entry.objects.filter(subject_uuid=token.row.uuid).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["people.make_token", "people.use_token", "people.revoke_token"]


def test_what_opens_nothing_says_why(world: World):
    token = made(world.teacher)

    assert [refused(""), refused("cairn_x"), refused("\x00ü")] == ["token_unknown"] * 3
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert ask(token.text).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert refused(token.text) == "token_expired"
    world.teacher.is_active = False
    world.teacher.save()
    assert refused(token.text) == "account_closed"


def test_a_token_is_its_person_whatever_session_comes_with_it(world: World, as_person):
    token = made(world.teacher)

    assert ask(token.text, as_person(world.leader)).json()["uuid"] == str(world.teacher.uuid)
    assert ask("cairn_x", as_person(world.leader)).status_code == 401
    response = Client().get(ME, headers={"authorization": "Basic dTpw"})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["Cache-Control"] == "private, no-store"


def test_its_use_is_noted_once_a_minute_and_in_the_audit_once_a_day(world: World):
    token = made(world.teacher)
    begin = timezone.now()
    for minutes in (0, 0.5, 2, 60 * 24):
        with time_machine.travel(begin + timedelta(minutes=minutes), tick=False):
            ask(token.text)
            row = ApiToken.objects.get()
            assert row.last_used_at == begin + timedelta(minutes=0 if minutes == 0.5 else minutes)

    assert Entry.objects.filter(action="people.use_token").count() == 2


def test_nobody_has_too_many(world: World, as_person):
    for _ in range(MOST):
        made(world.teacher)
    client = as_person(world.teacher)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.post(NEW, {"name": "one more", "lasts": "30"}).status_code == 422
    assert ApiToken.objects.count() == MOST
    with pytest.raises(ValueError, match="at most"):
        made(world.leader, lasts=timedelta(days=400))


def test_a_token_asks_so_often_a_minute(world: World):
    token = made(world.teacher)
    for _ in range(TIMES):
        limits.take(f"api:token:{token.row.pk}", times=TIMES, seconds=60)

    response = ask(token.text)

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (429, "throttled", "60")
    assert ask(made(world.teacher).text).status_code == 200


def test_somebody_without_a_school_has_a_token_too(world: World):
    assert ask(made(world.stranger).text).json()["day"] == str(DAY)


def test_pages_of_tokens_cost_the_same_queries_for_one_and_for_20(world: World, as_person, django_assert_num_queries):
    client = as_person(world.teacher)
    made(world.teacher)
    client.get(LIST)
    with django_assert_num_queries(4):
        client.get(LIST)
    for _ in range(MOST - 1):
        made(world.teacher)
    with django_assert_num_queries(4):
        client.get(LIST)


def test_what_programs_can_ask_for_is_a_page(world: World, as_person):
    page = as_person(world.teacher).get(reverse("api:docs")).content.decode()

    assert "/api/v1/students/{student}/states" in page.replace("<wbr>", "")
    assert "uuid, student, target, [level], performed_on" in page
