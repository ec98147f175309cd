"""The record as it stood at the end of a past day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import Cell, State
from students.mastery.queries.derive import compute_states, read_logs, states_of
from students.mastery.queries.ways import ways_of


def states_as_of(students: Collection[Student], day: date) -> dict[Cell, State]:
    """Every state of the students (with their schools) at the end of ``day`` where their school is.

    From the rows recorded by then, by the method in force then, through the crosswalk rows applied by then: what
    was recorded or revised later changes none of it. 5 queries for each school. Merged records have no states.
    """
    states: dict[Cell, State] = {}
    for together in _by_school(students):
        before = end_of_day(day, together[0].school.time_zone)
        choice = ways_of(together, day, before)
        states |= compute_states(list(choice), choice, before=before)
    return states


def read_grid_as_of(students: Collection[Student], target_ids: Collection[int], day: date) -> dict[Cell, State]:
    """As ``states_as_of``, on these targets alone: what a grid of them showed to the staff at the end of ``day``."""
    states: dict[Cell, State] = {}
    for together in _by_school(students):
        before = end_of_day(day, together[0].school.time_zone)
        choice = ways_of(together, day, before)
        states |= states_of(read_logs(list(choice), target_ids, before=before), choice)
    return states


def _by_school(students: Collection[Student]) -> Collection[list[Student]]:
    schools: dict[int, list[Student]] = defaultdict(list)
    for student in students:
        schools[student.school_id].append(student)
    return schools.values()
