"""Probe."""

from __future__ import annotations
import json
from datetime import datetime, timedelta, UTC, date
from decimal import Decimal
from uuid import uuid4, uuid5
import pytest
from django.urls import reverse
from django.utils import timezone
from lpm.lib.ids import uuid7
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, GridView, Judgement, MasteryState, ShowingSession
from students.mastery.queries import find_differences, states_as_of
from students.mastery.services import record_mark, Decision, record_decisions
from students.mastery.services.offered import accept_offered
from tests.mastery.changes import keep_jobs, work, make_four, differences
from tests.mastery.test_grid_batch import answers, item, mark, send
from tests.mastery.test_offered import offer
from tests.world import DAY, enroll

NASTY = [
    b"[" * 200_000,
    b'{"marks":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b"\x00",
    b"",
    b"null",
    b'{"marks":null}',
    b'{"marks":{}}',
    b"\xff\xfe",
    b'{"marks":[' + b"1," * 500_000 + b"1]}",
    b"1" * 1_000_000,
    b'"' + b"a" * 1_000_000 + b'"',
    b'{"marks":[],"person":1e400}',
    b'{"marks":[],"person":[]}',
    b'{"marks":[],"seen_at":{}}',
    b'{"marks":[NaN,Infinity,-1e999]}',
    b'{"marks":[],"seen_at":"0001-01-01T00:00:00+23:59"}',
    b'{"marks":[{"uuid":' + b"[" * 900 + b"]" * 900 + b"}]}",
    b'{"marks":[{"uuid":' + b"[" * 3000 + b"]" * 3000 + b"}]}",
]


@pytest.mark.parametrize("number", range(len(NASTY)))
def test_body(world, as_person, number):
    address = reverse("mastery:marks-record", args=[world.own.group.uuid])
    got = as_person(world.teacher).post(address, NASTY[number], content_type="application/json")
    assert got.status_code in (200, 413, 422, 400), got.status_code


FIELDS = [
    {"reason": "a\x00b"},
    {"reason": "\ud800"},
    {"reason": ["x"]},
    {"reason": "x" * 100_000},
    {"uuid": "\x00"},
    {"uuid": 7},
    {"uuid": "\ud800"},
    {"uuid": ["\ud800"]},
    {"level": "NaN"},
    {"level": float("nan")},
    {"level": 1e400},
    {"level": "1e400"},
    {"level": "٣"},
    {"level": "३.५"},
    {"level": True},
    {"level": []},
    {"level": {}},
    {"level": 3},
    {"level": 10**4000},
    {"level": "-0"},
    {"level": "00.00"},
    {"performed_on": "9999-12-31"},
    {"performed_on": "9999-12-31", "made_offline": True},
    {"performed_on": "0001-01-01"},
    {"performed_on": "0000-01-01"},
    {"performed_on": 20261119},
    {"performed_on": "20261119"},
    {"performed_on": "2026-W47-4"},
    {"seen_at": "0001-01-01T00:00:00+23:59"},
    {"seen_at": "9999-12-31T23:59:59-23:59"},
    {"seen_at": "2026-13-45T00:00:00Z"},
    {"seen_at": 5},
    {"kind": "void"},
    {"kind": "confirm"},
    {"kind": "undo"},
    {"kind": "undo", "mark": "x"},
    {"kind": "lift"},
    {"kind": "lift", "level": None},
    {"student": None},
    {"target": str(uuid4())},
]


@pytest.mark.parametrize("kind", ["mark", "excuse", "practice", "set"])
@pytest.mark.parametrize("number", range(len(FIELDS)))
def test_field(world, as_person, number, kind):
    sent = item(world, kind, None if kind == "excuse" else "3.0") | FIELDS[number]
    address = reverse("mastery:marks-record", args=[world.own.group.uuid])
    body = json.dumps({"marks": [sent, item(world, "mark", "2.0", target=1)]})
    got = as_person(world.teacher).post(address, body, content_type="application/json")
    assert got.status_code == 200, got.status_code
    first, second = got.json()["marks"]
    print(FIELDS[number], first.get("code"), first.get("sentence"))
    assert second["code"] == ""
    assert not differences()


@pytest.mark.parametrize(
    "since",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "\x00",
        "2026-13-01T00:00:00Z",
    ],
)
def test_since(world, as_person, since):
    mark(world, "3")
    got = as_person(world.teacher).get(reverse("mastery:grid-changes", args=[world.own.group.uuid]), {"since": since})
    assert got.status_code == 200


def test_accept_nasty(world, as_person):
    for seen in ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x"]:
        got = as_person(world.teacher).post(
            reverse("mastery:grid-accept", args=[world.own.group.uuid]), {"seen_at": seen}
        )
        assert got.status_code == 302
