"""What a teacher decides without new evidence: to accept what is suggested, to set a level, to excuse, to lift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.calculations import Cell, State
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement, MasteryState
from students.mastery.services.derive import derive_cells
from students.mastery.services.record.append import BATCH, SAME_JUDGED
from students.mastery.services.record.check import (
    check_level,
    load_targets_in_use,
    lock_all_permitted,
    moment_after_all,
)
from students.mastery.services.record.refused import MarkRefused, not_allowed, not_in_use, reused

MOST = 5000
WITH_LEVEL = {JudgementKind.CONFIRMED, JudgementKind.SET}
WITHOUT_LEVEL = {JudgementKind.EXCUSED, JudgementKind.LIFTED}


@dataclass(frozen=True)
class Decision:
    """A judgement to record. ``confirmed`` accepts the level that is suggested, and no other than the judge saw;
    ``set`` makes any level the student's; ``excused`` and ``lifted`` have none. Sending ``uuid`` twice is harmless.
    """

    uuid: UUID
    student: Student
    target: Target
    kind: JudgementKind
    level: Decimal | None = None
    note: str = ""

    @property
    def cell(self) -> Cell:
        return self.student.pk, self.target.pk


@dataclass(frozen=True)
class Decided:
    """A judgement that is in the record; ``is_new`` is False when it had arrived before."""

    judgement: Judgement
    state: State
    is_new: bool


def record_decision(*, judge: User, day: date, **decision: Any) -> Decided:
    """One decision; the arguments are the fields of ``Decision``. Raises MarkRefused."""
    [answer] = record_decisions(decisions=[Decision(**decision)], judge=judge, day=day)
    if isinstance(answer, MarkRefused):
        raise answer
    return answer


@transaction.atomic
def record_decisions(*, decisions: Sequence[Decision], judge: User, day: date) -> list[Decided | MarkRefused]:
    """Record decisions, with an answer for each: one that is refused leaves the others be.

    The same number of queries for one and for thousands (MOST; ValueError beyond).
    """
    if len(decisions) > MOST:
        raise ValueError(f"at most {MOST} decisions at once, not {len(decisions)}")
    checks = _read_checks(decisions, judge, day)
    rows: dict[int, Judgement] = {}
    refusals: dict[int, MarkRefused] = {}
    for number, decision in enumerate(decisions):
        try:
            rows[number] = checks.take(decision, judge)
        except MarkRefused as refused:
            refusals[number] = refused
    fresh = {number: row for number, row in rows.items() if row.pk is None}
    _append(list(fresh.values()), checks.targets)
    states = derive_cells(
        students={decision.student.pk: decision.student for decision in decisions},
        targets=checks.targets,
        cells={decisions[number].cell for number in rows},
        day=day,
    )
    return [
        refusals.get(number) or Decided(rows[number], states[decision.cell], number in fresh)
        for number, decision in enumerate(decisions)
    ]


@dataclass
class _Checks:
    """What must be known of all decisions to check one. ``known`` grows with what is taken."""

    permitted: set[int]
    in_use: Mapping[int, Mapping[int, Target]]  # by school
    suggested: Mapping[Cell, Decimal | None]
    known: dict[UUID, Judgement]

    @property
    def targets(self) -> dict[int, Target]:
        return {pk: target for found in self.in_use.values() for pk, target in found.items()}

    def take(self, decision: Decision, judge: User) -> Judgement:
        """The row to append, or the one that is there already. Raises MarkRefused."""
        if decision.student.pk not in self.permitted:
            raise not_allowed()
        target = self.in_use[decision.student.school_id].get(decision.target.pk)
        if target is None:
            raise not_in_use()
        row = _row(decision, judge)
        if known := self.known.get(decision.uuid):
            if any(getattr(known, name) != getattr(row, name) for name in SAME_JUDGED):
                raise reused()
            return known
        self._check_new(decision, target)
        self.known[decision.uuid] = row
        return row

    def _check_new(self, decision: Decision, target: Target) -> None:
        if decision.kind not in WITH_LEVEL | WITHOUT_LEVEL or (decision.level is None) == (decision.kind in WITH_LEVEL):
            raise MarkRefused("no_level", _("Choose a level first."))
        if decision.level is not None:
            check_level(decision.level, target)
        if decision.kind == JudgementKind.CONFIRMED and self.suggested.get(decision.cell) != decision.level:
            sentence = _("There is new evidence: another level is suggested now. Look again.")
            raise MarkRefused("changed", sentence)


def _read_checks(decisions: Sequence[Decision], judge: User, day: date) -> _Checks:
    students = {decision.student.pk: decision.student for decision in decisions}
    permitted = lock_all_permitted(judge, list(students), day, Action.RECORD_MARK)
    wanted: dict[int, set[int]] = defaultdict(set)
    for decision in decisions:
        wanted[decision.student.school_id].add(decision.target.pk)
    targets = {target for found in wanted.values() for target in found}
    states = MasteryState.objects.filter(student__in=students, target__in=targets)
    return _Checks(
        permitted=permitted,
        in_use={school: load_targets_in_use(found, school) for school, found in wanted.items()},
        suggested={(s, t): level for s, t, level in states.values_list("student_id", "target_id", "suggested")},
        known={row.uuid: row for row in Judgement.objects.filter(uuid__in=[one.uuid for one in decisions])},
    )


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


def _append(rows: Sequence[Judgement], targets: Mapping[int, Target]) -> None:
    if not rows:
        return
    at = moment_after_all({row.student_id for row in rows}, [targets[pk] for pk in {row.target_id for row in rows}])
    for later, row in enumerate(rows):
        row.recorded_at = at + timedelta(microseconds=later)
    try:
        with transaction.atomic():
            Judgement.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as error:  # the same UUID, at the same moment, for another student
        if "uuid" in str(error):
            raise reused() from error
        raise
