"""Letters that were not sent but kept as files, outside production."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

KINDS = (".eml", ".log")
ENDS = b"\n" + b"-" * 79 + b"\n"  # after each letter, in the files that Django itself writes
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Caught:
    """A letter in a file; ``name`` is the file's."""

    name: str
    at: datetime
    subject: str
    to: str
    sent_by: str
    text: str


def caught_names() -> list[str]:
    """The files of letters, the newest first."""
    found = sorted(_entries(), key=lambda entry: (entry.stat().st_mtime_ns, entry.name), reverse=True)
    return [entry.name for entry in found]


def _entries() -> Iterator[os.DirEntry[str]]:
    folder = Path(settings.EMAIL_FILE_PATH)
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (one for one in entries if one.name.endswith(KINDS) and one.is_file(follow_symlinks=False))


def read_caught(names: Iterable[str]) -> list[Caught]:
    """The letters in those files, whose names ``caught_names`` gave."""
    return [_read(name) for name in names]


def _read(name: str) -> Caught:
    path = Path(settings.EMAIL_FILE_PATH) / name
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
    letter = message_from_bytes(data.split(ENDS)[0], policy=policy.default)
    body = letter.get_body(preferencelist=("plain", "html"))
    return Caught(
        name=name,
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        subject=str(letter["Subject"] or ""),
        to=str(letter["To"] or ""),
        sent_by=str(letter["From"] or ""),
        text=str(body.get_content()) if body else "",
    )
