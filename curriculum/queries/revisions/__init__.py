"""What a revision changes, in words; how much it touches; and what was said before it."""

from curriculum.queries.revisions.changes import Detail, Line, list_lines, read_lines
from curriculum.queries.revisions.crosswalk import CrosswalkLine, Walk, read_crosswalk
from curriculum.queries.revisions.parts import Parts
from curriculum.queries.revisions.past import TargetWords, changes_by_target, last_day_before_change, words_as_of
from curriculum.queries.revisions.touched import Touched, count_touched, past_year

__all__ = [
    "CrosswalkLine",
    "Detail",
    "Line",
    "Parts",
    "TargetWords",
    "Touched",
    "Walk",
    "changes_by_target",
    "count_touched",
    "last_day_before_change",
    "list_lines",
    "past_year",
    "read_crosswalk",
    "read_lines",
    "words_as_of",
]
