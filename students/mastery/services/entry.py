"""Where a student starts on a topic who did not begin at its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from curriculum.models import Target
from lpm.people.models import Student, User
from students.mastery.calculations import JudgementRow, ScoreRow
from students.mastery.calculations.state import in_force, standing
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement
from students.mastery.queries import read_logs
from students.mastery.services.derive import rebuild_students
from students.mastery.services.record import (
    MarkRefused,
    NewMark,
    load_target_in_use,
    lock_permitted,
    moment_after,
    record_marks,
)


@dataclass(frozen=True)
class EntryPoint:
    """How many targets are taken as known from now on, and how many no longer are."""

    assumed: int
    lifted: int


@dataclass(frozen=True)
class _Step:
    """One target of the topic: whether anything was recorded on it, and what is in force."""

    target: Target
    is_touched: bool
    judgement: JudgementRow | None

    @property
    def is_assumed(self) -> bool:
        return self.judgement is not None and self.judgement.kind == JudgementKind.ASSUMED


@dataclass(frozen=True)
class QuickCheck:
    """What the student showed on a target when asked; it becomes a mark with that identity."""

    uuid: UUID
    target: Target
    level: Decimal


@transaction.atomic
def record_entry_point(
    *, student: Student, target: Target, actor: User, day: date, checks: Sequence[QuickCheck] = ()
) -> EntryPoint:
    """The student starts at ``target``: what lies before it in its topic is assumed, unless something is known of it.

    The checks that led there are recorded first, as levels judged. A target that was assumed and no longer lies before
    the entry point is lifted. Writes a judgement for each target for which something changes, so that doing it again
    writes nothing. Raises ``MarkRefused``, and then nothing is written.
    """
    lock_permitted(actor, student, day)
    _record_checks(student, checks, actor, day)
    target = load_target_in_use(target, student)
    steps = _read_steps(student, target)
    place = next(n for n, step in enumerate(steps) if step.target.pk == target.pk)
    before, after = steps[:place], steps[place:]
    assumed = [step.target for step in before if not step.is_touched and step.judgement is None]
    lifted = [step.target for step in after if step.is_assumed]
    at = moment_after(student, [step.target for step in steps])
    Judgement.objects.bulk_create(
        [
            *_judgements(student, assumed, JudgementKind.ASSUMED, actor, at),
            *_judgements(student, lifted, JudgementKind.LIFTED, actor, at),
        ]
    )
    if assumed or lifted:
        rebuild_students(students=[student], day=day)
    return EntryPoint(len(assumed), len(lifted))


def _record_checks(student: Student, checks: Sequence[QuickCheck], actor: User, day: date) -> None:
    marks = [
        NewMark(uuid=check.uuid, student=student, target=check.target, level=check.level, performed_on=day)
        for check in checks
    ]
    for answer in record_marks(marks=marks, recorder=actor, day=day) if marks else []:
        if isinstance(answer, MarkRefused):
            raise answer


def _read_steps(student: Student, target: Target) -> list[_Step]:
    targets = list(Target.objects.filter(topic=target.topic).current().in_order())
    logs = read_logs([student.pk], [row.pk for row in targets])
    nothing: tuple[list[ScoreRow], list[JudgementRow]] = ([], [])
    found = [(row, *logs.get((student.pk, row.pk), nothing)) for row in targets]
    return [_Step(row, bool(standing(scores)), in_force(judgements)) for row, scores, judgements in found]


def _judgements(
    student: Student, targets: Iterable[Target], kind: JudgementKind, actor: User, at: datetime
) -> list[Judgement]:
    return [
        Judgement(
            district_id=student.district_id, student=student, target=target, kind=kind, judge=actor, recorded_at=at
        )
        for target in targets
    ]
