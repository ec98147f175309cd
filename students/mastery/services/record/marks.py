"""Marks: what somebody saw a student show, and the level they judged with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from students.mastery.calculations import Cell, State
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import Known, Measure, read_known
from students.mastery.queries.pauses import Pauses
from students.mastery.services.derive import Scope, make_again, read_scope_in_use
from students.mastery.services.record.append import identify, judge, judgement_uuid, take_known, telling_reused
from students.mastery.services.record.check import (
    check_date,
    check_not_paused,
    check_on_scale,
    check_seen_scale,
    lock_all_permitted,
    read_pauses_on,
)
from students.mastery.services.record.refused import MarkRefused, not_allowed, not_in_use, reused
from students.mastery.services.record.unseen import find_unseen
from students.mastery.services.record.words import language_of

MOST = 1000
ACTIONS = {
    AssessmentKind.SCORE: Action.RECORD_MARK,
    AssessmentKind.PRACTICE: Action.RECORD_MARK,
    AssessmentKind.SELF: Action.ASSESS_SELF,
    AssessmentKind.OFFERED: Action.OFFER_MARK,
}


@dataclass(frozen=True)
class NewMark:
    """A mark to record. ``uuid`` comes from whoever sends it; sending it again changes nothing.

    ``judges``: the level is the teacher's judgement too, as in the Levels view of the grid. ``made_offline``: the
    device's clock decided the day, which may be tomorrow's. ``seen_at`` is up to when the maker knew the record:
    what a colleague judged later was not seen. None: all was seen. ``language`` is that of the comment; "": the
    writer's.
    """

    uuid: UUID
    student: Student
    target: Target
    level: Decimal | None
    performed_on: date
    kind: AssessmentKind = AssessmentKind.SCORE
    judges: bool = True
    group: Group | None = None
    comment: str = ""
    language: str = ""
    accommodations: tuple[str, ...] = ()
    goal: Decimal | None = None
    made_offline: bool = False
    seen_at: datetime | None = None

    @property
    def is_judged(self) -> bool:
        return self.judges and self.kind == AssessmentKind.SCORE

    @property
    def cell(self) -> Cell:
        return self.student.pk, self.target.pk


@dataclass(frozen=True)
class Recorded:
    """A mark that is in the record; ``is_new`` is False when the same mark had arrived before.

    ``conflict`` is what a colleague had judged meanwhile, at another level; both stand.
    """

    assessment: Assessment
    state: State
    is_new: bool
    conflict: Judgement | None = None


Answer = Recorded | MarkRefused


def record_mark(*, recorder: User, day: date, **mark: Any) -> Recorded:
    """Record one mark; the arguments are the fields of ``NewMark``. ``day`` is the school's. Raises MarkRefused."""
    [answer] = record_marks(marks=[NewMark(**mark)], recorder=recorder, day=day)
    if isinstance(answer, MarkRefused):
        raise answer
    return answer


def record_marks(*, marks: Sequence[NewMark], recorder: User, day: date) -> list[Answer]:
    """Record marks, in the order given, with an answer for each: one that is refused leaves the others be.

    The same number of queries for one and for a thousand (MOST; ValueError beyond).
    """
    if len(marks) > MOST:
        raise ValueError(f"at most {MOST} marks at once, not {len(marks)}")
    with transaction.atomic(savepoint=False):  # nothing in here fails that could be mended
        return _record(marks, recorder, day)


def _record(marks: Sequence[NewMark], recorder: User, day: date) -> list[Answer]:
    permitted = _lock(marks, recorder, day)
    locked = {pk for _action, pk in permitted}
    about = {mark.student.pk: mark.student for mark in marks if mark.student.pk in locked}
    scope = read_scope_in_use(about, {mark.target.pk for mark in marks}, day)
    batch = _Batch(permitted, scope, recorder, day, read_pauses_on(about, scope.measures.values()))
    uuids = [uuid for mark in marks for uuid in (mark.uuid, judgement_uuid(mark.uuid))]
    known = read_known(about, scope.sources, uuids, coming=len(marks))
    answers: dict[int, MarkRefused] = {}
    at = known.moment_after()
    for number, mark in enumerate(marks):
        try:
            batch.take(number, mark, known, at)
        except MarkRefused as refused:
            answers[number] = refused
    judging = {number: marks[number] for number in batch.fresh if marks[number].is_judged}
    conflicts = find_unseen(judging, known, recorder)
    with telling_reused():
        states = make_again(
            scope=scope,
            known=known,
            cells={marks[number].cell for number in batch.rows},
            assessments=[batch.rows[number] for number in batch.fresh],
            judgements=[_judgement(batch.rows[number], number, known, conflicts) for number in judging],
        )
    return [
        answers.get(number)
        or Recorded(batch.rows[number], states[mark.cell], number in batch.fresh, conflicts.get(number))
        for number, mark in enumerate(marks)
    ]


@dataclass
class _Batch:
    """What marks are checked by, and the rows of those that were taken: of all, the numbers of the new ones, and
    the identities of those of them that judge."""

    permitted: set[tuple[Action, int]]
    scope: Scope
    recorder: User
    day: date
    pauses: Pauses
    rows: dict[int, Assessment] = field(default_factory=dict)
    fresh: list[int] = field(default_factory=list)
    judged: set[UUID] = field(default_factory=set)

    def take(self, number: int, mark: NewMark, known: Known, at: datetime) -> None:
        """Raises MarkRefused. The same mark twice in one batch is one row."""
        measure = _check(mark, self.permitted, self.scope, self.day)
        row = _row(mark, self.recorder)
        if not take_known(row, known.scores.get(mark.uuid)):
            check_not_paused(self.pauses, mark.student, measure, mark.performed_on)
            if mark.level is not None and mark.seen_at is not None:
                check_seen_scale(self.scope.ways(mark.cell), mark.seen_at)
            identify(row, known.score_ids[number], at + timedelta(microseconds=number))
            known.scores[mark.uuid] = row
            self.fresh.append(number)
            self.judged |= {mark.uuid} if mark.is_judged else set()
        elif mark.is_judged != (mark.uuid in self.judged or judgement_uuid(mark.uuid) in known.judgements):
            raise reused()
        self.rows[number] = row


def _judgement(row: Assessment, number: int, known: Known, conflicts: Mapping[int, Judgement]) -> Judgement:
    unseen = conflicts.get(number)
    judgement = judge(row, JudgementKind.SET, unseen_id=unseen.pk if unseen else None)
    identify(judgement, known.judgement_ids[number], row.recorded_at)
    return judgement


def _lock(marks: Sequence[NewMark], recorder: User, day: date) -> set[tuple[Action, int]]:
    wanted: dict[Action, set[int]] = defaultdict(set)
    for mark in marks:
        if mark.kind in ACTIONS:
            wanted[ACTIONS[mark.kind]].add(mark.student.pk)
    return {
        (action, pk)
        for action, students in wanted.items()
        for pk in lock_all_permitted(recorder, students, day, action)
    }


def _check(mark: NewMark, permitted: set[tuple[Action, int]], scope: Scope, day: date) -> Measure:
    if (ACTIONS.get(mark.kind), mark.student.pk) not in permitted:
        raise not_allowed()
    measure = scope.measure(mark.student, mark.target.pk)
    if measure is None:
        raise not_in_use()
    if mark.level is not None:
        check_on_scale(mark.level, measure.scale)
    elif mark.kind != AssessmentKind.PRACTICE:
        raise MarkRefused("no_level", _("Choose a level first."))
    if mark.goal is not None:
        check_on_scale(mark.goal, measure.scale)
    check_date(mark.performed_on, day + timedelta(days=1) if mark.made_offline else day)
    return measure


def _row(mark: NewMark, recorder: User) -> Assessment:
    return Assessment(
        uuid=mark.uuid,
        district_id=mark.student.district_id,
        student=mark.student,
        target=mark.target,
        kind=mark.kind,
        level=mark.level,
        goal=mark.goal,
        accommodations=list(mark.accommodations),
        recorder=recorder,
        performed_on=mark.performed_on,
        group=mark.group,
        comment=mark.comment,
        language=language_of(mark.comment, recorder, mark.language),
    )
