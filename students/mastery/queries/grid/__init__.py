"""The grid: students by targets."""

from students.mastery.queries.grid.looks import EMPTY_CELL, OFF, GridCell, look_as_dict, look_of
from students.mastery.queries.grid.past import NOW, Standing, recency_of
from students.mastery.queries.grid.read import Grid, GridRow, GridTarget, Share, find_topic, read_changed, read_grid
from students.mastery.queries.grid.rows import QUIET_DAYS, keeper

__all__ = [
    "EMPTY_CELL",
    "NOW",
    "OFF",
    "QUIET_DAYS",
    "Grid",
    "GridCell",
    "GridRow",
    "GridTarget",
    "Share",
    "Standing",
    "find_topic",
    "keeper",
    "look_as_dict",
    "look_of",
    "read_changed",
    "read_grid",
    "recency_of",
]
