"""Marks in numbers: a thousand in one request, and eight people at once against the web server itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.services import NewMark, record_marks
from tests.benchmarks.data import Class
from tests.benchmarks.measure import Figure, sample, summarize

BATCH, RUNS = 1000, 5
CLIENTS, EACH, WARM_UP = 8, 100, 10
TOKEN = "b" * 32  # against forgery: the cookie and what is sent agree
Cell = tuple[Student, Target]


def record_many(made: Class, client: Client, day: date) -> Iterator[Figure]:
    """By the service, and by a request of the grid."""
    cells = list(islice(cycle(cells_of(made)), BATCH))

    def service() -> bytes:
        marks = [NewMark(uuid4(), student, target, Decimal(3), day, group=made.whole) for student, target in cells]
        record_marks(marks=marks, recorder=made.teacher, day=day)
        return b""

    address = reverse("mastery:marks-record", args=[made.whole.uuid])

    def request() -> bytes:
        marks = [
            {**names(student, target), "kind": "mark", "level": "3.0", "uuid": str(uuid4())}
            for student, target in cells
        ]
        answer = client.post(address, json.dumps({"marks": marks}), content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer.content

    for name, do in (("service", service), ("request", request)):
        do()
        yield summarize(f"{BATCH:,} marks in one {name}", BATCH, [sample(do) for _ in range(RUNS)])


def names(student: Student, target: Target) -> dict[str, str]:
    return {"student": str(student.uuid), "target": str(target.uuid)}


def cells_of(made: Class) -> list[Cell]:
    students = list(Student.objects.filter(enrollments__group=made.whole).select_related("school").order_by("pk"))
    targets = list(Target.objects.filter(topic=made.large).in_order())
    return [(student, target) for target in targets for student in students]


def clients_at_once(made: Class, client: Client, say: Callable[[str], None]) -> Figure:
    """CLIENTS people, one mark after the other; ``server_ms`` is what a mark takes of the whole time."""
    cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
    address = reverse("mastery:mark-record", args=[made.whole.uuid])
    cells = cells_of(made)
    with web_server() as port, ThreadPoolExecutor(CLIENTS) as pool:

        def person(number: int, count: int) -> None:
            line = HTTPConnection("127.0.0.1", port)
            for student, target in islice(cells, number, number + CLIENTS * count, CLIENTS):
                send(line, address, cookie, {**names(student, target), "uuid": str(uuid4()), "level": "2.5"})
            line.close()

        list(pool.map(lambda number: person(number, WARM_UP), range(CLIENTS)))
        began = time.perf_counter()
        list(pool.map(lambda number: person(number, EACH), range(CLIENTS)))
        seconds = time.perf_counter() - began
    say(f"{CLIENTS} clients: {CLIENTS * EACH / seconds:,.0f} marks a second")
    return Figure(f"a mark by each of {CLIENTS} clients at once", CLIENTS, 0, round(seconds * 1000 / EACH, 1), 0.0, 0)


def send(line: HTTPConnection, address: str, cookie: str, fields: dict[str, Any]) -> None:
    head = {
        "Cookie": cookie,
        "X-CSRFToken": TOKEN,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    line.request("POST", address, urlencode(fields), head)
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 201, (answer.status, body[:500])


@contextmanager
def web_server() -> Iterator[int]:
    """As in a container: two processes of eight threads. Ready once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    threads = ["--workers", "2", "--blocking-threads", "8", "--no-ws", "--log-level", "error"]
    server = subprocess.Popen(
        [*program, *threads, "lpm.wsgi:application"], env=dict(os.environ), stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            line = HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            assert line.getresponse().status == 200
            return
        except (OSError, AssertionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
