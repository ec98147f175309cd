"""The letters of a demonstration, on a page; anywhere else there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from tests.notices.mail import send_all, with_address, written_to
from tests.world import World


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def test_letters_of_ours_and_of_django_are_listed_the_newest_first(world: World, client, folder: Path):
    assert client.get(reverse("notices:caught")).context["letters"] == []
    written_to(with_address(world.guardian), world)
    send_all()
    [ours] = folder.iterdir()
    os.utime(ours, (1, 1))
    files = get_connection("django.core.mail.backends.filebased.EmailBackend")
    EmailMessage("Your code", "It is <b>4711</b>: http://localhost/go", to=["a@example.org"], connection=files).send()
    (folder / "half.eml.half").write_text("Subject: not whole")
    (folder / "link.eml").symlink_to("/etc/hostname")

    code, message = client.get(reverse("notices:caught")).context["letters"]

    assert (code.subject, code.to, message.to) == ("Your code", "a@example.org", "guardian@example.org")
    assert message.name == ours.name
    page = client.get(reverse("notices:caught-show", args=[code.name])).content.decode()
    assert "&lt;b&gt;4711&lt;/b&gt;" in page
    assert '<a href="http://localhost/go"' in page
    assert "Ms. Ito wrote to you" in client.get(reverse("notices:caught-show", args=[ours.name])).content.decode()


@pytest.mark.parametrize("name", ["link.eml", "..%2Fsecret.eml", "half.eml.half", "nothing.eml"])
def test_no_other_file_is_shown(client, db, folder: Path, name: str):
    folder.mkdir()
    (folder.parent / "secret.eml").write_text("Subject: of somebody else")
    (folder / "link.eml").symlink_to(folder.parent / "secret.eml")
    (folder / "half.eml.half").write_text("Subject: not whole")

    assert client.get(f"/caught/{name}").status_code == 404


def test_outside_a_demonstration_there_are_no_such_pages(client, db, settings, folder: Path):
    folder.mkdir()
    (folder / "one.eml").write_text("Subject: Something\n\nWords.")
    assert client.get("/caught/one.eml").status_code == 200

    settings.DEMO = False

    assert client.get("/caught/").status_code == 404
    assert client.get("/caught/one.eml").status_code == 404
