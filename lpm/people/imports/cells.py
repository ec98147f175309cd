"""The cells of one row, as what they mean. What a cell holds is never repeated in a sentence: it may be a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal, TypeVar

from django.utils.translation import gettext as _

from lpm.lib.csv import Row
from lpm.lib.imports import Findings
from lpm.people.imports.columns import DATES, LISTS

T = TypeVar("T")
Order = Literal["dmy", "mdy"]  # how a column writes its dates
YEARS = range(1900, 2200)
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
LONGEST_NAME = 200
ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ].*)?")
SLASHED = re.compile(r"(\d\d?)[/.](\d\d?)[/.](\d{4})")
NO_ORDERS: Mapping[str, Order] = {}


class Cells:
    """A row is left out as soon as one of its cells is refused; the rest of it is read for what else is wrong."""

    __slots__ = ("file", "is_left_out", "notes", "orders", "row")

    def __init__(self, row: Row, file: str, notes: Findings, orders: Mapping[str, Order] = NO_ORDERS) -> None:
        self.row = row
        self.file = file
        self.notes = notes
        self.orders = orders
        self.is_left_out = False

    def __contains__(self, column: str) -> bool:
        return column in self.row.cells

    def __getitem__(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def refuse(self, code: str, sentence: str, column: str = "") -> None:
        self.is_left_out = True
        self.notes.leave_out(code, sentence, self.file, self.row.line, column)

    def warn(self, code: str, sentence: str, column: str = "") -> None:
        self.notes.warn(code, sentence, self.file, self.row.line, column)

    def text(self, column: str, longest: int = LONGEST_NAME) -> str:
        if len(self[column]) > longest:
            sentence = _("The cell holds more than {limit} characters.").format(limit=longest)
            self.refuse("value_too_long", sentence, column)
        return self[column]

    def items(self, column: str) -> tuple[str, ...]:
        """The items of a list, each once; the cell itself where the column is not one."""
        cell = self[column]
        if column not in LISTS or "," not in cell:
            return (cell,) if cell else ()
        parts: Iterable[str] = cell.split(",")
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))

    def word(self, column: str, meanings: Mapping[str, T]) -> T | None:
        """What the word means, ignoring case; None, and a problem, when it is none of ours."""
        word = self[column].casefold()
        if not word or word in meanings:
            return meanings.get(word)
        sentence = _("The value must be one of: {words}.").format(words=", ".join(meanings))
        self.refuse("value_unknown", sentence, column)
        return None

    def boolean(self, column: str) -> bool:
        word = self[column].casefold()
        if word and word not in BOOLEANS:
            self.refuse("bad_boolean", _("The value must be true or false."), column)
        return BOOLEANS.get(word, False)

    def year(self, column: str) -> int:
        if re.fullmatch(r"[0-9]{4}", self[column]) and int(self[column]) in YEARS:
            return int(self[column])
        if self[column]:
            self.refuse("bad_year", _("The value must be a year of four digits."), column)
        return YEARS.start

    def day(self, column: str) -> date | None:
        if not self[column]:
            return None
        day, is_iso = read_day(self[column], self.orders.get(column))
        if day is None:
            self.refuse("bad_date", _("The date must be written like 2026-08-31."), column)
        elif not is_iso:
            self.warn("odd_date", _("The date is understood, but must be written like 2026-08-31."), column)
        return day

    def last_day(self, column: str) -> date | None:
        """An endDate is the first day after: the last day is the one before it."""
        day = self.day(column)
        return day - timedelta(days=1) if day else None


def date_orders(rows: Iterable[Row]) -> dict[str, Order]:
    """How each column of dates writes them, where its dates say so.

    27/8/2026 tells that a column has the day first, and then 8/7/2026 in it is the eighth of July: one exporter writes
    one way. Where two dates of a column contradict each other, it says nothing.
    """
    found: dict[str, set[Order]] = {}
    for row in rows:
        for column in DATES & row.cells.keys():
            if order := _order(row.cells[column]):
                found.setdefault(column, set()).add(order)
    return {column: orders.pop() for column, orders in found.items() if len(orders) == 1}


def _order(text: str) -> Order | None:
    if not (match := SLASHED.fullmatch(text)):
        return None
    first, second, year = match.groups()
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if (day_first is None) == (month_first is None):
        return None
    return "dmy" if day_first else "mdy"


def read_day(text: str, order: Order | None = None) -> tuple[date | None, bool]:
    """A day, and whether it is written as the standard says. Day and month in a slashed date must tell themselves
    apart, unless ``order`` does: 27/8/2026 and 8/27/2026 do, 8/7/2026 does not."""
    if match := ISO.fullmatch(text):
        return _day(*match.groups()), len(text) == 10
    if not (match := SLASHED.fullmatch(text)):
        return None, False
    first, second, year = match.groups()
    ways = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
    readings = {day for way, day in ways.items() if day and order in {None, way}}
    return (readings.pop() if len(readings) == 1 else None), False


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if int(year) in YEARS else None
    except ValueError:
        return None
