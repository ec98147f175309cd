import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
READERS = {"text", "number", "flag", "names", "server"}
ENVIRON_METHODS = {"get", "setdefault", "pop"}
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH"}
GOOD = {
    "SECRET_KEY": "correct-horse-battery-staple-0123456789-abcdefghijklmnop",
    "ALLOWED_HOSTS": "cairn.example.org",
    "DATABASE_URL": "postgresql://lpm:secret@127.0.0.1:1/lpm",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "LPM_FILES_ON_DISK": "true",
}
S3 = {"S3_BUCKET": "lpm", "S3_ENDPOINT_URL": "http://files:3900", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with nothing in its environment but ``environment``."""
    needed = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lpm.settings"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=needed | environment, capture_output=True, text=True, timeout=60
    )


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return run(environment, "-c", "import lpm.settings")


def without(*names: str, **changed: str) -> dict[str, str]:
    return {name: value for name, value in {**GOOD, **changed}.items() if name not in names}


def names_read() -> set[str]:
    files = [ROOT / "manage.py", *(ROOT / "lpm").rglob("*.py")]
    return {name for file in files for name in names_in(ast.parse(file.read_text()))} - NOT_OURS


def names_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=reader), args=[ast.Constant(value=str(name)), *_]) if reader in READERS:
                yield name
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=[ast.Constant(value=str(name)), *_]):
                if is_environ(owner) and method in ENVIRON_METHODS:
                    yield name
            case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))) if is_environ(owner):
                yield name


def is_environ(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def test_settings_page_lists_what_the_code_reads():
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert len(table) == len(set(table))
    assert set(table) == names_read()


def test_nothing_reads_the_environment_by_getenv():
    """The test above would not see it."""
    using = [file for file in (ROOT / "lpm").rglob("*.py") if "getenv" in file.read_text()]
    assert using == []


HERE = "localhost,127.0.0.1,[::1],school.localhost,.localhost"


@pytest.mark.parametrize(
    "environment",
    [
        GOOD,
        without("LPM_FILES_ON_DISK", **S3),
        without("SECRET_KEY", "ALLOWED_HOSTS", LPM_MODE="demo"),
        without("SECRET_KEY", LPM_MODE="demo", ALLOWED_HOSTS=HERE),
        without(LPM_MODE="development", ALLOWED_HOSTS=HERE),
    ],
    ids=["disk", "S3", "demo", "demo with hosts", "development"],
)
def test_start_with_good_settings(environment):
    assert start(environment).stderr == ""


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        (without("SECRET_KEY"), "SECRET_KEY"),
        (without(SECRET_KEY="short"), "SECRET_KEY"),
        (without(SECRET_KEY="a demonstration keeps no secrets"), "SECRET_KEY"),
        (without("ALLOWED_HOSTS"), "ALLOWED_HOSTS"),
        (without("DATABASE_URL"), "DATABASE_URL"),
        (without(DATABASE_URL="mysql://lpm@127.0.0.1/lpm"), "DATABASE_URL"),
        (without(DATABASE_URL="postgresql:lpm"), "DATABASE_URL"),
        (without("REDIS_URL"), "REDIS_URL"),
        (without(REDIS_URL="http://127.0.0.1"), "REDIS_URL"),
        (without(LPM_MODE="prodcution"), "LPM_MODE"),
        (without(LPM_HTTPS="yes"), "LPM_HTTPS"),
        (without(LPM_FILES_ON_DISK="1"), "LPM_FILES_ON_DISK"),
        (without(LPM_DATABASE_POOL="many"), "LPM_DATABASE_POOL"),
        (without(LPM_DATABASE_PREPARE="5"), "LPM_DATABASE_PREPARE"),
        (without(LPM_IMPORT_MAX_BYTES="64 MB"), "LPM_IMPORT_MAX_BYTES"),
        (without(LPM_LOG_LEVEL="loud"), "LPM_LOG_LEVEL"),
        (without("LPM_FILES_ON_DISK"), "S3_BUCKET"),
        (without(S3_BUCKET="lpm"), "S3_ENDPOINT_URL"),
        (without(**{**S3, "S3_ACCESS_KEY": ""}), "S3_ACCESS_KEY"),
        (without(**{**S3, "S3_SECRET_KEY": " "}), "S3_SECRET_KEY"),
        (without("SECRET_KEY", LPM_MODE="demo", LPM_HTTPS="true"), "LPM_MODE"),
        (without(LPM_MODE="demo"), "LPM_MODE"),
        (without("SECRET_KEY", LPM_MODE="demo"), "ALLOWED_HOSTS"),
        (without(LPM_MODE="development"), "ALLOWED_HOSTS"),
        (without("SECRET_KEY", LPM_MODE="demo", ALLOWED_HOSTS="localhost,*"), "ALLOWED_HOSTS"),
        (without("SECRET_KEY", LPM_MODE="demo", ALLOWED_HOSTS="192.168.1.7"), "ALLOWED_HOSTS"),
        (without("SECRET_KEY", LPM_MODE="demo", ALLOWED_HOSTS="notlocalhost"), "ALLOWED_HOSTS"),
        (without("ALLOWED_HOSTS", LPM_MODE="development", LPM_HTTPS="true"), "LPM_HTTPS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_value_stops_the_start(environment, named):
    stopped = start(environment)

    assert stopped.returncode == 1
    last_line = stopped.stderr.strip().splitlines()[-1]
    assert last_line.startswith(f"django.core.exceptions.ImproperlyConfigured: {named}")


def test_secrets_are_not_in_what_a_bad_value_prints():
    stopped = start(without(DATABASE_URL="mysql://lpm:hunter2@127.0.0.1/lpm"))

    assert stopped.returncode == 1
    assert "hunter2" not in stopped.stderr


def test_production_is_the_mode_of_whoever_names_none():
    script = "from lpm import settings; print(settings.MODE, settings.DEBUG, settings.DEMO)"
    assert run(GOOD, "-c", script).stdout.split() == ["production", "False", "False"]


def test_deployment_check_has_nothing_to_say():
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    checked = run(GOOD | servers, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.django_db
def test_pages_allow_no_inline_code_and_no_other_host(client: Client):
    response = client.get("/sign-in")

    directives = dict(part.split(maxsplit=1) for part in response["Content-Security-Policy"].split("; "))
    assert response.status_code == 200
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert {source for sources in directives.values() for source in sources.split()} == {"'none'", "'self'", "data:"}
