"""How the students of each school are doing, counted: the pages of those who lead are full at once."""

from __future__ import annotations

from lpm.demo.services.making import Making
from students.mastery.services.progress import count_school


def count_schools(making: Making) -> None:
    for school in making.schools.values():
        count_school(school=school, day=making.day)
