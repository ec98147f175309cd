"""The files of a bundle, read row by row: which rows there are, which are left out, and which are said to be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lpm.lib.csv import Row, Table, read_table
from lpm.lib.imports import Findings, ImportRefused
from lpm.people.imports.cells import Cells, Order, date_orders
from lpm.people.imports.columns import COMMON_ALIASES, Sheet, sheets
from lpm.people.imports.manifest import Manifest

ID_LENGTH = 255
STATUSES = {"active": False, "tobedeleted": True, "inactive": True}  # whether the row is gone
ENDING = {"classes", "users"}  # what hangs on one of these that is gone, is gone too
MOST_LEFT_OUT = 10  # percent of the rows of a file


@dataclass
class Rows:
    """One file. ``active`` and ``gone`` are by sourcedId; of ``active``, some are left out.

    ``extra`` counts rows that are left out and have no sourcedId, or that of another; ``is_sure`` is False when one
    has none: then nobody can say what is absent from the file.
    """

    file: str
    is_bulk: bool
    active: dict[str, Cells] = field(default_factory=dict)
    gone: dict[str, Cells] = field(default_factory=dict)
    size: int = 0
    extra: int = 0
    is_sure: bool = True

    def accepted(self) -> dict[str, Cells]:
        return {key: cells for key, cells in self.active.items() if not cells.is_left_out}

    def left_out(self) -> set[str]:
        return {key for key, cells in self.active.items() if cells.is_left_out}

    def is_absent(self, key: str) -> bool:
        """Whether the file says, by naming it or by not naming it, that the row is no more."""
        return key in self.gone or (self.is_bulk and self.is_sure and key not in self.active)


@dataclass(frozen=True)
class Bundle:
    """``rows`` are the files that were sent and hold rows: users → its rows."""

    manifest: Manifest
    rows: Mapping[str, Rows]

    def accepted(self, name: str) -> dict[str, Cells]:
        return self.rows[name].accepted() if name in self.rows else {}

    def left_out(self, name: str) -> set[str]:
        return self.rows[name].left_out() if name in self.rows else set()

    def is_absent(self, name: str, key: str) -> bool:
        return name in self.rows and self.rows[name].is_absent(key)

    @property
    def has_bulk(self) -> bool:
        return any(rows.is_bulk for rows in self.rows.values())


def read_rows(files: Mapping[str, bytes], manifest: Manifest, notes: Findings) -> Bundle:
    """Files that cannot be read refuse the whole bundle; a file of a header alone says nothing."""
    known = sheets(manifest.version)
    found: dict[str, Rows] = {}
    for name, sheet in known.items():
        if name in manifest.names:
            rows = Rows(manifest.names[name], is_bulk=name not in manifest.deltas)
            if _read_sheet(files[rows.file], rows, sheet, notes) and rows.size:
                found[name] = rows
    for name in manifest.names:
        if name not in known:
            sentence = _("The file was not brought in: Cairn keeps none of it.")
            notes.warn("file_not_kept", sentence, manifest.names[name])
    return Bundle(manifest, found)


def _read_sheet(content: bytes, rows: Rows, sheet: Sheet, notes: Findings) -> bool:
    """Whether the file is readable."""
    aliases = {**COMMON_ALIASES, **sheet.aliases}
    try:
        table = read_table(content, file=rows.file, columns=sheet.columns, aliases=aliases)
    except ImportRefused as refusal:
        for problem in refusal.problems:
            notes.add(problem)
        return False
    if _lacks_columns(table, sheet, notes):
        return False
    if not table.rows:
        notes.warn("no_rows", _("The file holds no rows and was passed over."), rows.file)
    orders = date_orders(table.rows)
    for row in table.rows:
        _take_row(rows, row, sheet, orders, notes)
    _note_status(rows, notes)
    return True


def _lacks_columns(table: Table, sheet: Sheet, notes: Findings) -> bool:
    missing = [column for column in sheet.demanded if column not in table.columns]
    for column in missing:
        sentence = _("The column “{column}” is missing.").format(column=column)
        notes.refuse("column_missing", sentence, table.file, 1, column)
    return bool(missing)


def _take_row(rows: Rows, row: Row, sheet: Sheet, orders: Mapping[str, Order], notes: Findings) -> None:
    cells = Cells(row, rows.file, notes, orders)
    rows.size += 1
    key = cells.text("sourcedId", ID_LENGTH)
    if not key:
        cells.refuse("value_missing", _("The cell is empty, and must not be."), "sourcedId")
        rows.extra += 1
        rows.is_sure = False
    elif (first := rows.active.get(key) or rows.gone.get(key)) is not None:
        _take_twice(rows, first, cells)
    elif cells.word("status", STATUSES) and not cells.is_left_out:
        rows.gone[key] = cells
    else:
        rows.active[key] = cells
        _check_shape(cells, sheet)


def _take_twice(rows: Rows, first: Cells, cells: Cells) -> None:
    """The same row twice does no harm. Of two that differ, nobody can say which is meant."""
    if first.row.cells == cells.row.cells:
        sentence = _("The row is the same as line {line}.").format(line=first.row.line)
        cells.warn("row_twice", sentence, "sourcedId")
        return
    rows.extra += 1
    sentence = _("The sourcedId of this row is already that of line {line}.").format(line=first.row.line)
    cells.refuse("sourced_id_twice", sentence, "sourcedId")
    key = first["sourcedId"]
    rows.active[key] = rows.gone.pop(key, first)
    if not first.is_left_out:
        sentence = _("Line {line} has the same sourcedId, and says something else.").format(line=cells.row.line)
        first.refuse("sourced_id_twice", sentence, "sourcedId")


def _check_shape(cells: Cells, sheet: Sheet) -> None:
    if cells.row.surplus:
        cells.refuse("row_too_long", _("The row has more cells than there are columns. Is a quote missing?"))
    for column in sheet.required:
        if not cells.items(column):
            cells.refuse("value_missing", _("The cell is empty, and must not be."), column)
    for column in sheet.expected:
        if not cells[column]:
            cells.warn("value_expected", _("The cell is empty, and should not be."), column)


def _note_status(rows: Rows, notes: Findings) -> None:
    every = [*rows.active.values(), *rows.gone.values()]
    if rows.is_bulk:
        sentence = _("“status” is filled in {count} rows, but stays empty in a complete roster.")
        _note_all(rows, "status_in_bulk", sentence, "status", [cells for cells in every if cells["status"]], notes)
        return
    sentence = _("“status” is empty in {count} rows; they are taken as active.")
    _note_all(rows, "status_missing", sentence, "status", [cells for cells in every if not cells["status"]], notes)
    undated = [cells for cells in every if not cells["dateLastModified"]]
    sentence = _("“dateLastModified” is empty in {count} rows, and should not be.")
    _note_all(rows, "modified_missing", sentence, "dateLastModified", undated, notes)


def _note_all(rows: Rows, code: str, sentence: str, column: str, cells: list[Cells], notes: Findings) -> None:
    if cells:
        line = min(one.row.line for one in cells)
        notes.warn(code, sentence.format(count=len(cells)), rows.file, line, column)


# What hangs together


def leave_out_dependents(bundle: Bundle) -> None:
    """Leave out every row that refers to one that is left out, however far; and take what belongs to a person or a
    class that is gone for gone.

    A guardian who is left out does not take the child along: the tie between them stays as it is.
    """
    while any(_spread(bundle, name, sheet) for name, sheet in sheets(bundle.manifest.version).items()):
        pass


def _spread(bundle: Bundle, name: str, sheet: Sheet) -> bool:
    """Whether something changed, for this file or, of roles, the people who have them."""
    rows = bundle.rows.get(name)
    if rows is None:
        return False
    changed = False
    for column, target in sheet.references.items():
        there = bundle.rows.get(target)
        if there and column != "agentSourcedIds":
            changed |= _spread_column(rows, column, there.left_out(), there.gone if target in ENDING else ())
    if name == "roles" and "users" in bundle.rows:
        changed |= _spread_roles(rows, bundle.rows["users"])
    return changed


def _spread_column(rows: Rows, column: str, left_out: set[str], gone: Iterable[str]) -> bool:
    ended = set(gone)
    if not left_out and not ended:
        return False
    touched = [(key, cells) for key, cells in rows.active.items() if not cells.is_left_out]
    lost = [cells for _key, cells in touched if not left_out.isdisjoint(cells.items(column))]
    for cells in lost:
        cells.refuse("depends", _("The row refers to one that is left out, and is left out too."), column)
    over = [key for key, cells in touched if not cells.is_left_out and cells[column] in ended]
    for key in over:
        rows.gone[key] = rows.active.pop(key)
    return bool(lost or over)


def _spread_roles(roles: Rows, users: Rows) -> bool:
    """Somebody of whose roles one is left out stays as they are: the rest of their roles is not the whole."""
    names = {cells["userSourcedId"] for cells in roles.active.values() if cells.is_left_out}
    lost = [cells for key in names if (cells := users.active.get(key)) and not cells.is_left_out]
    for cells in lost:
        cells.refuse("depends", _("A role of this person is left out, and so is the person."))
    return bool(lost)


def refuse_if_too_much_is_left_out(bundle: Bundle, notes: Findings) -> None:
    """Of a file, no more than MOST_LEFT_OUT percent may be left out, rows that depend on others included."""
    for rows in bundle.rows.values():
        count = rows.extra + len(rows.left_out())
        if count * 100 > rows.size * MOST_LEFT_OUT:
            sentence = _(
                "{count} of {size} rows would be left out. That is more than {percent} %, so nothing was brought in."
            )
            words = {"count": count, "size": rows.size, "percent": MOST_LEFT_OUT}
            notes.refuse("too_much_left_out", sentence.format(**words), rows.file)
