"""Name and password: who is meant, how often, for how long, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.lib import limits
from lpm.lib.cache import ForgivingRedisCache
from lpm.people.adapters import client_address, coarse
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, PeopleSettings, User
from lpm.people.services.sign_in import SeveralFit, find_by_password
from tests.world import DAY, PASSWORD, World, person, teach

SIGN_IN = reverse("home:sign-in")


def come_in(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def namesake(world: World, password: str) -> User:
    """Somebody in the other district with the teacher's name."""
    other = person("teacher", world.other_district.school)
    other.set_password(password)
    other.save()
    return other


def test_the_password_says_which_of_two_people_of_a_name_it_is(world: World, client):
    other = namesake(world, "leaves in the wind")

    come_in(client, "teacher", "leaves in the wind")
    assert who(client) == str(other.pk)

    client.logout()
    come_in(client, "teacher")
    assert who(client) == str(world.teacher.pk)


def test_two_people_of_a_name_and_a_password_are_asked_for_the_address(world: World, client):
    other = namesake(world, PASSWORD)
    other.email = "Other@South.example"
    other.save()

    response = come_in(client, "teacher")
    assert (response.status_code, who(client)) == (422, None)
    assert "Use your e-mail address" in response.content.decode()
    with pytest.raises(SeveralFit):
        find_by_password(name="teacher", password=PASSWORD)
    assert client.login(username="teacher", password=PASSWORD) is False

    come_in(client, "other@south.example")
    assert who(client) == str(other.pk)


def test_a_closed_account_does_not_get_in_and_its_namesake_does(world: World, client):
    world.teacher.is_active = False
    world.teacher.save()
    assert come_in(client, "teacher").status_code == 422

    other = namesake(world, PASSWORD)
    come_in(client, "teacher")

    assert who(client) == str(other.pk)


@pytest.mark.parametrize("name", ["teacher", "nobody", "nobody@north.example"])
def test_a_wrong_password_costs_the_same_work_whoever_it_is(name, world: World, monkeypatch):
    made: list[str] = []
    real = hashers.MD5PasswordHasher.encode

    def encode_and_note(*args: Any) -> str:
        made.append("once")
        return real(*args)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", encode_and_note)

    assert find_by_password(name=name, password="a wrong one") is None
    assert len(made) == 1


def test_django_asks_the_same_people(world: World, client):
    assert client.login(username="teacher", password=PASSWORD)
    assert not client.login(username="teacher", password="")


def test_failures_within_a_minute_are_one_row(world: World, client):
    with time_machine.travel(f"{DAY}T15:00:01+00:00", tick=False) as clock:
        for _ in range(3):
            come_in(client, "nobody", "a wrong one")
        clock.shift(timedelta(minutes=1))
        come_in(client, "nobody", "a wrong one")

    rows = Entry.objects.filter(action="people.sign_in_failed").order_by("pk")
    assert list(rows.values_list("details", flat=True)) == [{"count": 3}, {}]


def test_a_name_is_left_alone_for_five_minutes_and_others_are_not(world: World, client):
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False):
        for _ in range(10):
            assert come_in(client, "teacher", "a wrong one").status_code == 422
        response = come_in(client, "Teacher")
        assert (response.status_code, who(client)) == (429, None)
        assert "Wait five minutes" in response.content.decode()

        come_in(client, "co_teacher")
    assert who(client) == str(world.co_teacher.pk)

    keys = [key.decode() for key in cache._cache.get_client().keys("*limit:*")]  # type: ignore[attr-defined]
    assert len(keys) == 3  # two names and the address; none can be read
    assert 290 < min(cache._cache.get_client().ttl(key) for key in keys) <= 300  # type: ignore[attr-defined]
    assert not [key for key in keys if "teacher" in key or "127" in key]


def test_an_address_is_left_alone_after_two_hundred_failures(world: World, client):
    for _ in range(200):
        limits.take("address:127.0.0.1", times=200, seconds=300)

    assert come_in(client, "teacher").status_code == 429
    assert come_in(Client(REMOTE_ADDR="198.51.100.7"), "teacher").status_code == 302


def test_what_succeeds_does_not_count(world: World):
    for _ in range(12):
        assert come_in(Client(), "teacher").status_code == 302


@pytest.fixture
def cache_away(monkeypatch):
    """The cache of this process asks a server that is not there."""
    away = ForgivingRedisCache("redis://127.0.0.1:1/0", {"KEY_PREFIX": "away"})
    monkeypatch.setattr(limits, "cache", away)
    yield
    limits.process.clear()
    ForgivingRedisCache.outage.end()
    ForgivingRedisCache.unwritten.clear()


def test_without_the_cache_people_still_come_in_and_tries_are_still_counted(world: World, client, cache_away):
    assert come_in(client, "teacher").status_code == 302

    for _ in range(10):
        come_in(Client(), "co_teacher", "a wrong one")
    assert come_in(Client(), "co_teacher").status_code == 429


def test_a_count_that_runs_out_meanwhile_begins_again(monkeypatch):
    class Forgetful:
        def add(self, *args: object) -> bool:
            return False

        def incr(self, key: str) -> int:
            raise ValueError

        decr = incr

    monkeypatch.setattr(limits, "cache", Forgetful())

    assert limits.take("a", times=1, seconds=1)
    limits.give_back("a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),  # anybody can say so
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),  # it came past one of them
    ],
)
def test_the_address_is_what_the_trusted_proxies_say(proxies, forwarded, address, settings, rf):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    assert client_address(rf.get("/", headers={"x-forwarded-for": forwarded})) == address


def test_an_address_is_kept_roughly():
    assert coarse("203.0.113.9") == "203.0.113.0"
    assert coarse("2001:db8:1:2::3") == "2001:db8:1::"
    assert coarse("") == "0.0.0.0"  # noqa: S104


def hours_left(client: Client) -> float:
    return float(client.session["ends_at"] - timezone.now().timestamp()) / 3600


def test_a_session_on_a_shared_computer_ends_with_the_browser_and_within_ten_hours(world: World, client):
    response = come_in(client, "guardian")
    assert response.cookies[django_settings.SESSION_COOKIE_NAME]["max-age"] == ""
    assert 9.9 < hours_left(client) <= 10

    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        clock.shift(timedelta(hours=9, minutes=59))
        assert client.get(reverse("home:home")).status_code in {200, 302}
        assert who(client) == str(world.guardian.pk)
        clock.shift(timedelta(minutes=2))
        assert client.get("/account/").url == f"{SIGN_IN}?next=/account/"
    assert who(client) is None


@pytest.mark.parametrize(("name", "days"), [("guardian", 90), ("teacher", 30), ("student", 30)])
def test_a_session_on_an_own_device_stays_and_that_of_a_family_longest(name, days, world: World, client):
    response = come_in(client, name, own_device="on")

    assert response.cookies[django_settings.SESSION_COOKIE_NAME]["max-age"] == days * 86400
    assert days * 24 - 0.1 < hours_left(client) <= days * 24


def test_a_family_is_in_on_its_phone_for_ninety_days_and_not_longer(world: World, client):
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        come_in(client, "guardian", own_device="on")
        for day in (30, 30, 29):
            clock.shift(timedelta(days=day))
            assert client.get("/account/").status_code == 200
        clock.shift(timedelta(days=1, seconds=1))
        assert client.get("/account/").status_code == 302


def test_a_guardian_who_joins_the_staff_has_the_time_of_the_staff_from_then_on(world: World, client):
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        come_in(client, "guardian", own_device="on")
        teach(world.guardian, world.other_class.group)
        clock.shift(timedelta(minutes=11))
        client.get("/account/")

    assert 29 * 24 < hours_left(client) <= 30 * 24 + 1


@pytest.mark.parametrize("name", ["leader", "administrator", "privacy_officer", "operator"])
def test_whoever_leads_has_no_session_that_stays(name, world: World, client):
    come_in(client, name, own_device="on")

    assert 9.9 < hours_left(client) <= 10
    assert client.session.get_expire_at_browser_close()


def test_the_school_says_how_long(world: World, client):
    said = {"shared_hours": 2, "own_days": 3, "family_days": 5}
    PeopleSettings.objects.create(organization=world.own.district, valid_from=DAY, **said)
    come_in(client, "teacher")
    assert 1.9 < hours_left(client) <= 2

    come_in(client, "teacher", own_device="on")
    assert 71.9 < hours_left(client) <= 72

    come_in(client, "guardian", own_device="on")
    assert 119.9 < hours_left(client) <= 120


def test_one_sees_where_one_is_signed_in_and_ends_one_or_all(world: World):
    here, tablet, third = Client(), Client(), Client()
    agent = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    for client in (here, tablet, third):
        client.post(SIGN_IN, {"username": "guardian", "password": PASSWORD}, headers={"user-agent": agent})
    come_in(Client(), "teacher")

    page = here.get(reverse("usersessions_list"))
    assert [row["device"] for row in page.context["rows"]] == ["Safari, iPad"] * 3
    assert "127.0.0.0" in page.content.decode()

    ended = UserSession.objects.get(session_key=tablet.session.session_key)
    here.post(reverse("people:session-end"), {"session": ended.pk})
    assert [who(client) for client in (here, tablet, third)] == [str(world.guardian.pk), None, str(world.guardian.pk)]

    here.post(reverse("people:session-end"))
    assert [who(client) for client in (here, third)] == [str(world.guardian.pk), None]
    teachers = UserSession.objects.get(user=world.teacher)
    here.post(reverse("people:session-end"), {"session": teachers.pk})
    assert UserSession.objects.filter(user=world.teacher).exists()
    rows = Entry.objects.filter(action="people.end_sessions").order_by("pk")
    assert list(rows.values_list("actor", "details")) == [(world.guardian.pk, {"count": 1})] * 2


def test_a_browser_that_says_nothing_is_one_we_do_not_know(world: World, client):
    come_in(client, "guardian")

    assert client.get(reverse("usersessions_list")).context["rows"][0]["device"] == "a browser we do not know"


def test_a_changed_password_ends_the_other_sessions(world: World):
    here, there = Client(), Client()
    come_in(here, "guardian")
    come_in(there, "guardian")
    change = {"oldpassword": PASSWORD, "password1": "leaves in the wind", "password2": "leaves in the wind"}
    assert here.post(reverse("account_change_password"), {**change, "oldpassword": "no"}).status_code == 422

    assert here.post(reverse("account_change_password"), change).status_code == 302

    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    entry = Entry.objects.get(action="people.set_password")
    assert (entry.actor_id, entry.subject_uuid) == (world.guardian.pk, world.guardian.uuid)


def test_closed_accounts_of_a_name_stand_in_nobodys_way(world, client):
    for n in range(5):
        district = Organization.objects.create(kind=OrganizationKind.DISTRICT, name=f"District {n}")
        User.objects.filter(pk=person("jsmith", district).pk).update(is_active=False)
    user = person("jsmith", world.own.school)

    client.post(reverse("home:sign-in"), {"username": "jsmith", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_sign_in_name_does_not_hide_the_email_of_somebody_else(world):
    User.objects.filter(pk=world.administrator.pk).update(email="head@north.example")
    other = person("head@north.example", world.own.school)
    other.set_password("another one altogether")
    other.save()

    assert find_by_password(name="head@north.example", password=PASSWORD) == world.administrator
    assert find_by_password(name="head@north.example", password="another one altogether") == other
