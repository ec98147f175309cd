"""Which counts may be shown, so that nothing shown, and nothing worked out from it, tells of a few students.

The rules, after NCES 2011-603 (Statistical Methods for Protecting Personally Identifiable Information in Aggregate
Reporting), IES 2017-147 (Best Practices for Determining Subgroup Size), and the bands in which EDFacts publishes the
results of schools:

1. A group of fewer than LEAST students is hidden, at every place.
2. A school with fewer students is hidden whole. So are so many others that of no hidden one it is certain that it has
   fewer than LEAST.
3. So many other groups are hidden (complementary suppression) that of no hidden group of a school or a district it can
   be worked out that it has fewer than LEAST: neither from the totals of schools, nor from those of groups over all
   schools, nor from both together. The proof is a table that looks the same in all that is shown, and in which the
   group has LEAST students or more; ``hide`` hides what that table needs. Where a whole school or district has too
   few students for such a table, each hidden group may have as many as there are.
4. How many of a group did something is never told as a number. It is a band of shares with room for ROOM students,
   or a fourth of a group that is smaller than four times that. So 0 % and 100 % are never told either. EDFacts leaves
   room for three (20 % from 16 students on, 10 from 31, 5 from 61, 1 from 301); at no size is a band here narrower
   than the ends that NCES 2011-603 asks for (20 % of 10 to 20 students, 10 to 40, 5 to 100, 2 to 300, 1 above).
   ROOM is half of LEAST: taking bands from each other leaves the room of both, which is LEAST or more (three fourths
   of it where one band is that of a group of fewer than twenty). So of a rest of a few students it stays open that
   all of them did something, or that none did, unless all numbers lie at the very ends of their bands.

The hidden groups of a school or a district may be told as one, where nobody is in two of them and they are LEAST or
more together: how many they are follows from the total, and what they did is a band like any other.

What somebody knows who sees all that: the totals, all bands, and which groups have nobody at a school at all, for
they are assumed to be known (a school without grade 11 is no secret).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

LEAST = 10
ROOM = LEAST // 2  # students
K = TypeVar("K", bound=Hashable)
STEPS = (1, 2, 4, 5, 10, 20, 25)  # percent of a band; none is more than twice as wide as the one before
Counts = Mapping[int, Mapping[str, int]]  # school → group → students; nobody is in two groups
IN, OUT = "in", "out"


@dataclass(frozen=True)
class Hidden:
    """``schools`` are hidden whole, ``groups`` everywhere; ``cells`` (school, group) at that school alone."""

    schools: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()
    cells: frozenset[tuple[int, str]] = frozenset()

    def hides(self, school: int, group: str) -> bool:
        return school in self.schools or group in self.groups or (school, group) in self.cells


@dataclass(frozen=True)
class Band:
    """A share lies between ``low`` and ``high`` percent."""

    low: int
    high: int


def band_of(count: int, total: int) -> Band:
    """The band in which ``count`` of ``total`` lies; 100 % is in the highest. ``total`` is at least 1."""
    step = next((step for step in STEPS if step * total >= 100 * ROOM), STEPS[-1])
    low = min(100 * count // (total * step) * step, 100 - step)
    return Band(low, low + step)


def hide(counts: Counts) -> Hidden:
    """What is hidden of a district, of which ``counts`` are all students, each once. Cells of 0 may be left out."""
    table = {school: {group: n for group, n in row.items() if n} for school, row in counts.items()}
    table = {school: row for school, row in table.items() if row}
    schools = hide_line({school: sum(row.values()) for school, row in table.items()})
    rows = _lines([school for school in table if school not in schools], schools)
    totals = _totals(table)
    forced: frozenset[str] = frozenset()
    while True:
        groups = hide_line(totals, forced)
        plan = _Plan(table, rows, _lines([group for group in totals if group not in groups], groups))
        if not (missing := plan.cover()):
            return Hidden(schools, groups, plan.hidden_cells())
        forced |= missing


def hide_members(counts: Counts, sizes: Mapping[int, int]) -> dict[str, Hidden]:
    """As ``hide``, where somebody may be in several groups or in none: each group beside all who are not in it.

    ``sizes`` are all students of a school. A group is hidden too where those outside it are few.
    """
    groups = sorted({group for row in counts.values() for group, n in row.items() if n})
    return {group: _hide_group(group, counts, sizes) for group in groups}


def _hide_group(group: str, counts: Counts, sizes: Mapping[int, int]) -> Hidden:
    inside = {school: counts.get(school, {}).get(group, 0) for school in sizes}
    found = hide({school: {IN: inside[school], OUT: size - inside[school]} for school, size in sizes.items()})
    everywhere = frozenset({group} if found.groups else ())
    return Hidden(found.schools, everywhere, frozenset((school, group) for school, _side in found.cells))


def hide_line(sizes: Mapping[K, int], forced: Collection[K] = ()) -> frozenset[K]:
    """What is hidden of parts whose total is known: those that are few, ``forced``, and the smallest others until none
    of the few is certain to be few."""
    parts = {key: size for key, size in sizes.items() if size}
    hidden = {key for key, size in parts.items() if size < LEAST or key in forced}
    others = sorted((key for key in parts if key not in hidden), key=lambda key: (parts[key], str(key)), reverse=True)
    most = _most_of(sum(parts.values()), len(parts))
    while hidden and others and _is_weak([parts[key] for key in hidden], most):
        hidden.add(others.pop())
    return frozenset(hidden)


def _most_of(total: int, parts: int) -> int:
    """What one of ``parts``, none of which is empty, can have at most; as far as it matters."""
    return min(LEAST, total - parts + 1)


def _is_weak(members: Collection[int], most: int) -> bool:
    """Whether, of parts whose sum is known, one that is few is certain to be few."""
    return bool(members) and min(members) < LEAST and _most_in(members) < most


def _most_in(members: Collection[int]) -> int:
    return sum(members) - len(members) + 1


def _lines(shown: Iterable[K], hidden: Collection[K]) -> list[tuple[K, ...]]:
    """One line for each that is shown, and one for all that are hidden: their sum can be worked out."""
    together = tuple(sorted(hidden, key=str))
    return [*((one,) for one in sorted(shown, key=str)), *([together] if together else [])]


def _totals(table: Counts) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in table.values():
        for group, n in row.items():
            totals[group] = totals.get(group, 0) + n
    return totals


Place = tuple[int, int]  # row and column of a plan


class _Plan:
    """A table of which the totals of all rows and columns are known; what is hidden together is one row or column."""

    def __init__(self, table: Counts, rows: list[tuple[int, ...]], columns: list[tuple[str, ...]]) -> None:
        self.table, self.rows, self.columns = table, rows, columns
        self.members: dict[Place, list[int]] = {
            (r, c): found
            for (r, row), (c, column) in product(enumerate(rows), enumerate(columns))
            if (found := [table[one][group] for one in row for group in column if group in table[one]])
        }
        self.across: dict[int, list[int]] = {}
        self.down: dict[int, list[int]] = {}
        for r, c in self.members:
            self.across.setdefault(r, []).append(c)
            self.down.setdefault(c, []).append(r)
        self.hidden: set[Place] = set()

    def free(self, r: int, c: int) -> int:
        """How many students can be taken away from the cell, with somebody left in each part."""
        members = self.members.get((r, c), ())
        return sum(members) - len(members)

    def lacks(self, r: int, c: int) -> int:
        """How many students more the cell needs in a table that looks the same; 0 where it tells of nobody."""
        members = self.members[r, c]
        row = [n for other in self.across[r] for n in self.members[r, other]]
        most = _most_of(sum(row), len(row))
        return max(most - _most_in(members), 0) if _is_weak(members, most) else 0

    def cover(self) -> frozenset[str]:
        """Hide what is weak, with three cells that make up for it; returns the groups to hide everywhere instead."""
        weak = {place: lack for place in sorted(self.members) if (lack := self.lacks(*place))}
        self.hidden |= weak.keys()
        for place, lack in weak.items():
            corners = self._corners(*place, lack)
            if not corners:
                return self._beside(*place)
            self.hidden |= corners
        return frozenset()

    def _corners(self, r: int, c: int, lack: int) -> set[Place]:
        """Of the other three cells of a rectangle, those that hide the fewest students more: between the four,
        ``lack`` students can go round, and no total changes."""
        fits = [
            {(r, across), (down, c), (down, across)}
            for across, down in product(self.across[r], self.down[c])
            if across != c and down != r and (down, across) in self.members
            if self.free(r, across) >= lack <= self.free(down, c)
        ]
        return min(fits, key=self._cost, default=set())

    def _cost(self, places: set[Place]) -> tuple[int, list[Place]]:
        return sum(sum(self.members[place]) for place in places - self.hidden), sorted(places)

    def _beside(self, r: int, c: int) -> frozenset[str]:
        """The groups of the cell, and of the one beside it that has the fewest students but can make up for it."""
        lack = self.lacks(r, c)
        others = [other for other in self.across[r] if other != c]
        beside = min(others, key=lambda other: (self.free(r, other) < lack, sum(self.members[r, other]), other))
        columns = {*self.columns[c], *self.columns[beside]}
        return frozenset(group for group in columns if any(group in self.table[school] for school in self.rows[r]))

    def hidden_cells(self) -> frozenset[tuple[int, str]]:
        """Of the schools and groups that are shown."""
        places = [(self.rows[r], self.columns[c]) for r, c in self.hidden]
        return frozenset((row[0], column[0]) for row, column in places if len(row) == 1 and len(column) == 1)
