"""What every import reports, whatever the file: counts, and problems a person can mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Progress = Callable[[int], None]  # percent of the work done, 0 to 100


def no_progress(percent: int) -> None:
    """For callers that have nobody to tell."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or odd, in a file.

    ``code`` is for programs and stays the same; ``sentence`` is for the person and may be translated. ``line``
    counts from 1, the header included. A problem with ``refuses`` keeps the whole file from being applied.
    """

    code: str
    sentence: str
    file: str = ""
    line: int | None = None
    column: str = ""
    refuses: bool = True


@dataclass
class Counts:
    """Rows of one kind: to add, to change, unchanged, to end."""

    add: int = 0
    change: int = 0
    same: int = 0
    end: int = 0


@dataclass
class Report:
    """What an import would do, or did. ``title`` says what the file holds."""

    title: str = ""
    counts: dict[str, Counts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    applied: bool = False

    def count(self, kind: str) -> Counts:
        return self.counts.setdefault(kind, Counts())

    @property
    def is_refused(self) -> bool:
        return any(problem.refuses for problem in self.problems)

    @property
    def changes_anything(self) -> bool:
        return any(c.add or c.change or c.end for c in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "refused": self.is_refused}


class ImportRefused(Exception):
    """The file cannot be applied; nothing was. ``problems`` says why, at least one."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = list(problems)
