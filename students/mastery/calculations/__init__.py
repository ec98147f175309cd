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
    "Counts",
    "JudgementRow",
    "ScaleRange",
    "ScoreRow",
    "State",
    "Step",
    "Ways",
    "compute_state",
    "count_targets",
    "find_place",
    "round_half_away",
    "suggest",
]
