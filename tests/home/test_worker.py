"""What a browser asks before it sends marks that waited, and what it keeps for when the network is gone."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.world import DAY

NO_GROUP = "00000000-0000-0000-0000-000000000000"


def test_who_says_the_person_and_gives_a_token_that_is_good(world, school_day):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.teacher)

    answer = client.get(reverse("home:who")).json()

    token = answer.pop("token")
    assert answer == {
        "person": str(world.teacher.uuid),
        "day": DAY.isoformat(),
        "urls": {
            "mark": f"/groups/{NO_GROUP}/marks",
            "undo": f"/groups/{NO_GROUP}/marks/undo",
            "batch": f"/groups/{NO_GROUP}/marks/batch",
            "remark": f"/groups/{NO_GROUP}/remarks/new",
            "absent": f"/groups/{NO_GROUP}/walk/absent",
        },
    }
    address = reverse("mastery:mark-record", args=[world.own.group.uuid])
    statuses = [client.post(address, headers={"X-CSRFToken": each}).status_code for each in (token, "x" * 64)]
    assert statuses == [404, 403]  # no such student; no such token


def test_who_is_nobody_when_nobody_is_signed_in(db, client):
    response = client.get(reverse("home:who"))

    assert response.json()["person"] is None
    assert "no-store" in response["Cache-Control"]


def test_worker_is_a_script_at_the_root_that_is_asked_for_anew(db, client):
    response = client.get("/sw.js")

    assert response["Content-Type"] == "text/javascript"
    assert "no-cache" in response["Cache-Control"]
    assert "from '/static/js/worker/start.js';" in response.content.decode()


def test_page_without_a_network_names_nobody(db, client):
    page = client.get(reverse("home:offline")).content.decode()

    assert "The server cannot be reached" in page
    assert "data-person" not in page


def test_worker_is_for_everybody_who_is_signed_in(world, as_person, client):
    pages = {who: as_person(world.people[who]).get("/curriculum/") for who in ("teacher", "student", "guardian")}
    pages["nobody"] = client.get(reverse("home:sign-in"))

    assert {who for who, page in pages.items() if 'data-worker="/sw.js"' in page.content.decode()} == {
        "teacher",
        "student",
        "guardian",
    }


def test_grid_is_kept_for_whoever_records_alone(world, as_person):
    address = reverse("mastery:group-grid", args=[world.own.group.uuid])

    pages = {who: as_person(world.people[who]).get(address).content.decode() for who in ("teacher", "leader")}

    assert {who: "data-offline" in page for who, page in pages.items()} == {"teacher": True, "leader": False}


def test_manifest_says_what_a_phone_needs_in_the_language_of_who_asks(db, client):
    page = client.get(reverse("home:sign-in")).content.decode()
    address = reverse("home:manifest")
    assert address in page

    english = client.get(address)
    spanish = client.get(address, headers={"accept-language": "es"}).json()

    assert english["Content-Type"] == "application/manifest+json"
    content = english.json()
    assert (content["start_url"], content["scope"], content["display"]) == ("/", "/", "standalone")
    assert (content["lang"], spanish["lang"]) == ("en", "es" if "es" in dict(settings.LANGUAGES) else "en")
    assert {(icon["sizes"], icon["purpose"]) for icon in content["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }
    for icon in content["icons"]:
        assert size_of(settings.BASE_DIR / icon["src"].lstrip("/")) == icon["sizes"]


def test_an_icon_is_there_for_phones_that_read_no_manifest(db, client):
    assert "img/app/apple-180.png" in client.get(reverse("home:sign-in")).content.decode()
    assert size_of(settings.BASE_DIR / "static/img/app/apple-180.png") == "180x180"


def size_of(picture: Path) -> str:
    """As the head of a PNG says it."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return "x".join(str(int.from_bytes(side, "big")) for side in (head[16:20], head[20:24]))
