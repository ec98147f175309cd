"""OneRoster CSV (1EdTech, versions 1.1 and 1.2, bulk): reading and checking, without the database.

The standard: https://www.imsglobal.org/oneroster-v11-final-csv-tables. Where it and the exporters of the world
differ, and the meaning is plain, the meaning is taken and a warning given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from lpm.lib.csv import Row, Table, read_table
from lpm.lib.imports import Findings, ImportRefused
from lpm.people.enums import GroupKind, OrganizationKind, TermKind
from lpm.people.imports.cells import Cells
from lpm.people.imports.columns import COMMON_ALIASES, Sheet, sheets
from lpm.people.imports.manifest import Manifest, read_manifest
from lpm.people.imports.roster import ClassRow, Org, Person, Roster, Seat, Session

ID_LENGTH = 255
CODE_LENGTH = 50
GRADE_LENGTH = 10
EMAIL_LENGTH = 254
Sheets = Mapping[str, Mapping[str, Cells]]  # file → sourcedId → cells

ORG_KINDS = {
    "department": OrganizationKind.TEAM,
    "school": OrganizationKind.SCHOOL,
    "district": OrganizationKind.DISTRICT,
    "local": OrganizationKind.DISTRICT,
    "state": OrganizationKind.DISTRICT,
    "national": None,
}
SESSION_KINDS = {
    "gradingperiod": TermKind.GRADING_PERIOD,
    "semester": TermKind.SEMESTER,
    "term": TermKind.TERM,
    "schoolyear": None,
}
CLASS_KINDS = {"scheduled": GroupKind.CLASS, "homeroom": GroupKind.ADVISORY}
ROLE_NAMES_11 = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
ROLE_NAMES_12 = (
    "counselor",
    "districtadministrator",
    "principal",
    "siteadministrator",
    "systemadministrator",
)
ROLES = {name: name for name in (*ROLE_NAMES_11, *ROLE_NAMES_12)}
SEAT_ROLES = {name: name for name in ("administrator", "proctor", "student", "teacher", "aide")}
GONE = {"tobedeleted", "inactive"}


def read_roster(files: Mapping[str, bytes], notes: Findings) -> Roster | None:
    """What the files of a bundle (name → bytes) say. Everything that is wrong or odd goes to ``notes``.

    None when the manifest leaves no way to read on; what is returned beside refusing notes must not be applied.
    """
    manifest = read_manifest(files, notes)
    if manifest is None:
        return None
    found = _read_sheets(files, manifest, notes)
    _check_references(found, manifest, notes)
    return Roster(
        version=manifest.version,
        system_name=manifest.system_name,
        files=manifest.bulk,
        orgs=_orgs(found),
        sessions={key: session for key, cells in _of(found, "academicSessions") if (session := _session(cells))},
        classes={key: _class(cells) for key, cells in _of(found, "classes")},
        people=_people(found),
        seats={key: seat for key, cells in _of(found, "enrollments") if (seat := _seat(cells))},
    )


def _of(found: Sheets, file: str) -> Iterable[tuple[str, Cells]]:
    return found.get(file, {}).items()


# Files


def _read_sheets(files: Mapping[str, bytes], manifest: Manifest, notes: Findings) -> dict[str, dict[str, Cells]]:
    """The files that could be read; the others are not there."""
    known = sheets(manifest.version)
    found = {}
    for name, sheet in known.items():
        if name in manifest.bulk:
            rows = _read_sheet(files[manifest.bulk[name]], manifest.bulk[name], sheet, notes)
            if rows is not None:
                found[name] = rows
    for name in manifest.bulk:
        if name not in known:
            notes.warn(
                "file_not_kept",
                _("The file was not brought in: Cairn keeps none of it."),
                manifest.bulk[name],
            )
    return found


def _read_sheet(content: bytes, file: str, sheet: Sheet, notes: Findings) -> dict[str, Cells] | None:
    """Rows by sourcedId, the first of each; None when the file is not readable."""
    try:
        table = read_table(content, file=file, columns=sheet.columns, aliases={**COMMON_ALIASES, **sheet.aliases})
    except ImportRefused as refusal:
        for problem in refusal.problems:
            notes.add(problem)
        return None
    if _lacks_columns(table, sheet, notes):
        return None
    if not table.rows:
        notes.warn("no_rows", _("The file holds no rows and was passed over."), file)
    rows: dict[str, Cells] = {}
    for row in table.rows:
        _take_row(rows, row, sheet, Cells(row, file, notes))
    _note_status(rows, file, notes)
    return rows


def _lacks_columns(table: Table, sheet: Sheet, notes: Findings) -> bool:
    missing = [column for column in sheet.demanded if column not in table.columns]
    for column in missing:
        sentence = _("The column “{column}” is missing.").format(column=column)
        notes.refuse("column_missing", sentence, table.file, 1, column)
    return bool(missing)


def _take_row(rows: dict[str, Cells], row: Row, sheet: Sheet, cells: Cells) -> None:
    if row.surplus:
        cells.refuse("row_too_long", _("The row has more cells than there are columns. Is a quote missing?"))
    for column in ("sourcedId", *sheet.required):
        if not cells.items(column):
            cells.refuse("value_missing", _("The cell is empty, and must not be."), column)
    for column in sheet.expected:
        if not cells[column]:
            cells.warn("value_expected", _("The cell is empty, and should not be."), column)
    key = cells.text("sourcedId", ID_LENGTH)
    if key in rows:
        sentence = _("The sourcedId of this row is already that of line {line}.").format(line=rows[key].row.line)
        cells.refuse("sourced_id_twice", sentence, "sourcedId")
    elif key:
        rows[key] = cells


def _note_status(rows: Mapping[str, Cells], file: str, notes: Findings) -> None:
    filled = [cells for cells in rows.values() if cells["status"]]
    if filled:
        sentence = _("“status” is filled in {count} rows, but stays empty in a complete roster.")
        notes.warn("status_in_bulk", sentence.format(count=len(filled)), file, filled[0].row.line, "status")


def _is_gone(cells: Cells) -> bool:
    return cells["status"].casefold() in GONE


# References


def _check_references(found: Sheets, manifest: Manifest, notes: Findings) -> None:
    for name, sheet in sheets(manifest.version).items():
        for column, target in sheet.references.items():
            if target == "courses" and target not in manifest.bulk:
                _note_courses(found.get(name, {}), column, notes)
            elif target in found or target not in manifest.bulk:  # an unreadable file was complained about
                _check_column(found.get(name, {}), column, target, found.get(target, {}))


def _check_column(rows: Mapping[str, Cells], column: str, target: str, there: Mapping[str, Cells]) -> None:
    for cells in rows.values():
        for item in cells.items(column):
            if item not in there:
                sentence = _("The row refers to a sourcedId that is not in {file}.").format(file=f"{target}.csv")
                cells.refuse("reference_unresolved", sentence, column)


def _note_courses(rows: Mapping[str, Cells], column: str, notes: Findings) -> None:
    """Courses are not kept; that they were not sent does no harm."""
    if filled := [cells for cells in rows.values() if cells[column]]:
        filled[0].warn("courses_absent", _("Courses are referred to, but were not sent."), column)


# Rows


def _orgs(found: Sheets) -> dict[str, Org]:
    orgs = {key: _org(cells) for key, cells in _of(found, "orgs")}
    above = _above_districts(orgs, found)
    for key in above:
        found["orgs"][key].warn("org_not_kept", _("It is larger than a district and was not brought in."), "type")
    return {key: replace(org, kind=None) if key in above else org for key, org in orgs.items()}


def _org(cells: Cells) -> Org:
    kind = cells.word("type", ORG_KINDS)
    return Org(line=cells.row.line, name=cells.text("name"), kind=kind, parent=cells["parentSourcedId"])


def _above_districts(orgs: Mapping[str, Org], found: Sheets) -> set[str]:
    """Whatever has a district below it, or is a nation: of a state, a local authority and a district below each
    other, the last is the district."""
    above = {key for key, org in orgs.items() if org.kind is None and found["orgs"][key]["type"]}
    for key, org in orgs.items():
        chain = _chain(key, orgs)
        if chain is None:
            found["orgs"][key].refuse("reference_circular", _("The row is its own ancestor."), "parentSourcedId")
        elif org.kind == OrganizationKind.DISTRICT:
            above.update(parent for parent in chain if orgs[parent].kind == OrganizationKind.DISTRICT)
    return above


def _chain(key: str, orgs: Mapping[str, Org]) -> list[str] | None:
    """Everything above, the nearest first; None when it leads in a circle."""
    chain: list[str] = []
    at = orgs[key].parent
    while at in orgs:
        if at in chain or at == key:
            return None
        chain.append(at)
        at = orgs[at].parent
    return chain


def _session(cells: Cells) -> Session | None:
    kind = cells.word("type", SESSION_KINDS)
    starts_on, ends_on = _span(cells, "startDate")
    if starts_on is None or ends_on is None:
        return None
    return Session(
        line=cells.row.line,
        title=cells.text("title"),
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        ends_in=cells.year("schoolYear"),
    )


def _span(cells: Cells, begin: str) -> tuple[date | None, date | None]:
    """First and last day. endDate is the day after the last, so it must lie after the first."""
    starts_on, ends_on = cells.day(begin), cells.last_day("endDate")
    if starts_on and ends_on and ends_on < starts_on:
        cells.refuse("dates_reversed", _("It must end after it begins."), "endDate")
    return starts_on, ends_on


def _class(cells: Cells) -> ClassRow:
    return ClassRow(
        line=cells.row.line,
        title=cells.text("title"),
        kind=cells.word("classType", CLASS_KINDS) or GroupKind.CLASS,
        code=cells.text("classCode", CODE_LENGTH),
        school=cells["schoolSourcedId"],
        sessions=cells.items("termSourcedIds"),
    )


def _people(found: Sheets) -> dict[str, Person]:
    born = {key: cells.day("birthDate") for key, cells in _of(found, "demographics")}
    places = _places(found)
    people: dict[str, Person] = {}
    lines: dict[str, int] = {}
    for key, cells in _of(found, "users"):
        person = _person(cells, places.get(key), born.get(key))
        if lines.setdefault(person.username.lower(), person.line) != person.line:
            sentence = _("The user name is already that of line {line}.")
            cells.refuse("username_twice", sentence.format(line=lines[person.username.lower()]), "username")
        people[key] = person
    return people


def _places(found: Sheets) -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """Roles and organizations of each user: in their row (1.1), or in roles.csv (1.2), the primary ones first."""
    if "roles" not in found:
        return {
            key: (frozenset(filter(None, [cells.word("role", ROLES)])), cells.items("orgSourcedIds"))
            for key, cells in _of(found, "users")
        }
    roles: dict[str, list[Cells]] = {}
    for _key, cells in sorted(_of(found, "roles"), key=lambda pair: pair[1]["roleType"].casefold() != "primary"):
        if not _is_gone(cells):
            roles.setdefault(cells["userSourcedId"], []).append(cells)
    return {user: (_role_names(rows), _role_orgs(rows)) for user, rows in roles.items()}


def _role_names(rows: list[Cells]) -> frozenset[str]:
    """``ext:`` roles are allowed by the standard, and mean nothing to us."""
    ours = [cells for cells in rows if not cells["role"].casefold().startswith("ext:")]
    return frozenset(name for cells in ours if (name := cells.word("role", ROLES)))


def _role_orgs(rows: list[Cells]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cells["orgSourcedId"] for cells in rows))


def _person(cells: Cells, place: tuple[frozenset[str], tuple[str, ...]] | None, born_on: date | None) -> Person:
    roles, orgs = place or (frozenset(), ())
    if not roles and "role" not in cells:
        cells.warn("role_missing", _("No role was sent for this person."))
    primary = cells.items("primaryOrgSourcedId")
    grades = cells.items("grades")
    if grades and len(grades[0]) > GRADE_LENGTH:
        cells.refuse(
            "value_too_long",
            _("The grade is longer than {limit} characters.").format(limit=GRADE_LENGTH),
            "grades",
        )
    return Person(
        line=cells.row.line,
        username=cells.text("username", ID_LENGTH),
        given_name=cells.text("givenName"),
        family_name=cells.text("familyName"),
        is_active=cells.boolean("enabledUser") and not _is_gone(cells),
        roles=roles,
        orgs=tuple(dict.fromkeys((*primary, *orgs))),
        agents=cells.items("agentSourcedIds") if "agentSourcedIds" in cells else None,
        email=cells.text("email", EMAIL_LENGTH) if "email" in cells else None,
        grade="".join(grades[:1]) if "grades" in cells else None,
        preferred_name=cells.text("preferredGivenName"),
        born_on=born_on,
    )


def _seat(cells: Cells) -> Seat | None:
    role = cells.word("role", SEAT_ROLES)
    starts_on, ends_on = cells.day("beginDate"), cells.last_day("endDate")
    is_primary = cells.boolean("primary")
    if starts_on and ends_on and (ends_on - starts_on).days < -1:
        cells.refuse("dates_reversed", _("It must not end before it begins."), "endDate")
    if _is_gone(cells) or not _is_kept(cells, role, starts_on, ends_on):
        return None
    return Seat(
        line=cells.row.line,
        class_id=cells["classSourcedId"],
        user_id=cells["userSourcedId"],
        teaches=role == "teacher",
        is_primary=is_primary,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _is_kept(cells: Cells, role: str | None, starts_on: date | None, ends_on: date | None) -> bool:
    if role not in {"student", "teacher"}:
        cells.warn(
            "enrollment_role",
            _("Only students and teachers are put into classes; the row was passed over."),
            "role",
        )
        return False
    if starts_on and ends_on and ends_on < starts_on:
        cells.warn("no_days", _("It ends on the day it begins; the row was passed over."), "endDate")
        return False
    return True
