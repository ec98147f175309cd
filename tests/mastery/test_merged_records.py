"""Two records of one child: the logs stay as they are, and are read together."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.services.merges import merge_students, unmerge_students
from students.mastery.calculations import compute_state
from students.mastery.models import AreaMastery, Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.queries import find_differences, measure_of, read_logs, ways_for
from students.mastery.services import MarkRefused, record_mark, undo_mark
from tests.world import DAY, build_world, enroll

STATE = ("student", "target", "status", "level", "suggested_value", "judged", "score_count", "is_flagged", "method")
COUNTS = ("target_count", "proficient_count", "under_way_count", "aside_count")


@pytest.fixture
def double(world) -> Student:
    return enroll(world.own.group, given_name="Amara", family_name="Birch", grade="05")


def mark(world, student: Student, place: int, level: str) -> Assessment:
    recorded = record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=student,
        target=world.targets[place],
        level=Decimal(level),
        performed_on=DAY,
        day=DAY,
        group=world.own.group,
    )
    return recorded.assessment


def logs() -> dict[str, list[Any]]:
    """Every row of both logs, as the database writes it."""
    found = {}
    with connection.cursor() as cursor:
        for model in (Assessment, Judgement):
            table = model._meta.db_table
            cursor.execute(f"SELECT log::text, log.xmin::text FROM {table} log ORDER BY id")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


def derived() -> dict[str, set[Any]]:
    return {
        "states": set(MasteryState.objects.values_list(*STATE)),
        "topics": set(
            TopicMastery.objects.values_list("student", "topic", "proficient_count", "under_way_count", "here")
        ),
        "areas": set(AreaMastery.objects.values_list("student", "area", "proficient_count", "under_way_count")),
    }


def differences() -> list[str]:
    return find_differences(list(Student.objects.select_related("school")), DAY)


@pytest.fixture
def both(world, double) -> tuple[Student, Student]:
    """Levels in each record: on the same target, and on others."""
    own = world.own.student
    for student, place, level in ((own, 0, "2"), (double, 0, "3"), (own, 1, "1"), (double, 2, "4"), (own, 0, "2.5")):
        mark(world, student, place, level)
    return own, double


def merge(world, both):
    return merge_students(kept=both[0], absorbed=both[1], actor=world.administrator, day=DAY)


def test_the_logs_are_the_same_to_the_byte_before_and_after(world, both):
    before = logs()
    assert {table: len(rows) for table, rows in before.items()} == {"mastery_assessment": 5, "mastery_judgement": 5}

    row = merge(world, both)
    assert logs() == before

    unmerge_students(merge=row, actor=world.administrator, day=DAY)
    assert logs() == before


def test_levels_are_those_of_both_logs_and_then_as_they_were(world, both):
    own = both[0]
    before = derived()
    ways = ways_for(own.school_id, DAY).on(measure_of(world.targets[0]))

    row = merge(world, both)

    rows = read_logs([own.pk])
    together = {target.pk: rows.get((own.pk, target.pk)) for target in world.targets}
    assert [len(found[0]) if found else 0 for found in together.values()] == [3, 1, 1, 0]
    expected = {target: compute_state(*found, ways) for target, found in together.items() if found}
    states = MasteryState.objects.filter(student__in=both)
    assert {(s.student_id, s.target_id, s.level, s.suggested_value, s.score_count) for s in states} == {
        (own.pk, target, state.level, state.suggested_value, state.score_count) for target, state in expected.items()
    }
    assert dict(states.values_list("target__position", "level")) == {1: Decimal("2.5"), 2: Decimal(1), 3: Decimal(4)}
    assert derived() != before
    assert differences() == []

    unmerge_students(merge=row, actor=world.administrator, day=DAY)

    assert derived() == before
    assert differences() == []


def test_without_a_judgement_the_method_reads_the_evidence_of_both(world, double):
    """A worked example: 2 in one record, then 4 in the other; the newest counts 0.65."""
    own, target = world.own.student, world.targets[0]
    for student, level in ((own, "2"), (double, "4")):
        Assessment.objects.create(
            district=own.district, student=student, target=target, level=Decimal(level), performed_on=DAY
        )

    merge(world, (own, double))

    state = MasteryState.objects.get(student=own, target=target)
    assert (state.suggested_value, state.level, state.score_count) == (Decimal("3.30"), Decimal("3.5"), 2)
    assert not MasteryState.objects.filter(student=double).exists()


def test_the_grid_shows_one_row_with_the_levels_of_both(world, both, as_person):
    client = as_person(world.teacher)
    address = f"{reverse('mastery:group-grid', args=[world.own.group.uuid])}?topic={world.topic.uuid}"
    before = {row.uuid for row in client.get(address).context["grid"].rows}
    own, double = both

    row = merge(world, both)
    grid = client.get(address).context["grid"]

    assert before - {row.uuid for row in grid.rows} == {str(double.uuid)}
    [shown] = [row for row in grid.rows if row.uuid == str(own.uuid)]
    assert [cell.level for cell in shown.cells] == [Decimal("2.5"), Decimal(1), Decimal(4), None]

    unmerge_students(merge=row, actor=world.administrator, day=DAY)
    grid = client.get(address).context["grid"]
    levels = {row.uuid: [cell.level for cell in row.cells] for row in grid.rows}
    assert levels[str(own.uuid)] == [Decimal("2.5"), Decimal(1), None, None]
    assert levels[str(double.uuid)] == [Decimal(3), None, Decimal(4), None]


def test_a_mark_on_the_absorbed_record_is_taken_back(world, double):
    given = mark(world, double, 0, "3")
    merge(world, (world.own.student, double))
    [state] = MasteryState.objects.filter(student=world.own.student)
    assert state.level == Decimal(3)

    void = undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=given.uuid, day=DAY).assessment

    assert (void.student, void.voids) == (double, given)
    [state] = MasteryState.objects.filter(student__in=[world.own.student, double])
    assert (state.student, state.level) == (world.own.student, None)
    assert differences() == []


def test_a_mark_that_was_made_since_stays_with_the_record_that_was_kept(world, both):
    own = both[0]
    row = merge(world, both)
    mark(world, own, 3, "3")

    unmerge_students(merge=row, actor=world.administrator, day=DAY)

    levels = MasteryState.objects.filter(target=world.targets[3]).values_list("student", "level")
    assert set(levels) == {(own.pk, Decimal(3))}
    assert differences() == []


def test_an_absorbed_record_takes_no_marks(world, both):
    merge(world, both)

    with pytest.raises(MarkRefused) as refused:
        mark(world, both[1], 0, "1")

    assert refused.value.code == "not_allowed"


def test_rows_of_the_absorbed_record_are_seen_by_those_who_see_the_other(world, both):
    rows = Assessment.objects.filter(student=both[1])
    merge(world, both)

    for name, count in (("guardian", 2), ("teacher", 2), ("past_guardian", 0), ("far_administrator", 0)):
        assert rows.visible_to(world.people[name], Action.VIEW_STUDENT, DAY).count() == count, name
    assert Assessment.objects.of_students([both[1].pk]).count() == 2
    assert Assessment.objects.of_students([both[0].pk]).count() == 5


def test_the_family_reads_the_levels_of_both(world, both, as_person):
    merge(world, both)

    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):  # families read it the next school morning
        client = as_person(world.guardian)
        changes = client.get(reverse("student:family", args=[both[0].uuid])).context["changes"]

        assert {change.target.position: change.now for change in changes} == {1: Decimal("2.5"), 2: 1, 3: 4}
        assert client.get(reverse("student:family", args=[both[1].uuid])).status_code == 404


def test_a_chain_of_records_is_read_as_one(world, both):
    third = enroll(world.own.group, given_name="A.", family_name="Birch")
    mark(world, third, 3, "3")
    before = derived()
    first = merge(world, (both[1], third))
    second = merge(world, both)

    assert set(MasteryState.objects.values_list("student", flat=True)) == {both[0].pk}
    assert MasteryState.objects.count() == 4
    assert differences() == []

    for row in (second, first):
        unmerge_students(merge=row, actor=world.administrator, day=DAY)
    assert derived() == before


def verified() -> str:
    out = StringIO()
    call_command("verify_mastery", stdout=out)
    return out.getvalue()


def test_verify_finds_no_difference_after_merging_and_after_taking_it_back(transactional_db, school_day):
    world = build_world(school_day)
    own, double = world.own.student, enroll(world.own.group, given_name="Amara", family_name="Birch")
    for student, level in ((own, "2"), (double, "3")):
        mark(world, student, 0, level)
    row = merge(world, (own, double))
    assert verified() == "7 students checked, 0 differences\n"

    unmerge_students(merge=row, actor=world.administrator, day=DAY)
    assert verified() == "7 students checked, 0 differences\n"

    Student.objects.filter(pk=double.pk).update(merged_into=own)
    with pytest.raises(CommandError):
        verified()
