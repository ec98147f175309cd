"""The table of every route: who gets in where. One module per part of the site.

A module has EXPECTED (route → what is expected of it), may have MORE (what a route does with another method or form
of the answer), and may have ``objects(world, place)``: what its addresses name, by the name in the address.
"""

from __future__ import annotations

from types import ModuleType

from tests.routes import (
    api,
    curriculum_case,
    curriculum_case_in,
    curriculum_reading,
    curriculum_revisions,
    curriculum_scales,
    curriculum_sheets,
    curriculum_words,
    curriculum_writing,
    groups,
    guardians,
    learning,
    letters,
    mastery_excuse,
    mastery_grid,
    mastery_needs,
    mastery_progress,
    mastery_showing,
    mastery_strands,
    mastery_walk,
    mastery_ways,
    mastery_why,
    mastery_words,
    notices,
    organizations,
    privacy,
    roster,
    sign_in,
    staff,
    student_home,
    students,
    threads,
    year,
)

PARTS: list[ModuleType] = [
    api,
    curriculum_case,
    curriculum_case_in,
    curriculum_reading,
    curriculum_revisions,
    curriculum_scales,
    curriculum_sheets,
    learning,
    letters,
    mastery_excuse,
    mastery_grid,
    mastery_needs,
    mastery_progress,
    mastery_showing,
    mastery_strands,
    mastery_walk,
    mastery_ways,
    mastery_why,
    mastery_words,
    notices,
    organizations,
    staff,
    student_home,
    students,
    groups,
    guardians,
    sign_in,
    roster,
    year,
    privacy,
    curriculum_writing,
    curriculum_words,
    threads,
]
EXPECTED = {route: expected for part in PARTS for route, expected in part.EXPECTED.items()}
MORE = [case for part in PARTS for case in getattr(part, "MORE", [])]
