import json
import os
import subprocess
import sys
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import structlog
from django.test import Client

from lpm.lib.logs import drop_personal, is_personal, plain

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = ("Amara", "Okafor", "2011-02-03")
# A small site whose views go wrong with a student's name and birth date in their hands.
SITE = """
import logging, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "lpm.settings"
import django, structlog
django.setup()
from django.conf import settings
from django.db import connection
from django.http import HttpResponseServerError
from django.test import Client
from django.urls import path
from lpm.celery import app

NAME, BIRTH = "Amara Okafor", "2011-02-03"

def twice(request, student):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pupil (username text CONSTRAINT once UNIQUE)")
        cursor.execute("INSERT INTO pupil VALUES (%s), (%s)", [NAME, NAME])

def not_a_date(request, student):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::date", [NAME])

def chained(request, student):
    try:
        {}[NAME]
    except KeyError as error:
        error.add_note(BIRTH)
        raise ValueError(f"{NAME} was born on {BIRTH}") from error

def group(request, student):
    raise ExceptionGroup(NAME, [OSError(2, "No such file", f"{NAME}.csv"), RuntimeError(BIRTH)])

def by_word(request, student):
    structlog.get_logger("ours").info("saw", given_name=NAME, birth_date=BIRTH, child={"email": NAME, "count": 3})
    structlog.get_logger("ours").info("error", error=ValueError(NAME))

@app.task(name="test.fails")
def fails(given_name):
    raise ValueError(f"{given_name} {BIRTH}")

def in_a_task(request, student):
    fails.apply(kwargs={"given_name": NAME})

def error_page_fails(request, student):
    raise ValueError(NAME)

def handler500(request):
    if "error_page_fails" in request.path:
        raise ValueError(BIRTH)
    return HttpResponseServerError()

views = [twice, not_a_date, chained, group, by_word, in_a_task, error_page_fails]
urlpatterns = [path(f"{view.__name__}/<str:student>", view) for view in views]
settings.ROOT_URLCONF = sys.modules[__name__]
client = Client(raise_request_exception=False)
for view in views:
    client.get(f"/{view.__name__}/{NAME}?born={BIRTH}", secure=True, headers={"host": "cairn.example.org"})
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the site above writes in production."""
    script = tmp_path_factory.mktemp("site") / "site_that_fails.py"
    script.write_text(SITE)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LPM_MODE": "production",
        "SECRET_KEY": "correct-horse-battery-staple-0123456789-abcdefghijklmnop",
        "ALLOWED_HOSTS": "cairn.example.org",
        "LPM_FILES_ON_DISK": "true",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr.splitlines()


def test_log_has_no_name_and_no_birth_date(lines):
    assert [line for line in lines for word in PERSONAL if word in line] == []


def test_log_is_json_in_production(lines):
    events = [json.loads(line) for line in lines]
    assert [event["route"] for event in events if event["event"] == "request"] == [
        "twice/<str:student>",
        "not_a_date/<str:student>",
        "chained/<str:student>",
        "group/<str:student>",
        "by_word/<str:student>",
        "in_a_task/<str:student>",
        "error_page_fails/<str:student>",
    ]


def test_log_names_the_request_on_each_line_of_it(lines):
    events = [json.loads(line) for line in lines]
    request_ids = {event["route"]: event["request_id"] for event in events if event["event"] == "request"}
    [failure] = [event for event in events if event["event"].startswith("Internal Server Error: twice")]
    assert len(set(request_ids.values())) == 7
    assert failure["request_id"] == request_ids["twice/<str:student>"]


def exception_of(lines: list[str], start: str) -> str:
    [found] = [event for event in map(json.loads, lines) if event["event"].startswith(start)]
    return str(found["exception"])


def test_database_error_keeps_its_constraint_and_loses_its_values(lines):
    text = exception_of(lines, "Internal Server Error: twice")
    assert 'UniqueViolation: duplicate key value violates unique constraint "once"' in text
    assert text.endswith('django.db.utils.IntegrityError: duplicate key value violates unique constraint "once"')
    assert "DETAIL" not in text
    assert "in twice" in text


def test_database_error_loses_a_value_in_its_first_line(lines):
    text = exception_of(lines, "Internal Server Error: not_a_date")
    assert text.endswith('django.db.utils.DataError: invalid input syntax for type date: "…"')


def test_exception_keeps_the_frames_and_classes_of_its_causes(lines):
    text = exception_of(lines, "Internal Server Error: chained")
    assert text.splitlines()[-1] == "ValueError"
    assert "\nKeyError\n" in text
    assert text.count("in chained") == 2


def test_exception_group_keeps_each_class(lines):
    text = exception_of(lines, "Internal Server Error: group")
    assert [line for line in text.splitlines() if not line.startswith((" ", "Traceback"))] == [
        "ExceptionGroup",
        "FileNotFoundError: No such file",
        "RuntimeError",
    ]


def test_task_that_fails_is_named_without_its_arguments(lines):
    text = exception_of(lines, "Task test.fails")
    assert text.splitlines()[-1] == "ValueError"


def test_error_page_that_fails_leaves_nothing_to_the_web_server(lines):
    """It would print the exception with its values."""
    assert exception_of(lines, "error_page_failed").splitlines()[-1] == "ValueError"
    [status] = [event["status"] for event in map(json.loads, lines) if "error_page" in event.get("route", "")]
    assert status == 500


@pytest.mark.parametrize(
    "key", ["name", "given_name", "birthDate", "parent_email", "username", "ip", "remote-ip", "student", "password"]
)
def test_personal_keys_are_dropped(key):
    assert drop_personal(None, "info", {"event": "saw", key: "x", "more": {key: "x", "n": 1}}) == {
        "event": "saw",
        "more": {"n": 1},
    }


@pytest.mark.parametrize("key", ["event", "logger", "route", "task", "student_uuid", "user_id", "student_count"])
def test_other_keys_stay(key):
    assert not is_personal(key)


def test_values_that_are_not_plain_are_named_by_class():
    identifier = uuid.uuid4()
    assert plain(identifier) == str(identifier)
    assert plain(Decimal("2.50")) == "2.50"
    assert plain(date(2026, 9, 1)) == "2026-09-01"
    assert plain(ValueError("Amara")) == "<ValueError>"


def logged_by(client: Client, path: str, **headers: str) -> tuple[dict[str, object], str]:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        response = client.get(path, headers=headers)
    [entry] = [entry for entry in entries if entry["event"] == "request"]
    return dict(entry), response["X-Request-ID"]


def test_request_is_one_line_without_path_and_query(client):
    entry, request_id = logged_by(client, "/healthz?name=Amara")
    milliseconds = entry.pop("milliseconds")
    assert isinstance(milliseconds, float)
    assert entry == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "healthz",
        "status": 200,
        "request_id": request_id,
    }


def test_request_to_nowhere_is_logged_without_its_path(client):
    entry, _ = logged_by(client, "/amara-okafor")
    assert (entry["route"], entry["status"]) == ("-", 404)


def test_request_id_of_a_proxy_is_kept(client):
    given = "3f2c8a90b1d24e5f8a7b6c5d4e3f2a1b"
    entry, answered = logged_by(client, "/healthz", **{"X-Request-ID": given})
    assert entry["request_id"] == answered == given


@pytest.mark.parametrize("given", ["amara-okafor-2011", "short", "0" * 65, "a b", "0123456789abcdef\n"])
def test_request_id_that_is_no_token_is_replaced(client, given):
    _, answered = logged_by(client, "/healthz", **{"X-Request-ID": given})
    assert answered != given
    assert len(answered) == 32
