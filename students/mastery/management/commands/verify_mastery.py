from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from lpm.lib.dates import school_day
from lpm.people.models import Organization, Student
from students.mastery.queries import find_differences
from students.mastery.services import rebuild_students

BATCH = 500
SHOWN = 100


class Command(BaseCommand):
    help = "Recompute every state and roll-up from the logs; print what differs and exit 1. --repair rebuilds it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make what differs again from the logs")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = differing = 0
        for students in _batches():
            checked += len(students)
            day = school_day(students[0].school.time_zone)
            lines = _differences(students, day)
            for line in lines[: max(0, SHOWN - differing)]:
                self.stdout.write(line)
            differing += len(lines)
            if lines and options["repair"]:
                rebuild_students(students=students, day=day)
        self.stdout.write(f"{checked} students checked, {differing} differences")
        if differing and options["repair"]:
            self.stdout.write("Rebuilt from the record.")
        elif differing:
            raise CommandError("What is stored is not what the record says. --repair rebuilds it.")


def _batches() -> Iterator[list[Student]]:
    """Students of one school at a time, since they share a day and a method."""
    for school in Organization.objects.filter(students__isnull=False).distinct().order_by("pk"):
        last = 0
        rows = Student.objects.filter(school=school).select_related("school").order_by("pk")
        while students := list(rows.filter(pk__gt=last)[:BATCH]):
            yield students
            last = students[-1].pk


def _differences(students: list[Student], day: date) -> list[str]:
    """Read at one moment, so that marks being recorded meanwhile are no differences."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return find_differences(students, day)
