"""A curriculum with a long record, and what the tests say of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from curriculum.enums import Carries, ChangeKind, Subject
from curriculum.models import Framework, Revision, Target
from curriculum.services import Edit, end_targets, make_edits, open_revision, publish_revision
from curriculum.services.endings import NewTarget
from lpm.people.models import Organization, Student
from students.mastery.models import Assessment, Judgement
from students.mastery.services import rebuild_framework

SCORES = """
INSERT INTO mastery_assessment (uuid, district_id, student_id, target_id, kind, level, performed_on, recorded_at,
                                accommodations, comment, reason)
SELECT gen_random_uuid(), student.district_id, student.id, target.id, 'score',
       mod(student.id * 7 + target.id * 3 + n, 9) / 2.0, day.on, day.on + interval '16 hours', '{}', '', ''
FROM people_student student, curriculum_target target, generate_series(1, %s) n,
     LATERAL (SELECT date '2026-09-01' + mod(student.id + target.id + 15 * n, 75)::int AS on) day
WHERE student.id = ANY(%s) AND target.id = ANY(%s)
"""
JUDGEMENTS = """
INSERT INTO mastery_judgement (uuid, district_id, student_id, target_id, kind, level, recorded_at, based_on_id, note)
SELECT DISTINCT ON (student_id, target_id)
       gen_random_uuid(), district_id, student_id, target_id, 'set', level, recorded_at, id, ''
FROM mastery_assessment WHERE student_id = ANY(%s) AND mod(student_id + target_id, 2) = 0
ORDER BY student_id, target_id, id
"""


def write_record(students: Sequence[Student], targets: Sequence[Target], times: int) -> None:
    """So many scores of every student on every target, in the past autumn; a teacher decided on every other cell."""
    ids = [student.pk for student in students]
    with connection.cursor() as cursor:
        cursor.execute(SCORES, [times, ids, [target.pk for target in targets]])
        cursor.execute(JUDGEMENTS, [ids])
        cursor.execute("ANALYZE mastery_assessment, mastery_judgement, curriculum_target, people_student")


def add_students(schools: Sequence[Organization], district: Organization, count: int) -> list[Student]:
    return Student.objects.bulk_create(
        Student(district=district, school=schools[n % len(schools)], given_name=f"Child {n}", family_name="Birch")
        for n in range(count)
    )


def logs_as_written() -> dict[str, Any]:
    """How many rows there are in each log, and what becomes different when any byte of one does, or one is written."""
    found = {}
    with connection.cursor() as cursor:
        for model in (Assessment, Judgement):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT count(*), md5(string_agg(log::text || log.xmin::text, ',' ORDER BY id)) FROM {table} log"  # noqa: S608
            )
            found[table] = cursor.fetchone()
    return found


def states_by_target() -> dict[int, str]:
    """Each target that has states, to what becomes different when one of them does."""
    fields = "student_id, status, level, suggested_value, judged, judgement_id, is_flagged, score_count, method"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT target_id, md5(string_agg(ROW({fields})::text, ',' ORDER BY student_id)) "  # noqa: S608
            "FROM mastery_masterystate GROUP BY target_id"
        )
        return dict(cursor.fetchall())


def revise(
    framework: Framework,
    day: date,
    *edits: Edit,
    kind: ChangeKind | None = None,
    ending: Sequence[Target] = (),
    existing: Sequence[Target] = (),
    new: Sequence[str] = (),
    carries: Carries | None = None,
) -> tuple[Revision, list[Target]]:
    """A revision written, published and followed by the worker; with the targets that it added, in their order."""
    revision = open_revision(framework=framework, title="Better", actor=None, day=day)
    added = [NewTarget(statement) for statement in new]
    if edits:
        make_edits(framework=framework, edits=edits, actor=None, day=day)
    if kind:
        uuids = [target.uuid for target in existing]
        end_targets(
            revision=revision,
            kind=kind,
            sources=[Target.objects.select_related("topic").get(pk=target.pk) for target in ending],
            existing=uuids,
            new=added,
            carries=carries,
            actor=None,
            day=day,
        )
    published = publish_revision(revision=revision, actor=None, day=day)
    rebuild_framework(framework_id=framework.pk)
    return published, [Target.objects.get(uuid=target.uuid) for target in added]


def edit(target: Target, **values: Any) -> Edit:
    return Edit(Subject.TARGET, target.uuid, values)


def adding(uuid: UUID, topic: Any, statement: str) -> Edit:
    values = {"topic": str(topic.uuid), "statement": statement, "position": 99, "grades": []}
    return Edit(Subject.TARGET, uuid, values, ChangeKind.ADDED)
