"""CSV as exporters really write it (RFC 4180 and its neighbours), read whole, with line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lpm.lib.imports import ImportRefused, Problem

MAX_CELL = 100_000  # characters; below the csv module's own limit of 131,072
NO_ALIASES: Mapping[str, str] = {}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Row:
    """Cells by column, stripped; a column that the row does not reach is "".

    ``line`` is where the row begins, the header being line 1. ``surplus`` counts the filled cells beyond the header.
    """

    line: int
    cells: dict[str, str]
    surplus: int = 0


@dataclass(frozen=True)
class Table:
    """A header and the rows below it. Blank rows, and columns without a name, are left out."""

    file: str
    columns: list[str]
    rows: list[Row]


def read_table(
    content: bytes,
    *,
    file: str,
    columns: Collection[str] = (),
    aliases: Mapping[str, str] = NO_ALIASES,
    delimiter: str = ",",
) -> Table:
    """Read UTF-8 with or without a byte order mark; lines end in CRLF, LF or CR.

    A header cell that equals one of ``columns`` ignoring case gets that spelling. ``aliases`` (misspelt, in lower
    case → right) stand for columns that the header does not have otherwise.

    Raises ImportRefused with the codes csv_nul, csv_utf16, csv_encoding, csv_quote, csv_cell_too_long,
    csv_column_twice.
    """
    records = _records(decode(content, file), file, delimiter)
    header = _header(next(records, (1, []))[1], columns, aliases)
    _check_columns(header, file)
    rows = [_row(line, record, header) for line, record in records if any(record)]
    return Table(file=file, columns=[name for name in header if name], rows=rows)


def decode(content: bytes, file: str) -> str:
    """The text of ``content``. Raises ImportRefused where it is not UTF-8, or holds a zero byte."""
    if content.startswith(UTF16_MARKS):
        raise _refused("csv_utf16", _("The file is in UTF-16. Save it as “CSV UTF-8” and try again."), file, 1)
    if (at := content.find(b"\0")) >= 0:
        raise _refused("csv_nul", _("The line holds a zero byte, which text never does."), file, _line(content, at))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = _("The line is not in UTF-8. Save the file as “CSV UTF-8” and try again.")
        raise _refused("csv_encoding", sentence, file, _line(content, error.start)) from error


def _line(content: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", content[:at])) + 1


def _records(text: str, file: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record, its cells stripped, with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _misread(error, file, line) from error
        if any(len(cell) > MAX_CELL for cell in record):
            raise _too_long(file, line)
        yield line, [cell.strip() for cell in record]


def _misread(error: csv.Error, file: str, line: int) -> ImportRefused:
    if "limit" in str(error):
        return _too_long(file, line)
    sentence = _("The quotes do not match: the row that begins here has a quote too many, or one is missing.")
    return _refused("csv_quote", sentence, file, line)


def _too_long(file: str, line: int) -> ImportRefused:
    sentence = _("A cell holds more than {limit} characters. Is a closing quote missing?").format(limit=MAX_CELL)
    return _refused("csv_cell_too_long", sentence, file, line)


def _header(record: list[str], columns: Collection[str], aliases: Mapping[str, str]) -> list[str]:
    spellings = {name.casefold(): name for name in columns}
    names = [spellings.get(name.casefold(), name) for name in record]
    missing = {name for name in aliases.values() if name not in names}
    return [right if (right := aliases.get(name.casefold(), "")) in missing else name for name in names]


def _check_columns(header: list[str], file: str) -> None:
    for name in header:
        if name and header.count(name) > 1:
            sentence = _("The column “{column}” is there twice.").format(column=name)
            raise ImportRefused(Problem("csv_column_twice", sentence, file=file, line=1, column=name))


def _row(line: int, record: list[str], header: list[str]) -> Row:
    padded = record + [""] * (len(header) - len(record))
    cells = {name: cell for name, cell in zip(header, padded, strict=False) if name}
    return Row(line=line, cells=cells, surplus=sum(1 for cell in record[len(header) :] if cell))


def _refused(code: str, sentence: str, file: str, line: int | None = None) -> ImportRefused:
    return ImportRefused(Problem(code, sentence, file=file, line=line))
