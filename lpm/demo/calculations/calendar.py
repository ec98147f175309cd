"""School years around any day: when there is school, and when not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

LONG = 41  # weeks of a year before its last one
BETWEEN = 364  # days from the beginning of a year to that of the next
SETTLED, LATE = 28, 270  # from this day of a year to this one it is a year like any other to look at
SHIFTED = 77  # else the year is moved, so that the day is this far into it


@dataclass(frozen=True)
class Holiday:
    """Days without school, both included."""

    title: str
    first: date
    last: date


@dataclass(frozen=True)
class Year:
    """``back`` is 0 for the year that is under way, 1 for the one before. It begins on a Monday, ends on a Friday."""

    back: int
    starts_on: date
    snow: tuple[date, ...] = ()

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(weeks=LONG, days=4)

    @property
    def middle(self) -> date:
        """The first day of the second semester."""
        return self.starts_on + timedelta(weeks=21)

    @property
    def title(self) -> str:
        return f"{self.starts_on.year}–{self.ends_on.year % 100:02}"

    @cached_property
    def holidays(self) -> tuple[Holiday, ...]:
        found = [
            self._holiday("Long weekend", 1, 0, 1, 0),
            self._holiday("Long weekend", 6, 0, 6, 0),
            self._holiday("Autumn break", 12, 2, 12, 4),
            self._holiday("Winter break", 16, 2, 18, 2),
            self._holiday("Long weekend", 20, 0, 20, 0),
            self._holiday("February break", 24, 0, 24, 4),
            self._holiday("Spring break", 33, 0, 33, 4),
            self._holiday("Long weekend", 39, 0, 39, 0),
            *(Holiday("Snow day", day, day) for day in self.snow),
        ]
        return tuple(sorted(found, key=lambda one: one.first))

    def _holiday(self, title: str, week: int, weekday: int, last_week: int, last_weekday: int) -> Holiday:
        return Holiday(title, self.day_of(week, weekday), self.day_of(last_week, last_weekday))

    def day_of(self, week: int, weekday: int = 0) -> date:
        return self.starts_on + timedelta(weeks=week, days=weekday)

    def weeks(self, until: date) -> list[tuple[int, list[date]]]:
        """The number of each week that has school before ``until``, and the days with school in it."""
        closed = {
            one.first + timedelta(days=n) for one in self.holidays for n in range((one.last - one.first).days + 1)
        }
        found = []
        for week in range(LONG + 1):
            days = [self.day_of(week, weekday) for weekday in range(5)]
            if open_days := [day for day in days if day not in closed and day < until]:
                found.append((week, open_days))
        return found


def school_years(day: date, count: int, seed: str) -> list[Year]:
    """``count`` years, the earliest first; ``day`` lies in the last of them, some weeks after it began."""
    first = _first_day(day, count)
    return [_year(first - timedelta(days=BETWEEN * back), back, seed) for back in reversed(range(count))]


def _first_day(day: date, count: int) -> date:
    """Late in August of the year under way, unless the day would lie in the summer, or too near to it."""
    natural = max(start for year in (day.year - 1, day.year) if (start := _late_august(year)) <= day)
    if SETTLED <= (day - natural).days <= LATE:
        return natural
    moved = day - timedelta(days=SHIFTED + day.weekday())
    while len(_end_years(moved, count)) < count:  # a year is known by the one in which it ends
        moved -= timedelta(days=7)
    return moved


def _end_years(starts_on: date, count: int) -> set[int]:
    return {Year(back, starts_on - timedelta(days=BETWEEN * back)).ends_on.year for back in range(count)}


def _late_august(year: int) -> date:
    """The Monday from August 26 to September 1."""
    latest = date(year, 9, 1)
    return latest - timedelta(days=latest.weekday())


def _year(starts_on: date, back: int, seed: str) -> Year:
    random = Random(f"{seed} snow {back}")  # noqa: S311 (made-up weather)
    weeks = random.sample([21, 22, 23, 25, 26, 27], 2)
    snow = [starts_on + timedelta(weeks=week, days=random.choice([1, 2, 3])) for week in weeks]
    return Year(back, starts_on, tuple(snow))
