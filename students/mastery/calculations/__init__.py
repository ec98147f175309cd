from students.mastery.calculations.follow import Cell, Logs, Route, Routes, follow
from students.mastery.calculations.methods import (
    METHODS,
    ScaleRange,
    round_half_away,
    suggest,
)
from students.mastery.calculations.place import Counts, Step, count_targets, find_place
from students.mastery.calculations.state import (
    JudgementRow,
    ScoreRow,
    State,
    Ways,
    compute_state,
)

__all__ = [
    "METHODS",
    "Cell",
    "Counts",
    "JudgementRow",
    "Logs",
    "Route",
    "Routes",
    "ScaleRange",
    "ScoreRow",
    "State",
    "Step",
    "Ways",
    "compute_state",
    "count_targets",
    "find_place",
    "follow",
    "round_half_away",
    "suggest",
]
