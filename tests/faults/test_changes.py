"""Another way of making levels, applied by a worker that is killed half way: finished by the next one, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from students.mastery.services.changes import APPLY_BATCH
from tests.faults.running import Cairn, await_true, private_cairn

STUDENTS = APPLY_BATCH + 5  # in two batches
DJANGO = "import django; django.setup()\n"
# Everybody showed 1.0, then 3.0: by the usual method 2.5, by the mean 2.0.
PREPARE = """
from decimal import Decimal
from uuid import uuid4
from lpm.lib.dates import school_day
from lpm.people.models import Student, User
from curriculum.models import Target
from students.mastery.services import record_mark
from students.mastery.services.changes import count_change
from students.mastery.services.ways import apply_change, choose_method
day = school_day("America/New_York")
target = Target.objects.select_related("topic__area__framework__owner").get(case_identifier="Northern mathematics 1")
framework, teacher = target.topic.area.framework, User.objects.get(username="teacher")
for student in Student.objects.filter(family_name="More").select_related("school"):
    for level in ("1.0", "3.0"):
        record_mark(uuid=uuid4(), student=student, target=target, level=Decimal(level), performed_on=day, judges=False,
                    recorder=teacher, day=day)
rule = choose_method(organization=framework.owner, framework=framework, method="mean", actor=None, day=day)
count_change(kind="rule", change_id=rule.pk)
rule.refresh_from_db()
apply_change(change=rule, valid_from=day, actor=None, day=day)
"""
SWEEP = "from students.mastery.services.changes import sweep_changes; sweep_changes()"


@pytest.fixture
def cairn() -> Iterator[Cairn]:
    with private_cairn() as cairn:
        cairn.build(students=STUDENTS)
        yield cairn


def rules(cairn: Cairn) -> list[tuple[str, int, int]]:
    """State, students done, and how many workers have taken it."""
    found = cairn.rows("SELECT state, student_done, attempts FROM mastery_methodrule ORDER BY id")
    return [(str(state), int(done), int(attempts)) for state, done, attempts in found]


def levels(cairn: Cairn) -> dict[str, int]:
    """How many students have each level."""
    rows = cairn.rows("SELECT level::text, count(*) FROM mastery_masterystate WHERE level IS NOT NULL GROUP BY level")
    return dict(rows)


def logs(cairn: Cairn) -> list[tuple[int, int]]:
    return cairn.rows("SELECT (SELECT count(*) FROM mastery_assessment), (SELECT count(*) FROM mastery_judgement)")


def test_a_change_whose_worker_was_killed_half_way_is_finished_by_another(cairn: Cairn) -> None:
    cairn.python(DJANGO + PREPARE)
    written = logs(cairn)
    assert levels(cairn) == {"2.50": STUDENTS}
    last = cairn.value("SELECT max(student_id) FROM mastery_masterystate WHERE level IS NOT NULL")
    with cairn.connection() as holder, holder.transaction():
        holder.execute("SELECT 1 FROM people_student WHERE id = %s FOR UPDATE", [last])
        worker = cairn.start("worker")
        await_true(lambda: rules(cairn) == [("running", APPLY_BATCH, 1)], 60, "the first batch is not done")
        await_true(lambda: cairn.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
        worker.kill()
    assert levels(cairn) == {"2.00": APPLY_BATCH, "2.50": STUDENTS - APPLY_BATCH}

    cairn.start("worker")
    cairn.python(DJANGO + SWEEP)  # it is left alone: its worker may live
    assert rules(cairn) == [("running", APPLY_BATCH, 1)]
    cairn.change("UPDATE mastery_methodrule SET touched_at = touched_at - interval '6 minutes'")
    cairn.python(DJANGO + SWEEP)

    await_true(lambda: rules(cairn) == [("done", STUDENTS, 2)], 60, "the change is not finished")
    assert levels(cairn) == {"2.00": STUDENTS}
    assert logs(cairn) == written
    assert "0 differences" in cairn.manage("verify_mastery")
