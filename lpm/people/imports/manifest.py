"""manifest.csv: which files a bundle holds, and how they are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lpm.lib.csv import Row, read_table
from lpm.lib.imports import Findings, ImportRefused
from lpm.people.imports.columns import KNOWN_FILES, VERSIONS

MANIFEST = "manifest.csv"
COLUMNS = ("propertyName", "value")
MODES = {"absent", "bulk", "delta"}
UNNAMED = "OneRoster"


@dataclass(frozen=True)
class Manifest:
    """``names`` maps the files that were sent (``users``) to their names in the bundle (``users.csv``); ``deltas``
    are those of them that hold changes alone."""

    version: str
    system_name: str
    names: Mapping[str, str]
    deltas: frozenset[str] = frozenset()


def read_manifest(files: Mapping[str, bytes], notes: Findings) -> Manifest | None:
    """None, and the reasons in ``notes``, when the rest of the bundle cannot be understood."""
    names = {name.casefold(): name for name in files}
    if MANIFEST not in names:
        notes.refuse("manifest_missing", _("There is no manifest.csv, which says what the files are."), MANIFEST)
        return None
    rows = _rows(files[names[MANIFEST]], notes)
    if rows is None:
        return None
    version = _version(rows, notes)
    modes = _modes(rows, notes)
    sent = _sent(modes, names, notes)
    system_name = rows["source.systemname"].cells["value"] if "source.systemname" in rows else ""
    if version is None:
        return None
    deltas = frozenset(name for name in sent if modes[name.casefold()][0] == "delta")
    return Manifest(version=version, system_name=_plain(system_name), names=sent, deltas=deltas)


def _plain(system_name: str) -> str:
    """Some exporters fill the place of a name with "absent"."""
    return UNNAMED if system_name.casefold() in {"", "absent"} else system_name[:200]


def _rows(content: bytes, notes: Findings) -> dict[str, Row] | None:
    """By property in lower case; ``fiel.`` is a misspelling seen in a published sample."""
    try:
        table = read_table(content, file=MANIFEST, columns=COLUMNS)
    except ImportRefused as refusal:
        for problem in refusal.problems:
            notes.add(problem)
        return None
    for column in COLUMNS:
        if column not in table.columns:
            notes.refuse("manifest_columns", _("The manifest has no such column."), MANIFEST, 1, column)
    if notes.are_refusing:
        return None
    rows: dict[str, Row] = {}
    for row in table.rows:
        _put(rows, row, notes)
    return rows


def _put(rows: dict[str, Row], row: Row, notes: Findings) -> None:
    name = row.cells["propertyName"].casefold()
    if name.startswith("fiel."):
        notes.warn("manifest_misspelt", _("“fiel.” is read as “file.”."), MANIFEST, row.line, "propertyName")
        name = f"file.{name.removeprefix('fiel.')}"
    if name in rows:
        notes.refuse("manifest_twice", _("This property is there twice."), MANIFEST, row.line, "propertyName")
    rows.setdefault(name, row)


def _version(rows: Mapping[str, Row], notes: Findings) -> str | None:
    """The version of OneRoster; None when it is not one of ours."""
    _check_version(rows, notes, "manifest.version", ("1.0",))
    return _check_version(rows, notes, "oneroster.version", VERSIONS)


def _check_version(rows: Mapping[str, Row], notes: Findings, name: str, known: tuple[str, ...]) -> str | None:
    row = rows.get(name)
    if row and row.cells["value"] in known:
        return row.cells["value"]
    sentence = _("{name} must be {known}.").format(name=name, known=_(" or ").join(known))
    notes.refuse("manifest_version", sentence, MANIFEST, row.line if row else None, "value")
    return None


def _modes(rows: Mapping[str, Row], notes: Findings) -> dict[str, tuple[str, int]]:
    """File in lower case → (mode, line); a line without a value says nothing."""
    modes: dict[str, tuple[str, int]] = {}
    for name, row in rows.items():
        mode = row.cells["value"].casefold()
        if not name.startswith("file."):
            continue
        if not mode:
            notes.warn("manifest_empty", _("The value is empty."), MANIFEST, row.line, "value")
        elif mode not in MODES:
            sentence = _("The value must be absent, bulk or delta.")
            notes.refuse("manifest_mode", sentence, MANIFEST, row.line, "value")
        else:
            modes[name.removeprefix("file.")] = mode, row.line
    return modes


def _sent(modes: Mapping[str, tuple[str, int]], names: Mapping[str, str], notes: Findings) -> dict[str, str]:
    sent: dict[str, str] = {}
    for known in KNOWN_FILES:
        mode, line = modes.get(known.casefold(), ("", None))
        there = names.get(f"{known}.csv".casefold())
        if there and mode in {"", "absent"}:
            notes.refuse("manifest_undeclared", _("The file is there, but the manifest does not say so."), there)
        elif not there and mode in {"bulk", "delta"}:
            sentence = _("The manifest says that {file} is there, but it is not.").format(file=f"{known}.csv")
            notes.refuse("manifest_file_missing", sentence, MANIFEST, line, "value")
        elif there:
            sent[known] = there
    _note_strangers(names, notes)
    return sent


def _note_strangers(names: Mapping[str, str], notes: Findings) -> None:
    known = {MANIFEST, *(f"{name}.csv".casefold() for name in KNOWN_FILES)}
    for lower, name in names.items():
        if lower not in known:
            notes.warn("file_unknown", _("The file is no part of OneRoster and was not read."), name)
