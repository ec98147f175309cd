"""When there is school: years, closures and weekdays of an organization and of those above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F

from lpm.people.models import Closure, Organization, PeopleSettings, SchoolYear, Term


@dataclass(frozen=True)
class Weekdays:
    """The days of a week with school (Monday is 0) that an organization ``height`` steps above set from a day on;
    None leaves it to the next one above."""

    height: int
    valid_from: date
    days: frozenset[int] | None


@dataclass(frozen=True)
class SchoolCalendar:
    """What decides about a day: (first, last) of school years and closures, and the weekdays, nearest first and
    newest first."""

    years: Sequence[tuple[date, date]] = ()
    closures: Sequence[tuple[date, date]] = ()
    weekdays: Sequence[Weekdays] = ()

    def days(self, first: date, last: date) -> list[date]:
        """The days with school from ``first`` to ``last``, both included."""
        spans = [(max(first, begin), min(last, end)) for begin, end in self.years]
        within = {day for begin, end in spans for day in each_day(begin, end)}
        closed = {day for begin, end in self.closures for day in each_day(max(first, begin), min(last, end))}
        return [day for day in sorted(within - closed) if day.weekday() in self.weekdays_on(day)]

    def weekdays_on(self, day: date) -> frozenset[int]:
        """Of each organization its newest word by ``day``; the nearest that says something decides."""
        asked: set[int] = set()
        for said in self.weekdays:
            if said.valid_from > day or said.height in asked:
                continue
            if said.days is not None:
                return said.days
            asked.add(said.height)
        return frozenset(PeopleSettings.DEFAULTS["weekdays"])


def each_day(first: date, last: date) -> list[date]:
    """Both included; none when ``last`` lies before ``first``."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def instructional_days(organization: Organization, first: date, last: date) -> list[date]:
    """The days with school of ``organization`` from ``first`` to ``last``, both included; in 3 queries.

    They lie in one of its school years, are no closure of it or of an organization above, and fall on its weekdays
    (Monday to Friday, unless settings say otherwise).
    """
    return calendar_of(organization).days(first, last)


def calendar_of(organization: Organization) -> SchoolCalendar:
    """In 3 queries, whatever is asked of it then."""
    return SchoolCalendar(
        years=[(year.starts_on, year.ends_on) for year in school_years(organization)],
        closures=[(closure.starts_on, closure.ends_on) for closure in closures(organization)],
        weekdays=_weekdays(organization),
    )


def school_years(organization: Organization) -> list[SchoolYear]:
    """The years that hold for ``organization``, newest first: each from the nearest at or above that has it."""
    rows = SchoolYear.objects.filter(organization__below__descendant=organization).select_related("organization")
    nearest: dict[int, SchoolYear] = {}
    for year in rows.order_by("organization__below__depth", "pk"):
        nearest.setdefault(year.ends_in, year)
    return sorted(nearest.values(), key=lambda year: year.ends_in, reverse=True)


def current_school_year(organization: Organization, day: date) -> SchoolYear | None:
    """The year in which ``day`` lies, the later one of two; None between years. One query."""
    return next((year for year in school_years(organization) if year.starts_on <= day <= year.ends_on), None)


def closures(organization: Organization) -> list[Closure]:
    """Those of ``organization`` and of the organizations above, in order."""
    rows = Closure.objects.filter(organization__below__descendant=organization).select_related("organization")
    return list(rows.order_by("starts_on", "ends_on", "pk"))


def terms(year: SchoolYear) -> list[Term]:
    return list(year.terms.order_by("starts_on", "-ends_on", "pk"))


def _weekdays(organization: Organization) -> list[Weekdays]:
    rows = PeopleSettings.objects.filter(organization__below__descendant=organization)
    found = rows.annotate(height=F("organization__below__depth")).order_by("height", "-valid_from")
    return [
        Weekdays(height, valid_from, None if days is None else frozenset(days))
        for height, valid_from, days in found.values_list("height", "valid_from", "weekdays")
    ]


# How a year looks


@dataclass(frozen=True)
class DrawnDay:
    """``state``: school, closed, weekend or outside (of the school year). ``notes`` say what begins, ends or is."""

    day: date
    state: str
    notes: tuple[str, ...]
    is_edge: bool  # a term or the year begins or ends
    is_today: bool


@dataclass(frozen=True)
class DrawnMonth:
    """``weeks`` from Monday to Sunday; None is a day of another month. ``count`` is of days with school."""

    first: date
    weeks: list[list[DrawnDay | None]]
    count: int


@dataclass(frozen=True)
class Edge:
    """On ``day`` something begins or ends, as ``words`` say."""

    day: date
    words: str


def draw_year(
    year: SchoolYear, calendar: SchoolCalendar, named: Sequence[Closure], edges: Sequence[Edge], today: date
) -> list[DrawnMonth]:
    """The months of ``year``, each day with what is to be said of it. No query."""
    pen = _Pen(year, calendar, named, edges, today)
    months = sorted({day.replace(day=1) for day in each_day(year.starts_on, year.ends_on)})
    return [pen.month(first) for first in months]


class _Pen:
    def __init__(
        self, year: SchoolYear, calendar: SchoolCalendar, named: Sequence[Closure], edges: Sequence[Edge], today: date
    ) -> None:
        self.year, self.today = year, today
        self.calendar = calendar
        self.school = set(calendar.days(year.starts_on, year.ends_on))
        self.closed: dict[date, list[str]] = {}
        for closure in named:
            for day in each_day(max(closure.starts_on, year.starts_on), min(closure.ends_on, year.ends_on)):
                self.closed.setdefault(day, []).append(closure.title)
        self.edges: dict[date, list[str]] = {}
        for edge in edges:
            self.edges.setdefault(edge.day, []).append(edge.words)

    def month(self, first: date) -> DrawnMonth:
        days = each_day(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        cells: list[DrawnDay | None] = [*([None] * first.weekday()), *map(self.day, days)]
        cells += [None] * (-len(cells) % 7)
        weeks = [cells[start : start + 7] for start in range(0, len(cells), 7)]
        return DrawnMonth(first, weeks, sum(day in self.school for day in days))

    def day(self, day: date) -> DrawnDay:
        notes = (*self.edges.get(day, ()), *self.closed.get(day, ()))
        return DrawnDay(day, self.state(day), notes, day in self.edges, day == self.today)

    def state(self, day: date) -> str:
        if not self.year.starts_on <= day <= self.year.ends_on:
            return "outside"
        if day in self.school:
            return "school"
        return "closed" if day in self.closed and day.weekday() in self.calendar.weekdays_on(day) else "weekend"
