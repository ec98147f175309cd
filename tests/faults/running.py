"""The real application for one test: servers of its own, web server and workers as ``make run`` starts them."""

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
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest

from lpm import embedded, run
from tests.world import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
BUILD_WORLD = """
import django
django.setup()
from lpm.lib.dates import school_day
from tests import world
from tests.world import build_world, enroll
made = build_world(school_day("America/New_York"))
for number in range({students}):
    enroll(made.own.group, given_name=f"Number {{number}}", family_name="More")
"""
FROZEN_STATES = {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}


def await_true(condition: Callable[[], Any], seconds: float = 30, what: str = "") -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.02)


class Unanswered(Exception):
    """No answer came: the connection was refused, cut or ran out of time."""


class Answer:
    def __init__(self, status: int, headers: Any, body: bytes, seconds: float) -> None:
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Cookies and forms, and nothing that tries again by itself."""

    def __init__(self, address: str, timeout: float = 30) -> None:
        self.address, self.timeout = address, timeout
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), NoRedirects, urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> Answer:
        return self._send(urllib.request.Request(self.address + path))

    def post(self, path: str, fields: Mapping[str, str], accept: str = "text/html") -> Answer:
        body = urllib.parse.urlencode(fields).encode()
        return self._send(self._form(path, body, "application/x-www-form-urlencoded", accept))

    def upload(self, path: str, fields: Mapping[str, str], name: str, data: bytes) -> Answer:
        edge = uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts += [
            head.encode(),
            b"Content-Type: application/octet-stream\r\n\r\n",
            data,
            f"\r\n--{edge}--\r\n".encode(),
        ]
        return self._send(self._form(path, b"".join(parts), f"multipart/form-data; boundary={edge}", "text/html"))

    def sign_in(self, username: str) -> Answer:
        self.get("/sign-in")
        return self.post("/sign-in", {"username": username, "password": PASSWORD})

    def _form(self, path: str, body: bytes, kind: str, accept: str) -> urllib.request.Request:
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")
        headers = {"Content-Type": kind, "Accept": accept, "X-CSRFToken": token or ""}
        return urllib.request.Request(self.address + path, data=body, headers=headers, method="POST")

    def _send(self, request: urllib.request.Request) -> Answer:
        began = time.monotonic()
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                return Answer(response.status, response.headers, response.read(), time.monotonic() - began)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read(), time.monotonic() - began)
        except (OSError, HTTPException) as error:
            raise Unanswered(repr(error)) from error


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Part:
    """One of the processes that ``make run`` starts, with everything it starts itself."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.start()

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def pids(self) -> set[int]:
        return {self.process.pid, *(child.pid for child in self.children())}

    def children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return list(psutil.Process(self.process.pid).children(recursive=True))
        return []

    def kill(self) -> None:
        """kill -9, with everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text(errors="replace")


class Cairn:
    """A private database, queue and data folder, and whatever runs on them."""

    def __init__(self, data: Path, servers: dict[str, str]) -> None:
        self.data, self.servers = data, servers
        self.environment = {**os.environ, **servers, "LPM_MODE": "demo", "PYTHONPATH": str(ROOT)}
        self.environment["DJANGO_SETTINGS_MODULE"] = "lpm.settings"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.parts: list[Part] = []

    @property
    def database_url(self) -> str:
        return self.servers["DATABASE_URL"]

    def build(self, students: int = 0) -> None:
        """Tables, and the people of the tests."""
        self.manage("migrate", "-v0")
        self.python(BUILD_WORLD.format(students=students))

    def manage(self, *arguments: str) -> str:
        return self._run([sys.executable, "manage.py", *arguments])

    def python(self, code: str) -> str:
        return self._run([sys.executable, "-c", code])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, *options: str) -> Part:
        """``web`` or ``worker``, with the command of ``make run``."""
        command = [*run.commands(self.port)[name], *options]
        part = Part(name, command, self.environment, self.data / f"{name}-{len(self.parts)}.log")
        self.parts.append(part)
        return part

    def await_web(self) -> None:
        await_true(lambda: run.health(f"{self.address}/") == "200", what="the web server does not answer")

    def browser(self, username: str = "", timeout: float = 30) -> Browser:
        browser = Browser(self.address, timeout)
        if username:
            assert browser.sign_in(username).status == 302
        return browser

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            yield connection

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        return self.rows(sql, *values)[0][0]

    def change(self, sql: str, *values: object) -> None:
        with self.connection() as connection:
            connection.execute(sql.encode(), values)

    def ensure_servers(self) -> None:
        """Starts again what was killed, as ``make run`` does every few seconds."""
        with embedded.servers(lambda said: None) as found:
            assert found == self.servers

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster; its children end by themselves."""
        self._kill(self.postmaster())

    def postmaster(self) -> psutil.Process:
        with self.connection() as connection:
            return psutil.Process(psutil.Process(connection.info.backend_pid).ppid())

    def kill_valkey(self) -> None:
        self._kill(self.valkey())

    def valkey(self) -> psutil.Process:
        port = urllib.parse.urlsplit(self.servers["REDIS_URL"]).port
        return next(
            psutil.Process(one.pid)
            for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid
        )

    @contextmanager
    def frozen_valkey(self) -> Iterator[None]:
        """It takes connections and never answers, as a machine that hangs."""
        process = self.valkey()
        process.suspend()
        try:
            await_true(lambda: process.status() in FROZEN_STATES)
            yield
        finally:
            process.resume()

    def _kill(self, process: psutil.Process) -> None:
        process.kill()
        await_true(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)

    def end(self) -> None:
        for part in self.parts:
            part.kill()


@contextmanager
def private_cairn() -> Iterator[Cairn]:
    """Servers that no other test uses, in a folder that goes with them; every write reaches the disk."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-fault-")).resolve()
    folder.chmod(0o755)  # so that the database can lie here also when root runs the tests
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "LPM_EMBEDDED_FAST"):
            patch.delenv(name, raising=False)
        patch.setenv("LPM_DATA_DIR", str(folder / "data"))
        try:
            with embedded.servers(lambda said: None) as servers:
                cairn = Cairn(folder / "data", servers)
                try:
                    yield cairn
                finally:
                    cairn.end()
        finally:
            shutil.rmtree(folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
