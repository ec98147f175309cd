"""enrollments.csv: who teaches and who learns where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lpm.people.enums import StaffRole
from lpm.people.imports.context import Context
from lpm.people.imports.persons import kept_id
from lpm.people.imports.roster import Seat
from lpm.people.models import Enrollment, Group, Staffing, Student, User
from lpm.people.services import end_rows, write_rows

Dates = dict[str, Any]


def write_seats(
    context: Context, groups: dict[str, Group], users: dict[str, User], students: dict[str, Student]
) -> None:
    """A row that a complete roster no longer holds, or that changes say is gone, ended yesterday."""
    if "enrollments" not in context.bundle.rows:
        return
    seats = {key: seat for key, seat in context.roster.seats.items() if _may_sit(context, seat, students)}
    staff = {key: _staffing(context, key, seat, groups, users) for key, seat in seats.items() if seat.teaches}
    _tell_leaders(context, seats, staff)
    learners = {
        key: _enrollment(context, key, seat, groups, students) for key, seat in seats.items() if not seat.teaches
    }
    _write(context, Staffing, "staffing", context.known.staffing, staff)
    _write(context, Enrollment, "enrollments", context.known.enrollments, learners)


def _may_sit(context: Context, seat: Seat, students: dict[str, Student]) -> bool:
    if seat.teaches or seat.user_id in students:
        return True
    sentence = _("The person is no student in users.csv; the row was passed over.")
    context.warn("enrollments", "not_a_student", sentence, seat.line, "userSourcedId")
    return False


def _staffing(context: Context, key: str, seat: Seat, groups: dict[str, Group], users: dict[str, User]) -> Dates:
    found = context.known.staffing.get(key)
    return _dated(key, seat, groups, found) | {"user_id": users[seat.user_id].pk}


def _tell_leaders(context: Context, seats: Mapping[str, Seat], staff: dict[str, Dates]) -> None:
    """The primary teacher leads; where nobody is named primary, all do. Changes alone leave who leads as it is."""
    led = {seats[key].class_id for key in staff if seats[key].is_primary}
    is_whole = context.bundle.rows["enrollments"].is_bulk
    for key, values in staff.items():
        leads = seats[key].is_primary or (seats[key].class_id not in led)
        if is_whole or seats[key].is_primary or key not in context.known.staffing:
            values["role"] = StaffRole.TEACHER if leads else StaffRole.CO_TEACHER


def _enrollment(
    context: Context, key: str, seat: Seat, groups: dict[str, Group], students: dict[str, Student]
) -> Dates:
    student = students[seat.user_id]
    found = context.known.enrollments.get(key)
    return _dated(key, seat, groups, found) | {"student_id": kept_id(student), "district_id": student.district_id}


def _dated(key: str, seat: Seat, groups: dict[str, Group], found: Staffing | Enrollment | None) -> Dates:
    group = groups[seat.class_id]
    values = {"sourced_id": key, "group_id": group.pk, "ends_on": seat.ends_on}
    if found and not seat.says_start:
        return values
    return values | {"starts_on": seat.starts_on or group.starts_on}


def _write(
    context: Context,
    model: type[Staffing] | type[Enrollment],
    kind: str,
    found: Mapping[str, Any],
    wanted: dict[str, Dates],
) -> None:
    counts = context.report.count(kind)
    write_rows(model=model, source=context.source, found=found, wanted=wanted, counts=counts)
    rows = context.bundle.rows["enrollments"]
    named = rows.accepted().keys() - wanted.keys()  # a teacher now, or of a role that is passed over
    gone = [row for key, row in found.items() if key in named or rows.is_absent(key)]
    end_rows(model=model, rows=gone, last_day=context.last_day_before, counts=counts)
