import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm.lib.csv import MAX_CELL, Row, read_table
from lpm.lib.imports import ImportRefused, Problem

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8)
ENDS = st.sampled_from(["\r\n", "\n", "\r"])


def rows(content: bytes, **options: object) -> list[Row]:
    return read_table(content, file="a.csv", **options).rows  # type: ignore[arg-type]


def refusal(content: bytes) -> Problem:
    with pytest.raises(ImportRefused) as caught:
        read_table(content, file="a.csv")
    [problem] = caught.value.problems
    assert (problem.refuses, problem.file) == (True, "a.csv")
    assert problem.sentence
    return problem


def test_read_table_gives_cells_by_column_and_the_line() -> None:
    assert rows(b"x,y\r\n1,2\r\n3,4\r\n") == [Row(2, {"x": "1", "y": "2"}), Row(3, {"x": "3", "y": "4"})]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfx,y\r\n1,2\r\n",
        b"x,y\n1,2",
        b"x,y\r1,2\r",
        b'"x","y"\r\n"1","2"\r\n',
        b" x , y \n 1 , 2 \n",
        b"x,y,,\n1,2,,\n,,,\n",
        b"x,y\n\n",
    ],
    ids=["byte order mark", "no final newline", "CR", "quoted", "spaces", "empty columns", "blank line"],
)
def test_read_table_takes_every_habit(content: bytes) -> None:
    found = read_table(content, file="a.csv")

    assert found.columns == ["x", "y"]
    assert [row.cells for row in found.rows] in ([{"x": "1", "y": "2"}], [])


def test_read_table_takes_rows_of_every_length() -> None:
    assert rows(b"x,y\n1\n1,2,,\n1,2,3,4\n") == [
        Row(2, {"x": "1", "y": ""}),
        Row(3, {"x": "1", "y": "2"}),
        Row(4, {"x": "1", "y": "2"}, surplus=2),
    ]


def test_read_table_counts_the_lines_inside_cells() -> None:
    assert [row.line for row in rows(b'x\n"a\nb"\nc\n')] == [2, 4]


def test_read_table_spells_columns_as_the_caller_does() -> None:
    found = read_table(b"SOURCEDID,gradde,Else\n", file="a.csv", columns=["sourcedId"], aliases={"gradde": "grades"})

    assert found.columns == ["sourcedId", "grades", "Else"]


def test_read_table_leaves_an_alias_alone_beside_its_column() -> None:
    found = read_table(b"grade,grades\n", file="a.csv", columns=["grades"], aliases={"grade": "grades"})

    assert found.columns == ["grade", "grades"]


def test_read_table_of_nothing_has_no_columns() -> None:
    assert read_table(b"", file="a.csv").columns == []


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"x\n1\n2\0\n", "csv_nul", 3),
        (b"x\r\n1\r\nJos\xe9\r\n", "csv_encoding", 3),
        ("x\n1\n".encode("utf-16"), "csv_utf16", 1),
        (b'x,y\n1,2\n"3,4\n5,6\n', "csv_quote", 3),
        (b'x,y\n"1"2,3\n', "csv_quote", 2),
        (b"x\n" + b"a" * (MAX_CELL + 1) + b"\n", "csv_cell_too_long", 2),
        (b'x\n1\n"' + b"a\n" * MAX_CELL, "csv_cell_too_long", 3),
        (b"x,y,x\n", "csv_column_twice", 1),
    ],
)
def test_read_table_refuses(content: bytes, code: str, line: int) -> None:
    problem = refusal(content)

    assert (problem.code, problem.line) == (code, line)


@given(ROWS, ENDS, st.booleans())
def test_read_table_reads_what_was_written(written: list[list[str]], end: str, has_mark: bool) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(written)

    found = rows(text.getvalue().encode("utf-8-sig" if has_mark else "utf-8"))

    stripped = [[cell.strip() for cell in row] for row in written]
    assert [list(row.cells.values()) for row in found] == [row for row in stripped if any(row)]


@given(st.binary(max_size=300))
def test_read_table_reads_or_refuses_anything(content: bytes) -> None:
    problems, table = [], None
    try:
        table = read_table(content, file="a.csv")
    except ImportRefused as refused:
        problems = refused.problems

    assert all(problem.code.startswith("csv_") for problem in problems)
    assert problems or (table and all(list(row.cells) == table.columns for row in table.rows))


NAMES = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=6, unique=True)


# Python's writer quotes a line break of the other kind only where it quotes everything.
MANNERS = st.tuples(ENDS, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])) | st.just(("\r\n", csv.QUOTE_MINIMAL))


@given(st.data(), MANNERS)
def test_read_table_reads_any_table_back(data: st.DataObject, manner: tuple[str, int]) -> None:
    """Of any width, with rows that are too short, and with spare empty cells."""
    end, quoting = manner
    names = data.draw(NAMES)
    written = data.draw(st.lists(st.lists(CELLS, min_size=1, max_size=len(names)), max_size=8))
    spare = data.draw(st.integers(0, 3))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(names)
    writer.writerows([*row, *[""] * spare] if len(row) == len(names) else row for row in written)

    found = rows(text.getvalue().encode())

    whole = [[*(cell.strip() for cell in row), *[""] * (len(names) - len(row))] for row in written]
    assert [list(row.cells.values()) for row in found] == [row for row in whole if any(row)]
    assert all(list(row.cells) == names and row.surplus == 0 for row in found)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252", "shift-jis"]))
def test_read_table_reads_or_refuses_any_text_in_any_encoding(text: str, encoding: str) -> None:
    problems = []
    try:
        read_table(text.encode(encoding, "replace"), file="a.csv", columns=["sourcedId"], aliases={"id": "sourcedId"})
    except ImportRefused as refused:
        problems = refused.problems

    assert all(problem.code.startswith("csv_") and problem.sentence for problem in problems)
