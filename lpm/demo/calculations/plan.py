"""Everything about the people of the district, drawn once: the same size, years and seed give the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from lpm.demo.calculations.calendar import Year, school_years
from lpm.demo.calculations.families import Child, Family, children_of, make_families
from lpm.demo.calculations.names import Usernames
from lpm.demo.calculations.schools import (
    WELL_KNOWN,
    School,
    Section,
    Worker,
    make_schools,
    make_sections,
    make_workers,
)

FEWEST, MOST = 12, 50_000  # students
LONGEST = 6  # years
OF_A_TOWN = 1200  # students


@dataclass(frozen=True)
class Plan:
    """``sections`` are those of each year, in the order of ``years``, which is that of time."""

    seed: str
    day: date
    years: Sequence[Year]
    schools: Sequence[School]
    workers: Sequence[Worker]
    families: Sequence[Family]
    children: Mapping[str, tuple[Family, Child]]
    sections: Mapping[int, Sequence[Section]]

    @property
    def towns(self) -> range:
        return range(max(school.town for school in self.schools) + 1)

    @property
    def last_school_day(self) -> date:
        """The last one before ``day``."""
        return self.school_days[-1]

    @property
    def school_days(self) -> list[date]:
        """Those of the year under way that lie before ``day``."""
        return [day for _week, days in self.years[-1].weeks(self.day) for day in days]


def make_plan(*, students: int, years: int, seed: str, day: date) -> Plan:
    """Raises ValueError for a size that makes no district."""
    if not FEWEST <= students <= MOST or not 1 <= years <= LONGEST:
        raise ValueError(f"From {FEWEST} to {MOST} students, and from 1 to {LONGEST} years.")
    towns = ceil(students / OF_A_TOWN)
    usernames = Usernames([*(one.username for one in WELL_KNOWN), "consortium"])
    families = make_families(students=students, towns=towns, years=years, seed=seed, usernames=usernames)
    schools = make_schools(towns)
    workers = make_workers(schools, students, usernames, seed)
    return Plan(
        seed=seed,
        day=day,
        years=school_years(day, years, seed),
        schools=schools,
        workers=workers,
        families=families,
        children=children_of(families),
        sections={
            back: make_sections(schools=schools, workers=workers, families=families, back=back, seed=seed)
            for back in reversed(range(years))
        },
    )
