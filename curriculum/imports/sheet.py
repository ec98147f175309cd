"""Spreadsheets, CSV and XLSX, into a table of cells. No database.

Which columns there are, and what becomes of a row, is told in ``sheet_rows`` and ``sheet_map``.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from lpm.lib.csv import Row, Table, decode, read_table
from lpm.lib.files import BAD_ARCHIVE, CHUNK, PLAIN_METHODS, ZIP_MARKS
from lpm.lib.imports import ImportRefused, Problem

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx"})
SEPARATORS = ",;\t"
FORMULA = frozenset("=+-@\t\r")  # a spreadsheet calculates what begins with one of these
MOST_UNPACKED = 200 * 1024 * 1024  # bytes
MOST_PARTS = 1000  # files in the archive that an .xlsx is
MOST_ROWS, MOST_COLUMNS = 100_000, 200
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]*)["']""")


def is_sheet(data: bytes, file_name: str) -> bool:
    """By what the file is, or is called: a workbook of Excel, or text that is named as a table."""
    return is_workbook(data) or (PurePath(file_name).suffix.lower() in SUFFIXES and not data.startswith(ZIP_MARKS))


def is_workbook(data: bytes) -> bool:
    if not data.startswith(ZIP_MARKS):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except BAD_ARCHIVE:
        return False


def read_sheet(data: bytes, file_name: str) -> Table:
    """The first sheet of a workbook, or a CSV file in UTF-8 that is separated by commas, semicolons or tabs.

    Raises ImportRefused: those of ``lpm.lib.csv.read_table`` and xlsx_broken, xlsx_locked, xlsx_too_large; no_rows.
    """
    table = _workbook(data, file_name) if is_workbook(data) else _text(data, file_name)
    if not table.rows:
        raise refused("no_rows", _("There is no row below the header. Nothing was brought in."), file_name)
    return table


def refused(code: str, sentence: str, file: str, line: int | None = None, column: str = "") -> ImportRefused:
    return ImportRefused(Problem(code, sentence, file=file, line=line, column=column))


def _text(data: bytes, file_name: str) -> Table:
    table = read_table(data, file=file_name, delimiter=_separator(decode(data, file_name)))
    rows = [replace(row, cells={name: unguarded(cell) for name, cell in row.cells.items()}) for row in table.rows]
    return replace(table, rows=rows)


def unguarded(cell: str) -> str:
    """Without the apostrophe that ``exports.spreadsheet`` sets before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _separator(text: str) -> str:
    """What stands most often between the cells of the header; commas in quotes do not count."""
    header = re.sub(r'"[^"]*"', "", next(iter(text.lstrip().splitlines()), ""))
    return max(SEPARATORS, key=header.count)  # the comma where there is none


def _workbook(data: bytes, file_name: str) -> Table:
    _check_size(data, file_name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise _broken(file_name) from error
    return _table([[_cell(cell) for cell in row] for row in rows], file_name)


def _table(rows: list[list[str]], file_name: str) -> Table:
    """Line n of the table is row n of the sheet."""
    header = rows[0] if rows else []
    if twice := next((name for name in header if name and header.count(name) > 1), ""):
        sentence = _("The column “%(column)s” is there twice.") % {"column": twice}
        raise refused("csv_column_twice", sentence, file_name, 1, twice)
    found = [
        Row(line, {name: cell for name, cell in zip(header, row, strict=False) if name})
        for line, row in enumerate(rows[1:], start=2)
        if any(row)
    ]
    return Table(file_name, [name for name in header if name], found)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).replace("\0", "").strip()


def _check_size(data: bytes, file_name: str) -> None:
    """Reads all of the archive once, so that what it says of its own size is true, and how far its cells reach."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(info.flag_bits & 0x1 or info.compress_type not in PLAIN_METHODS for info in archive.infolist()):
                sentence = _("The workbook is locked. Save it without a password and send it again.")
                raise refused("xlsx_locked", sentence, file_name)
            if len(archive.infolist()) > MOST_PARTS:
                raise _too_large(file_name)
            _read_through(archive, file_name)
    except BAD_ARCHIVE as error:
        raise _broken(file_name) from error


def _read_through(archive: zipfile.ZipFile, file_name: str) -> None:
    left = MOST_UNPACKED
    for info in archive.infolist():
        is_cells = info.filename.lower().startswith("xl/worksheets/")
        before = b""
        with archive.open(info) as part:
            while chunk := part.read(min(CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0 or (is_cells and _reaches_too_far(before + chunk)):
                    raise _too_large(file_name)
                before = chunk[-100:]


def _reaches_too_far(xml: bytes) -> bool:
    """Whether a cell lies so far out that the table up to it would fill the memory."""
    places = {(letters.upper(), digits) for letters, digits in PLACE.findall(xml)}
    return any(len(digits) > 7 or int(digits or 0) > MOST_ROWS for _letters, digits in places) or any(
        _column(letters) > MOST_COLUMNS for letters in {letters for letters, _digits in places}
    )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


def _too_large(file_name: str) -> ImportRefused:
    sentence = _("The workbook is too large: at most %(rows)d rows and %(columns)d columns. Nothing was brought in.")
    return refused("xlsx_too_large", sentence % {"rows": MOST_ROWS, "columns": MOST_COLUMNS}, file_name)


def _broken(file_name: str) -> ImportRefused:
    sentence = _("The workbook is incomplete or damaged. Save it as .xlsx once more and send it again.")
    return refused("xlsx_broken", sentence, file_name)
