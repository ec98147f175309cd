"""Pages are small on the line, save those whose length could tell what stands on them."""

from __future__ import annotations

import gzip

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from lpm.home.middleware import SECRETS, CompressionMiddleware
from lpm.people.models import User
from tests.world import PASSWORD, World


def asking(user: User) -> Client:
    """Just signed in, by a browser that can unpack."""
    client = Client(headers={"Accept-Encoding": "gzip, br"})
    client.post(reverse("home:sign-in"), {"username": user.username, "password": PASSWORD})
    return client


def test_pages_and_what_programs_read_are_compressed(world: World):
    client = asking(world.teacher)

    for route in ["home:home", "home:manifest", "api:student-list"]:
        answer = client.get(reverse(route))
        assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
        assert "Accept-Encoding" in answer["Vary"]
        assert gzip.decompress(answer.content)


@pytest.mark.parametrize("route", sorted(SECRETS))
def test_where_a_secret_stands_the_length_tells_nothing(world: World, route: str):
    client = asking(world.teacher)
    if "codes" in route:
        RecoveryCodes.activate(world.teacher)

    answer = client.get(reverse(route), {"beside": "codes 1a2b3c4d" * 20})

    assert (answer.status_code, answer.has_header("Content-Encoding")) == (200, False)
    assert b"1a2b3c4d" in answer.content  # what the address says stands on every page


@pytest.mark.parametrize(
    ("content_type", "is_compressed"),
    [("text/csv", True), ("application/json", True), ("application/zip", False), ("image/png", False)],
)
def test_what_is_small_already_is_left_alone(content_type: str, is_compressed: bool):
    request = RequestFactory(headers={"Accept-Encoding": "gzip"}).get("/")
    answer = HttpResponse(b"0" * 5000, content_type=content_type)

    sent = CompressionMiddleware(lambda request: answer).process_response(request, answer)

    assert sent.has_header("Content-Encoding") == is_compressed
