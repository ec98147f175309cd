"""How groups of students are doing, in counts: for those who lead."""

from __future__ import annotations

from tests.routes.common import HEADS, Answers, Expected


def leading(status: int) -> Answers:
    return {
        "own": {status: HEADS},
        "other_class": {status: HEADS},
        "other_school": {status: {"teacher_here_leader_there", "administrator"}},
        "other_district": {status: {"far_administrator"}},
    }


EXPECTED: dict[str, Expected] = {
    "mastery:progress-show": Expected(leading(200)),
    "mastery:progress-count": Expected(leading(302), method="post"),
    "mastery:progress-export": Expected(leading(200)),
}
