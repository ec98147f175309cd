"""What the record holds already where something is about to be written. In 1 query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from lpm.lib.statements import prepared_cursor
from students.mastery.calculations import Cell, JudgementRow, Logs, ScoreRow, Step
from students.mastery.enums import MasteryStatus
from students.mastery.models import Assessment, Judgement
from students.mastery.queries.ways import as_rows

# Of the students (with the records that were merged into theirs) on the targets both logs; all their states; the rows
# of either log that have one of the UUIDs, whomever they are about. And identities for rows to come: with these all
# that follows from a row is known before it is written, and goes to the database together with it.
STATEMENT = """
WITH whose AS MATERIALIZED (
    SELECT id, coalesce(merged_into_id, id) AS student FROM people_student
    WHERE id = ANY(%(students)s::bigint[]) OR merged_into_id = ANY(%(students)s::bigint[])
)
SELECT (
    SELECT jsonb_agg(jsonb_build_array(whose.student, target_id, log.id, kind, level, performed_on, recorded_at,
                                       voids_id, goal))
    FROM whose JOIN mastery_assessment log ON student_id = whose.id WHERE target_id = ANY(%(targets)s::bigint[])
), (
    SELECT jsonb_agg(jsonb_build_array(whose.student, target_id, log.id, kind, level, recorded_at, voids_id, unseen_id))
    FROM whose JOIN mastery_judgement log ON student_id = whose.id WHERE target_id = ANY(%(targets)s::bigint[])
), (
    SELECT jsonb_agg(jsonb_build_array(student_id, target_id, status, is_proficient, suggested))
    FROM mastery_masterystate WHERE student_id = ANY(%(students)s::bigint[])
), (
    SELECT jsonb_agg(jsonb_build_array(uuid, id, recorded_at, student_id, target_id, kind, level, recorder_id, group_id,
                                       voids_id, goal, accommodations, comment, performed_on))
    FROM mastery_assessment WHERE uuid = ANY(%(uuids)s::uuid[])
), (
    SELECT jsonb_agg(jsonb_build_array(uuid, id, recorded_at, student_id, target_id, kind, level, judge_id, note))
    FROM mastery_judgement WHERE uuid = ANY(%(uuids)s::uuid[])
),
    ARRAY(SELECT nextval('mastery_assessment_id_seq') FROM generate_series(1, %(coming)s)),
    ARRAY(SELECT nextval('mastery_judgement_id_seq') FROM generate_series(1, %(coming)s))
"""
# By these two rows of one UUID are known to say the same.
SAME = (
    *("student_id", "target_id", "kind", "level", "recorder_id", "group_id", "voids_id"),
    *("goal", "accommodations", "comment", "performed_on"),
)
SAME_JUDGED = ("student_id", "target_id", "kind", "level", "judge_id", "note")


@dataclass(frozen=True)
class Known:
    """``logs`` as they were written, cell by cell; ``steps`` and ``suggested`` are what the states say.

    ``scores`` and ``judgements`` are the known rows by UUID, as far as they tell whether two are the same.
    """

    logs: dict[Cell, Logs]
    steps: dict[int, dict[int, Step]]
    suggested: Mapping[Cell, Decimal | None]
    scores: dict[UUID, Assessment]
    judgements: dict[UUID, Judgement]
    score_ids: list[int]
    judgement_ids: list[int]

    def moment_after(self) -> datetime:
        """Now, and after everything judged that counts here, also when another server's clock is ahead."""
        judged = (row.recorded_at for _scores, judgements in self.logs.values() for row in judgements)
        return max([timezone.now(), *(at + timedelta(microseconds=1) for at in judged)])

    def is_judged_since(self, cell: Cell, seen_at: datetime) -> bool:
        return cell in self.logs and any(row.recorded_at > seen_at for row in self.logs[cell][1])


def read_known(
    student_ids: Collection[int], target_ids: Collection[int], uuids: Collection[UUID] = (), *, coming: int = 0
) -> Known:
    """To be read while the students are locked: nobody else writes about them then.

    ``coming``: how many rows of each log may be written.
    """
    given: dict[str, Any] = {
        "students": list(student_ids),
        "targets": list(target_ids),
        "uuids": list(uuids),
        "coming": coming,
    }
    with prepared_cursor() as cursor:
        cursor.execute(STATEMENT, given)
        *columns, score_ids, judgement_ids = cursor.fetchone()
    scores, judgements, states, known, known_judged = (as_rows(column) for column in columns)
    steps: dict[int, dict[int, Step]] = defaultdict(dict)
    for student, target, status, is_proficient, _suggested in states:
        steps[student][target] = Step(target, MasteryStatus(status), is_proficient)
    return Known(
        logs=_logs(scores, judgements),
        steps=steps,
        suggested={(student, target): suggested for student, target, _status, _met, suggested in states},
        scores={UUID(row[0]): _score(row) for row in known},
        judgements={UUID(row[0]): _judgement(row) for row in known_judged},
        score_ids=score_ids,
        judgement_ids=judgement_ids,
    )


def score_row(row: Assessment) -> ScoreRow:
    return ScoreRow(row.pk, row.kind, row.level, row.performed_on, row.recorded_at, row.voids_id, row.goal)


def judgement_row(row: Judgement) -> JudgementRow:
    return JudgementRow(row.pk, row.kind, row.level, row.recorded_at, row.voids_id, row.unseen_id)


def _logs(scores: Iterable[Any], judgements: Iterable[Any]) -> dict[Cell, Logs]:
    logs: dict[Cell, Logs] = defaultdict(lambda: ([], []))
    for student, target, pk, kind, level, day, at, *rest in scores:
        moment = datetime.fromisoformat(at)
        logs[student, target][0].append(ScoreRow(pk, kind, level, date.fromisoformat(day), moment, *rest))
    for student, target, pk, kind, level, at, *rest in judgements:
        logs[student, target][1].append(JudgementRow(pk, kind, level, datetime.fromisoformat(at), *rest))
    return logs


def _score(row: Any) -> Assessment:
    uuid, pk, at, *values, day = row
    said = dict(zip(SAME, [*values, date.fromisoformat(day)], strict=True))
    return Assessment(pk=pk, uuid=UUID(uuid), recorded_at=datetime.fromisoformat(at), **said)


def _judgement(row: Any) -> Judgement:
    uuid, pk, at, *values = row
    return Judgement(
        pk=pk, uuid=UUID(uuid), recorded_at=datetime.fromisoformat(at), **dict(zip(SAME_JUDGED, values, strict=True))
    )
