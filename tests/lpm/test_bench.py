"""The form of what ``make bench`` prints and keeps; how long anything takes is no test."""

from __future__ import annotations

import gzip
import json

import pytest
from django.db import connection

from tests.benchmarks.data import roster_files
from tests.benchmarks.measure import Figure, Sample, as_json, ratios, sample, summarize, table
from tests.world import DAY

LARGE = Figure("grid, large", rows=1800, queries=11, server_ms=120.2, database_ms=31.0, bytes=18314)
SMALL = Figure("grid, small", rows=900, queries=11, server_ms=60.1, database_ms=0.0, bytes=9157)


def test_what_is_kept_is_a_list_of_objects():
    assert json.loads(as_json([LARGE, SMALL])) == [
        {
            "name": "grid, large",
            "rows": 1800,
            "queries": 11,
            "server_ms": 120.2,
            "database_ms": 31.0,
            "bytes": 18314,
        },
        {"name": "grid, small", "rows": 900, "queries": 11, "server_ms": 60.1, "database_ms": 0.0, "bytes": 9157},
    ]


def test_times_are_medians_and_counts_the_most():
    samples = [Sample(10.04, 3.0, 11, 200), Sample(90.0, 1.0, 12, 210), Sample(20.0, 2.0, 11, 205)]

    assert summarize("page", 30, samples) == Figure("page", 30, 12, 20.0, 2.0, 210)


def test_the_table_has_a_line_for_each_figure_in_columns():
    assert table([LARGE, SMALL]).splitlines() == [
        "                    rows      queries    server_ms  database_ms        bytes",
        "grid, large        1,800           11        120.2         31.0       18,314",
        "grid, small          900           11         60.1          0.0        9,157",
    ]


def test_ratios_say_how_the_cost_grows():
    assert ratios([SMALL, LARGE], {"grid, large": "grid, small"}) == (
        "grid, large against grid, small: rows × 2.00, queries × 1.00, server_ms × 2.00, bytes × 2.00"
    )


@pytest.mark.django_db
def test_a_sample_counts_queries_and_what_goes_over_the_line():
    def do() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.execute("SELECT 2")
        return b"answer" * 100

    taken = sample(do)

    assert (taken.queries, taken.bytes) == (2, len(gzip.compress(b"answer" * 100, 6)))
    assert 0 < taken.database_ms <= taken.server_ms


def test_the_roster_has_a_row_for_everybody():
    files = {name: data.decode().splitlines()[1:] for name, data in roster_files(60, DAY).items()}

    assert {name: len(rows) for name, rows in files.items() if name != "manifest.csv"} == {
        "orgs.csv": 2,
        "academicSessions.csv": 1,
        "courses.csv": 1,
        "classes.csv": 18,  # six for each 25 students
        "users.csv": 620,  # 500 staff; 60 students and as many guardians
        "demographics.csv": 60,
        "enrollments.csv": 378,
    }
