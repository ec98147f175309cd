"""Editing a curriculum: the one way in which areas, topics and targets change by hand.

An edit names what it is about and the new values of its fields. On a draft it is carried out at once; on a published
framework it goes into the open revision, which carries out all of its edits on the day it is published. An added row
has its identity before it is there, so that other edits of the same revision can refer to it.
"""

from curriculum.calculations.outline import ENDING
from curriculum.services.edits.edit import (
    BATCH,
    FIELDS,
    FRAMEWORK_OF,
    MODELS,
    PLACES,
    CircleOfPrerequisites,
    Edit,
    EditRefused,
    circle_found,
)
from curriculum.services.edits.make import check_may_write, make_edits
from curriculum.services.edits.work import apply_edits

__all__ = [
    "BATCH",
    "ENDING",
    "FIELDS",
    "FRAMEWORK_OF",
    "MODELS",
    "PLACES",
    "CircleOfPrerequisites",
    "Edit",
    "EditRefused",
    "apply_edits",
    "check_may_write",
    "circle_found",
    "make_edits",
]
