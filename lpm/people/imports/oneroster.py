"""OneRoster CSV (1EdTech, versions 1.1 and 1.2, bulk and delta): reading and checking, without the database.

The standard: https://www.imsglobal.org/oneroster-v11-final-csv-tables. Where it and the exporters of the world
differ, and the meaning is plain, the meaning is taken and a warning given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from lpm.lib.imports import Findings
from lpm.people.enums import GroupKind, OrganizationKind, TermKind
from lpm.people.imports.about import read_about
from lpm.people.imports.bundle import ID_LENGTH, Bundle, Rows, leave_out_dependents, read_rows
from lpm.people.imports.cells import Cells
from lpm.people.imports.manifest import read_manifest
from lpm.people.imports.roster import ClassRow, Org, Person, Roster, Seat, Session

T = TypeVar("T")
CODE_LENGTH = 50
GRADE_LENGTH = 10
EMAIL_LENGTH = 254
PRONOUNS_LENGTH = 50
Places = tuple[frozenset[str] | None, tuple[str, ...]]  # roles, and organizations

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


def read_roster(files: Mapping[str, bytes], day: date, notes: Findings) -> tuple[Bundle, Roster] | None:
    """What the files of a bundle (name → bytes) say. Everything that is wrong or odd goes to ``notes``.

    None when the manifest leaves no way to read on; what is returned beside refusing notes must not be applied.
    Rows that are left out are in the roster still, for whoever checks on; ``without_left_out`` takes them away.
    """
    manifest = read_manifest(files, notes)
    if manifest is None:
        return None
    bundle = read_rows(files, manifest, notes)
    roster = Roster(
        version=manifest.version,
        system_name=manifest.system_name,
        files=manifest.names,
        orgs=_orgs(bundle, notes),
        sessions={key: session for key, cells in _of(bundle, "academicSessions") if (session := _session(cells))},
        classes={key: _class(cells) for key, cells in _of(bundle, "classes")},
        people=_people(bundle, day),
        births={key: born for key, cells in _of(bundle, "demographics") if (born := cells.day("birthDate"))},
        about={key: about for key, cells in _of(bundle, "demographics") if (about := read_about(cells))},
        seats={key: seat for key, cells in _of(bundle, "enrollments") if (seat := _seat(cells))},
    )
    leave_out_dependents(bundle)
    return bundle, without_left_out(roster, bundle)


def without_left_out(roster: Roster, bundle: Bundle) -> Roster:
    """The roster of the rows that are neither left out nor gone."""
    kept = {name: bundle.accepted(name) for name in bundle.rows}
    return replace(
        roster,
        orgs=_only(roster.orgs, kept.get("orgs")),
        sessions=_only(roster.sessions, kept.get("academicSessions")),
        classes=_only(roster.classes, kept.get("classes")),
        people=_only(roster.people, kept.get("users")),
        births=_only(roster.births, kept.get("demographics")),
        about=_only(roster.about, kept.get("demographics")),
        seats=_only(roster.seats, kept.get("enrollments")),
    )


def _only(values: Mapping[str, T], kept: Mapping[str, Cells] | None) -> dict[str, T]:
    return {key: value for key, value in values.items() if kept and key in kept}


def _of(bundle: Bundle, name: str) -> Iterable[tuple[str, Cells]]:
    """The rows that are there: those with a problem too, so that all their problems are found."""
    return bundle.rows[name].active.items() if name in bundle.rows else ()


# Rows


def _orgs(bundle: Bundle, notes: Findings) -> dict[str, Org]:
    orgs = {key: _org(cells) for key, cells in _of(bundle, "orgs")}
    found = bundle.rows["orgs"] if orgs else Rows("", is_bulk=True)
    above = _above_districts(orgs, found, notes)
    for key in above:
        found.active[key].warn("org_not_kept", _("It is larger than a district and was not brought in."), "type")
    return {key: replace(org, kind=None) if key in above else org for key, org in orgs.items()}


def _org(cells: Cells) -> Org:
    kind = cells.word("type", ORG_KINDS)
    return Org(line=cells.row.line, name=cells.text("name"), kind=kind, parent=cells["parentSourcedId"])


def _above_districts(orgs: Mapping[str, Org], found: Rows, notes: Findings) -> set[str]:
    """Whatever has a district below it, or is a nation: of a state, a local authority and a district below each
    other, the last is the district. A circle refuses the whole bundle."""
    above = {key for key, org in orgs.items() if org.kind is None and not found.active[key].is_left_out}
    for key, org in orgs.items():
        chain = _chain(key, orgs)
        if chain is None:
            sentence = _("The row is its own ancestor.")
            notes.refuse("reference_circular", sentence, found.file, org.line, "parentSourcedId")
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


def _people(bundle: Bundle, day: date) -> dict[str, Person]:
    places = _places(bundle, day)
    unknown: Places = (frozenset(), ()) if _tells_every_role(bundle) else (None, ())
    return {key: _person(cells, places.get(key, unknown)) for key, cells in _of(bundle, "users")}


def _tells_every_role(bundle: Bundle) -> bool:
    """Whether somebody without a role has none; else what they are is not said."""
    if bundle.manifest.version == "1.1":
        return True
    return "roles" in bundle.rows and bundle.rows["roles"].is_bulk


def _places(bundle: Bundle, day: date) -> dict[str, Places]:
    """Roles and organizations of each user: in their row (1.1), or in roles.csv (1.2), the primary ones first."""
    if bundle.manifest.version == "1.1":
        return {key: _place(cells) for key, cells in _of(bundle, "users")}
    roles: dict[str, list[Cells]] = {}
    for _key, cells in sorted(_of(bundle, "roles"), key=lambda pair: pair[1]["roleType"].casefold() != "primary"):
        ends_on = _span(cells, "beginDate")[1]
        if ends_on is None or ends_on >= day:
            roles.setdefault(cells["userSourcedId"], []).append(cells)
    return {user: (_role_names(rows), _role_orgs(rows)) for user, rows in roles.items()}


def _place(cells: Cells) -> Places:
    return frozenset(filter(None, [cells.word("role", ROLES)])), cells.items("orgSourcedIds")


def _role_names(rows: list[Cells]) -> frozenset[str]:
    """``ext:`` roles are allowed by the standard, and mean nothing to us."""
    ours = [cells for cells in rows if not cells["role"].casefold().startswith("ext:")]
    return frozenset(name for cells in ours if (name := cells.word("role", ROLES)))


def _role_orgs(rows: list[Cells]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cells["orgSourcedId"] for cells in rows))


def _person(cells: Cells, place: Places) -> Person:
    roles, orgs = place
    if not roles and "role" not in cells:
        cells.warn("role_missing", _("No role was sent for this person."))
    primary = cells.items("primaryOrgSourcedId")
    grades = cells.items("grades")
    if grades and len(grades[0]) > GRADE_LENGTH:
        sentence = _("The grade is longer than {limit} characters.").format(limit=GRADE_LENGTH)
        cells.refuse("value_too_long", sentence, "grades")
    return Person(
        line=cells.row.line,
        username=cells.text("username", ID_LENGTH),
        given_name=cells.text("givenName"),
        family_name=cells.text("familyName"),
        is_active=cells.boolean("enabledUser"),
        roles=roles,
        orgs=tuple(dict.fromkeys((*primary, *orgs))),
        agents=cells.items("agentSourcedIds") if "agentSourcedIds" in cells else None,
        email=cells.text("email", EMAIL_LENGTH) if "email" in cells else None,
        grade="".join(grades[:1]) if "grades" in cells else None,
        preferred_name=cells.text("preferredGivenName"),
        pronouns=cells.text("pronouns", PRONOUNS_LENGTH),
    )


def _seat(cells: Cells) -> Seat | None:
    role = cells.word("role", SEAT_ROLES)
    starts_on, ends_on = cells.day("beginDate"), cells.last_day("endDate")
    is_primary = cells.boolean("primary")
    if starts_on and ends_on and (ends_on - starts_on).days < -1:
        cells.refuse("dates_reversed", _("It must not end before it begins."), "endDate")
    if cells.is_left_out or not _is_kept(cells, role, starts_on, ends_on):
        return None
    return Seat(
        line=cells.row.line,
        class_id=cells["classSourcedId"],
        user_id=cells["userSourcedId"],
        teaches=role == "teacher",
        is_primary=is_primary,
        starts_on=starts_on,
        ends_on=ends_on,
        says_start="beginDate" in cells,
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
