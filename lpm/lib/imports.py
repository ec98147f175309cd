"""What every import reports, whatever the file: counts, and problems a person can mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import ngettext

Progress = Callable[[int], None]  # percent of the work done, 0 to 100


def no_progress(percent: int) -> None:
    """For callers that have nobody to tell."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or odd, in a file.

    ``code`` is for programs and stays the same; ``sentence`` is for the person and may be translated. ``line``
    counts from 1, the header included. A problem with ``refuses`` keeps the whole file from being applied; one with
    ``leaves_out`` keeps its row out, and the rest is applied.
    """

    code: str
    sentence: str
    file: str = ""
    line: int | None = None
    column: str = ""
    refuses: bool = True
    leaves_out: bool = False


@dataclass
class Counts:
    """Rows of one kind: to add, to change, unchanged, to end."""

    add: int = 0
    change: int = 0
    same: int = 0
    end: int = 0


@dataclass
class Report:
    """What an import would do, or did. ``title`` says what the file holds.

    ``left_out`` are the problems of every row that is left out, those beyond MOST_LEFT_OUT excepted; ``problems`` has
    the first of each kind. ``asks`` is what a person has to agree to first: kind → how many would end, of how many.
    """

    title: str = ""
    counts: dict[str, Counts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    asks: dict[str, tuple[int, int]] = field(default_factory=dict)
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


LISTED = 20  # problems of one kind, in one column
LISTED_WARNINGS = 3
MOST_LEFT_OUT = 5000
Alike = tuple[str, str, str, bool, bool]


class Findings:
    """The problems found so far; of those alike in one column, the first few and how many more there are."""

    def __init__(self) -> None:
        self.left_out: list[Problem] = []
        self._problems: list[Problem] = []
        self._alike: Counter[Alike] = Counter()

    def refuse(self, code: str, sentence: str, file: str = "", line: int | None = None, column: str = "") -> None:
        self.add(Problem(code, sentence, file=file, line=line, column=column))

    def leave_out(self, code: str, sentence: str, file: str, line: int | None, column: str = "") -> None:
        self.add(Problem(code, sentence, file=file, line=line, column=column, refuses=False, leaves_out=True))

    def warn(self, code: str, sentence: str, file: str = "", line: int | None = None, column: str = "") -> None:
        self.add(Problem(code, sentence, file=file, line=line, column=column, refuses=False))

    def add(self, problem: Problem) -> None:
        kind = (problem.code, problem.file, problem.column, problem.refuses, problem.leaves_out)
        self._alike[kind] += 1
        if self._alike[kind] <= _listed(kind):
            self._problems.append(problem)
        if problem.leaves_out and len(self.left_out) < MOST_LEFT_OUT:
            self.left_out.append(problem)

    @property
    def are_refusing(self) -> bool:
        return any(problem.refuses for problem in self._problems)

    def listed(self) -> list[Problem]:
        """Those that refuse first, then those that leave a row out, in the order in which they were found."""
        problems = self._problems + [_more(kind, n) for kind, n in self._alike.items() if n > _listed(kind)]
        return sorted(problems, key=lambda problem: (not problem.refuses, not problem.leaves_out))

    def stop_if_refusing(self) -> None:
        """Raises ImportRefused with everything found so far."""
        if self.are_refusing:
            raise ImportRefused(*self.listed())


def _listed(kind: Alike) -> int:
    *_rest, refuses, leaves_out = kind
    return LISTED if refuses or leaves_out else LISTED_WARNINGS


def _more(kind: Alike, count: int) -> Problem:
    code, file, column, refuses, leaves_out = kind
    more = count - _listed(kind)
    sentence = ngettext("There is {count} more row like this.", "There are {count} more rows like this.", more)
    sentence = sentence.format(count=more)
    return Problem(code, sentence, file=file, column=column, refuses=refuses, leaves_out=leaves_out)


def refusal(code: str, sentence: str, line: int | None = None) -> ImportRefused:
    return ImportRefused(Problem(code, sentence, line=line))
