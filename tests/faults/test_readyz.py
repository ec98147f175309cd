"""A database that goes away and comes back must not need a restart of the web server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from lpm import embedded

ROOT = Path(__file__).resolve().parents[2]
READY = (200, {"database": "ok", "migrations": "ok", "broker": "ok"})
AWAY = (503, {"database": "away", "migrations": "unknown", "broker": "ok"})
OUTAGE_SECONDS = 18.0
RECOVERY_SECONDS = 5.0  # longer when the pool waits ever longer between its tries


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Servers of this test's own, in a folder that the account they run as can enter."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-readyz-"))
    folder.chmod(0o755)
    monkeypatch.setenv("LPM_DATA_DIR", str(folder / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with embedded.servers() as found:
        yield found
    shutil.rmtree(folder)


@contextmanager
def web(servers: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **servers, "LPM_MODE": "demo"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    process = subprocess.Popen([*command, "lpm.wsgi:application"], cwd=ROOT, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def kill_postmaster(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        os.kill(backend.ppid(), signal.SIGKILL)
        backend.wait(30)


def ready(address: str) -> tuple[int, object] | None:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return None


def await_answer(address: str, wanted: tuple[int, object], seconds: float) -> None:
    give_up_at = time.monotonic() + seconds
    while (answer := ready(address)) != wanted:
        assert time.monotonic() < give_up_at, answer
        time.sleep(0.2)


def test_web_serves_again_after_the_database_was_killed(servers):
    with web(servers) as address:
        await_answer(address, READY, 60)

        kill_postmaster(servers["DATABASE_URL"])
        back_at = time.monotonic() + OUTAGE_SECONDS
        while time.monotonic() < back_at:
            await_answer(address, AWAY, OUTAGE_SECONDS)

        with embedded.servers() as restarted:
            assert restarted == servers
            await_answer(address, READY, RECOVERY_SECONDS)
