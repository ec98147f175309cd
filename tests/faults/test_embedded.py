import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from lpm import embedded

ROOT = Path(__file__).resolve().parents[2]

USE_SERVERS = """
import json, sys
from lpm import embedded
with embedded.servers() as urls:
    print(json.dumps(urls), flush=True)
    sys.stdin.read()
"""
# The real supervisor over small stand-ins for the parts of the application, which is tested elsewhere.
RUN = """
import sys
from lpm import run
WEB = '''
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
run.manage = lambda environment, *arguments: run.say(" ".join(arguments))
run.GRACE_SECONDS = run.SERVERS_EVERY_SECONDS = 1.0
run.commands = lambda port: {
    "web": [sys.executable, "-c", WEB, str(port)],
    "worker": [sys.executable, "-c", "import time; time.sleep(600)"],
    "scheduler": [sys.executable, "-c", STUBBORN],
}
sys.exit(run.main())
"""


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="cairn-fault-")).resolve()
    path.chmod(0o755)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("LPM_EMBEDDED_FAST", raising=False)
    monkeypatch.setenv("LPM_DATA_DIR", str(path / "data"))
    yield path / "data"
    for process in living(path / "data"):  # of a test that failed
        with suppress(psutil.Error):
            process.kill()
    shutil.rmtree(path)


class Other:
    """Another process of ours, ended when the test ends."""

    def __init__(self, code: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def urls(self) -> dict[str, str]:
        assert self.process.stdout
        found: dict[str, str] = json.loads(self.process.stdout.readline())
        return found

    def read_until(self, text: str) -> str:
        assert self.process.stdout
        read = ""
        for line in self.process.stdout:
            read += line
            if text in line:
                return read
        raise AssertionError(f"{text!r} is not in {read!r}")

    def end(self, number: signal.Signals | None = None) -> tuple[str, str]:
        """Ended by a signal or, without one, at the end of what it reads."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=30)


@pytest.fixture
def start() -> Iterator[Callable[[str], Other]]:
    others: list[Other] = []

    def another(code: str) -> Other:
        others.append(Other(code))
        return others[-1]

    yield another
    for other in others:
        other.process.kill()
        other.process.communicate()


def ask(url: str, sql: str) -> tuple[object, ...] | None:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchone() if cursor.description else None


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def pid_of(data: Path, server: str) -> int:
    pid_file = {"postgres": "postgres/postmaster.pid", "valkey": "valkey/valkey.pid"}[server]
    return int((data / pid_file).read_text().split()[0])


def living(data: Path) -> list[psutil.Process]:
    """The processes of the servers of this data folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() in ("postgres", "valkey-server") and process.cwd().startswith(str(data)):
                found.append(process)
    return found


def await_true(condition: Callable[[], bool], seconds: float = 20) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def kill(data: Path, server: str) -> None:
    """Returns when it is dead, which on a busy machine takes a moment."""
    pid = pid_of(data, server)
    os.kill(pid, signal.SIGKILL)
    await_true(lambda: is_gone(pid))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("rows", [1, 200_000])
def test_a_killed_database_keeps_every_acknowledged_write(data: Path, rows: int) -> None:
    with embedded.servers() as before:
        ask(before["DATABASE_URL"], "CREATE TABLE kept (number integer)")
        ask(before["DATABASE_URL"], f"INSERT INTO kept SELECT generate_series(1, {rows})")
        kill(data, "postgres")

        said: list[str] = []
        with embedded.servers(said.append) as after:
            assert after == before  # whoever still uses the old address finds the server again
            assert ask(after["DATABASE_URL"], "SELECT count(*), max(number) FROM kept") == (rows, rows)
        assert said[0] == "PostgreSQL was ended without warning last time; it recovers what was saved"
    assert living(data) == []


def test_a_backend_that_outlives_its_killed_server_is_waited_for(data: Path) -> None:
    """It never looks up from its work, so it does not see that the server is gone until it is told to end."""
    with embedded.servers() as urls:
        busy = psycopg.connect(urls["DATABASE_URL"], autocommit=True)
        backend = busy.info.backend_pid
        busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        time.sleep(0.5)
        kill(data, "postgres")
        await_true(lambda: [process.pid for process in living(data / "postgres")] == [backend])

        said: list[str] = []
        with embedded.servers(said.append) as again:
            assert ask(again["DATABASE_URL"], "SELECT 1") == (1,)
        assert f"waiting for what is left of it to end (process {backend})" in said[0]
        busy.close()


def test_a_start_waits_for_a_recovery_that_somebody_else_began(data: Path, start: Callable[[str], Other]) -> None:
    first = start(USE_SERVERS)
    urls = first.urls()
    ask(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT generate_series(1, 300000) AS number")
    for process in living(data):
        process.kill()
    first.end(signal.SIGKILL)
    second = start(USE_SERVERS)
    await_true(lambda: living(data / "postgres") != [])
    second.end(signal.SIGKILL)

    with embedded.servers() as again:
        assert ask(again["DATABASE_URL"], "SELECT count(*) FROM kept") == (300_000,)
    assert living(data) == []


def test_a_killed_queue_keeps_what_it_had_written(data: Path) -> None:
    with embedded.servers() as before:
        client(before["REDIS_URL"]).set("kept", "7")
        time.sleep(1.5)  # it writes to the disk every second
        kill(data, "valkey")
        with embedded.servers() as after:
            assert after == before
            assert client(after["REDIS_URL"]).get("kept") == "7"


def test_the_last_one_out_stops_the_servers_even_if_others_started_them(
    data: Path, start: Callable[[str], Other]
) -> None:
    first, second = start(USE_SERVERS), start(USE_SERVERS)
    urls = first.urls()
    assert second.urls() == urls

    first.end()
    assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
    assert client(urls["REDIS_URL"]).ping()

    second.end()
    assert living(data) == []


def test_many_starts_at_once_make_one_database(data: Path, start: Callable[[str], Other]) -> None:
    others = [start(USE_SERVERS) for _ in range(5)]
    urls = [other.urls() for other in others]
    assert urls == urls[:1] * 5
    for other in others:
        other.end()
        assert other.process.returncode == 0
    assert living(data) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_was_started(data: Path, start: Callable[[str], Other], number: signal.Signals) -> None:
    other = start(USE_SERVERS)
    other.urls()
    other.end(number)
    assert living(data) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_servers_that_others_use(
    data: Path, start: Callable[[str], Other], number: signal.Signals
) -> None:
    first, second = start(USE_SERVERS), start(USE_SERVERS)
    first.urls()
    urls = second.urls()
    first.end(number)
    assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
    second.end()
    assert living(data) == []


def test_a_killed_user_leaves_no_lock_and_the_next_one_stops_its_servers(
    data: Path, start: Callable[[str], Other]
) -> None:
    other = start(USE_SERVERS)
    urls = other.urls()
    other.end(signal.SIGKILL)
    assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)

    with embedded.servers() as again:
        assert again == urls
    assert living(data) == []


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
def test_a_first_start_may_be_killed_at_any_moment(data: Path, start: Callable[[str], Other], delay: float) -> None:
    other = start(USE_SERVERS)
    await_true(lambda: (data / "start.lock").exists())
    time.sleep(delay)
    other.end(signal.SIGKILL)

    with embedded.servers() as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(urls["REDIS_URL"]).ping()
    assert living(data) == []


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    found = free_port()
    monkeypatch.setenv("PORT", str(found))
    return found


def sessions(data: Path) -> list[int]:
    found: list[int] = json.loads((data / "run.json").read_text())["sessions"]
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_with_all_its_parts(
    data: Path, start: Callable[[str], Other], port: int, number: signal.Signals
) -> None:
    running = start(RUN)
    shown = running.read_until("Ctrl-C stops Cairn")
    assert shown.index("migrate") < shown.index("demo --if-empty") < shown.index("demo --people")
    assert f"Cairn is ready at http://127.0.0.1:{port}/\n" in shown
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").status == 200
    parts = sessions(data)
    assert len(parts) == 3

    assert running.end(number) == ("Cairn has stopped.\n", "")

    assert running.process.returncode == 0
    assert all(is_gone(pid) for pid in parts)
    assert living(data) == []


def test_the_end_of_a_run_leaves_servers_that_others_use(data: Path, start: Callable[[str], Other], port: int) -> None:
    running = start(RUN)
    running.read_until("Ctrl-C stops Cairn")
    with embedded.servers() as urls:
        running.end(signal.SIGINT)
        assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
    assert living(data) == []


def test_a_second_run_on_the_same_data_is_told_where_the_first_is(
    data: Path, start: Callable[[str], Other], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(RUN)
    first.read_until("Ctrl-C stops Cairn")
    monkeypatch.setenv("PORT", str(free_port()))

    second = start(RUN)

    assert second.end() == (
        "",
        f"Cairn already runs on {data} at http://127.0.0.1:{port}/: use that one, or stop it with Ctrl-C there.\n",
    )
    assert second.process.returncode == 1
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").status == 200


def test_a_taken_web_port_is_said(data: Path, start: Callable[[str], Other], port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        shown = start(RUN).end()[1]
    assert shown.endswith(
        f"Port {port} is taken by another program: choose another, for example PORT={port + 1} make run.\n"
    )
    assert living(data) == []


@pytest.mark.parametrize("named", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_said(
    data: Path, start: Callable[[str], Other], monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("PORT", named)
    shown = start(RUN).end()[1]
    assert shown.endswith(
        f"PORT={named} is not a port: give a number from 1 to 65535, for example PORT=8001 make run.\n"
    )


@pytest.mark.parametrize("part", ["web", "worker", "scheduler"])
def test_a_part_that_ends_by_itself_ends_the_run_and_is_named(
    data: Path, start: Callable[[str], Other], port: int, part: str
) -> None:
    running = start(RUN)
    running.read_until("Ctrl-C stops Cairn")
    parts = sessions(data)
    os.kill(parts[["web", "worker", "scheduler"].index(part)], signal.SIGKILL)

    assert running.end()[1] == (
        f"Cairn's {part} process ended unexpectedly (exit code -9): its log {data}/logs/{part}.log says why.\n"
    )
    assert running.process.returncode == 1
    assert all(is_gone(pid) for pid in parts)
    assert living(data) == []


def test_what_a_killed_run_left_behind_is_ended_by_the_next(
    data: Path, start: Callable[[str], Other], port: int
) -> None:
    first = start(RUN)
    first.read_until("Ctrl-C stops Cairn")
    left = sessions(data)
    first.end(signal.SIGKILL)
    assert not any(is_gone(pid) for pid in left)

    second = start(RUN)
    second.read_until("Ctrl-C stops Cairn")

    assert all(is_gone(pid) for pid in left)
    second.end(signal.SIGINT)
    assert living(data) == []


def test_a_run_starts_killed_servers_again(data: Path, start: Callable[[str], Other], port: int) -> None:
    running = start(RUN)
    running.read_until("Ctrl-C stops Cairn")
    kill(data, "postgres")
    kill(data, "valkey")

    running.read_until("Valkey was ended without warning last time; it recovers what was saved")

    running.end(signal.SIGINT)
    assert living(data) == []
