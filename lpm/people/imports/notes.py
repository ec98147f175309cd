from __future__ import annotations

from collections import Counter

from django.utils.translation import ngettext

from lpm.lib.imports import ImportRefused, Problem

LISTED = 20  # problems of one kind, in one column
LISTED_WARNINGS = 3


class Notes:
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
