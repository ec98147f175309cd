from __future__ import annotations

import gc
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction

from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.queries import find_differences
from students.mastery.services import rebuild_students

BATCH = 500
WORTH_A_PROCESS = 4  # batches
SHOWN = 100


class Command(BaseCommand):
    help = "Recompute every state and roll-up from the logs; print what differs and exit 1. --repair rebuilds it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make what differs again from the logs")
        parser.add_argument("--workers", type=int, help="how many processes; otherwise as many as there are cores")

    def handle(self, *args: Any, **options: Any) -> None:
        batches = list(_batches())
        differing = 0
        for lines in _verify_all(batches, repair=options["repair"], workers=options["workers"]):
            for line in lines[: max(0, SHOWN - differing)]:
                self.stdout.write(line)
            differing += len(lines)
        checked = sum(len(batch) for batch in batches)
        self.stdout.write(f"{checked} students checked, {differing} differences")
        if differing and options["repair"]:
            self.stdout.write("Rebuilt from the record.")
        elif differing:
            raise CommandError("What is stored is not what the record says. --repair rebuilds it.")


def _batches() -> Iterator[list[int]]:
    """Students of one school at a time, since they share a day and a method."""
    rows = Student.objects.order_by("school_id", "pk").values_list("school_id", "pk")
    for _school, together in groupby(rows.iterator(), key=lambda row: row[0]):
        ids = [pk for _school, pk in together]
        yield from (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _verify_all(batches: list[list[int]], *, repair: bool, workers: int | None) -> Iterator[list[str]]:
    """What differs in each batch, in their order."""
    verify = partial(_verify, repair=repair)
    count = workers or min(os.cpu_count() or 1, len(batches) // WORTH_A_PROCESS)
    if count <= 1:
        yield from map(verify, batches)
        return
    connections.close_all()  # each process has its own
    # Rows by the hundred thousand hold no circles: looking for some took a quarter of the time.
    with ProcessPoolExecutor(count, mp_context=get_context("fork"), initializer=gc.disable) as pool:
        yield from pool.map(verify, batches)


def _verify(ids: list[int], *, repair: bool) -> list[str]:
    students = list(Student.objects.filter(pk__in=ids).select_related("school"))
    if not students:
        return []
    day = school_day(students[0].school.time_zone)
    with transaction.atomic(), connection.cursor() as cursor:
        # Read at one moment, so that marks being recorded meanwhile are no differences.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        lines = find_differences(students, day)
    if lines and repair:
        rebuild_students(students=students, day=day)
    return lines
