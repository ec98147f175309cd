"""Coming in and going out, and what the audit keeps of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.models import User
from tests.world import PASSWORD, World, person

SIGN_IN = reverse("home:sign-in")


def come_in(client, username: str = "teacher", password: str = PASSWORD):
    return client.post(SIGN_IN, {"username": username, "password": password})


def entries() -> list[tuple[Any, ...]]:
    rows = Entry.objects.filter(action__startswith="people.sign").order_by("pk")
    return list(rows.values_list("action", "actor", "subject_uuid", "district_id", "details"))


def test_coming_in_and_going_out_are_in_the_audit(world: World, client):
    come_in(client)
    client.post(reverse("home:sign-out"))
    client.post(reverse("home:sign-out"))  # nobody is there any more

    who: tuple[Any, ...] = (world.teacher.pk, world.teacher.uuid, world.own.district.pk, {})
    assert entries() == [("people.sign_in", *who), ("people.sign_out", *who)]


def test_coming_in_from_nowhere_is_in_the_audit(world: World, client):
    come_in(client, "stranger")

    assert entries() == [("people.sign_in", world.stranger.pk, world.stranger.uuid, None, {})]


@pytest.mark.parametrize("username", ["teacher", "nobody", PASSWORD])
def test_a_wrong_password_is_in_the_audit_without_what_was_typed(username, world: World, client):
    assert come_in(client, username, "a wrong one").status_code == 422

    assert entries() == [("people.sign_in_failed", None, None, None, {})]


def test_a_form_that_is_not_filled_in_is_no_attempt(world: World, client):
    assert come_in(client, "teacher", "").status_code == 422

    assert entries() == []


def test_a_session_ends_with_the_browser(world: World, client):
    response = come_in(client)

    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


@pytest.mark.parametrize("typed", ["MAX", "max", "Max"])
def test_a_sign_in_name_ignores_case(typed, world: World):
    somebody = person("Max", world.own.school)

    assert User.objects.get_by_natural_key(typed) == somebody


def test_sign_in_names_that_differ_in_small_letters_are_two_people(world: World):
    """UPPER makes an I of both; the index holds them apart by LOWER."""
    dotted, dotless = person("irma", world.own.school), person("ırma", world.own.school)

    assert User.objects.get_by_natural_key("irma") == dotted
    assert User.objects.get_by_natural_key("ırma") == dotless


def test_a_sign_in_name_is_found_by_the_index(world: World, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        User.objects.get_by_natural_key("TEACHER")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "username_once_per_district" in plan


def test_somebody_else_can_sign_in_where_somebody_is_signed_in(world, as_person):
    client = as_person(world.co_teacher)
    assert client.get("/sign-in").status_code == 302

    assert client.get("/sign-in?somebody_else=1").status_code == 200
    client.post("/sign-in?somebody_else=1", {"username": "teacher", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(world.teacher.pk)


def test_sign_in_is_in_the_language_of_the_browser_from_the_first_word(client, db):
    page = client.get("/sign-in", headers={"accept-language": "es"}).content.decode()

    assert "Nombre de usuario" in page
    assert "Username" not in page
