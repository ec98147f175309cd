"""A district of 20,000 students with 4 million assessments: made by COPY, derived and verified by the product itself.

``python -m tests.benchmarks district`` (some minutes; not part of ``make bench``). Docs: docs/decisions/0037.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random

from django.core.management import call_command
from django.db import connection, connections
from django.db.models import QuerySet

from curriculum.models import Target
from lpm.demo.services.unchecked import unchecked
from lpm.lib.dates import school_day
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, Student
from lpm.people.services import create_organization
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.queries import count_by_school
from tests.benchmarks.measure import Figure, sample, summarize
from tests.world import build_framework

SCHOOLS, TARGETS, MARKS_A_CELL = 20, 50, 4
STUDENTS = 20_000
CHUNK = 200  # students
RUNS = 5
SCORE_COLUMNS = """id, uuid, district_id, student_id, target_id, kind, level, accommodations, performed_on, recorded_at,
    comment, reason"""
JUDGED_COLUMNS = "id, uuid, district_id, student_id, target_id, kind, level, recorded_at, based_on_id, note"


def measure_district(say: Callable[[str], None], students: int = STUDENTS) -> list[Figure]:
    day = school_day("America/New_York")
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Bench district", parent=None)
    figures = [timed("log rows by COPY", lambda: make(district, students, day))]
    say(f"{Assessment.objects.count():,} assessments, {Judgement.objects.count():,} judgements")
    figures.append(timed("states and roll-ups made from the logs", lambda: verify("--repair") or states()))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    figures.append(timed("verify_mastery, assessments", lambda: verify() or Assessment.objects.count()))
    return [*figures, *roll_ups(district)]


def timed(name: str, do: Callable[[], int]) -> Figure:
    """Once. What other processes ask the database is not in ``queries``."""
    done: list[int] = []

    def once() -> bytes:
        done.append(do())
        return b""

    taken = sample(once)
    return summarize(name, done[0], [taken])


def verify(*options: str) -> int:
    call_command("verify_mastery", *options, stdout=io.StringIO())
    connections.close_all()
    return 0


def states() -> int:
    return MasteryState.objects.count()


def roll_ups(district: Organization) -> Iterator[Figure]:
    students = Student.objects.filter(district=district)
    for name, chosen in (("district", students), ("school", students.filter(school=students[0].school_id))):

        def read(rows: QuerySet[Student] = chosen) -> bytes:
            return repr(count_by_school(rows)).encode()

        read()
        yield summarize(f"roll-up of a {name}", chosen.count(), [sample(read) for _ in range(RUNS)])


def make(district: Organization, count: int, day: date) -> int:
    """How many assessments. Written past the services: this is no way to bring anything in."""
    schools = [
        create_organization(kind=OrganizationKind.SCHOOL, name=f"School {n}", parent=district) for n in range(SCHOOLS)
    ]
    framework = build_framework(district, "District", target_count=TARGETS)
    targets = list(Target.objects.filter(topic__area__framework=framework).values_list("pk", flat=True))
    Student.objects.bulk_create(
        [
            Student(district=district, school=schools[n * SCHOOLS // count], given_name="Sam", family_name=f"No. {n}")
            for n in range(count)
        ],
        batch_size=5000,
    )
    students = list(Student.objects.filter(district=district).order_by("pk").values_list("pk", flat=True))
    with unchecked("mastery_assessment", "mastery_judgement"):
        copy("mastery_assessment", SCORE_COLUMNS, scores(district.pk, students, targets, day))
        copy("mastery_judgement", JUDGED_COLUMNS, judgements(district.pk, students, targets, day))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Assessment.objects.count()


def copy(table: str, columns: str, chunks: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
            for chunk in chunks:
                out.write(chunk)
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608  # names from above


def scores(district: int, students: Sequence[int], targets: Sequence[int], day: date) -> Iterator[str]:
    """MARKS_A_CELL for each student on each target, in the autumn before ``day``."""
    random = Random("cairn")
    days = [str(day - timedelta(days=back)) for back in range(80, 0, -1)]
    levels = [f"{number / 2}" for number in range(9)]
    number = 0
    for start in range(0, len(students), CHUNK):
        lines = []
        for student in students[start : start + CHUNK]:
            for target in targets:
                for _ in range(MARKS_A_CELL):
                    number += 1
                    on, level = random.choice(days), random.choice(levels)
                    lines.append(
                        f"{number}\t{number:032x}\t{district}\t{student}\t{target}\tscore\t{level}\t{{}}\t{on}\t"
                        f"{on} 19:30:00+00\t\t\n"
                    )
        yield "".join(lines)


def judgements(district: int, students: Sequence[int], targets: Sequence[int], day: date) -> Iterator[str]:
    """On every other target, a while ago."""
    number = 0
    for start in range(0, len(students), CHUNK):
        lines = []
        for student in students[start : start + CHUNK]:
            for target in targets[::2]:
                number += 1
                lines.append(
                    f"{number}\t{number:032x}\t{district}\t{student}\t{target}\tset\t{number % 9 / 2}\t"
                    f"{day - timedelta(days=number % 60 + 1)} 19:30:00+00\t\\N\t\n"
                )
        yield "".join(lines)
