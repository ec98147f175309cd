"""Who sees which part of the record, and from when on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.people.models import Closure, SchoolYear, User
from students.home.queries import read_areas
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus
from students.mastery.models import MasterySettings, TopicMastery
from students.mastery.queries import Reader, read_seen_states, sight_of
from students.mastery.services import record_decision, record_mark, record_marks, undo_mark, void_mark
from students.mastery.services.record import NewMark, Recorded
from tests.world import DAY, World

TEN = "2026-11-19T15:00:00+00:00"  # ten in the morning where the schools are, on a Thursday
FRIDAY = "2026-11-20T15:00:00+00:00"


def moment(day: str, hour: int, minute: int = 0) -> str:
    """In November, where the schools are."""
    return f"2026-11-{day}T{hour + 5:02}:{minute:02}:00+00:00"


@contextmanager
def at(when: str) -> Iterator[date]:
    with time_machine.travel(when, tick=True):
        yield datetime.fromisoformat(when).date()


def mark(world: World, level: str | None, when: str, step: int = 0, **fields: Any) -> Recorded:
    with at(when) as day:
        values: dict[str, Any] = {
            "uuid": uuid4(),
            "recorder": world.teacher,
            "student": world.own.student,
            "target": world.targets[step],
            "level": level and Decimal(level),
            "performed_on": day,
            "day": day,
        }
        return record_mark(**{**values, **fields})


def level_for(user: User, world: World, when: str, step: int = 0) -> Decimal | None:
    with at(when) as day:
        states = read_seen_states(world.own.student, sight_of(user, world.own.student, day, timezone.now()))
    state = states.get(world.targets[step].pk)
    return state.level if state else None


def test_everybody_who_sees_a_record_sees_it_as_one_of_three_readers(world):
    staff = {
        "teacher", "co_teacher", "substitute", "case_manager", "counselor", "leader", "administrator",
        "privacy_officer", "operator", "teacher_here_leader_there", "teacher_from_afar",
    }  # fmt: skip
    readers = {
        name: sight_of(user, world.own.student, DAY, timezone.now()).reader for name, user in world.people.items()
    }
    assert {name for name, reader in readers.items() if reader == Reader.STAFF} == staff
    assert {name for name, reader in readers.items() if reader == Reader.STUDENT} == {"student"}


def test_the_student_sees_a_level_after_ten_minutes_the_staff_at_once(world):
    mark(world, "3", moment("19", 10))
    found = [
        [level_for(user, world, moment("19", 10, minute)) for user in (world.leader, world.student, world.guardian)]
        for minute in (1, 9, 11)
    ]
    assert found == [[3, None, None], [3, None, None], [3, 3, None]]


def test_the_family_sees_it_the_next_school_morning(world):
    mark(world, "3", moment("19", 10))
    times = [moment("19", 18), moment("20", 6, 59), moment("20", 7, 1)]
    assert [level_for(world.guardian, world, when) for when in times] == [None, None, 3]


def test_no_school_morning_on_weekends_and_while_the_school_is_closed(world):
    SchoolYear.objects.create(
        organization=world.own.district, title="This year", ends_in=2027,
        starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 10),
    )  # fmt: skip
    Closure.objects.create(
        organization=world.own.school, title="Snow", starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 23)
    )
    mark(world, "3", moment("20", 10))
    times = [moment("22", 12), moment("23", 12), moment("24", 6), moment("24", 8)]
    assert [level_for(world.guardian, world, when) for when in times] == [None, None, None, 3]


def test_how_long_it_waits_is_a_setting(world):
    MasterySettings.objects.create(
        organization=world.own.district, valid_from=DAY - timedelta(days=9), student_minutes=60, family_hour=15
    )
    mark(world, "3", moment("19", 10))
    assert [level_for(world.student, world, moment("19", hour, 30)) for hour in (10, 11)] == [None, 3]
    assert [level_for(world.guardian, world, moment("19", hour, 30)) for hour in (14, 15)] == [None, 3]


def test_what_is_taken_back_in_time_was_never_there(world):
    wrong = mark(world, "4", moment("19", 10)).assessment
    with at(moment("19", 10, 5)):
        undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=wrong.uuid, day=DAY)
    mark(world, "2", moment("19", 10, 6))
    seen = [level_for(world.student, world, moment("19", 10, minute)) for minute in range(4, 20)]
    assert seen == [None] * 13 + [2] * 3  # from a little after 10:16 on
    assert level_for(world.guardian, world, moment("20", 8)) == 2


def test_what_is_taken_back_later_goes_as_late_as_it_came(world):
    wrong = mark(world, "4", moment("18", 10)).assessment
    with at(moment("19", 11)):
        void_mark(uuid=uuid4(), voider=world.teacher, mark_uuid=wrong.uuid, day=DAY, reason="The other Amara")
    assert [level_for(world.student, world, moment("19", 11, minute)) for minute in (5, 15)] == [4, None]
    assert [level_for(world.guardian, world, when) for when in (moment("19", 12), moment("20", 8))] == [4, None]


def test_a_suggestion_that_falls_waits_for_a_teacher_before_the_family_reads_it(world):
    mark(world, "3", moment("16", 10), judges=False)
    mark(world, "1", moment("17", 10), judges=False)
    assert level_for(world.student, world, moment("18", 10)) == Decimal("1.5")
    assert level_for(world.guardian, world, moment("18", 10)) == 3
    with at(moment("18", 11)) as day:
        record_decision(
            uuid=uuid4(), judge=world.teacher, student=world.own.student, target=world.targets[0],
            kind=JudgementKind.CONFIRMED, level=Decimal("1.5"), day=day,
        )  # fmt: skip
    assert [level_for(world.guardian, world, moment(d, 8)) for d in ("18", "19")] == [3, Decimal("1.5")]


def test_a_student_sees_at_once_what_they_said_of_themselves_and_the_family_later(world):
    mark(world, "2", moment("19", 10), recorder=world.student, kind=AssessmentKind.SELF)

    def status(user: User, when: str) -> str | None:
        with at(when) as day:
            sight = sight_of(user, world.own.student, day, timezone.now())
            state = read_seen_states(world.own.student, sight).get(world.targets[0].pk)
        return state.status if state else None

    assert status(world.student, moment("19", 10, 1)) == MasteryStatus.NO_EVIDENCE
    assert [status(world.guardian, when) for when in (moment("19", 12), FRIDAY)] == [None, MasteryStatus.NO_EVIDENCE]


def test_what_a_substitute_noted_is_for_the_staff(world):
    mark(world, "4", moment("19", 8), recorder=world.substitute, kind=AssessmentKind.OFFERED)
    with at(FRIDAY) as day:
        seen = {
            name: set(
                read_seen_states(
                    world.own.student, sight_of(world.people[name], world.own.student, day, timezone.now())
                )
            )
            for name in ("teacher", "student", "guardian")
        }
    assert seen == {"teacher": {world.targets[0].pk}, "student": set(), "guardian": set()}


def pages_of(world: World) -> list[str]:
    student = world.own.student.uuid
    return [
        reverse("student:path", args=[student]),
        reverse("student:topic", args=[student, world.topic.uuid]),
        reverse("student:family", args=[student]),
        reverse("mastery:why-show", args=[student, world.targets[0].uuid]),
    ]


def test_no_page_leaks_what_was_not_released(world, as_person):
    mark(world, "3", moment("19", 9, 55), comment="Half a word")
    assert TopicMastery.objects.get().proficient_count == 1
    pages = pages_of(world)
    before = {name: [as_person(world.people[name]).get(page).content.decode() for page in pages] for name in SEEING}
    assert "of 4 met" in before["teacher"][0]
    for name in ("student", "guardian"):
        [path, topic, family, why] = before[name]
        assert ("of 4 met" in path, "You are here" in topic or "Here now" in topic) == (False, False)
        assert [said in family for said in ("1 new thing", "Step 1", "Began with")] == [False, False, False]
        assert ("No evidence yet." in why, "Teacher Person" in why, "Half a word" in why) == (True, False, False)


SEEING = ("teacher", "student", "guardian")


def test_counts_and_places_made_for_a_reader_are_those_that_are_stored(world):
    for step, level in enumerate(["3", "4", "2"]):
        mark(world, level, moment("18", 10), step=step)
    with at(FRIDAY) as day:
        stored = TopicMastery.objects.get()
        for user in (world.teacher, world.student, world.guardian):
            [area] = read_areas(world.own.student, sight_of(user, world.own.student, day, timezone.now()))
            [topic] = area.topics
            assert (topic.target_count, topic.proficient_count, topic.under_way_count, topic.aside_count) == (
                stored.target_count,
                stored.proficient_count,
                stored.under_way_count,
                stored.aside_count,
            )
            assert topic.here == stored.here == world.targets[2]


@pytest.mark.parametrize(("name", "ready", "waiting"), [("teacher", 3, 3), ("student", 3, 8), ("guardian", 6, 11)])
@pytest.mark.parametrize("rows", [1, 4])
def test_states_are_read_in_as_many_queries_for_one_as_for_all(
    name, ready, waiting, rows, world, django_assert_num_queries
):
    def read() -> None:
        read_seen_states(world.own.student, sight_of(world.people[name], world.own.student, DAY, timezone.now()))

    marks = [
        NewMark(uuid4(), world.own.student, target, Decimal(2), DAY - timedelta(days=2))
        for target in world.targets[:rows]
    ]
    with at(moment("17", 10)) as day:
        record_marks(marks=marks, recorder=world.teacher, day=day)
    with django_assert_num_queries(ready):
        read()
    with at(moment("19", 9, 59)) as day:
        again = [NewMark(uuid4(), row.student, row.target, Decimal(3), day) for row in marks]
        record_marks(marks=again, recorder=world.teacher, day=day)
    with at(TEN), django_assert_num_queries(waiting):
        read()
