"""A student's pages for early readers, who chooses them, and the children of a family."""

from __future__ import annotations

from tests.routes.common import HEADS, LOOKING, STUDENT, TEACHERS, Answers, Expected
from tests.routes.mastery_showing import own

READERS = {"student", "guardian", "guardian_from_nowhere", "substitute", "counselor"}
CHOOSING: Answers = {
    "own": {302: {*TEACHERS, "case_manager", "office", *HEADS}, 403: {*READERS, *LOOKING}},
    "other_class": {302: {*HEADS, "office"}, 403: LOOKING},
    "other_school": {302: {"teacher_here_leader_there", "administrator"}, 403: LOOKING},
    "other_district": {302: {"far_teacher", "far_administrator"}},
}
TAP = {"uuid": "0190a1a1-0000-7000-8000-000000000d06"}

EXPECTED: dict[str, Expected] = {
    "student:early": Expected(STUDENT),
    "student:early-want": Expected(own(302), method="post", payload=TAP),
    "student:pages-choose": Expected(CHOOSING, method="post", payload={"is_early_reader": "on"}),
    "student:children": Expected(rest=200),
}
