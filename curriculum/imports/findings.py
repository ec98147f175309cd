"""What is wrong or odd in one file, gathered so that a person hears of everything at once."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _

from lpm.lib.imports import ImportRefused, Problem

MOST_OF_A_KIND = 20


class Findings:
    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._seen: Counter[tuple[str, bool]] = Counter()

    def refuse(self, code: str, sentence: str) -> None:
        self._add(Problem(code, sentence))

    def warn(self, code: str, sentence: str) -> None:
        self._add(Problem(code, sentence, refuses=False))

    def _add(self, problem: Problem) -> None:
        kind = (problem.code, problem.refuses)
        self._seen[kind] += 1
        if self._seen[kind] <= MOST_OF_A_KIND:
            self._problems.append(problem)

    def problems(self) -> tuple[Problem, ...]:
        """Everything found, what refuses first; of each kind the first 20 and how many more there are."""
        more = [
            Problem(code, _("And %(count)d more like this.") % {"count": seen - MOST_OF_A_KIND}, refuses=refuses)
            for (code, refuses), seen in self._seen.items()
            if seen > MOST_OF_A_KIND
        ]
        return tuple(sorted([*self._problems, *more], key=lambda problem: not problem.refuses))

    def stop_if_refused(self) -> None:
        problems = self.problems()
        if any(problem.refuses for problem in problems):
            raise ImportRefused(*problems)


def refusal(code: str, sentence: str, line: int | None = None) -> ImportRefused:
    return ImportRefused(Problem(code, sentence, line=line))
