"""Walking the room, and its sheet on paper: for whoever records in the group, and substitutes."""

from __future__ import annotations

from tests.routes.common import HEADS, LOOKING, TEACHERS, Answers, Expected


def walking(status: int) -> Answers:
    return {
        "own": {status: TEACHERS | {"substitute"}, 403: HEADS | LOOKING},
        "other_class": {403: HEADS | LOOKING},
        "other_school": {403: {"teacher_here_leader_there", "administrator", *LOOKING}},
        "other_district": {status: {"far_teacher"}, 403: {"far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "mastery:walk-show": Expected(walking(200)),
    "mastery:walk-absent": Expected(walking(200), method="post"),
    "mastery:walk-sheet": Expected(walking(200)),
    "mastery:walk-enter": Expected(walking(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("mastery:walk-show", Expected(walking(422), method="post")),
    ("mastery:walk-enter", Expected(walking(422), method="post")),
]
