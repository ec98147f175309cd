"""The grid, what is recorded in it, and saved views of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from students.mastery.models import Assessment, GridView
from tests.routes.common import GROUP, HEADS, LOOKING, SOUTH, TEACHERS, UNDOING, Answers, Expected, recording
from tests.world import DAY, Place, World

OWNERS = {
    "own": "teacher",
    "other_class": "leader",
    "other_school": "administrator",
    "other_district": "far_teacher",
}


def noting(done: int) -> Answers:
    """As ``recording``; substitutes note things, for a teacher to accept."""
    return {**recording(done), "own": {done: {*TEACHERS, "substitute"}, 403: HEADS | LOOKING}}


def of_owner(status: int) -> Answers:
    return {place: {status: {owner}} for place, owner in OWNERS.items()}


def seeing_group(status: int) -> Answers:
    return {place: {status: answers[200]} for place, answers in GROUP.items()}


TAKING_BACK: Answers = {**UNDOING, "own": {**UNDOING["own"], 403: HEADS | LOOKING}}
VOIDING: Answers = {
    "own": {200: TEACHERS | HEADS},
    "other_class": {200: HEADS},
    "other_school": {200: {"teacher_here_leader_there", "administrator"}},
    "other_district": {200: SOUTH},
}
VOIDED: Answers = {
    "own": {302: {"teacher"} | HEADS, 422: TEACHERS - {"teacher"}},
    "other_class": {302: HEADS},
    "other_school": {302: {"teacher_here_leader_there", "administrator"}},
    "other_district": {302: SOUTH},
}

EXPECTED: dict[str, Expected] = {
    "mastery:group-grid": Expected(GROUP),
    "mastery:grid-changes": Expected(GROUP),
    "mastery:grid-accept": Expected(recording(302), method="post"),
    "mastery:cell-pick": Expected(noting(302)),
    "mastery:mark-form": Expected(noting(200), query=("student", "target")),
    "mastery:mark-record": Expected(noting(201), method="post"),
    "mastery:marks-record": Expected(noting(422), method="post"),  # what is sent here is no JSON
    "mastery:mark-undo": Expected(TAKING_BACK, method="post"),
    "mastery:mark-void": Expected(VOIDING),
    "mastery:remark-list": Expected(GROUP, query=("student", "target")),
    "mastery:remark-record": Expected(recording(201), method="post", payload={"text": "saw it"}),
    "mastery:remark-undo": Expected(recording(422), method="post"),
    "mastery:view-list": Expected(rest=200),
    "mastery:view-create": Expected(GROUP),
    "mastery:view-show": Expected(of_owner(200)),
    "mastery:view-pick": Expected(of_owner(302)),
    "mastery:view-changes": Expected(of_owner(200)),
    "mastery:view-accept": Expected(of_owner(302), method="post"),
    "mastery:view-change": Expected(of_owner(200)),
    "mastery:view-delete": Expected(of_owner(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("mastery:mark-record", Expected(noting(302), method="post", accept="text/html")),
    ("mastery:mark-undo", Expected(noting(302), method="post", accept="text/html")),
    ("mastery:mark-void", Expected(VOIDED, method="post", payload={"reason": "another student"})),
    ("mastery:view-create", Expected(seeing_group(422), method="post")),
    ("mastery:view-change", Expected(of_owner(422), method="post")),
]


def objects(world: World, here: Place) -> dict[str, Any]:
    """A view of somebody there, and a mark where none is otherwise."""
    [place] = [name for name, known in world.places.items() if known is here]
    view = GridView.objects.create(
        district=here.district, school=here.school, owner=world.people[OWNERS[place]], name="Kept"
    )
    view.groups.add(here.group)
    view.topics.add(here.topic)
    if place in {"own", "other_district"}:
        return {"view": view}
    mark = Assessment.objects.create(
        district=here.district, student=here.student, target=here.targets[0], level=Decimal(2), performed_on=DAY
    )
    return {"view": view, "mark": mark}
