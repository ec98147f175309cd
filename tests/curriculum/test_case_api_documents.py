"""The list of frameworks by CASE: pages, order, filters, choice of fields."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from curriculum.models import Framework, Scale
from tests.curriculum.case_files import identifier

pytestmark = pytest.mark.django_db
TITLES = ["Art", "Biology", "Élan", "Mathematics", "Music"]
LIST = "/ims/case/v1p1/CFDocuments"


@pytest.fixture
def five(world) -> None:
    add(TITLES, world.places["own"].district)


def add(titles: list[str], owner: Any) -> None:
    scale = Scale.objects.order_by("pk")[0]
    for place, title in enumerate(titles):
        Framework.objects.create(
            owner=owner,
            scale=scale,
            title=title,
            case_identifier=identifier(title),
            language="en" if place % 2 else "ja",
            is_open=True,
        )


def titles(response: Any) -> list[str]:
    return [raw["title"] for raw in response.json()["CFDocuments"]]


def test_pages(five):
    wanted = quote("language!='x'")

    response = Client().get(f"{LIST}?limit=2&offset=2&filter={wanted}")

    assert titles(response) == ["Élan", "Mathematics"]
    assert response["X-Total-Count"] == "5"
    places = dict(part.split("; ")[::-1] for part in response["Link"].split(", "))
    assert {name: url.rpartition("offset=")[2].strip(">") for name, url in places.items()} == {
        'rel="first"': "0",
        'rel="prev"': "0",
        'rel="next"': "4",
        'rel="last"': "4",
    }
    assert all("filter=language%21%3D%27x%27&limit=2" in url for url in places.values())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=title&orderBy=desc", TITLES[::-1]),
        ("sort=title", TITLES),
        ("filter=" + quote("title='élan'"), ["Élan"]),
        ("filter=" + quote("title~'m' AND language='en'"), ["Mathematics"]),
        ("filter=" + quote("title='Art' OR title='Music'"), ["Art", "Music"]),
        ("filter=" + quote("title>='mathematics'"), ["Mathematics", "Music"]),
        ("filter=" + quote("title<'b'"), ["Art"]),
        ("filter=" + quote("notes~'x'"), []),
    ],
)
def test_order_and_filter(query, expected, five):
    assert titles(Client().get(f"{LIST}?{query}")) == expected


def test_chosen_fields_alone(five):
    response = Client().get(f"{LIST}?fields=title&fields=identifier,language&limit=1")

    assert response.json()["CFDocuments"] == [{"title": "Art", "identifier": identifier("Art"), "language": "ja"}]


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_the_same_for_any_number(count, world, django_assert_num_queries):
    add([f"Framework {number}" for number in range(count)], world.places["own"].district)

    with django_assert_num_queries(3):
        response = Client().get(LIST)

    assert response["X-Total-Count"] == str(count)
