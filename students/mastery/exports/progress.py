"""The counts of a page of progress as lines of a spreadsheet: those that the page shows, and no others."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from curriculum.exports.spreadsheet import as_csv
from students.mastery.calculations.progress import HEARD_DAYS, LEARNED_DAYS, WAITING_DAYS, Told
from students.mastery.calculations.suppression import LEAST, Band
from students.mastery.enums import ProgressDimension
from students.mastery.queries.progress import Row, Standing, Table

Line = list[str | int]
WIDE, NARROW, WIDE_COLUMNS = 30, 16, 2
LONGEST_TITLE = 31  # of a sheet


def progress_book(lines: Sequence[Line]) -> bytes:
    """As an .xlsx of one sheet, its header kept in view; words are text, none a formula."""
    from openpyxl import Workbook  # slow to import
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Progress by group")[:LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    for number in range(1, len(lines[0]) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDE if number <= WIDE_COLUMNS else NARROW
    for place, line in enumerate(lines):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value if isinstance(value, int) else ILLEGAL_CHARACTERS_RE.sub("", value))
            if isinstance(value, str):
                cell.data_type = "s"
            if place == 0:
                cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def progress_table(lines: Sequence[Line]) -> bytes:
    """As a .csv."""
    return as_csv([str(cell) for cell in line] for line in lines)


def progress_lines(standing: Standing, name: str) -> list[Line]:
    """A header, and a line for each group that may be told. ``name`` is that of the place."""
    return [_header(), *_lines(standing, name)]


def progress_rules(standing: Standing) -> list[Line]:
    """To stand below: when it was counted, and the rules in words."""
    rules: list[Line] = [[sentence] for sentence in _rules(standing)]
    return [[], *rules]


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
    return [title, name, told.students, *figures]


def _ends(band: Band) -> tuple[int, int]:
    return band.low, band.high


def _rules(standing: Standing) -> Iterator[str]:
    if standing.made_at:
        yield _("counted on %(when)s") % {"when": date_format(localtime(standing.made_at), "DATETIME_FORMAT")}
    yield _(
        "Groups of fewer than {least} students are left out, and others with them, so that nothing can be worked out."
    ).format(least=LEAST)
    yield _("Shares are told as bands for the same reason.")
