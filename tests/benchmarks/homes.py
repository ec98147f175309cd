"""Everybody's home in the demo district, and in one with ten times the students: the cost must not follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client

from lpm.demo.services import PEOPLE, build_district
from lpm.people.models import Student, User
from tests.benchmarks.measure import Figure, sample, summarize

STUDENTS, TIMES = 300, 10
WARM_UPS, RUNS = 3, 15


def measure_homes(say: Callable[[str], None], new_database: Callable[[], None]) -> tuple[list[Figure], dict[str, str]]:
    """The figures, and each home of the larger district with that of the smaller one to hold it against."""
    small = list(homes_of(STUDENTS, say))
    new_database()
    large = list(homes_of(STUDENTS * TIMES, say))
    figures = [figure for pair in zip(small, large, strict=True) for figure in pair]
    return figures, {more.name: less.name for less, more in zip(small, large, strict=True)}


def homes_of(students: int, say: Callable[[str], None]) -> Iterator[Figure]:
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0)
    say(f"Making a district of {students:,} students")
    build_district(students=students, say=say)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rows = Student.objects.count()
    for person in PEOPLE:
        yield home(f"home of {person.username}, {students:,} students", rows, person.username)


def home(name: str, rows: int, username: str) -> Figure:
    """The page to which the home leads, as it comes when it is opened again and again."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=username))
    address = client.get("/", follow=True).request["PATH_INFO"]

    def ask() -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    for _ in range(WARM_UPS):
        ask()
    return summarize(name, rows, [sample(ask) for _ in range(RUNS)])
