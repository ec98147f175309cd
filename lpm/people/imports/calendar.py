"""academicSessions.csv and classes.csv: school years, terms, and the groups in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lpm.people.imports.context import Context
from lpm.people.imports.roster import ClassRow, Session
from lpm.people.models import Group, SchoolYear, Term
from lpm.people.services import differing, link_terms, write_rows


def write_calendar(context: Context) -> dict[str, Term]:
    """School years and terms; returns the terms by sourcedId, those that were known too."""
    years = _write_years(context)
    wanted = {
        key: {
            "sourced_id": key,
            "school_year_id": years[session.ends_in].pk,
            "kind": session.kind,
            "title": session.title,
            "starts_on": session.starts_on,
            "ends_on": session.ends_on,
        }
        for key, session in context.roster.sessions.items()
        if session.kind
    }
    found = context.known.terms
    counts = context.report.count("terms")
    written = write_rows(model=Term, source=context.source, found=found, wanted=wanted, counts=counts)
    _note_gone(context, "orgs", len(context.known.organizations.keys() & _gone(context, "orgs")))
    _note_gone(context, "academicSessions", len(found.keys() & _gone(context, "academicSessions")))
    return {**found, **written}


def _gone(context: Context, name: str) -> set[str]:
    return set(context.bundle.rows[name].gone) if name in context.bundle.rows else set()


def _note_gone(context: Context, name: str, count: int) -> None:
    """Too much hangs on these for a file to end them."""
    if count:
        sentence = _("{count} rows are marked as deleted; what they stand for stays as it is.").format(count=count)
        context.warn(name, "deleted_stays", sentence, None, "status")


def _write_years(context: Context) -> dict[int, SchoolYear]:
    """By the year in which they end. One that is not of this source is used as it stands."""
    found = context.known.years
    others = {ends_in: row for ends_in, row in found.items() if row.source_id != context.source.pk}
    wanted = {
        ends_in: _year(context, ends_in, found.get(ends_in))
        for ends_in in dict.fromkeys(session.ends_in for session in context.roster.sessions.values())
        if ends_in not in others
    }
    counts = context.report.count("school_years")
    return others | write_rows(model=SchoolYear, source=context.source, found=found, wanted=wanted, counts=counts)


def _year(context: Context, ends_in: int, found: SchoolYear | None) -> dict[str, Any]:
    """As its sessions of type schoolYear say. Without any, it spans its other sessions and never shrinks."""
    inside = {key: session for key, session in context.roster.sessions.items() if session.ends_in == ends_in}
    said = {key: session for key, session in inside.items() if session.kind is None}
    starts_on, ends_on = _span((said or inside).values())
    if not said and found:
        return {"starts_on": min(starts_on, found.starts_on), "ends_on": max(ends_on, found.ends_on)}
    for session in list(said.values())[1:]:
        sentence = _("There is more than one school year that ends in {year}; they are taken as one.")
        context.warn("academicSessions", "school_year_twice", sentence.format(year=ends_in), session.line)
    key = next(iter(said), "")
    title = said[key].title if said else f"{ends_in - 1}–{ends_in}"
    return {
        "organization_id": context.organization.pk,
        "ends_in": ends_in,
        "sourced_id": key,
        "title": title,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }


def _span(sessions: Iterable[Session]) -> tuple[date, date]:
    sessions = list(sessions)
    return min(session.starts_on for session in sessions), max(session.ends_on for session in sessions)


def write_groups(context: Context, terms: dict[str, Term]) -> dict[str, Group]:
    """The groups, by sourcedId, in the span of their sessions; those that were known too."""
    wanted = {key: _group(context, key, row) for key, row in context.roster.classes.items()}
    found = context.known.groups
    counts = context.report.count("groups")
    same = {row.pk for key, row in found.items() if key in wanted and not differing(row, wanted[key])}
    groups = write_rows(model=Group, source=context.source, found=found, wanted=wanted, counts=counts)
    links = {group.pk: _term_pks(context.roster.classes[key], terms) for key, group in groups.items()}
    moved = same & link_terms(source=context.source, terms=links)
    counts.same -= len(moved)
    counts.change += len(moved)
    return {**found, **groups}


def _group(context: Context, key: str, row: ClassRow) -> dict[str, Any]:
    school = context.school(row.school)
    assert school  # checked
    spans = [context.span(session) for session in row.sessions]
    return {
        "sourced_id": key,
        "district_id": school.parent_id,
        "school_id": school.pk,
        "kind": row.kind,
        "name": row.title,
        "code": row.code,
        "starts_on": min(starts_on for starts_on, _ends_on in spans),
        "ends_on": max(ends_on for _starts_on, ends_on in spans),
    }


def _term_pks(row: ClassRow, terms: dict[str, Term]) -> list[int]:
    """A class may name a whole school year, which is no term."""
    return [terms[key].pk for key in row.sessions if key in terms]
