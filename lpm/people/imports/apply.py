"""A checked roster, written through the services, in the order in which rows need each other."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lpm.lib.imports import Findings, Progress, Report
from lpm.people.enums import StaffRole
from lpm.people.imports.calendar import write_calendar, write_groups
from lpm.people.imports.context import Context
from lpm.people.imports.persons import note_absent, write_guardianships, write_students, write_users
from lpm.people.imports.places import find_source, place_organizations_of
from lpm.people.imports.roster import Roster, Seat
from lpm.people.models import Enrollment, Group, Organization, Staffing, Student, User
from lpm.people.services import end_rows, one_at_a_time, record_roster, write_rows


def apply_roster(
    *,
    roster: Roster,
    organization: Organization | None,
    actor: User | None,
    day: date,
    notes: Findings,
    report: Report,
    on_progress: Progress,
) -> None:
    """Write everything; what cannot be goes to ``notes``. Raises ImportRefused where nothing more can be said.

    Call it in a transaction, and roll that back when ``notes`` are refusing.
    """
    one_at_a_time(organization=organization)
    counts = report.count("organizations")
    source = find_source(roster=roster, organization=organization, actor=actor, counts=counts)
    context = Context(roster=roster, source=source, day=day, notes=notes, report=report)
    place_organizations_of(context)
    notes.stop_if_refusing()
    on_progress(35)
    groups = write_groups(context, write_calendar(context))
    on_progress(45)
    users = write_users(context)
    on_progress(60)
    students = write_students(context, users)
    notes.stop_if_refusing()
    on_progress(70)
    write_guardianships(context, users, students)
    _write_seats(context, groups, users, students)
    _note_all_absent(context, groups, users, students)
    on_progress(95)
    record_roster(source=source, report=report, actor=actor)


def _write_seats(
    context: Context, groups: dict[str, Group], users: dict[str, User], students: dict[str, Student]
) -> None:
    """Who teaches and who learns where. A row that a complete roster no longer holds ended yesterday."""
    if not context.roster.seats:
        return
    seats = {key: seat for key, seat in context.roster.seats.items() if _may_sit(context, seat, students)}
    led = {seat.class_id for seat in seats.values() if seat.teaches and seat.is_primary}
    staff = {key: _staffing(key, seat, groups, users, led) for key, seat in seats.items() if seat.teaches}
    learners = {key: _enrollment(key, seat, groups, students) for key, seat in seats.items() if not seat.teaches}
    _write_dated(context, Staffing, "staffing", staff)
    _write_dated(context, Enrollment, "enrollments", learners)


def _may_sit(context: Context, seat: Seat, students: dict[str, Student]) -> bool:
    if seat.teaches or seat.user_id in students:
        return True
    sentence = _("The person is no student in users.csv; the row was passed over.")
    context.warn("enrollments", "not_a_student", sentence, seat.line, "userSourcedId")
    return False


def _staffing(key: str, seat: Seat, groups: dict[str, Group], users: dict[str, User], led: set[str]) -> dict[str, Any]:
    """The primary teacher leads; where nobody is named primary, all do."""
    leads = seat.is_primary or seat.class_id not in led
    role = StaffRole.TEACHER if leads else StaffRole.CO_TEACHER
    return _dated(key, seat, groups) | {"user_id": users[seat.user_id].pk, "role": role}


def _enrollment(key: str, seat: Seat, groups: dict[str, Group], students: dict[str, Student]) -> dict[str, Any]:
    student = students[seat.user_id]
    return _dated(key, seat, groups) | {"student_id": student.pk, "district_id": student.district_id}


def _dated(key: str, seat: Seat, groups: dict[str, Group]) -> dict[str, Any]:
    group = groups[seat.class_id]
    return {
        "sourced_id": key,
        "group_id": group.pk,
        "starts_on": seat.starts_on or group.starts_on,
        "ends_on": seat.ends_on,
    }


def _write_dated(
    context: Context, model: type[Staffing] | type[Enrollment], kind: str, wanted: dict[str, dict[str, Any]]
) -> None:
    found = {row.sourced_id: row for row in model._base_manager.filter(source=context.source)}
    counts = context.report.count(kind)
    write_rows(model=model, source=context.source, found=found, wanted=wanted, counts=counts)
    gone = [row for key, row in found.items() if key not in wanted]
    end_rows(model=model, rows=gone, last_day=context.last_day_before, counts=counts)


def _note_all_absent(
    context: Context, groups: dict[str, Group], users: dict[str, User], students: dict[str, Student]
) -> None:
    note_absent(
        context,
        Group,
        groups.values(),
        "groups_absent",
        _("{count} classes are no longer sent; they stay as they are."),
    )
    note_absent(
        context,
        User,
        users.values(),
        "users_absent",
        _("{count} people are no longer sent; they stay as they are."),
    )
    sentence = _("{count} students are no longer sent as students; they stay as they are.")
    note_absent(context, Student, students.values(), "students_absent", sentence)
