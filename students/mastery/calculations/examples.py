"""Five example students, for seeing what a method would make of them before it is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from students.mastery.calculations.methods import METHODS, PLACES, ScaleRange, Value, prepare, round_half_away

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class ExampleStudent:
    """``heights`` are scores, oldest first, on any scale: 0 its lowest level, 1 proficient, 2 its highest."""

    name: _StrPromise
    heights: tuple[Decimal, ...]

    def scores(self, scale: ScaleRange) -> list[Decimal]:
        """Levels of the scale, oldest first."""
        return [scale.nearest(_level_at(height, scale)) for height in self.heights]


def _level_at(height: Decimal, scale: ScaleRange) -> Decimal:
    if height <= 1:
        return scale.low + height * (scale.proficient - scale.low)
    return scale.proficient + (height - 1) * (scale.high - scale.proficient)


def _example(name: _StrPromise, *heights: str) -> ExampleStudent:
    return ExampleStudent(name, tuple(Decimal(height) for height in heights))


EXAMPLES = (
    _example(_("A steady climb"), "0.3", "0.5", "0.7", "0.85", "1"),
    _example(_("A late jump"), "0.3", "0.3", "0.4", "1", "1.5"),
    _example(_("A setback"), "0.7", "1", "1.5", "0.7"),
    _example(_("One piece only"), "1"),
    _example(_("Up and down"), "1", "0.4", "1.5", "0.6", "1"),
)


@dataclass(frozen=True)
class Candidate:
    """A method with the parameters it would have; those left out by default."""

    method: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """``value`` to two places, and the ``level`` that would be shown."""

    value: Decimal
    level: Decimal
    is_proficient: bool


@dataclass(frozen=True)
class CandidateRow:
    """What a candidate makes of each of ``EXAMPLES``, in their order; None is "not enough yet"."""

    candidate: Candidate
    made: tuple[Made | None, ...]


def try_methods(scale: ScaleRange, candidates: Iterable[Candidate] | None = None) -> list[CandidateRow]:
    """A row for each candidate (None: every method as it comes), in the order given.

    Raises ValueError for a method or parameters that there are not.
    """
    candidates = [Candidate(name) for name in METHODS] if candidates is None else candidates
    return [CandidateRow(candidate, _made_of_each(candidate, scale)) for candidate in candidates]


def _made_of_each(candidate: Candidate, scale: ScaleRange) -> tuple[Made | None, ...]:
    calculate = prepare(candidate.method, scale, **candidate.parameters)
    return tuple(_made(calculate(example.scores(scale)), scale) for example in EXAMPLES)


def _made(value: Decimal | None, scale: ScaleRange) -> Made | None:
    if value is None:
        return None
    level = scale.nearest(value)
    return Made(round_half_away(value, PLACES), level, level >= scale.proficient)
