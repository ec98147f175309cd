"""The record as it stood at the end of a past day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import Cell, State
from students.mastery.queries.derive import compute_states
from students.mastery.queries.ways import ways_of


def states_as_of(students: Collection[Student], day: date) -> dict[Cell, State]:
    """Every state of the students (with their schools) at the end of ``day`` where their school is.

    From the rows recorded by then, by the method in force then, through the crosswalk rows applied by then: what
    was recorded or revised later changes none of it. 7 queries for each school. Merged records have no states.
    """
    by_school: dict[int, list[Student]] = defaultdict(list)
    for student in students:
        by_school[student.school_id].append(student)
    states: dict[Cell, State] = {}
    for together in by_school.values():
        before = end_of_day(day, together[0].school.time_zone)
        choice = ways_of(together, day, before)
        states |= compute_states(list(choice), choice, before=before)
    return states
