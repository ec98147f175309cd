"""What a CASE package says, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from curriculum.calculations.circles import Edge
from curriculum.imports.objects import ObjectRow
from curriculum.imports.reading import line
from lpm.lib.imports import Problem


@dataclass(frozen=True, slots=True)
class CaseDocument:
    identifier: str
    title: str
    creator: str
    version: str
    language: str
    notes: str
    case_version: str = "1.0"


@dataclass(frozen=True, slots=True)
class CaseItem:
    """``parent`` is another item, or None under the document; ``sequence`` orders it among its siblings."""

    identifier: str
    statement: str
    short: str
    type: str
    code: str
    enumeration: str
    notes: str
    language: str
    grades: tuple[str, ...]  # CEDS codes: "KG", "03"
    i_can: str
    domain: str = ""  # one of Domain; "" where the file does not say it
    parent: str | None = None
    sequence: int | None = None

    @property
    def name(self) -> str:
        """A few words by which a person finds the item in their file."""
        return self.code or shortened(self.statement)


@dataclass(frozen=True, slots=True)
class CaseLevel:
    score: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class CaseCriterion:
    item: str
    category: str
    levels: tuple[CaseLevel, ...]


@dataclass(frozen=True, slots=True)
class CasePackage:
    """A package without contradictions: the items are a forest, ``precedes`` has no circle.

    ``precedes`` holds (what comes before, what it opens). ``problems`` are warnings only. ``objects`` is all that was
    in the file, what nothing here has a use for included.
    """

    document: CaseDocument
    items: tuple[CaseItem, ...]
    precedes: tuple[Edge, ...]
    criteria: tuple[CaseCriterion, ...]
    problems: tuple[Problem, ...]
    objects: tuple[ObjectRow, ...] = field(compare=False, default=())


def shortened(words: str) -> str:
    one_line = line(words)
    return one_line if len(one_line) <= 60 else f"{one_line[:59].rstrip()}…"
