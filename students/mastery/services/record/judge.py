"""What a teacher decides without new evidence: to accept what is suggested, to set a level, to excuse, to lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.calculations import Cell, ScaleRange, State
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement
from students.mastery.queries import Known, read_known
from students.mastery.queries.pauses import Pauses
from students.mastery.services.derive import Scope, make_again, read_scope_in_use
from students.mastery.services.record.append import identify, take_known, telling_reused
from students.mastery.services.record.check import (
    check_not_paused,
    check_on_scale,
    check_seen_scale,
    lock_all_permitted,
    read_pauses_on,
)
from students.mastery.services.record.refused import MarkRefused, not_allowed, not_in_use
from students.mastery.services.record.unseen import find_unseen

MOST = 5000
WITH_LEVEL = {JudgementKind.CONFIRMED, JudgementKind.SET}
WITHOUT_LEVEL = {JudgementKind.EXCUSED, JudgementKind.LIFTED}


@dataclass(frozen=True)
class Decision:
    """A judgement to record. ``confirmed`` accepts the level that is suggested, and no other than the judge saw;
    ``set`` makes any level the student's; ``excused`` and ``lifted`` have none. Sending ``uuid`` twice is harmless.
    ``seen_at`` is up to when the judge knew the record; None: all was seen.
    """

    uuid: UUID
    student: Student
    target: Target
    kind: JudgementKind
    level: Decimal | None = None
    note: str = ""
    seen_at: datetime | None = None

    @property
    def cell(self) -> Cell:
        return self.student.pk, self.target.pk


@dataclass(frozen=True)
class Decided:
    """A judgement that is in the record; ``is_new`` is False when it had arrived before.

    ``conflict`` is what a colleague had judged meanwhile, at another level; both stand.
    """

    judgement: Judgement
    state: State
    is_new: bool
    conflict: Judgement | None = None


def record_decision(*, judge: User, day: date, **decision: Any) -> Decided:
    """One decision; the arguments are the fields of ``Decision``. Raises MarkRefused."""
    [answer] = record_decisions(decisions=[Decision(**decision)], judge=judge, day=day)
    if isinstance(answer, MarkRefused):
        raise answer
    return answer


def record_decisions(*, decisions: Sequence[Decision], judge: User, day: date) -> list[Decided | MarkRefused]:
    """Record decisions, with an answer for each: one that is refused leaves the others be.

    The same number of queries for one and for thousands (MOST; ValueError beyond).
    """
    if len(decisions) > MOST:
        raise ValueError(f"at most {MOST} decisions at once, not {len(decisions)}")
    with transaction.atomic(savepoint=False):  # nothing in here fails that could be mended
        return _record(decisions, judge, day)


def _record(decisions: Sequence[Decision], judge: User, day: date) -> list[Decided | MarkRefused]:
    students = {one.student.pk: one.student for one in decisions}
    permitted = lock_all_permitted(judge, students.keys(), day, Action.RECORD_MARK)
    about = {pk: student for pk, student in students.items() if pk in permitted}
    scope = read_scope_in_use(about, {one.target.pk for one in decisions}, day)
    pauses = read_pauses_on(about, scope.measures.values())
    known = read_known(about, scope.sources, [one.uuid for one in decisions], coming=len(decisions))
    rows: dict[int, Judgement] = {}
    fresh: list[int] = []
    refusals: dict[int, MarkRefused] = {}
    at = known.moment_after()
    for number, decision in enumerate(decisions):
        try:
            row = _find_row(decision, scope, known, judge)
            if row.pk is None and decision.kind in WITH_LEVEL:
                _check_recorded(decision, scope, pauses, day)
        except MarkRefused as refused:
            refusals[number] = refused
            continue
        if row.pk is None:
            identify(row, known.judgement_ids[number], at + timedelta(microseconds=number))
            known.judgements[row.uuid] = row
            fresh.append(number)
        rows[number] = row
    judging = {number: decisions[number] for number in fresh if decisions[number].kind in WITH_LEVEL}
    conflicts = find_unseen(judging, known, judge)
    for number, conflict in conflicts.items():
        rows[number].unseen_id = conflict.pk
    with telling_reused():
        states = make_again(
            scope=scope,
            known=known,
            cells={decisions[number].cell for number in rows},
            judgements=[rows[number] for number in fresh],
        )
    return [
        refusals.get(number) or Decided(rows[number], states[decision.cell], number in fresh, conflicts.get(number))
        for number, decision in enumerate(decisions)
    ]


def _find_row(decision: Decision, scope: Scope, known: Known, judge: User) -> Judgement:
    """The row to append, or that which is in the log already. Raises MarkRefused."""
    if decision.student.pk not in scope.students:
        raise not_allowed()
    measure = scope.measure(decision.student, decision.target.pk)
    if measure is None:
        raise not_in_use()
    row = _row(decision, judge)
    if not take_known(row, known.judgements.get(decision.uuid)):
        _check_new(decision, measure.scale, known)
    return row


def _check_recorded(decision: Decision, scope: Scope, pauses: Pauses, day: date) -> None:
    check_not_paused(pauses, decision.student, scope.measures[decision.target.pk], day)
    if decision.seen_at is not None:
        check_seen_scale(scope.ways(decision.cell), decision.seen_at)


def _check_new(decision: Decision, scale: ScaleRange, known: Known) -> None:
    if decision.kind not in WITH_LEVEL | WITHOUT_LEVEL or (decision.level is None) == (decision.kind in WITH_LEVEL):
        raise MarkRefused("no_level", _("Choose a level first."))
    if decision.level is not None:
        check_on_scale(decision.level, scale)
    if decision.kind == JudgementKind.CONFIRMED and known.suggested.get(decision.cell) != decision.level:
        sentence = _("There is new evidence: another level is suggested now. Look again.")
        raise MarkRefused("changed", sentence)


def _row(decision: Decision, judge: User) -> Judgement:
    return Judgement(
        uuid=decision.uuid,
        district_id=decision.student.district_id,
        student=decision.student,
        target=decision.target,
        kind=decision.kind,
        level=decision.level,
        note=decision.note,
        judge=judge,
    )
