"""Several people, and the same mark several times, at the same moment: real connections, real locks."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from lpm.people.models import Student
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.services import IdentifierReused, record_mark
from students.mastery.services.record.append import append
from tests.world import DAY, build_world


@pytest.fixture
def together(transactional_db, school_day):
    """The world, and ``record`` in as many threads as wanted; each closes its connection."""
    world = build_world(school_day)

    def record(**changed):
        usual = {
            "uuid": uuid4(),
            "recorder": world.people["teacher"],
            "student": world.places["own"].student,
            "target": world.targets[0],
            "level": Decimal("3.0"),
            "performed_on": DAY,
            "day": DAY,
        }
        try:
            return record_mark(**{**usual, **changed}).is_new
        except IdentifierReused as refused:
            return refused.code
        finally:
            connection.close()

    return world, record


def test_the_same_mark_eight_times_at_once_is_there_once(together):
    _, record = together
    uuid = uuid4()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: record(uuid=uuid), range(8)))

    assert Counter(answers) == {True: 1, False: 7}
    assert Assessment.objects.count() == Judgement.objects.count() == 1


def test_marks_of_two_teachers_on_one_student_all_count(together):
    world, record = together
    jobs = [(who, target) for who in ("teacher", "co_teacher") for target in world.targets] * 3

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda job: record(recorder=world.people[job[0]], target=job[1]), jobs))

    assert Assessment.objects.count() == Judgement.objects.count() == len(jobs)
    states = MasteryState.objects.values_list("target_id", "score_count")
    assert dict(states) == {target.pk: 6 for target in world.targets}


def test_one_uuid_for_two_students_at_the_same_moment_is_recorded_for_one(together):
    world, record = together
    uuid, written, waiting = uuid4(), Event(), Event()
    other = Student.objects.get(family_name="Classmate")

    def first():
        with transaction.atomic():
            answer = record_mark(
                uuid=uuid,
                recorder=world.people["teacher"],
                student=world.places["own"].student,
                target=world.targets[0],
                level=Decimal("3.0"),
                performed_on=DAY,
                day=DAY,
            ).is_new
            written.set()
            waiting.wait(5)
            wait_for_a_blocked_insert()
        connection.close()
        return answer

    def second():
        written.wait(5)
        waiting.set()
        return record(uuid=uuid, student=other)

    with ThreadPoolExecutor(2) as pool:
        answers = [job.result() for job in (pool.submit(first), pool.submit(second))]

    assert answers == [True, "uuid_reused"]
    assert Assessment.objects.get().student == world.places["own"].student


def wait_for_a_blocked_insert():
    """Until the other connection waits for this one's row."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            if cursor.fetchone()[0]:
                return


def test_what_the_database_refuses_for_another_reason_is_not_taken_for_a_used_uuid(together):
    world, _ = together
    own = world.places["own"]
    shapeless = Assessment(student=own.student, target=own.targets[0], district=own.district, performed_on=DAY)

    with pytest.raises(IntegrityError, match="assessment_has_level_or_voids"):
        append([shapeless], [])
