"""PostgreSQL and Valkey from Python wheels, for whoever has not set DATABASE_URL and REDIS_URL.

All processes on one data folder share the same servers: the first one in starts them, the last one out stops
them. Why it is built this way: docs/decisions/0001-embedded-servers.md.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from lpm.embedded.errors import EmbeddedError, explained
from lpm.embedded.locks import Users, only_one
from lpm.embedded.place import Place, data_dir, find_place, settle
from lpm.embedded.postgres import Postgres
from lpm.embedded.server import Server
from lpm.embedded.valkey import Valkey

__all__ = ["EmbeddedError", "data_dir", "servers"]

KINDS: tuple[type[Server], ...] = (Postgres, Valkey)


def _print(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def servers(announce: Callable[[str], None] = _print) -> Iterator[dict[str, str]]:
    """The environment that names a running PostgreSQL and Valkey.

    What is set in os.environ passes through; the rest is started, or joined if another process started it.
    Raises EmbeddedError.
    """
    environment = {kind.variable: os.environ[kind.variable] for kind in KINDS if os.environ.get(kind.variable)}
    wanted = [kind for kind in KINDS if kind.variable not in environment]
    if not wanted:
        yield environment
        return
    with explained(data_dir()):
        place = find_place()
        users = Users(place.data / "users.lock")
    with _ended_by_signals():
        try:
            with explained(place.data):
                environment |= _start(place, wanted, announce)
            yield environment
        finally:
            _leave(place, users, announce)


def _start(place: Place, wanted: list[type[Server]], announce: Callable[[str], None]) -> dict[str, str]:
    with only_one(
        place.data / "start.lock", lambda: announce("Waiting for another Cairn to start or stop its servers")
    ):
        place = settle(place)
        started = [kind(place, announce) for kind in wanted]
        for server in started:
            server.ensure()
        return {server.variable: server.url() for server in started}


def _leave(place: Place, users: Users, announce: Callable[[str], None]) -> None:
    """The last one out stops the servers, whoever started them. Nobody comes in meanwhile: starting waits."""
    with explained(place.data), only_one(place.data / "start.lock", lambda: None):
        try:
            if users.is_last():
                place = settle(place)
                for kind in reversed(KINDS):
                    kind(place, announce).stop()
        finally:
            users.leave()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Lets a closed terminal or a plain kill unwind as Ctrl-C does, so that the servers are stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [which for which in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(which) is signal.SIG_DFL]
    for which in ours:
        signal.signal(which, _exit)
    try:
        yield
    finally:
        for which in ours:
            signal.signal(which, signal.SIG_DFL)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
