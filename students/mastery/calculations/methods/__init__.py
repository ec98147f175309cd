"""From evidence scores to a suggested level. Pure functions; exact in Decimal."""

from students.mastery.calculations.methods.registry import METHODS, Method, Parameter, Value, check_parameters
from students.mastery.calculations.methods.scale import PLACES, ScaleRange, round_half_away
from students.mastery.calculations.methods.suggest import (
    Calculation,
    check_scores,
    explain,
    prepare,
    suggest,
    suggest_exactly,
)

__all__ = [
    "METHODS",
    "PLACES",
    "Calculation",
    "Method",
    "Parameter",
    "ScaleRange",
    "Value",
    "check_parameters",
    "check_scores",
    "explain",
    "prepare",
    "round_half_away",
    "suggest",
    "suggest_exactly",
]
