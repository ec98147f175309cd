"""Accommodations and a comment with a mark: told beside the evidence, and the level just the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from students.mastery.models import Assessment, MasteryState
from students.mastery.services import IdentifierReused, record_mark
from tests.world import DAY, World

JSON = {"accept": "application/json"}


@pytest.fixture
def client(world: World, as_person: Any) -> Client:
    signed_in: Client = as_person(world.teacher)
    return signed_in


def named(world: World) -> dict[str, str]:
    return {"student": str(world.own.student.uuid), "target": str(world.targets[0].uuid)}


def post(client: Client, world: World, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    address = reverse("mastery:mark-record", args=[world.own.group.uuid])
    return client.post(address, {"uuid": uuid4(), "level": "2.5", **named(world), **fields}, headers=headers)


def send(client: Client, world: World, **fields: Any) -> Any:
    address = reverse("mastery:marks-record", args=[world.own.group.uuid])
    marks = [{"uuid": str(uuid4()), "kind": "mark", "level": "2.5", **named(world), **fields}]
    answer = client.post(address, json.dumps({"marks": marks}), content_type="application/json")
    [only] = answer.json()["marks"]
    return only


def rows() -> list[tuple[str, list[str], str]]:
    found = Assessment.objects.order_by("pk").values_list("kind", "accommodations", "comment")
    return [(kind, accommodations, comment) for kind, accommodations, comment in found]


def test_the_plain_form_records_what_was_ticked_and_written(world: World, client: Client, as_person: Any) -> None:
    ticked = ["extra_time", "read_aloud"]
    assert post(client, world, accommodations=ticked, comment=" At the board. ", kind="evidence").status_code == 302

    assert rows() == [("score", ["read_aloud", "extra_time"], "At the board.")]
    assert MasteryState.objects.get(student=world.own.student, target=world.targets[0]).level == Decimal("2.5")
    why = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    page = client.get(why).content.decode()
    assert "read aloud, extra time" in page
    assert "At the board." in page
    assert "At the board." not in as_person(world.people["guardian"]).get(why).content.decode()


@pytest.mark.parametrize("sent", [["scribe", "home_language"], "home_language,scribe"])
def test_a_script_sends_them_in_a_batch_or_alone(sent: Any, world: World, client: Client) -> None:
    assert send(client, world, accommodations=sent, comment="By the window.")["code"] == ""
    alone = post(client, world, JSON, accommodations=sent, comment="By the window.", kind="practice")

    assert alone.status_code == 201
    assert rows() == [
        ("score", ["scribe", "home_language"], "By the window."),
        ("practice", ["scribe", "home_language"], "By the window."),
    ]


@pytest.mark.parametrize("sent", [["magic"], "scribe,magic", {"scribe": True}, [["scribe"]], 7])
def test_what_is_no_accommodation_is_refused(sent: Any, world: World, client: Client) -> None:
    answer = send(client, world, accommodations=sent)

    assert (answer["code"], answer["sentence"]) == ("invalid", "This accommodation is not known here.")
    assert rows() == []


def test_what_is_no_accommodation_is_refused_by_the_form_which_keeps_the_rest(world: World, client: Client) -> None:
    script = post(client, world, JSON, accommodations="magic")
    page = post(client, world, accommodations=["scribe", "magic"], comment="At the board.")

    assert (script.status_code, script.json()["code"]) == (422, "invalid")
    assert page.status_code == 422
    content = page.content.decode()
    assert "This accommodation is not known here." in content
    assert 'value="At the board."' in content
    assert page.context["accommodations"].value() == ["scribe", "magic"]
    assert rows() == []


def test_a_substitute_notes_them_too(world: World, as_person: Any) -> None:
    assert post(as_person(world.substitute), world, accommodations="scribe", comment="Slowly.").status_code == 302
    assert rows() == [("offered", ["scribe"], "Slowly.")]


def test_they_are_there_still_after_signing_in_again(world: World, client: Client) -> None:
    client.logout()
    away = post(client, world, accommodations=["scribe", "other"], comment="At the board.")
    client.force_login(world.teacher)

    back = parse_qs(urlsplit(away["Location"]).query)["next"][0]
    page = client.get(back)

    assert page.context["accommodations"].value() == ["scribe", "other"]
    assert 'value="At the board."' in page.content.decode()


@pytest.mark.parametrize("other", [{"accommodations": ()}, {"comment": "Another."}, {"goal": Decimal(2)}])
def test_the_same_identity_says_the_same(other: dict[str, Any], world: World) -> None:
    mark: dict[str, Any] = {
        "uuid": uuid4(),
        "student": world.own.student,
        "target": world.targets[0],
        "level": Decimal("2.5"),
        "performed_on": DAY,
        "accommodations": ("scribe", "extra_time"),
        "comment": "Slowly — “ja” \\ 😀",
        "goal": Decimal("2.5"),
        "recorder": world.teacher,
        "day": DAY,
    }
    assert [record_mark(**mark).is_new, record_mark(**mark).is_new] == [True, False]

    with pytest.raises(IdentifierReused):
        record_mark(**{**mark, **other})

    assert len(rows()) == 1
