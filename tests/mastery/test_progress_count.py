"""What is counted of the students of a school, by who they are."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfoNotFoundError

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from curriculum.models import ContentArea
from lpm.lib.progress import read_progress, tell_progress
from lpm.people.models import Demographics, Organization, Student
from lpm.people.services import merges
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Assessment, ReadyRequest, SchoolProgress
from students.mastery.services import record_mark, record_remark, undo_mark
from students.mastery.services.progress import ask_for_count, count_progress, count_school, job_of
from students.mastery.tasks import count_progress as count_task
from tests.mastery.strands import build_habits, rate
from tests.world import World, enroll

Counted = tuple[int, int, int, int, int, int]


def mark(
    world: World, student: Student, target: int, level: str, day: date, *, ago: int = 0, **more: Any
) -> Assessment:
    """Recorded on its day."""
    then = day - timedelta(days=ago)
    with time_machine.travel(f"{then}T15:00:00+00:00", tick=True):
        return record_mark(
            uuid=uuid4(),
            recorder=more.pop("recorder", world.teacher),
            student=student,
            target=world.own.targets[target],
            level=Decimal(level),
            performed_on=then,
            day=then,
            **more,
        ).assessment


def counted(world: World, dimension: str = "all") -> dict[str, Counted]:
    rows = SchoolProgress.objects.filter(school=world.own.school, dimension=dimension)
    return {
        row.value: (
            row.student_count,
            row.learned_count,
            row.heard_count,
            row.waiting_count,
            row.met_count,
            row.under_way_count,
        )
        for row in rows
    }


def only(world: World, count: int) -> list[Student]:
    """New students of the school; all who were there before have left."""
    Student.objects.filter(school=world.own.school).update(left_on=date(2026, 11, 18))
    return [enroll(world.own.group, given_name=f"Child {n}", family_name="of Hill") for n in range(count)]


def test_what_was_met_lately_is_learned_and_what_was_met_before_is_not(world: World, school_day: date) -> None:
    new, known, again, returning, below = only(world, 5)
    mark(world, new, 0, "3.0", school_day, ago=28)
    mark(world, known, 0, "3.0", school_day, ago=29)
    mark(world, again, 0, "3.0", school_day, ago=40)
    mark(world, again, 0, "4.0", school_day, ago=3)
    mark(world, returning, 0, "3.0", school_day, ago=60)
    mark(world, returning, 0, "2.0", school_day, ago=40)
    mark(world, returning, 0, "3.0", school_day, ago=2)  # met before, by somebody's judgement
    mark(world, below, 0, "2.0", school_day, ago=2)

    count_school(school=world.own.school, day=school_day)

    assert counted(world) == {"": (5, 1, 3, 0, 4, 1)}


def test_evidence_of_before_counts_where_nobody_judged(world: World, school_day: date) -> None:
    seen, first = only(world, 2)
    for student, level in ((seen, "3.0"), (first, "2.0")):
        mark(world, student, 0, level, school_day, ago=40, judges=False)
        mark(world, student, 0, "3.0", school_day, ago=4, judges=False)
        mark(world, student, 0, "3.0", school_day, ago=3, judges=False)

    count_school(school=world.own.school, day=school_day)

    assert counted(world)[""][:2] == (2, 1)


def test_marks_remarks_and_replies_are_heard(world: World, school_day: date) -> None:
    marked, old, remarked, staff_only, replied, own, taken_back = only(world, 7)
    target = world.own.targets[0]
    mark(world, marked, 0, "2.0", school_day, ago=14)
    mark(world, old, 0, "2.0", school_day, ago=15)
    for student, is_for_family in ((remarked, True), (staff_only, False)):
        said = {"student": student, "target": target, "author": world.teacher, "text": "Good plan"}
        record_remark(uuid=uuid4(), day=school_day, is_for_family=is_for_family, **said)
    ReadyRequest.objects.create(
        district=world.own.district,
        student=replied,
        target=target,
        state=RequestState.RETURNED,
        answered_by=world.teacher,
        answered_at=timezone.now(),
    )
    common = {"district": world.own.district, "target": target, "level": Decimal(2), "performed_on": school_day}
    Assessment.objects.create(student=own, kind=AssessmentKind.SELF, recorder=world.student, **common)
    gone = mark(world, taken_back, 0, "2.0", school_day)
    undo_mark(uuid=uuid4(), mark_uuid=gone.uuid, recorder=world.teacher, day=school_day)

    count_school(school=world.own.school, day=school_day)

    assert counted(world)[""][:3] == (7, 0, 3)


def test_who_waits_for_more_than_a_week(world: World, school_day: date) -> None:
    students = only(world, 3)
    for student, ago, state in zip(students, (8, 6, 9), ("waiting", "waiting", "withdrawn"), strict=True):
        common = {"district": world.own.district, "target": world.own.targets[0], "state": state}
        asked_at = timezone.now() - timedelta(days=ago)
        ReadyRequest.objects.create(student=student, asked_at=asked_at, **common)

    count_school(school=world.own.school, day=school_day)

    assert counted(world)[""] == (3, 0, 0, 1, 0, 0)


def test_by_who_the_students_are(world: World, school_day: date) -> None:
    ana, bo, cy = only(world, 3)
    Student.objects.filter(pk=ana.pk).update(grade="05")
    about = {"district": world.own.district}
    Demographics.objects.create(
        student=ana,
        sex="female",
        races=["asian", "white"],
        is_hispanic=True,
        home_language="es",
        programmes=["meals", "gifted"],
        **about,
    )
    Demographics.objects.create(student=bo, races=["white"], is_hispanic=False, programmes=["meals"], **about)
    mark(world, ana, 0, "3.0", school_day)

    count_school(school=world.own.school, day=school_day)

    learned, quiet = (1, 1, 1, 0, 1, 0), (1, 0, 0, 0, 0, 0)
    assert counted(world, "year") == {"05": learned, "": (2, 0, 0, 0, 0, 0)}
    assert counted(world, "sex") == {"female": learned, "": (2, 0, 0, 0, 0, 0)}
    assert counted(world, "hispanic") == {"yes": learned, "no": quiet, "": quiet}
    assert counted(world, "language") == {"es": learned, "": (2, 0, 0, 0, 0, 0)}
    assert counted(world, "race") == {"asian": learned, "white": (2, 1, 1, 0, 1, 0)}
    assert counted(world, "programme") == {"gifted": learned, "meals": (2, 1, 1, 0, 1, 0)}
    area = ContentArea.objects.get(framework=world.own.framework)
    assert counted(world, "area") == {str(area.uuid): learned}
    assert cy.pk


def test_habits_are_no_content_area(world: World, school_day: date) -> None:
    habits = build_habits(world.own.district)
    rate(world, habits.topics.get().targets.get(position=1), "3.0")

    count_school(school=world.own.school, day=school_day)

    assert counted(world, "area") == {}


def test_records_that_are_one_childs_count_once(world: World, school_day: date) -> None:
    kept, double = only(world, 2)
    mark(world, double, 0, "3.0", school_day)
    merges.merge_students(kept=kept, absorbed=double, actor=world.administrator, day=school_day)

    count_school(school=world.own.school, day=school_day)

    assert counted(world) == {"": (1, 1, 1, 0, 1, 0)}


def test_counting_again_puts_the_newest_in_place_of_all(world: World, school_day: date) -> None:
    [child] = only(world, 1)
    count_school(school=world.own.school, day=school_day)
    before = SchoolProgress.objects.get(school=world.own.school, dimension="all").made_at
    Student.objects.filter(pk=child.pk).update(left_on=school_day - timedelta(days=1))

    count_school(school=world.own.school, day=school_day)

    row = SchoolProgress.objects.get(school=world.own.school)
    assert (row.dimension, row.student_count, row.day) == ("all", 0, school_day)
    assert row.made_at > before


def test_every_school_is_counted_at_night_and_those_of_a_place_when_asked(world: World, school_day: date) -> None:
    schools = {place.school.pk for place in world.places.values()}

    count_task()
    assert set(SchoolProgress.objects.values_list("school", flat=True)) >= schools

    SchoolProgress.objects.all().delete()
    count_task(organization_id=world.own.district.pk)
    north = {world.places[name].school.pk for name in ("own", "other_school")}
    assert set(SchoolProgress.objects.values_list("school", flat=True)) == north
    assert read_progress(job_of(world.own.district)) == 100

    SchoolProgress.objects.all().delete()
    count_progress(organization_id=0)
    assert not SchoolProgress.objects.exists()


def test_after_a_count_that_failed_somebody_may_ask_again(world: World, school_day: date) -> None:
    Organization.objects.filter(pk=world.own.school.pk).update(time_zone="Nowhere/Here")

    with pytest.raises(ZoneInfoNotFoundError):
        count_task(organization_id=world.own.school.pk)

    assert read_progress(job_of(world.own.school)) == 100


def test_only_those_who_lead_have_it_counted(world: World, school_day: date) -> None:
    with pytest.raises(PermissionDenied):
        ask_for_count(organization=world.own.school, actor=world.teacher, day=school_day)

    assert read_progress(job_of(world.own.school)) == 0
    ask_for_count(organization=world.own.school, actor=world.leader, day=school_day)
    assert read_progress(job_of(world.own.school)) == 1
    tell_progress(job_of(world.own.school), 40)
    ask_for_count(organization=world.own.school, actor=world.leader, day=school_day)
    assert read_progress(job_of(world.own.school)) == 40
