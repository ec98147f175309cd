"""The weekly letter: a guardian's own, and sheets for who teaches and who leads."""

from __future__ import annotations

from tests.routes.common import HEADS, TEACHERS, Expected

GUARDIANS = {"guardian", "guardian_from_nowhere", "guardian_allowed"}
LEADING = {
    "own": {200: HEADS},
    "other_class": {200: HEADS},
    "other_school": {200: {"teacher_here_leader_there", "administrator"}},
    "other_district": {200: {"far_administrator"}},
}
READING = {place: {200: LEADING[place][200] | {"privacy_officer"}} for place in LEADING}
READING["own"] = {200: {*HEADS, *TEACHERS, "privacy_officer"}}
READING["other_district"] = {200: {"far_teacher", "far_administrator"}}

EXPECTED: dict[str, Expected] = {
    "letters:letter-mine": Expected({"own": {200: GUARDIANS}}),
    "letters:group-letters": Expected(READING),
    "letters:school-letters": Expected(LEADING),
}
