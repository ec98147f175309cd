"""Marks: what somebody saw a student show, and the level they judged with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from students.mastery.queries import judgements_in_force
from students.mastery.services.derive import derive_cells
from students.mastery.services.record.append import append, judge, known_rows, take_known
from students.mastery.services.record.check import (
    check_date,
    check_level,
    load_targets_in_use,
    lock_all_permitted,
    moment_after_all,
)
from students.mastery.services.record.refused import MarkRefused, not_allowed, not_in_use

MOST = 1000
ACTIONS = {
    AssessmentKind.SELF: Action.ASSESS_SELF,
    AssessmentKind.OFFERED: Action.OFFER_MARK,
}


@dataclass(frozen=True)
class NewMark:
    """A mark to record. ``uuid`` comes from whoever sends it; sending it again changes nothing.

    ``judges``: the level is the teacher's judgement too, as in the Levels view of the grid. ``made_offline``: the
    device's clock decided the day, which may be tomorrow's. ``seen_at`` is up to when the maker knew the record:
    what a colleague judged later was not seen. None: all was seen.
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


@transaction.atomic
def record_marks(*, marks: Sequence[NewMark], recorder: User, day: date) -> list[Answer]:
    """Record marks, in the order given, with an answer for each: one that is refused leaves the others be.

    The same number of queries for one and for a thousand (MOST; ValueError beyond).
    """
    if len(marks) > MOST:
        raise ValueError(f"at most {MOST} marks at once, not {len(marks)}")
    permitted = _lock(marks, recorder, day)
    targets = _load_targets(marks)
    answers: dict[int, MarkRefused] = {}
    rows: dict[int, Assessment] = {}
    known = known_rows(mark.uuid for mark in marks)
    fresh: set[int] = set()
    for number, mark in enumerate(marks):
        try:
            _check(mark, permitted, targets, day)
            rows[number] = _row(mark, recorder)
            if not take_known(rows[number], known.get(mark.uuid)):
                fresh.add(number)
                known[mark.uuid] = rows[number]
        except MarkRefused as refused:
            rows.pop(number, None)
            answers[number] = refused
    conflicts = _write({number: (marks[number], rows[number]) for number in sorted(fresh)}, recorder)
    states = derive_cells(
        students={marks[number].student.pk: marks[number].student for number in rows},
        targets={pk: target for known_targets in targets.values() for pk, target in known_targets.items()},
        cells={marks[number].cell for number in rows},
        day=day,
    )
    return [
        answers.get(number) or Recorded(rows[number], states[mark.cell], number in fresh, conflicts.get(number))
        for number, mark in enumerate(marks)
    ]


def _lock(marks: Sequence[NewMark], recorder: User, day: date) -> set[tuple[Action, int]]:
    wanted: dict[Action, set[int]] = defaultdict(set)
    for mark in marks:
        wanted[ACTIONS.get(mark.kind, Action.RECORD_MARK)].add(mark.student.pk)
    return {
        (action, pk)
        for action, students in wanted.items()
        for pk in lock_all_permitted(recorder, students, day, action)
    }


def _load_targets(marks: Sequence[NewMark]) -> dict[int, dict[int, Target]]:
    """By school, since each uses its own frameworks."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for mark in marks:
        wanted[mark.student.school_id].add(mark.target.pk)
    return {school: load_targets_in_use(targets, school) for school, targets in wanted.items()}


def _check(
    mark: NewMark, permitted: set[tuple[Action, int]], targets: Mapping[int, Mapping[int, Target]], day: date
) -> None:
    if (ACTIONS.get(mark.kind, Action.RECORD_MARK), mark.student.pk) not in permitted:
        raise not_allowed()
    target = targets[mark.student.school_id].get(mark.target.pk)
    if target is None:
        raise not_in_use()
    if mark.level is not None:
        check_level(mark.level, target)
    elif mark.kind != AssessmentKind.PRACTICE:
        raise MarkRefused("no_level", _("Choose a level first."))
    check_date(mark.performed_on, day + timedelta(days=1) if mark.made_offline else day)


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
    )


def _write(fresh: Mapping[int, tuple[NewMark, Assessment]], recorder: User) -> dict[int, Judgement]:
    """Append the rows with their judgements; what was judged meanwhile and not seen, by the mark's number."""
    if not fresh:
        return {}
    marks = [mark for mark, _row in fresh.values()]
    at = moment_after_all({mark.student.pk for mark in marks}, {mark.target.pk: mark.target for mark in marks}.values())
    conflicts = _find_conflicts({number: mark for number, (mark, _row) in fresh.items()}, recorder)
    judgements = []
    for later, (number, (mark, row)) in enumerate(fresh.items()):
        row.recorded_at = at + timedelta(microseconds=later)
        if mark.is_judged:
            unseen = conflicts.get(number)
            judgements.append(judge(row, JudgementKind.SET, unseen_id=unseen.pk if unseen else None))
    append([row for _mark, row in fresh.values()], judgements)
    return conflicts


def _find_conflicts(marks: Mapping[int, NewMark], recorder: User) -> dict[int, Judgement]:
    """No query where every mark says that all was seen."""
    blind = {number: mark for number, mark in marks.items() if mark.is_judged and mark.seen_at is not None}
    if not blind:
        return {}
    standing = judgements_in_force({mark.cell for mark in blind.values()})
    found = {number: standing.get(mark.cell) for number, mark in blind.items()}
    return {
        number: judgement
        for number, judgement in found.items()
        if judgement is not None and _is_unseen(judgement, marks[number], recorder)
    }


def _is_unseen(judgement: Judgement, mark: NewMark, recorder: User) -> bool:
    """Whether a colleague judged another level after the maker of the mark last looked."""
    by_colleague = judgement.judge_id not in {None, recorder.pk}
    is_other = judgement.level not in {None, mark.level}
    return by_colleague and is_other and mark.seen_at is not None and judgement.recorded_at > mark.seen_at
