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


LISTED = 20  # problems of one kind, in one column
LISTED_WARNINGS = 3


class Findings:
    """The problems found so far; of those alike in one column, the first few and how many more there are."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._alike: Counter[tuple[str, str, str, bool]] = Counter()

    def refuse(self, code: str, sentence: str, file: str = "", line: int | None = None, column: str = "") -> None:
        self.add(Problem(code, sentence, file=file, line=line, column=column))

    def warn(self, code: str, sentence: str, file: str = "", line: int | None = None, column: str = "") -> None:
        self.add(Problem(code, sentence, file=file, line=line, column=column, refuses=False))

    def add(self, problem: Problem) -> None:
        kind = (problem.code, problem.file, problem.column, problem.refuses)
        self._alike[kind] += 1
        if self._alike[kind] <= _listed(problem.refuses):
            self._problems.append(problem)

    @property
    def are_refusing(self) -> bool:
        return any(problem.refuses for problem in self._problems)

    def listed(self) -> list[Problem]:
        """Those that refuse first, in the order in which they were found."""
        problems = self._problems + [
            Problem(code, _more(count - _listed(refuses)), file=file, column=column, refuses=refuses)
            for (code, file, column, refuses), count in self._alike.items()
            if count > _listed(refuses)
        ]
        return sorted(problems, key=lambda problem: not problem.refuses)

    def stop_if_refusing(self) -> None:
        """Raises ImportRefused with everything found so far."""
        if self.are_refusing:
            raise ImportRefused(*self.listed())


def _listed(refuses: bool) -> int:
    return LISTED if refuses else LISTED_WARNINGS


def _more(count: int) -> str:
    return ngettext("There is {count} more row like this.", "There are {count} more rows like this.", count).format(
        count=count
    )


def refusal(code: str, sentence: str, line: int | None = None) -> ImportRefused:
    return ImportRefused(Problem(code, sentence, line=line))
