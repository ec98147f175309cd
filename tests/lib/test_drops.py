"""Files left in a folder, and on a real SFTP server."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from lpm.lib.drops import DropUnreadable, SftpPlace, parse_sftp, read_newest_by_sftp, read_newest_in_folder


def leave(folder: Path, name: str, content: bytes, seconds_ago: int = 3600) -> Path:
    path = folder / name
    path.write_bytes(content)
    when = time.time() - seconds_ago
    os.utime(path, (when, when))
    return path


def test_the_newest_complete_zip_is_taken(tmp_path):
    leave(tmp_path, "monday.zip", b"old", 7200)
    leave(tmp_path, "tuesday.ZIP", b"new", 3600)
    leave(tmp_path, "wednesday.zip", b"being written", 5)
    leave(tmp_path, "notes.txt", b"newest", 100)
    (tmp_path / "folder.zip").mkdir()

    left = read_newest_in_folder(".", tmp_path)

    assert left is not None
    assert (left.name, left.data) == ("tuesday.ZIP", b"new")
    assert left.fingerprint == "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"


def test_an_empty_folder_holds_nothing(tmp_path):
    (tmp_path / "north").mkdir()

    assert read_newest_in_folder("north", tmp_path) is None


@pytest.mark.parametrize("place", ["..", "../..", "/etc", "north/../../x"])
def test_a_folder_outside_is_not_looked_into(place, tmp_path):
    with pytest.raises(DropUnreadable, match="must lie in the place"):
        read_newest_in_folder(place, tmp_path / "rosters")


def test_a_link_that_leads_outside_is_not_followed(tmp_path):
    below = tmp_path / "rosters"
    below.mkdir()
    (below / "out").symlink_to(tmp_path)

    with pytest.raises(DropUnreadable, match="must lie in the place"):
        read_newest_in_folder("out", below)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DropUnreadable, match="The folder cannot be read: No such file or directory"):
        read_newest_in_folder("nowhere", tmp_path)


@pytest.mark.parametrize(
    "place",
    [
        "",
        "north",
        "ftp://a@b/c",
        "sftp://host/folder",
        "sftp://a:secret@host/folder",
        "sftp://a@host:x/",
        "sftp://a@/x",
    ],
)
def test_an_address_says_user_and_host_and_no_password(place):
    with pytest.raises(DropUnreadable, match="without a password"):
        parse_sftp(place)


def test_an_address_is_read():
    assert parse_sftp("sftp://sis%40north@files.example.org:2222/out/rosters") == SftpPlace(
        "sis@north", "files.example.org", 2222, "/out/rosters"
    )
    assert parse_sftp("sftp://a@h").folder == "/"


@dataclass(frozen=True)
class Server:
    port: int
    host_key: str
    key_file: Path
    folder: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A real SFTP server on a free port that lets one key in, and shows one folder."""
    place = tmp_path_factory.mktemp("sftp")
    folder = place / "files"
    (folder / "out").mkdir(parents=True)
    host, ours = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    ours.write_private_key(place / "key")
    ours.write_public_key(place / "authorized")
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    listening: list[Any] = []

    def factory(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder).encode())

    async def listen() -> None:
        listening.append(
            await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[host],
                authorized_client_keys=str(place / "authorized"),
                sftp_factory=factory,
            )
        )
        ready.set()

    started = loop.create_task(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    assert ready.wait(10)
    assert started
    yield Server(listening[0].get_port(), host.export_public_key().decode(), place / "key", folder)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def at(server: Server, folder: str = "/out") -> SftpPlace:
    return SftpPlace("sis", "127.0.0.1", server.port, folder)


def test_the_newest_zip_comes_over_sftp(server: Server):
    leave(server.folder / "out", "a.zip", b"old", 7200)
    leave(server.folder / "out", "b.zip", b"new" * 100_000, 3600)
    leave(server.folder / "out", "c.zip", b"being written", 5)

    left = read_newest_by_sftp(at(server), host_key=server.host_key, key_file=server.key_file)

    assert left is not None
    assert (left.name, left.data) == ("b.zip", b"new" * 100_000)


def test_nothing_there_over_sftp(server: Server):
    (server.folder / "empty").mkdir(exist_ok=True)

    assert read_newest_by_sftp(at(server, "/empty"), host_key=server.host_key, key_file=server.key_file) is None


def test_a_server_with_another_key_is_not_talked_to(server: Server):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()

    with pytest.raises(DropUnreadable, match="another key"):
        read_newest_by_sftp(at(server), host_key=other, key_file=server.key_file)


def test_a_server_that_does_not_know_us_says_so(server: Server, tmp_path):
    stranger = tmp_path / "key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(stranger)

    with pytest.raises(DropUnreadable, match="does not let this installation in"):
        read_newest_by_sftp(at(server), host_key=server.host_key, key_file=stranger)


def test_what_goes_wrong_over_sftp_is_told_in_a_sentence(server: Server, tmp_path):
    ours: Any = {"host_key": server.host_key, "key_file": server.key_file}
    with pytest.raises(DropUnreadable, match="cannot be read on the server"):
        read_newest_by_sftp(at(server, "/nowhere"), **ours)
    with pytest.raises(DropUnreadable, match="does not answer"):
        read_newest_by_sftp(SftpPlace("sis", "127.0.0.1", 1, "/"), **ours)
    with pytest.raises(DropUnreadable, match="A key cannot be read"):
        read_newest_by_sftp(at(server), host_key="nonsense", key_file=server.key_file)
    broken = tmp_path / "broken"
    broken.write_text("no key")
    with pytest.raises(DropUnreadable, match="A key cannot be read"):
        read_newest_by_sftp(at(server), host_key=server.host_key, key_file=broken)
