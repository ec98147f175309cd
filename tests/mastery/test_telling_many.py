"""What telling a whole school costs, and that families of many children are told as those of one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lpm.notices.models import Notice
from lpm.people.models import Guardianship, Student
from students.mastery.enums import JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import telling
from students.mastery.queries.seen import family_sight, read_seen_cells, read_seen_states_of
from students.mastery.services.derive import rebuild_students
from students.mastery.services.telling import tell_news
from tests.world import DAY, World

MORNING = datetime(2026, 11, 20, 13, tzinfo=UTC)  # eight o'clock at school, the day after DAY


@pytest.fixture
def morning():
    with time_machine.travel(MORNING, tick=False):
        yield MORNING


def children_of(world: World, count: int) -> list[Student]:
    """So many children of one guardian, all of the school, of whom nothing was recorded."""
    own = world.own
    names = [{"given_name": "Child", "family_name": str(number)} for number in range(count)]
    made = Student.objects.bulk_create(
        Student(district=own.district, school=own.school, grade="5", **name) for name in names
    )
    Guardianship.objects.bulk_create(
        Guardianship(district=own.district, student=child, guardian=world.guardian) for child in made
    )
    return made


def score(world: World, child: Student, level: str, day: date = DAY, place: int = 0) -> Assessment:
    """At ten o'clock of the day."""
    return Assessment(
        district=world.own.district,
        student=child,
        target=world.targets[place],
        recorder=world.teacher,
        level=Decimal(level),
        performed_on=day,
        recorded_at=datetime(day.year, day.month, day.day, 15, tzinfo=UTC),
    )


def record(*rows: Assessment) -> None:
    Assessment.objects.bulk_create(rows)
    rebuild_students(students=list({row.student for row in rows}), day=DAY)


def told() -> set[str]:
    rows = Notice.objects.filter(person__username="guardian")
    return set(rows.values_list("student__family_name", flat=True))


def queries_of_telling(world: World, count: int) -> int:
    record(*(score(world, child, "2.5") for child in children_of(world, count)))
    with CaptureQueriesContext(connection) as asked:
        tell_news(school_id=world.own.school.pk)
    assert len(told()) == count
    return len(asked)


@pytest.mark.parametrize("count", [1, 30])
def test_families_of_many_children_are_told_in_as_many_queries_as_of_one(world: World, morning, count: int):
    assert queries_of_telling(world, count) == 35


def test_a_batch_reads_of_each_child_what_their_own_page_says(world: World, morning, monkeypatch):
    """Only what is new: a level that fell waits, whatever the others in the batch did."""
    rose, fell, decided, both, still = children_of(world, 5)
    long_ago = DAY - timedelta(days=7)
    record(
        *(score(world, child, "3.0", long_ago) for child in (rose, fell, decided, both, still)),
        *(score(world, child, "1.0") for child in (fell, decided, both)),
        *(score(world, child, "1.0") for child in (fell, decided, both)),
        score(world, rose, "4.0"),
        score(world, both, "2.0", place=1),
    )
    Judgement.objects.create(
        district=world.own.district,
        student=decided,
        target=world.targets[0],
        judge=world.teacher,
        kind=JudgementKind.SET,
        level=Decimal("1.0"),
        recorded_at=datetime(2026, 11, 19, 16, tzinfo=UTC),
    )
    rebuild_students(students=[decided], day=DAY)
    every = [rose, fell, decided, both, still]
    sight = family_sight(rose, DAY, morning)

    monkeypatch.setattr(telling, "AT_ONCE", 2)
    tell_news(school_id=world.own.school.pk)

    assert told() == {rose.family_name, decided.family_name, both.family_name}
    seen = read_seen_states_of([child.pk for child in every], rose.school_id, sight)
    assert seen == {child.pk: {pk: cell.state for pk, cell in read_seen_cells(child, sight).items()} for child in every}
