"""School years, their terms, and days without school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from lpm.audit.services import record_entry
from lpm.people.enums import TermKind
from lpm.people.models import Closure, Organization, SchoolYear, Term, User, district_id_of
from lpm.people.policy import Action
from lpm.people.services.organizations import RosterOwns, check_allowed
from lpm.people.services.roles import WrongDates

LONGEST_YEAR = 400  # days


class Overlaps(Exception):
    """Two school years of one organization, or two terms of one kind, share a day."""


class OutsideYear(Exception):
    """A term reaches beyond its school year."""


class TooLong(Exception):
    """A school year has more than 400 days: one of them was mistyped."""


@dataclass(frozen=True)
class Span:
    """What something is called, and its first and last day."""

    title: str
    starts_on: date
    ends_on: date


@transaction.atomic
def add_school_year(*, organization: Organization, span: Span, actor: User | None, day: date) -> SchoolYear:
    """Raises WrongDates, TooLong, Overlaps."""
    _check_calendar(organization, actor, day)
    year = SchoolYear(organization=organization)
    _put_year(year, span)
    _record("people.add_school_year", organization, actor, year=str(year.uuid))
    return year


@transaction.atomic
def change_school_year(*, year: SchoolYear, span: Span, actor: User | None, day: date) -> SchoolYear:
    """Raises RosterOwns, WrongDates, TooLong, Overlaps; OutsideYear when a term would not lie in it any more."""
    _check_calendar(year.organization, actor, day)
    if year.source_id:
        raise RosterOwns
    if year.terms.exclude(starts_on__gte=span.starts_on, ends_on__lte=span.ends_on).exists():
        raise OutsideYear
    _put_year(year, span)
    _record("people.change_school_year", year.organization, actor, year=str(year.uuid))
    return year


def _put_year(year: SchoolYear, span: Span) -> None:
    _check_order(span)
    if (span.ends_on - span.starts_on).days >= LONGEST_YEAR:
        raise TooLong
    others = year.organization.school_years.exclude(pk=year.pk)
    if others.filter(ends_in=span.ends_on.year).exists() or _meets(others, span):
        raise Overlaps
    year.ends_in = span.ends_on.year
    _put(year, span)


@transaction.atomic
def add_term(*, year: SchoolYear, kind: TermKind, span: Span, actor: User | None, day: date) -> Term:
    """Raises WrongDates, OutsideYear, Overlaps."""
    _check_calendar(year.organization, actor, day)
    term = Term(school_year=year, kind=kind)
    _put_term(term, span)
    _record("people.add_term", year.organization, actor, term=str(term.uuid))
    return term


@transaction.atomic
def change_term(*, term: Term, kind: TermKind, span: Span, actor: User | None, day: date) -> Term:
    """Raises RosterOwns, WrongDates, OutsideYear, Overlaps."""
    _check_calendar(term.school_year.organization, actor, day)
    if term.source_id:
        raise RosterOwns
    term.kind = kind
    _put_term(term, span)
    _record("people.change_term", term.school_year.organization, actor, term=str(term.uuid))
    return term


def _put_term(term: Term, span: Span) -> None:
    _check_order(span)
    year = term.school_year
    if span.starts_on < year.starts_on or span.ends_on > year.ends_on:
        raise OutsideYear
    if _meets(year.terms.filter(kind=term.kind).exclude(pk=term.pk), span):
        raise Overlaps
    _put(term, span)


@transaction.atomic
def add_closures(*, organization: Organization, spans: Sequence[Span], actor: User | None, day: date) -> list[Closure]:
    """Days without school. One that is there already, days and title alike, is left out. Raises WrongDates."""
    _check_calendar(organization, actor, day)
    for span in spans:
        _check_order(span)
    there = {Span(row.title, row.starts_on, row.ends_on) for row in organization.closures.all()}
    new = [
        Closure(organization=organization, title=span.title, starts_on=span.starts_on, ends_on=span.ends_on)
        for span in dict.fromkeys(spans)
        if span not in there
    ]
    Closure.objects.bulk_create(new)
    _record("people.add_closures", organization, actor, closures=[str(closure.uuid) for closure in new])
    return new


@transaction.atomic
def change_closure(*, closure: Closure, span: Span, actor: User | None, day: date) -> Closure:
    """Raises WrongDates."""
    _check_calendar(closure.organization, actor, day)
    _check_order(span)
    _put(closure, span)
    _record("people.change_closure", closure.organization, actor, closure=str(closure.uuid))
    return closure


@transaction.atomic
def remove_closure(*, closure: Closure, actor: User | None, day: date) -> None:
    """A closure is a plan, not a record: the entry keeps its days."""
    _check_calendar(closure.organization, actor, day)
    days = [closure.starts_on.isoformat(), closure.ends_on.isoformat()]
    _record("people.remove_closure", closure.organization, actor, closure=str(closure.uuid), days=days)
    closure.delete()


def _check_calendar(organization: Organization, actor: User | None, day: date) -> None:
    """And hold the calendar, so that of two people who change it at once the second sees what the first did."""
    check_allowed(organization=organization, action=Action.MANAGE_ORGANIZATION, actor=actor, day=day)
    Organization.objects.select_for_update().get(pk=organization.pk)


def _check_order(span: Span) -> None:
    if span.ends_on < span.starts_on:
        raise WrongDates


def _meets(rows: QuerySet[Any], span: Span) -> bool:
    return rows.filter(starts_on__lte=span.ends_on, ends_on__gte=span.starts_on).exists()


def _put(row: SchoolYear | Term | Closure, span: Span) -> None:
    row.title, row.starts_on, row.ends_on = span.title, span.starts_on, span.ends_on
    row.save()


def _record(action: str, organization: Organization, actor: User | None, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        **details,
    )
