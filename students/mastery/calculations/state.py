"""One student, one target: what the two logs say now. Pure; every screen, report and answer uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from students.mastery.calculations.methods import (
    METHODS,
    PLACES,
    ScaleRange,
    round_half_away,
    suggest_exactly,
)
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus

COUNTED = {AssessmentKind.SCORE, AssessmentKind.IMPORTED}
Row = TypeVar("Row", "ScoreRow", "JudgementRow")

DECIDES_LEVEL = {JudgementKind.CONFIRMED, JudgementKind.SET, JudgementKind.AUTOMATIC}


@dataclass(frozen=True)
class ScoreRow:
    """A row of the assessment log, as far as calculations need it."""

    id: int
    kind: str
    level: Decimal | None
    performed_on: date
    recorded_at: datetime
    voids_id: int | None = None
    goal: Decimal | None = None  # the level that the activity aimed at


@dataclass(frozen=True)
class JudgementRow:
    """A row of the judgement log, as far as calculations need it."""

    id: int
    kind: str
    level: Decimal | None
    recorded_at: datetime
    voids_id: int | None = None
    unseen_id: int | None = None  # what a colleague had judged, not seen by whoever made this


@dataclass(frozen=True)
class Conversion:
    """The curriculum went over to another scale: levels recorded before ``at`` count as ``levels`` says."""

    at: datetime
    levels: Mapping[Decimal, Decimal]

    def of(self, level: Decimal) -> Decimal:
        """A level between two of the old scale counts as the nearest of them, the lower of two."""
        return self.levels[min(self.levels, key=lambda known: (abs(known - level), known))]


@dataclass(frozen=True)
class Ways:
    """The method, its parameters and the scale in force; how the scale became that one, oldest first.

    Without ``has_goal``, as in habits and reasoning, no level is proficient.
    """

    scale: ScaleRange
    method: str = "decaying"
    parameters: dict[str, Decimal] = field(default_factory=dict)
    conversions: tuple[Conversion, ...] = ()
    foundations_first: bool = False
    has_goal: bool = True


@dataclass(frozen=True)
class State:
    """What a ``MasteryState`` row holds; ``level`` is what is shown, compared and exported."""

    status: MasteryStatus
    level: Decimal | None = None
    is_proficient: bool = False
    suggested_value: Decimal | None = None
    suggested: Decimal | None = None
    judged: Decimal | None = None
    judgement_id: int | None = None
    is_flagged: bool = False
    is_automatic: bool = False
    is_contested: bool = False
    newest: Decimal | None = None
    score_count: int = 0
    last_performed_on: date | None = None
    changed_at: datetime | None = None
    method: str = ""
    method_version: int = 0


def compute_state(scores: Iterable[ScoreRow], judgements: Iterable[JudgementRow], ways: Ways) -> State:
    """The state after all rows given, in any order. ``voids_id`` takes the row it names out of the count."""
    scores, judgements = list(scores), list(judgements)
    evidence = in_order(converted(standing(scores), ways), ways)
    judgement = in_force(converted(judgements, ways))
    counted = counted_of(evidence)
    exact = suggest_exactly(ways.method, levels_of(counted), scale=ways.scale, **ways.parameters) if counted else None
    suggested = None if exact is None else ways.scale.nearest(exact)
    judged = judgement.level if judgement and judgement.kind in DECIDES_LEVEL else None
    status = _status(evidence, counted, judgement, suggested)
    level = (judged if judged is not None else suggested) if status == MasteryStatus.LEVEL else None
    return State(
        status=status,
        level=level,
        is_proficient=ways.has_goal and level is not None and level >= ways.scale.proficient,
        suggested_value=None if exact is None else round_half_away(exact, PLACES),
        suggested=suggested,
        judged=judged,
        judgement_id=judgement.id if judgement else None,
        is_flagged=_is_flagged(counted, judgement, judged, suggested, ways.scale),
        is_automatic=judged is not None and judgement is not None and judgement.kind == JudgementKind.AUTOMATIC,
        is_contested=judged is not None and judgement is not None and judgement.unseen_id is not None,
        newest=counted[-1].level if counted else None,
        score_count=len(counted),
        last_performed_on=max((row.performed_on for row in counted), default=None),
        changed_at=max([*(row.recorded_at for row in scores), *(row.recorded_at for row in judgements)], default=None),
        method=ways.method,
        method_version=METHODS[ways.method].version,
    )


def rests_on_agreement(scores: Iterable[ScoreRow], state: State, ways: Ways) -> bool:
    """Whether the two newest scores are both what is suggested, and no teacher has judged: only then may a suggestion
    become the level by itself. One that became it before gives way to a new one."""
    if state.suggested is None or (state.judged is not None and not state.is_automatic):
        return False
    newest = counted_of(in_order(converted(standing(scores), ways), ways))[-2:]
    is_new = state.judged != state.suggested and state.status == MasteryStatus.LEVEL
    return is_new and len(newest) == 2 and all(row.level == state.suggested for row in newest)


def was_lifted(scores: Iterable[ScoreRow], judgements: Iterable[JudgementRow]) -> bool:
    """Whether a teacher took back what had become the level by itself, and there was no new work since."""
    rows = sorted(standing(judgements), key=lambda row: (row.recorded_at, row.id))
    lifted: JudgementRow | None = None
    while rows and rows[-1].kind == JudgementKind.LIFTED:
        lifted = rows.pop()
    if lifted is None or not rows or rows[-1].kind != JudgementKind.AUTOMATIC:
        return False
    return all(row.recorded_at < lifted.recorded_at for row in counted_of(standing(scores)))


def counted_of(evidence: Iterable[ScoreRow]) -> list[ScoreRow]:
    """What a method computes with: no practice, no student's own word, nothing that waits to be accepted."""
    return [row for row in evidence if row.kind in COUNTED and row.level is not None]


def levels_of(rows: Iterable[ScoreRow]) -> list[Decimal]:
    return [row.level for row in rows if row.level is not None]


def converted(rows: Iterable[Row], ways: Ways) -> list[Row]:
    """The rows with their levels on the scale in force."""
    if not ways.conversions:
        return list(rows)
    return [_converted(row, ways.conversions) for row in rows]


def _converted(row: Row, conversions: Sequence[Conversion]) -> Row:
    later = [conversion for conversion in conversions if row.recorded_at < conversion.at]
    if isinstance(row, JudgementRow):
        return replace(row, level=_through(row.level, later))
    return replace(row, level=_through(row.level, later), goal=_through(row.goal, later))


def _through(level: Decimal | None, conversions: Iterable[Conversion]) -> Decimal | None:
    for conversion in conversions:
        level = None if level is None else conversion.of(level)
    return level


def standing(rows: Iterable[Row]) -> list[Row]:
    """The rows that still count: neither voided nor mere voids."""
    rows = list(rows)
    voided = {row.voids_id for row in rows}
    return [row for row in rows if row.id not in voided and row.kind != "void"]


def in_order(rows: Iterable[ScoreRow], ways: Ways) -> list[ScoreRow]:
    """Oldest first: by the day it was shown, then the moment it was recorded, then the row.

    Where the district asks for it, work on foundations comes before all else: going back for them is no step back.
    """
    return sorted(rows, key=lambda row: (not _is_foundation(row, ways), row.performed_on, row.recorded_at, row.id))


def _is_foundation(row: ScoreRow, ways: Ways) -> bool:
    return ways.foundations_first and row.goal is not None and row.goal < ways.scale.proficient


def in_force(judgements: Iterable[JudgementRow]) -> JudgementRow | None:
    """The newest judgement that stands; None when there is none or it was lifted."""
    newest = max(standing(judgements), key=lambda row: (row.recorded_at, row.id), default=None)
    return None if newest is None or newest.kind == JudgementKind.LIFTED else newest


def _status(
    evidence: Sequence[ScoreRow],
    counted: Sequence[ScoreRow],
    judgement: JudgementRow | None,
    suggested: Decimal | None,
) -> MasteryStatus:
    if judgement and judgement.kind == JudgementKind.EXCUSED:
        return MasteryStatus.EXCUSED
    if judgement and judgement.kind == JudgementKind.ASSUMED and not counted:
        return MasteryStatus.ASSUMED  # ordinary again at the first evidence
    if suggested is not None or (judgement and judgement.kind in DECIDES_LEVEL):
        return MasteryStatus.LEVEL
    if counted:
        return MasteryStatus.INSUFFICIENT
    return MasteryStatus.NO_EVIDENCE if evidence else MasteryStatus.NOT_STARTED


def _is_flagged(
    counted: Sequence[ScoreRow],
    judgement: JudgementRow | None,
    judged: Decimal | None,
    suggested: Decimal | None,
    scale: ScaleRange,
) -> bool:
    """New evidence since the judgement, and what all evidence suggests differs from it by a step or more."""
    if judgement is None or judged is None or suggested is None:
        return False
    is_new = any(row.recorded_at > judgement.recorded_at for row in counted)
    return is_new and abs(suggested - judged) >= scale.step
