"""Where what was shown counts after a curriculum changed. Pure: targets are any keys, rows stay where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from curriculum.enums import Carries
from students.mastery.calculations.state import JudgementRow, ScoreRow

Cell = tuple[int, int]  # student id, target id
Logs = tuple[list[ScoreRow], list[JudgementRow]]
CARRYING = frozenset({Carries.LEVELS, Carries.EVIDENCE})
WITH_LEVELS = frozenset({Carries.LEVELS})


@dataclass(frozen=True)
class Route:
    """One row of a crosswalk: what was shown on ``source`` counts on ``destination``, as far as it ``carries``."""

    source: int
    destination: int
    carries: str


class Routes:
    """Routes taken together: over several revisions, and each source once however many ways lead from it."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self.steps = tuple(routes)
        self._onward: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._back: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for route in self.steps:
            self._onward[route.source].append((route.destination, route.carries))
            self._back[route.destination].append((route.source, route.carries))
        self._known: dict[int, dict[int, Carries]] = {}

    @property
    def destinations(self) -> set[int]:
        return set(self._back)

    def onward(self, source: int) -> Mapping[int, Carries]:
        """Every target on which ``source`` counts, and what is carried there along the way that carries most.

        A way carries the least of its steps: levels where all of them do, else evidence, and nothing beyond a step
        that carries nothing. Targets in the middle are there too; ``source`` itself never is.
        """
        if source not in self._known:
            levels = _walk(self._onward, source, WITH_LEVELS)
            self._known[source] = {
                target: Carries.LEVELS if target in levels else Carries.EVIDENCE
                for target in _walk(self._onward, source, CARRYING)
            }
        return self._known[source]

    def with_sources(self, targets: Iterable[int], carrying: Collection[str] = CARRYING) -> set[int]:
        """The targets, and all whose evidence counts on one of them (WITH_LEVELS: whose judgements do)."""
        wanted = set(targets)
        return wanted.union(*(_walk(self._back, target, carrying) for target in wanted & self.destinations))


def _walk(steps: Mapping[int, list[tuple[int, str]]], begin: int, carrying: Collection[str]) -> set[int]:
    """Every target reached from ``begin`` by steps that carry so; ends in a circle too."""
    found: set[int] = set()
    ahead = [begin]
    while ahead:
        reached = {target for target, carries in steps.get(ahead.pop(), []) if carries in carrying}
        ahead += reached - found
        found |= reached
    return found - {begin}


def follow(rows: Mapping[Cell, Logs], routes: Routes, target_ids: Collection[int] | None = None) -> dict[Cell, Logs]:
    """What counts in each cell: its own rows, and those of the targets that lead there. ``rows`` is left as it is.

    Of ``target_ids`` only, if given. Order and voids need no care: both are read from the rows themselves.
    """
    counting: dict[Cell, Logs] = {}
    for (student, source), (scores, judgements) in rows.items():
        for target, carries in {source: Carries.LEVELS, **routes.onward(source)}.items():
            if target_ids is None or target in target_ids:
                cell = counting.setdefault((student, target), ([], []))
                cell[0].extend(scores)
                cell[1].extend(judgements if carries == Carries.LEVELS else [])
    return counting
