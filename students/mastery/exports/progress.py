"""The counts of a page of progress as lines of a spreadsheet: those that the page shows, and no others."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from students.mastery.calculations.progress import HEARD_DAYS, LEARNED_DAYS, WAITING_DAYS, Told
from students.mastery.calculations.suppression import LEAST, Band
from students.mastery.enums import ProgressDimension
from students.mastery.queries.progress import Row, Standing, Table

Line = list[str]


def progress_lines(standing: Standing, name: str) -> list[Line]:
    """A header, a line for each group that may be told, and the rules in words. ``name`` is that of the place."""
    return [_header(), *_lines(standing, name), [], *([sentence] for sentence in _rules(standing))]


def _header() -> Line:
    return [
        _("by what"),
        _("group"),
        _("students"),
        _("learned something new in {days} days, from %").format(days=LEARNED_DAYS),
        _("learned something new, to %"),
        _("heard from a teacher in {days} days, from %").format(days=HEARD_DAYS),
        _("heard from a teacher, to %"),
        _("waiting for an answer for more than {days} days, from %").format(days=WAITING_DAYS),
        _("waiting for an answer, to %"),
        _("targets met, for each student"),
        _("targets under way, for each student"),
    ]


def _lines(standing: Standing, name: str) -> Iterator[Line]:
    if standing.everybody:
        yield _line(str(ProgressDimension.ALL.label), name, standing.everybody)
    yield from _rows(_("place"), standing.places)
    for table in standing.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[Line]:
    yield from _rows(str(table.dimension.label), table.rows)


def _rows(title: str, rows: list[Row]) -> Iterator[Line]:
    for row in rows:
        if row.told:
            yield _line(title, row.name, row.told)


def _line(title: str, name: str, told: Told) -> Line:
    figures = (*_ends(told.learned), *_ends(told.heard), *_ends(told.waiting), told.met, told.under_way)
    return [title, name, str(told.students), *map(str, figures)]


def _ends(band: Band) -> tuple[int, int]:
    return band.low, band.high


def _rules(standing: Standing) -> Iterator[str]:
    if standing.made_at:
        yield _("Counted on {day}.").format(day=date_format(standing.made_at, "DATETIME_FORMAT"))
    yield _(
        "Groups of fewer than {least} students are left out, and others with them, so that nothing can be worked out."
    ).format(least=LEAST)
    yield _("Shares are told as bands for the same reason.")
