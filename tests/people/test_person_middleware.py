"""What every answer says to the browser and what lies between, and in which language."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse

HOME = reverse("home:home")
SIGN_IN = reverse("home:sign-in")


def test_no_browser_keeps_the_page_of_somebody_signed_in(world, as_person):
    response = as_person(world.teacher).get(HOME)

    assert response["Cache-Control"] == "private, no-store"
    assert "HX-Request" in response["Vary"].split(", ")


def test_a_page_for_everybody_may_say_itself_who_keeps_it(world, client, as_person):
    for response in (client.get(reverse("home:healthz")), as_person(world.teacher).get(reverse("home:healthz"))):
        assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
        assert "HX-Request" in response["Vary"].split(", ")


@pytest.mark.parametrize(
    ("own", "cookie", "school", "expected"),
    [
        ("es", "en", "en", "es"),
        ("", "es", "en", "es"),
        ("", "es-MX", "en", "es"),
        ("", "", "es", "es"),
        ("", "de", "es", "es"),
        ("de", "de", "es", "es"),
        ("", "../etc", "es", "es"),
        ("", "e" * 900, "es", "es"),
        ("", "de", "de", "en"),
    ],
)
def test_the_first_language_that_cairn_speaks(own, cookie, school, expected, world, as_person):
    world.teacher.organization.language = school
    world.teacher.organization.save()
    world.teacher.language = own
    world.teacher.save()
    client = as_person(world.teacher)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie

    assert f'<html lang="{expected}">' in client.get(HOME).content.decode()


def test_somebody_from_nowhere_is_spoken_to_in_their_language(world, as_person):
    world.stranger.language = "es"
    world.stranger.save()

    assert '<html lang="es">' in as_person(world.stranger).get(HOME).content.decode()
