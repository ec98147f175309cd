"""Which rows of a grid to show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from lpm.lib.dates import end_of_day
from lpm.people.models import Organization, User
from lpm.people.queries.calendar import instructional_days
from students.mastery.enums import GridFilter
from students.mastery.models import Assessment
from students.mastery.queries.grid.looks import GridCell
from students.mastery.queries.grid.read import Keep

QUIET_DAYS = 10  # with school
FURTHEST = 120  # days back in which these are looked for


def keeper(chosen: str, viewer: User, school: Organization, day: date) -> Keep | None:
    """What to keep of the rows; None is all. In 4 queries for whom one has not heard from, none for the others."""
    if chosen == GridFilter.BELOW:
        return lambda _student, cells: any(is_below(cell) for cell in cells)
    if chosen == GridFilter.FLAGGED:
        return lambda _student, cells: any(cell.is_flagged for cell in cells)
    if chosen == GridFilter.QUIET:
        heard = heard_from(viewer, school, day)
        return lambda student, _cells: student not in heard
    return None


def is_below(cell: GridCell) -> bool:
    return cell.level is not None and not cell.is_proficient and not cell.is_strand


def heard_from(viewer: User, school: Organization, day: date) -> set[int]:
    """The students for whom ``viewer`` recorded something in the last QUIET_DAYS days with school."""
    days: Sequence[date] = instructional_days(school, day - timedelta(days=FURTHEST), day)[-QUIET_DAYS:]
    first = days[0] if days else day
    since = end_of_day(first - timedelta(days=1), school.time_zone)
    rows: Collection[tuple[int, int | None]] = Assessment.objects.filter(
        recorder=viewer, recorded_at__gte=since
    ).values_list("student_id", "student__merged_into_id")
    return {merged or student for student, merged in rows}
