"""What is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.urls import reverse

from curriculum.imports import import_case
from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.lib.imports import Report
from lpm.people.imports import import_roster
from lpm.people.models import Group, SchoolYear, Student, User
from lpm.people.services.year import RolledOver, Way, roll_over
from students.mastery.models import Assessment, MasteryState
from tests.benchmarks.data import STUDENTS_TO_BRING_IN, Class, build_class, roster_files
from tests.benchmarks.follow import follow_revision
from tests.benchmarks.measure import Figure, sample, summarize
from tests.benchmarks.reading import SMALLER, TARGETS, read_curriculum
from tests.benchmarks.recording import clients_at_once, record_many
from tests.curriculum.packages import CCSS, DEMO

WARM_UPS = 5
PAGE_RUNS = 30
MARKS = 100
UNCHANGED_RUNS = 3
PAIRS = {  # how the cost grows: a name, and the smaller thing to hold it against
    "grid, 30 students × 60 targets": "grid, 15 students × 60 targets",
    "grid, 15 students × 60 targets": "grid, 30 students × 15 targets",
    "topic page of a student, 60 targets": "topic page of a student, 15 targets",
    f"curriculum as a tree, {TARGETS:,} targets": f"curriculum as a tree, {TARGETS // SMALLER:,} targets",
    "curriculum, brought in": "curriculum, unchanged",
    "roster, brought in": "roster, unchanged",
}
Say = Callable[[str], None]


def measure_all(say: Say) -> list[Figure]:
    say("Making a class with its history")
    day = school_day("America/New_York")
    made = build_class(day)
    say(f"{Assessment.objects.count():,} marks, {MasteryState.objects.count():,} states")
    figures = [*bring_in(made, day)]
    tidy()
    say("Measuring the pages")
    figures = [*pages(made), record_marks(made), *recording(made, day, say), *follow_revision(made, day), *figures]
    say("Measuring a large curriculum")
    return [*figures, *read_curriculum(made)]


def tidy() -> None:
    """What autovacuum does within a minute of such changes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages(made: Class) -> Iterator[Figure]:
    teacher, student, guardian = (signed_in(user) for user in (made.teacher, made.student, made.guardian))
    grid, topic = "mastery:group-grid", "student:topic"
    whole, half = reverse(grid, args=[made.whole.uuid]), reverse(grid, args=[made.half.uuid])
    yield page("grid, 30 students × 60 targets", 1800, teacher, f"{whole}?topic={made.large.uuid}")
    yield page("grid, 15 students × 60 targets", 900, teacher, f"{half}?topic={made.large.uuid}")
    yield page("grid, 30 students × 15 targets", 450, teacher, f"{whole}?topic={made.small.uuid}")
    for count, chosen in ((60, made.large), (15, made.small)):
        address = reverse(topic, args=[made.child.uuid, chosen.uuid])
        yield page(f"topic page of a student, {count} targets", count, student, address)
    yield page("family page", 75, guardian, reverse("student:family", args=[made.child.uuid]))


def signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def page(name: str, rows: int, client: Client, address: str) -> Figure:
    def ask() -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    for _ in range(WARM_UPS):
        ask()
    return summarize(name, rows, [sample(ask) for _ in range(PAGE_RUNS)])


def record_marks(made: Class) -> Figure:
    """MARKS marks, each in a cell of its own that has a history."""
    client = signed_in(made.teacher)
    samples = [sample(mark(client, made.whole, student, target)) for student, target in cells(made, WARM_UPS + MARKS)]
    return summarize("one mark recorded", 1, samples[WARM_UPS:])


def recording(made: Class, day: date, say: Say) -> Iterator[Figure]:
    client = signed_in(made.teacher)
    yield from record_many(made, client, day)
    yield clients_at_once(made, client, say)


def mark(client: Client, group: Group, student: Student, target: Target) -> Callable[[], bytes]:
    address = reverse("mastery:mark-record", args=[group.uuid])
    fields = {"uuid": uuid4(), "student": student.uuid, "target": target.uuid, "level": "3.0"}

    def send() -> bytes:
        answer = client.post(address, fields, headers={"accept": "application/json"})
        assert answer.status_code == 201, answer.content
        return answer.content

    return send


def cells(made: Class, count: int) -> list[tuple[Student, Target]]:
    students = Student.objects.filter(enrollments__group=made.whole).order_by("pk")
    targets = Target.objects.filter(topic=made.large).order_by("pk")
    every = [(student, target) for target in targets for student in students]
    return every[:: len(every) // count][:count]


def bring_in(made: Class, day: date) -> Iterator[Figure]:
    package = next(iter(CCSS), DEMO).read_bytes()
    files = roster_files(STUDENTS_TO_BRING_IN, day)
    sent = b"".join(files.values())

    def curriculum() -> Report:
        return import_case(data=package, owner=made.district, actor=None)

    def roster() -> Report:
        return import_roster(files=files, organization=made.district, actor=None, day=day)

    yield from twice("curriculum", package, curriculum, ["targets", "parts"])
    yield from twice("roster", sent, roster, ["students"])
    tidy()
    yield begin_year(made)


def begin_year(made: Class) -> Figure:
    """Every student that the roster brought goes one grade up, or stays, and every enrollment ends."""
    old = SchoolYear.objects.filter(organization=made.district).latest("ends_on")
    starts_on = old.ends_on + timedelta(days=60)
    new = SchoolYear.objects.create(
        organization=made.district,
        title="Next",
        ends_in=old.ends_in + 1,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=290),
    )
    grades = Student.objects.filter(district=made.district).values_list("school_id", "grade").distinct()
    ways = {place: Way() for place in grades}
    day = old.ends_on + timedelta(days=1)
    done: list[RolledOver] = []

    def turn() -> bytes:
        done.append(
            roll_over(organization=made.district, beginning=new, actor=None, day=day, ways=ways, takes_rostered=True)
        )
        return b""

    figure = summarize("school year begun", 0, [sample(turn)])
    return replace(figure, rows=done[0].moved_up)


def twice(name: str, sent: bytes, do: Callable[[], Report], counted: Iterable[str]) -> Iterator[Figure]:
    """The first time it makes every row, then none. ``bytes`` is what is sent to the server."""
    reports: list[Report] = []

    def once() -> bytes:
        reports.append(do())
        return sent

    first = sample(once)
    rows = sum(reports[0].count(kind).add for kind in counted)
    assert rows, reports[0].counts
    yield summarize(f"{name}, brought in", rows, [first])
    yield summarize(f"{name}, unchanged", rows, [sample(once) for _ in range(UNCHANGED_RUNS)])
    assert not reports[-1].changes_anything, reports[-1].counts
