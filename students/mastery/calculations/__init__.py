from students.mastery.calculations.asks_why import asks_why
from students.mastery.calculations.change_it import Onward, what_would_change
from students.mastery.calculations.examples import EXAMPLES, Candidate, CandidateRow, ExampleStudent, Made, try_methods
from students.mastery.calculations.follow import Cell, Logs, Route, Routes, follow
from students.mastery.calculations.methods import (
    METHODS,
    ScaleRange,
    Value,
    check_parameters,
    explain,
    prepare,
    round_half_away,
    suggest,
)
from students.mastery.calculations.place import Counts, Step, count_targets, find_place
from students.mastery.calculations.requirement import Missing, Part, Requirement, evidence_requirement
from students.mastery.calculations.state import (
    Conversion,
    JudgementRow,
    ScoreRow,
    State,
    Ways,
    compute_state,
    rests_on_agreement,
    was_lifted,
)

__all__ = [
    "EXAMPLES",
    "METHODS",
    "Candidate",
    "CandidateRow",
    "Cell",
    "Conversion",
    "Counts",
    "ExampleStudent",
    "JudgementRow",
    "Logs",
    "Made",
    "Missing",
    "Onward",
    "Part",
    "Requirement",
    "Route",
    "Routes",
    "ScaleRange",
    "ScoreRow",
    "State",
    "Step",
    "Value",
    "Ways",
    "asks_why",
    "check_parameters",
    "compute_state",
    "count_targets",
    "evidence_requirement",
    "explain",
    "find_place",
    "follow",
    "prepare",
    "rests_on_agreement",
    "round_half_away",
    "suggest",
    "try_methods",
    "was_lifted",
    "what_would_change",
]
