"""What a browser asks before it sends marks that waited, and what it keeps for when the network is gone."""

from __future__ import annotations

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


def test_worker_is_for_staff(world, as_person):
    pages = {who: as_person(world.people[who]).get("/curriculum/").content.decode() for who in ("teacher", "student")}

    assert {who: 'data-worker="/sw.js"' in page for who, page in pages.items()} == {"teacher": True, "student": False}


def test_grid_is_kept_for_whoever_records_alone(world, as_person):
    address = reverse("mastery:group-grid", args=[world.own.group.uuid])

    pages = {who: as_person(world.people[who]).get(address).content.decode() for who in ("teacher", "leader")}

    assert {who: "data-offline" in page for who, page in pages.items()} == {"teacher": True, "leader": False}
