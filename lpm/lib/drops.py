"""Places where other systems leave files: a folder of this server, or one on an SFTP server."""

from __future__ import annotations

import asyncio
import hashlib
import stat
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import asyncssh
from django.utils.translation import gettext as _

MAX_BYTES = 512 * 1024 * 1024
SETTLED_AFTER = 60  # seconds without a change: nobody is writing it any more
SECONDS = 60  # for a whole visit to an SFTP server to begin an answer
DEFAULT_PORT = 22


class DropUnreadable(Exception):
    """The place cannot be looked into; the text is a sentence for the person who set it up."""


@dataclass(frozen=True)
class Left:
    """A .zip that was left there. ``fingerprint`` is the SHA-256 of its bytes."""

    name: str
    data: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class SftpPlace:
    user: str
    host: str
    port: int
    folder: str


def read_newest_in_folder(place: str, below: Path) -> Left | None:
    """The newest .zip of the folder ``place``, a path below ``below``; None when there is none that is complete.

    A file that changed in the last minute is still being written. Raises DropUnreadable.
    """
    folder = (below / place).resolve()
    if not folder.is_relative_to(below.resolve()):
        raise DropUnreadable(_("The folder must lie in the place that this installation keeps for rosters."))
    try:
        files = [(path, path.stat()) for path in folder.iterdir() if path.suffix.lower() == ".zip"]
        newest = _newest([(str(path), info.st_mtime, info.st_size, info.st_mode) for path, info in files])
        return Left(Path(newest).name, Path(newest).read_bytes()) if newest else None
    except OSError as error:
        raise DropUnreadable(_("The folder cannot be read: {reason}.").format(reason=error.strerror or "?")) from error


def _newest(files: Collection[tuple[str, float, int, int]]) -> str | None:
    """The file, of (name, when changed, bytes, mode), that was left last; only ordinary and settled ones count."""
    now = time.time()
    settled = [
        (changed, name)
        for name, changed, size, mode in files
        if stat.S_ISREG(mode) and size <= MAX_BYTES and now - changed >= SETTLED_AFTER
    ]
    return max(settled)[1] if settled else None


def parse_sftp(place: str) -> SftpPlace:
    """``sftp://user@host:port/folder``. Raises DropUnreadable; a password in it is refused: keys are used."""
    parts = urlsplit(place)
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        port = 0
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password or not port:
        raise DropUnreadable(_("Write the place like sftp://user@host/folder, without a password."))
    return SftpPlace(unquote(parts.username), parts.hostname, port, unquote(parts.path) or "/")


def read_newest_by_sftp(place: SftpPlace, *, host_key: str, key_file: Path) -> Left | None:
    """The newest complete .zip of the folder on the server; None when there is none. Raises DropUnreadable.

    ``host_key`` is the server's public key as OpenSSH writes it ("ssh-ed25519 AAAA…"): a server with another key is
    not talked to. ``key_file`` holds the private key of this installation.
    """
    try:
        with ThreadPoolExecutor(1) as thread:  # whoever calls may have an event loop of their own
            return thread.submit(lambda: asyncio.run(_fetch_in_time(place, host_key, key_file))).result()
    except (OSError, asyncssh.Error, TimeoutError, ValueError) as error:
        raise DropUnreadable(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return _("The server has another key than the one that was entered.")
    if isinstance(error, asyncssh.PermissionDenied):
        return _("The server does not let this installation in. Give it our public key.")
    if isinstance(error, asyncssh.KeyImportError | ValueError):
        return _("A key cannot be read. It must be one line that begins with ssh-ed25519, for example.")
    if isinstance(error, asyncssh.SFTPError):
        return _("The folder cannot be read on the server.")
    return _("The server does not answer.")


async def _fetch_in_time(place: SftpPlace, host_key: str, key_file: Path) -> Left | None:
    return await asyncio.wait_for(_fetch(place, host_key, key_file), SECONDS)


async def _fetch(place: SftpPlace, host_key: str, key_file: Path) -> Left | None:
    asyncssh.import_public_key(host_key.strip())  # says what is wrong with it
    known = asyncssh.import_known_hosts(f"[{place.host}]:{place.port},{place.host} {host_key.strip()}\n")
    async with (
        asyncssh.connect(
            place.host,
            place.port,
            username=place.user,
            known_hosts=known,
            client_keys=[str(key_file)],
            agent_path=None,
            config=None,
            password_auth=False,
            kbdint_auth=False,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        names = [
            (
                str(entry.filename),
                float(entry.attrs.mtime or 0),
                int(entry.attrs.size or 0),
                int(entry.attrs.permissions or 0),
            )
            for entry in await sftp.readdir(place.folder)
            if str(entry.filename).lower().endswith(".zip")
        ]
        newest = _newest(names)
        if newest is None:
            return None
        async with sftp.open(str(PurePosixPath(place.folder) / newest), "rb") as file:
            return Left(newest, await file.read(MAX_BYTES))
