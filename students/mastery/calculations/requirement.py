"""Targets with several parts: shown when each part was shown often enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from students.mastery.calculations.methods import ScaleRange, check_scores


@dataclass(frozen=True)
class Part:
    """A target that is a part of another: its evidence scores, and how many of them must be at the level."""

    target_id: int
    scores: Sequence[Decimal]
    needed: int = 1


@dataclass(frozen=True)
class Missing:
    """``count`` more scores at the level, on this part."""

    target_id: int
    count: int


@dataclass(frozen=True)
class Requirement:
    """``missing`` names the parts still to be shown, in their order."""

    level: Decimal
    part_count: int
    missing: tuple[Missing, ...]

    @property
    def is_met(self) -> bool:
        return not self.missing

    @property
    def met_count(self) -> int:
        """How many of the parts are shown."""
        return self.part_count - len(self.missing)


def evidence_requirement(parts: Iterable[Part], *, scale: ScaleRange, level: Decimal | None = None) -> Requirement:
    """Met when each part has its number of scores at ``level`` (None: proficient) or above.

    Scores of one part never stand for another. Raises ValueError for no parts at all, a part that needs no score, a
    level that is not on the scale, or a score outside it.
    """
    parts, level = list(parts), scale.proficient if level is None else level
    if not parts:
        raise ValueError("without parts nothing is required, so nothing can be met")
    if not scale.holds(level):
        raise ValueError(f"level must be a level of the scale, not {level}")
    counts = [(part.target_id, _still_needed(part, scale, level)) for part in parts]
    return Requirement(level, len(parts), tuple(Missing(part, count) for part, count in counts if count))


def _still_needed(part: Part, scale: ScaleRange, level: Decimal) -> int:
    if part.needed < 1:
        raise ValueError(f"a part needs at least 1 score, not {part.needed}")
    check_scores(part.scores, scale.low, scale.high)
    return max(0, part.needed - sum(score >= level for score in part.scores))
