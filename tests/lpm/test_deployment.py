"""No container engine runs in the tests: the commands of the compose file run on copies of the image's files."""

import fnmatch
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import yaml
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
HOST = "cairn.example.org"
SECONDS = 60.0


@dataclass(frozen=True)
class Installed:
    """What a container of the image would see: its files and its environment, with servers that exist here."""

    folder: Path
    environment: dict[str, str]


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def await_that(self, condition: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + SECONDS
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < give_up_at, self.said()
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


def instructions() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    words = (line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#"))
    return [(word[0], word[1]) for word in words]


def example_names() -> set[str]:
    return set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def used_names() -> dict[str, str | None]:
    """Each variable of the compose file, with its operator: ``?`` must be set, ``-`` has a default."""
    return {name: operator for name, operator, _ in VARIABLE.findall((ROOT / "docker-compose.yml").read_text())}


def filled(text: str) -> str:
    """``text`` as Compose would fill it in, with a made-up value for each secret."""
    values = {"SECRET_KEY": "0123456789abcdef" * 5, "ALLOWED_HOSTS": HOST}

    def value(found: re.Match[str]) -> str:
        name, operator, default = found.groups()
        return default if operator == "-" else values.get(name, "made0up1for2this3test")

    return VARIABLE.sub(value, text).replace("$$", "$")


def with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def copy_context(folder: Path) -> None:
    """The files that ``COPY . .`` copies: all but those .dockerignore names."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    at_top = [pattern for pattern in ignored if "/" not in pattern]
    anywhere = [pattern.removeprefix("**/") for pattern in ignored if pattern.startswith("**/")]

    def skip(within: str, names: list[str]) -> set[str]:
        patterns = anywhere + (at_top if Path(within) == ROOT else [])
        return {name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)}

    shutil.copytree(ROOT, folder, ignore=skip)


def sh(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
    )


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    name = f"deployment_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield with_path(os.environ["DATABASE_URL"], name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def installed(database: str, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The image's files, built by the Dockerfile's own lines, and a migrated database."""
    folder = tmp_path_factory.mktemp("image") / "app"
    copy_context(folder)
    base = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    for command in [text for word, text in instructions() if word == "RUN" and "pip" not in text.split()]:
        if "useradd" not in command and "venv" not in command:
            built = sh(command, folder, base)
            assert built.returncode == 0, built.stderr
    given = {name: filled(value) for name, value in SERVICES["web"]["environment"].items()}
    servers = {"DATABASE_URL": database, "REDIS_URL": with_path(os.environ["REDIS_URL"], "11")}
    installed = Installed(folder, base | given | servers)
    with running(installed, SERVICES["migrate"]["command"]) as migrate:
        assert migrate.process.wait(SECONDS) == 0, migrate.said()
    return installed


@contextmanager
def running(installed: Installed, command: list[str], **replaced: str) -> Iterator[Running]:
    log = installed.folder.parent / f"{command[0]}-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [replaced.get(word, word) for word in command],
            cwd=installed.folder,
            env=installed.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": HOST} | headers)
        return connection.getresponse()
    except ConnectionError:
        return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_compose_names_every_service():
    assert set(SERVICES) == {"web", "worker", "beat", "migrate", "postgres", "redis", "files"}


def test_web_worker_and_beat_wait_for_migrate():
    for name in ("web", "worker", "beat"):
        waits_for = SERVICES[name]["depends_on"]
        assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_every_variable_of_compose_stands_in_the_example():
    assert set(used_names()) == example_names()


def test_every_empty_value_of_the_example_must_be_filled_in():
    """A secret has neither a default nor an example that somebody could leave as it is."""
    empty = set(re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    must_be_set = {name for name, operator in used_names().items() if operator == "?"}
    may_be_empty = {
        *("CSRF_TRUSTED_ORIGINS", "LPM_ADDRESS", "LPM_EMAIL_URL", "LPM_EMAIL_FROM", "LPM_OIDC_PROVIDERS"),
        "LPM_SMS_URL",
    }
    assert empty == must_be_set | may_be_empty
    assert {name for name in example_names() if re.search("KEY|SECRET|PASSWORD", name)} <= must_be_set


def test_every_name_passed_is_a_setting():
    settings = (ROOT / "lpm" / "settings.py").read_text()
    table = (ROOT / "docs" / "settings.md").read_text()
    for service in OURS:
        for name in SERVICES[service]["environment"]:
            assert f'"{name}"' in settings, name
            assert f"| `{name}` |" in table, name


def test_only_web_opens_a_port_and_only_to_this_machine():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:${WEB_PORT:-8000}:8000"]}


def test_image_keeps_secrets_out_and_runs_as_nobody_special():
    words = instructions()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ".*" in ignored  # .env, .git, .data, .venv
    assert ("USER", "lpm") in words
    assert not [text for word, text in words if word in {"ENV", "ARG"} and re.search("SECRET|PASSWORD", text)]
    assert [text for word, text in words if word == "RUN" and "--require-hashes" in text]


def test_image_and_compose_start_web_alike():
    [command] = [text for word, text in instructions() if word == "CMD"]
    assert json.loads(command) == SERVICES["web"]["command"]


def test_web_answers_and_stops(installed: Installed):
    port = free_port()
    healthcheck = json.loads(next(text for word, text in instructions() if word == "HEALTHCHECK").split("CMD ")[1])
    with running(installed, SERVICES["web"]["command"], **{"8000": str(port)}) as web:
        web.await_that(lambda: ask(port, "/healthz") is not None)
        ready = ask(port, "/readyz")
        insecure = ask(port, "/sign-in")
        secure = ask(port, "/sign-in", **{"X-Forwarded-Proto": "https"})
        healthy = subprocess.run(
            [word.replace("8000", str(port)) for word in healthcheck], env=installed.environment, timeout=SECONDS
        )
        stopped = web.stop()
        requests = [json.loads(line) for line in web.said().splitlines() if '"event": "request"' in line]

    assert ready is not None
    assert json.load(ready) == {"database": "ok", "migrations": "ok", "broker": "ok"}
    assert ready.status == 200
    assert insecure is not None
    assert (insecure.status, insecure.headers["Location"]) == (301, f"https://{HOST}/sign-in")
    assert secure is not None
    assert secure.status == 200
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert healthy.returncode == 0
    assert stopped == 0, web.said()
    assert {"healthz", "readyz", "sign-in"} == {request["route"] for request in requests}


def test_worker_answers_its_health_check_and_stops(installed: Installed):
    [_, check] = SERVICES["worker"]["healthcheck"]["test"]
    with running(installed, SERVICES["worker"]["command"]) as worker:
        worker.await_that(lambda: " ready." in worker.said())
        healthy = sh(filled(check), installed.folder, installed.environment)
        stopped = worker.stop()

    assert "pong" in healthy.stdout
    assert healthy.returncode == 0, healthy.stderr
    assert stopped == 0, worker.said()


def test_beat_starts_and_stops(installed: Installed, tmp_path: Path):
    schedule = {"/tmp/beat-schedule": str(tmp_path / "beat-schedule")}
    with running(installed, SERVICES["beat"]["command"], **schedule) as beat:
        beat.await_that(lambda: "beat: Starting" in beat.said())
        stopped = beat.stop()

    assert stopped == 0, beat.said()
