from lpm.home.queries.advising import Advising, read_advising
from lpm.home.queries.leading import Week, read_week
from lpm.home.queries.office import Office, read_office
from lpm.home.queries.places import (
    Places,
    children_of,
    find_places,
    groups_of,
    schools_of,
    with_card,
    with_count,
)
from lpm.home.queries.privacy import Privacy, read_privacy
from lpm.home.queries.reach import Reach, find_reach
from lpm.home.queries.runs import Runs, read_runs
from lpm.home.queries.teaching import Teaching, read_teaching
from lpm.home.queries.wide import Wide, read_wide
from lpm.home.queries.writing import Writing, read_writing

__all__ = [
    "Advising",
    "Office",
    "Places",
    "Privacy",
    "Reach",
    "Runs",
    "Teaching",
    "Week",
    "Wide",
    "Writing",
    "children_of",
    "find_places",
    "find_reach",
    "groups_of",
    "read_advising",
    "read_office",
    "read_privacy",
    "read_runs",
    "read_teaching",
    "read_week",
    "read_wide",
    "read_writing",
    "schools_of",
    "with_card",
    "with_count",
]
