"""One student, one target: what the two logs say now. Pure; every screen, report and answer uses it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class JudgementRow:
    """A row of the judgement log, as far as calculations need it."""

    id: int
    kind: str
    level: Decimal | None
    recorded_at: datetime
    voids_id: int | None = None


@dataclass(frozen=True)
class Ways:
    """The method, its parameters and the scale in force."""

    scale: ScaleRange
    method: str = "decaying"
    parameters: dict[str, Decimal] = field(default_factory=dict)


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
    score_count: int = 0
    last_performed_on: date | None = None
    method: str = ""
    method_version: int = 0


def compute_state(scores: Iterable[ScoreRow], judgements: Iterable[JudgementRow], ways: Ways) -> State:
    """The state after all rows given, in any order. ``voids_id`` takes the row it names out of the count."""
    evidence = in_order(standing(scores))
    judgement = in_force(judgements)
    counted = [row for row in evidence if row.kind in COUNTED and row.level is not None]
    exact = (
        suggest_exactly(
            ways.method,
            [row.level for row in counted if row.level is not None],
            scale=ways.scale,
            **ways.parameters,
        )
        if counted
        else None
    )
    suggested = None if exact is None else ways.scale.nearest(exact)
    judged = judgement.level if judgement and judgement.kind in DECIDES_LEVEL else None
    status = _status(evidence, counted, judgement, suggested)
    level = (judged if judged is not None else suggested) if status == MasteryStatus.LEVEL else None
    return State(
        status=status,
        level=level,
        is_proficient=level is not None and level >= ways.scale.proficient,
        suggested_value=None if exact is None else round_half_away(exact, PLACES),
        suggested=suggested,
        judged=judged,
        judgement_id=judgement.id if judgement else None,
        is_flagged=_is_flagged(counted, judgement, judged, suggested, ways.scale),
        score_count=len(counted),
        last_performed_on=max((row.performed_on for row in counted), default=None),
        method=ways.method,
        method_version=METHODS[ways.method].version,
    )


def standing(rows: Iterable[Row]) -> list[Row]:
    """The rows that still count: neither voided nor mere voids."""
    rows = list(rows)
    voided = {row.voids_id for row in rows}
    return [row for row in rows if row.id not in voided and row.kind != "void"]


def in_order(rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Oldest first: by the day it was shown, then the moment it was recorded, then the row."""
    return sorted(rows, key=lambda row: (row.performed_on, row.recorded_at, row.id))


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
