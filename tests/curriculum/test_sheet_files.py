"""Spreadsheet files as people and strangers send them."""

from __future__ import annotations

import io
import zipfile

import pytest

from curriculum.exports.spreadsheet import as_xlsx
from curriculum.imports import sheet
from curriculum.imports.sheet import is_sheet, read_sheet
from lpm.lib.imports import ImportRefused

LINES = [["statement", "3"], ["Adds", "All"]]


def changed(part: str, old: bytes, new: bytes) -> bytes:
    """A workbook in which one part says something else."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(LINES))) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            content = given.read(name)
            assert name != part or old in content
            made.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


def code(data: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        read_sheet(data, "x.xlsx")
    return refused.value.problems[0].code


def test_lines_are_those_of_the_sheet():
    table = read_sheet(as_xlsx([["statement", "3", ""], ["", "", ""], ["Adds\nmore", "2.0", ""]]), "x.xlsx")

    assert (table.columns, [(row.line, row.cells) for row in table.rows]) == (
        ["statement", "3"],
        [(3, {"statement": "Adds\nmore", "3": "2.0"})],
    )


def test_cells_far_out_are_refused_before_they_fill_the_memory():
    part = "xl/worksheets/sheet1.xml"
    assert code(changed(part, b'r="A2"', b'r="XFD2"')) == "xlsx_too_large"
    assert code(changed(part, b'r="A2"', b'r="A1048576"')) == "xlsx_too_large"


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(sheet, "MOST_UNPACKED", 1_000_000)
    bomb = changed("xl/worksheets/sheet1.xml", b"</worksheet>", b" " * 2_000_000 + b"</worksheet>")

    assert len(bomb) < 20_000
    assert code(bomb) == "xlsx_too_large"


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(sheet, "MOST_PARTS", 3)

    assert code(as_xlsx(LINES)) == "xlsx_too_large"


def test_locked_and_damaged_workbooks_are_told():
    whole = as_xlsx(LINES)
    locked = bytearray(whole)
    at = locked.rfind(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert code(bytes(locked)) == "xlsx_locked"
    assert code(changed("xl/worksheets/sheet1.xml", b"<sheetData", b"<nothing")) in {"xlsx_broken", "no_rows"}
    assert code(changed("xl/workbook.xml", b"<sheets>", b"<nothing")) == "xlsx_broken"
    damaged = bytearray(whole)
    damaged[whole.index(b"xl/worksheets/sheet1.xml") + 40] ^= 255
    assert code(bytes(damaged)) == "xlsx_broken"


def test_column_twice_and_empty_sheet_are_told():
    assert code(as_xlsx([["statement", "statement"], ["a", "b"]])) == "csv_column_twice"
    assert code(as_xlsx([["statement"]])) == "no_rows"


def test_kinds_are_told_apart():
    assert is_sheet(as_xlsx(LINES), "anything")
    assert is_sheet(b"statement\nAdds\n", "A.CSV")
    assert not is_sheet(b"{}", "a.json")
    assert not is_sheet(b"PK\x03\x04 damaged", "a.xlsx")
    assert not is_sheet(b"a,b", "")
