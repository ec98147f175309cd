"""Rosters that another system leaves in a folder, looked for once a day."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from lpm.audit.models import Entry
from lpm.home.services import DropRefused, look_into_drop, process_import, set_drop, sweep_drops
from lpm.lib.enqueue import outage  # noqa: F401 (the broker is real)
from lpm.people.enums import ImportState, OrganizationKind, Role
from lpm.people.models import ImportRun, Organization, RoleGrant, RosterDrop, Student, User
from lpm.people.services import create_organization
from tests.home.test_import_jobs import roster
from tests.world import DAY, grant, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rosters(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ROSTER_DIR = tmp_path / "rosters"
    folder: Path = tmp_path / "rosters" / "north"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


@pytest.fixture
def administrator(district: Organization) -> User:
    user = person("administrator", district)
    grant(user, district, Role.ADMINISTRATOR)
    return user


def leave(folder: Path, content: bytes) -> None:
    path = folder / "roster.zip"
    path.write_bytes(content)
    earlier = time.time() - 3600
    os.utime(path, (earlier, earlier))


def drop_of(district: Organization, user: User, **values: object) -> RosterDrop:
    return RosterDrop.objects.create(**{"organization": district, "place": "north", "set_by": user, **values})


def work_through() -> None:
    """What workers would do with the runs that wait."""
    for _ in range(2):
        for run in ImportRun.objects.order_by("pk"):
            process_import(run.pk)


def form(**values: object) -> dict[str, object]:
    return {"place": "north", "hour": "3", "is_on": "on", "applies_itself": "on", **values}


# --- looking


def test_what_was_left_is_brought_in_and_taken_once(district, administrator, rosters):
    leave(rosters, roster())
    drop = drop_of(district, administrator)

    for _ in range(2):
        look_into_drop(drop.pk)
        work_through()

    run = ImportRun.objects.get()
    drop.refresh_from_db()
    assert (run.state, run.drop, run.started_by, run.confirmed_by) == (
        ImportState.APPLIED,
        drop,
        administrator,
        administrator,
    )
    assert Student.objects.count() > 0
    assert drop.last_problem == ""
    assert drop.last_looked_at is not None


def test_a_newer_file_is_brought_in_again(district, administrator, rosters):
    drop = drop_of(district, administrator)
    for content in (roster(), roster() + b"\0"):
        leave(rosters, content)
        look_into_drop(drop.pk)

    assert ImportRun.objects.count() == 2


def test_a_drop_that_asks_waits_for_a_person(district, administrator, rosters):
    leave(rosters, roster())
    look_into_drop(drop_of(district, administrator, applies_itself=False).pk)
    work_through()

    assert ImportRun.objects.get().state == ImportState.CHECKED
    assert Student.objects.count() == 0


def test_a_file_that_ends_a_great_deal_waits_for_a_person(district, administrator, rosters):
    leave(rosters, roster())
    drop = drop_of(district, administrator)
    look_into_drop(drop.pk)
    work_through()
    source = Student.objects.all()[0].source
    User.objects.bulk_create(
        User(username=f"gone-{n}", source=source, sourced_id=f"gone-{n}", organization=district, district=district)
        for n in range(20)
    )
    leave(rosters, roster() + b"\0")

    look_into_drop(drop.pk)
    work_through()

    newest = ImportRun.objects.latest("pk")
    assert newest.state == ImportState.CHECKED
    assert newest.report["asks"]


def test_whoever_lost_the_right_brings_nothing_in(district, administrator, rosters):
    leave(rosters, roster())
    drop = drop_of(district, administrator)
    RoleGrant.objects.all().delete()

    look_into_drop(drop.pk)

    drop.refresh_from_db()
    assert not ImportRun.objects.exists()
    assert "may not bring in rosters any more" in drop.last_problem


def test_a_folder_that_is_gone_is_told(district, administrator, rosters):
    drop = drop_of(district, administrator)
    rosters.rmdir()

    look_into_drop(drop.pk)

    drop.refresh_from_db()
    assert drop.last_problem == "The folder cannot be read: No such file or directory."


def test_a_server_that_is_not_named_is_not_asked(district, administrator):
    drop = drop_of(district, administrator, place="sftp://sis@files.example.org/out", host_key="ssh-ed25519 AAAA")

    look_into_drop(drop.pk)

    drop.refresh_from_db()
    assert "does not fetch from that server" in drop.last_problem


def test_what_is_switched_off_is_left_alone(district, administrator, rosters):
    leave(rosters, roster())
    look_into_drop(drop_of(district, administrator, is_on=False).pk)

    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("now", "looked_hours_ago", "due"),
    [
        ("2026-11-19T07:30:00+00:00", None, 0),  # half past two in New York
        ("2026-11-19T08:30:00+00:00", None, 1),
        ("2026-11-19T08:30:00+00:00", 24, 1),
        ("2026-11-19T18:00:00+00:00", 5, 0),
    ],
)
def test_it_is_looked_for_once_a_day_at_the_hour_of_the_school(now, looked_hours_ago, due, district, administrator):
    with time_machine.travel(now, tick=False):
        looked = datetime.fromisoformat(now) - timedelta(hours=looked_hours_ago) if looked_hours_ago else None
        drop_of(district, administrator, last_looked_at=looked)

        assert sweep_drops() == due


# --- the page


def test_the_page_keeps_the_place_and_writes_it_down(district, administrator, as_person):
    address = f"/organizations/{district.uuid}/roster-drop"
    client = as_person(administrator)
    assert client.get(address).context["drop"] is None

    response = client.post(address, form(hour="5", applies_itself=""))

    drop = RosterDrop.objects.get()
    assert response.status_code == 302
    assert (drop.place, drop.hour, drop.is_on, drop.applies_itself, drop.set_by) == (
        "north",
        5,
        True,
        False,
        administrator,
    )
    assert Entry.objects.get(action="imports.drop_set").details["hour"] == 5
    assert client.get(address).context["form"].initial["hour"] == 5


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"place": "../elsewhere"}, "The folder must lie in the place that this installation keeps for rosters."),
        ({"place": "nowhere"}, "The folder cannot be read: No such file or directory."),
        ({"place": "sftp://a@b/c"}, "This installation does not fetch from that server. Ask who looks after it."),
        ({"place": "sftp://a@files.example.org/c"}, "Enter the server’s public key, so that nobody can pass for it."),
        ({"place": "sftp://b/c"}, "Write the place like sftp://user@host/folder, without a password."),
    ],
)
def test_a_place_that_will_not_do_is_told_at_once(values, sentence, district, administrator, as_person, settings):
    settings.ROSTER_SFTP_HOSTS = ["files.example.org"]

    response = as_person(administrator).post(f"/organizations/{district.uuid}/roster-drop", form(**values))

    assert response.status_code == 422
    assert response.context["form"].errors["place"] == [sentence]
    assert not RosterDrop.objects.exists()


def test_the_page_shows_the_public_key_and_what_was_taken(district, administrator, as_person, rosters, settings):
    settings.ROSTER_SFTP_KEY = str(rosters / "key")
    (rosters / "key.pub").write_text("ssh-ed25519 AAAAC3 cairn\n")
    leave(rosters, roster())
    look_into_drop(drop_of(district, administrator).pk)

    page = as_person(administrator).get(f"/organizations/{district.uuid}/roster-drop")

    assert "ssh-ed25519 AAAAC3 cairn" in page.content.decode()
    assert list(page.context["runs"]) == list(ImportRun.objects.all())


def test_a_place_is_that_of_one_organization(world, settings, tmp_path):
    settings.ROSTER_DIR = tmp_path
    (tmp_path / "north").mkdir()
    how: Any = {"host_key": "", "hour": 3, "is_on": True, "applies_itself": True, "day": DAY}
    set_drop(organization=world.own.district, place="north", actor=world.administrator, **how)

    with pytest.raises(DropRefused):
        set_drop(organization=world.other_district.district, place="./north/", actor=world.far_administrator, **how)

    set_drop(organization=world.own.district, place="north", actor=world.administrator, **how)
