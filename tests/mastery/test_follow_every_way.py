"""60,000 assessments, and a curriculum that is revised under them in every way: none is lost, and none changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from curriculum.enums import Carries, ChangeKind
from curriculum.models import ContentArea, Target, Topic
from lpm.people.models import Student
from students.mastery.models import Assessment, MasteryState
from students.mastery.queries import find_differences, states_as_of
from students.mastery.services import rebuild_students
from tests.mastery.revised import add_students, adding, edit, logs_as_written, revise, states_by_target, write_record
from tests.mastery.ways import choose_method
from tests.world import DAY, World

STUDENTS, TOPICS, TARGETS_EACH, TIMES = 150, 4, 20, 5
PAST = [date(2026, 9, 30), DAY - timedelta(days=1)]


class Revised:
    """The record, looked at again after every revision; each is published on a day of its own."""

    def __init__(self, world: World) -> None:
        self.framework = world.own.framework
        self.day = DAY
        area = ContentArea.objects.get(framework=self.framework)
        self.topics = [
            Topic.objects.create(area=area, case_identifier=f"topic {n}", title=f"Topic {n}", position=n + 2)
            for n in range(TOPICS)
        ]
        self.targets = Target.objects.bulk_create(
            Target(topic=topic, case_identifier=f"{topic.pk} {n}", statement=f"Statement {n}", position=n)
            for topic in self.topics
            for n in range(TARGETS_EACH)
        )
        students = add_students([world.own.school, world.other_school.school], world.own.district, STUDENTS)
        write_record(students, self.targets, TIMES)
        self.students = list(Student.objects.filter(pk__in=[row.pk for row in students]).select_related("school"))
        rebuild_students(students=self.students, day=self.day)
        self.some = self.students[::20]
        self.written = logs_as_written()
        self.seen = {day: states_as_of(self.some, day) for day in PAST}

    def after(self, *edits: Any, **how: Any) -> list[Target]:
        """Publish on the next day and look at everything that must be as it was; returns what was added.

        Other states than those of ``leading``, where something is carried to, are as they were.
        """
        leading = how.pop("leading", [])
        before = states_by_target()
        self.seen[self.day] = states_as_of(self.some, self.day)
        self.day += timedelta(days=1)
        with time_machine.travel(f"{self.day}T15:00:00+00:00", tick=True):
            _revision, added = revise(self.framework, self.day, *edits, **how)
            changed = {target.pk for target in [*leading, *added]}
            assert logs_as_written() == self.written
            assert {day: states_as_of(self.some, day) for day in self.seen} == self.seen
            assert find_differences(self.some, self.day) == []
        after = states_by_target()
        assert {pk: states for pk, states in after.items() if pk not in changed} == {
            pk: states for pk, states in before.items() if pk not in changed
        }
        assert {target.pk for target in leading} <= after.keys()
        return added


@pytest.fixture
def revised(world: World) -> Revised:
    choose_method(world.other_school.school, world.own.framework, date(2026, 10, 15), weight="0.90")
    return Revised(world)


def rows(target: Target, *fields: str) -> dict[int, Any]:
    return {pk: values for pk, *values in MasteryState.objects.filter(target=target).values_list("student", *fields)}


def test_a_curriculum_revised_in_every_way_under_a_long_record(revised: Revised):
    assert Assessment.objects.count() == 60_000
    own = revised.targets
    level = ("level", "judged", "suggested", "score_count", "last_performed_on", "is_proficient")

    revised.after(edit(own[0], statement="Said better", code="A.1"))
    revised.after(edit(own[1], topic=str(revised.topics[1].uuid), position=3))
    revised.after(adding(uuid4(), revised.topics[0], "Something new"))

    left, right = revised.after(kind=ChangeKind.SPLIT, ending=[own[2]], new=["One half", "The other half"])
    assert rows(left, *level) == rows(right, *level) == rows(own[2], *level)
    assert len(rows(left, *level)) == STUDENTS

    (both,) = revised.after(kind=ChangeKind.MERGED, ending=own[3:5], new=["Both together"])
    assert set(map(tuple, rows(both, "score_count", "judged").values())) == {(2 * TIMES, None)}

    revised.after(kind=ChangeKind.MERGED, ending=own[5:7], existing=[own[5]], leading=[own[5]])
    judged = {pk: row for pk, row in rows(own[5], "judged", "score_count").items() if row[0] is not None}
    assert len(judged) == STUDENTS // 2
    assert {count for _judged, count in rows(own[5], "judged", "score_count").values()} == {2 * TIMES}

    (next_one,) = revised.after(kind=ChangeKind.RETIRED, ending=[left], new=["What follows the half"])
    assert rows(next_one, *level) == rows(own[2], *level)  # over two revisions

    revised.after(kind=ChangeKind.RETIRED, ending=[own[7]], existing=[own[8]], leading=[own[8]])
    assert {count for (count,) in rows(own[8], "score_count").values()} == {2 * TIMES}

    revised.after(kind=ChangeKind.RETIRED, ending=[own[9]])
    (empty,) = revised.after(kind=ChangeKind.RETIRED, ending=[own[10]], new=["Another"], carries=Carries.NOTHING)
    assert rows(empty, *level) == {}

    assert find_differences(revised.students, revised.day) == []
    assert Target.objects.filter(retired_on__isnull=False).count() == 8
