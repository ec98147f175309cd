"""What one person did in a grid, sent together: marks, decisions and what was taken back, an answer for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from students.mastery.calculations import Cell, asks_why
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Judgement, MasteryState
from students.mastery.queries.grid import EMPTY_CELL, GridCell, look_of
from students.mastery.services.record import (
    Decided,
    Decision,
    MarkRefused,
    NewMark,
    Recorded,
    Undo,
    record_decisions,
    record_marks,
    undo_marks,
)
from students.mastery.services.record.append import judgement_uuid

MOST = 1000
MOST_TURNS = 20  # in one cell: more than anybody changes their mind


class Deed(StrEnum):
    """What somebody does in a cell."""

    MARK = "mark"  # evidence and level at once
    EVIDENCE = "evidence"
    PRACTICE = "practice"
    CONFIRM = "confirm"
    SET = "set"
    EXCUSE = "excuse"
    LIFT = "lift"
    UNDO = "undo"


MARKS = {Deed.MARK, Deed.EVIDENCE, Deed.PRACTICE}
DECISIONS = {
    Deed.CONFIRM: JudgementKind.CONFIRMED,
    Deed.SET: JudgementKind.SET,
    Deed.EXCUSE: JudgementKind.EXCUSED,
    Deed.LIFT: JudgementKind.LIFTED,
}


@dataclass(frozen=True)
class Item:
    """One thing done. ``mark`` is what an undo takes back; None is the newest of one's own of today in the cell."""

    uuid: UUID
    deed: Deed
    student: Student
    target: Target
    performed_on: date
    level: Decimal | None = None
    mark: UUID | None = None
    group: Group | None = None
    note: str = ""
    made_offline: bool = False
    seen_at: datetime | None = None
    accommodations: tuple[str, ...] = ()

    @property
    def cell(self) -> Cell:
        return self.student.pk, self.target.pk


@dataclass(frozen=True)
class Outcome:
    """What came of an item: ``refused``, or how the cell looks now.

    ``judgement`` is the judgement about which to ask why; ``conflict`` what a colleague judged meanwhile.
    """

    look: GridCell = EMPTY_CELL
    refused: MarkRefused | None = None
    judgement: UUID | None = None
    conflict: Judgement | None = None
    is_new: bool = True
    is_offered: bool = False
    is_undone: bool | None = None


@transaction.atomic
def record_batch(*, items: Sequence[Item], person: User, day: date, offers: bool = False) -> list[Outcome]:
    """Do all that can be done, in order; what is refused leaves the others be. At most MOST (ValueError beyond).

    ``offers``: the person is a substitute, whose marks wait for a teacher to accept them.

    The same number of queries for one and for all, as long as no cell has things of two kinds done to it;
    else for each turn from one kind to another in a cell. Beyond MOST_TURNS they are refused.
    """
    if len(items) > MOST:
        raise ValueError(f"at most {MOST} at once, not {len(items)}")
    outcomes: dict[int, Outcome] = {}
    parts = _parts(items)
    for part in parts[:MOST_TURNS]:
        outcomes |= _record(part, person, day, offers=offers)
    for part in parts[MOST_TURNS:]:
        outcomes |= {number: Outcome(refused=_too_many_turns()) for number in part}
    return [outcomes[number] for number in range(len(items))]


def _parts(items: Sequence[Item]) -> list[dict[int, Item]]:
    """In one part, no cell is in items of two kinds: kind by kind is then as good as in order. Nor is a cell twice in
    what is taken back: which is one's newest depends on what is gone. What is done to a cell keeps its order, and what
    takes a mark back comes after that mark; there are as many parts as turns in the one cell that has most.
    """
    parts: list[dict[int, Item]] = []
    turns: dict[Cell, tuple[int, str]] = {}
    made: dict[UUID, int] = {}
    for number, item in enumerate(items):
        kind = _kind(item)
        turn, before = turns.get(item.cell, (0, kind))
        if item.cell in turns and (before != kind or kind == "undo"):
            turn += 1
        if item.mark in made:
            turn = max(turn, made[item.mark] + 1)
        turns[item.cell], made[item.uuid] = (turn, kind), turn
        parts.extend({} for _missing in range(turn + 1 - len(parts)))
        parts[turn][number] = item
    return parts


def _too_many_turns() -> MarkRefused:
    sentence = _("Too much was done by turns to one level at once. Look at the level and enter it again.")
    return MarkRefused("too_many_turns", sentence)


def _kind(item: Item) -> str:
    if item.deed in MARKS:
        return "mark"
    return "undo" if item.deed == Deed.UNDO else "decision"


@dataclass
class _Part:
    marks: dict[int, Item] = field(default_factory=dict)
    decisions: dict[int, Item] = field(default_factory=dict)
    undos: dict[int, Item] = field(default_factory=dict)


def _record(items: Mapping[int, Item], person: User, day: date, *, offers: bool) -> dict[int, Outcome]:
    part = _Part()
    named = {"mark": part.marks, "decision": part.decisions, "undo": part.undos}
    for number, item in items.items():
        named[_kind(item)][number] = item
    outcomes = _mark(part.marks, person, day, offers=offers)
    return outcomes | _decide(part.decisions, person, day) | _undo(part.undos, person, day)


def _mark(items: Mapping[int, Item], person: User, day: date, *, offers: bool) -> dict[int, Outcome]:
    if not items:
        return {}
    marks = [_new_mark(item, is_offered=offers) for item in items.values()]
    answers = record_marks(marks=marks, recorder=person, day=day)
    return {number: _marked(item, answer) for (number, item), answer in zip(items.items(), answers, strict=True)}


def _new_mark(item: Item, *, is_offered: bool) -> NewMark:
    kind = AssessmentKind.PRACTICE if item.deed == Deed.PRACTICE else AssessmentKind.SCORE
    return NewMark(
        uuid=item.uuid,
        student=item.student,
        target=item.target,
        level=item.level,
        performed_on=item.performed_on,
        kind=AssessmentKind.OFFERED if is_offered else kind,
        judges=item.deed == Deed.MARK,
        group=item.group,
        comment=item.note,
        accommodations=item.accommodations,
        made_offline=item.made_offline,
        seen_at=item.seen_at,
    )


def _marked(item: Item, answer: Recorded | MarkRefused) -> Outcome:
    if isinstance(answer, MarkRefused):
        return Outcome(refused=answer)
    is_offered = answer.assessment.kind == AssessmentKind.OFFERED
    outcome = Outcome(look_of(answer.state), conflict=answer.conflict, is_new=answer.is_new, is_offered=is_offered)
    if is_offered or item.deed != Deed.MARK:
        return outcome
    return _asking(outcome, item, judgement_uuid(item.uuid))


def _asking(outcome: Outcome, item: Item, judgement: UUID) -> Outcome:
    proficient = item.target.topic.area.framework.scale.proficient
    asks = asks_why(item.level, outcome.look.suggested, proficient)
    return replace(outcome, judgement=judgement) if asks else outcome


def _decide(items: Mapping[int, Item], person: User, day: date) -> dict[int, Outcome]:
    if not items:
        return {}
    decisions = [
        Decision(item.uuid, item.student, item.target, DECISIONS[item.deed], item.level, item.note, item.seen_at)
        for item in items.values()
    ]
    answers = record_decisions(decisions=decisions, judge=person, day=day)
    return {number: _decided(item, answer) for (number, item), answer in zip(items.items(), answers, strict=True)}


def _decided(item: Item, answer: Decided | MarkRefused) -> Outcome:
    if isinstance(answer, MarkRefused):
        return Outcome(refused=answer)
    outcome = Outcome(look_of(answer.state), conflict=answer.conflict, is_new=answer.is_new)
    return _asking(outcome, item, item.uuid) if item.deed == Deed.SET else outcome


def _undo(items: Mapping[int, Item], person: User, day: date) -> dict[int, Outcome]:
    if not items:
        return {}
    undos = [Undo(item.uuid, item.mark, item.cell) for item in items.values()]
    answers = undo_marks(undos=undos, recorder=person, day=day)
    outcomes = {number: _undone(answer) for number, answer in zip(items, answers, strict=True)}
    nothing = {n: item for n, item in items.items() if item.mark is None and _is_missing(outcomes[n])}
    return outcomes | _unchanged(nothing, person, day)


def _undone(answer: Recorded | MarkRefused) -> Outcome:
    if isinstance(answer, MarkRefused):
        return Outcome(refused=answer)
    return Outcome(look_of(answer.state), is_new=answer.is_new, is_undone=True)


def _is_missing(outcome: Outcome) -> bool:
    return outcome.refused is not None and outcome.refused.code == "no_such_mark"


def _unchanged(items: Mapping[int, Item], person: User, day: date) -> dict[int, Outcome]:
    """Where there was nothing of one's own to take back, the cell as it is."""
    if not items:
        return {}
    cells = {item.cell for item in items.values()}
    states = MasteryState.objects.visible_to(person, Action.VIEW_STAFF_NOTES, day).filter(
        student__in={student for student, _target in cells}, target__in={target for _student, target in cells}
    )
    looks = {(state.student_id, state.target_id): look_of(state) for state in states}
    return {number: Outcome(look=looks.get(item.cell, EMPTY_CELL), is_undone=False) for number, item in items.items()}
