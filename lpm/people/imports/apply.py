"""A checked roster, written through the services, in the order in which rows need each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lpm.lib.imports import Findings, ImportRefused, Progress, Report
from lpm.people.imports.about import write_about
from lpm.people.imports.bundle import Bundle
from lpm.people.imports.calendar import write_calendar, write_groups
from lpm.people.imports.check import checked
from lpm.people.imports.context import Context, Known
from lpm.people.imports.ends import Standing, ask_about_ends, end_absent
from lpm.people.imports.persons import write_guardianships, write_students, write_users
from lpm.people.imports.places import find_source, place_organizations_of
from lpm.people.imports.roster import Roster
from lpm.people.imports.seats import write_seats
from lpm.people.models import Organization, Student, User
from lpm.people.services import one_at_a_time, record_roster, tell_moves


@dataclass(frozen=True)
class Order:
    """What was asked for. ``allows_ends`` is whether a person said that so many may end."""

    organization: Organization | None
    actor: User | None
    day: date
    is_dry: bool
    allows_ends: bool


def apply_roster(
    *, bundle: Bundle, roster: Roster, order: Order, notes: Findings, report: Report, on_progress: Progress
) -> None:
    """Write everything; what cannot be goes to ``notes``. Raises ImportRefused where nothing more can be said.

    Call it in a transaction, and roll that back when ``notes`` are refusing.
    """
    one_at_a_time(organization=order.organization)
    counts = report.count("organizations")
    source = find_source(roster=roster, organization=order.organization, actor=order.actor, counts=counts)
    context = Context(bundle, roster, source, Known(source), order.day, notes, report)
    place_organizations_of(context)
    on_progress(35)
    context = checked(context)
    on_progress(45)
    before = Standing.of(context.known, order.day)
    _write(context, on_progress)
    _ask(context, before, order)
    on_progress(95)
    record_roster(source=source, report=report, actor=order.actor)


def _write(context: Context, on_progress: Progress) -> None:
    schools = {row.pk: row.school_id for row in context.known.students.values()}
    groups = write_groups(context, write_calendar(context))
    users = write_users(context)
    on_progress(60)
    students = write_students(context, users)
    write_about(context, students)
    on_progress(70)
    write_guardianships(context, users, students)
    write_seats(context, groups, users, students)
    end_absent(context)
    on_progress(85)
    _settle(context, schools, students)


def _settle(context: Context, schools: dict[int, int], students: dict[str, Student]) -> None:
    """What follows from where the students are now."""
    ours = [row for row in students.values() if row.source_id == context.source.pk]
    moved = [row.pk for row in ours if schools.get(row.pk, row.school_id) != row.school_id]
    tell_moves(student_ids=[row.pk for row in ours], moved=moved, day=context.day)


def _ask(context: Context, before: Standing, order: Order) -> None:
    """Raises ImportRefused, unless it is a dry run, which says so."""
    problem = ask_about_ends(context, before)
    if problem is None:
        return
    if order.allows_ends:
        context.report.asks = {}
    elif order.is_dry:
        context.notes.warn(problem.code, problem.sentence)
    else:
        raise ImportRefused(problem)
