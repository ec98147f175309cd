"""Students by hand: lists, profiles, caseloads, and records that are merged."""

from __future__ import annotations

from typing import Any

from lpm.people.enums import CaseloadKind
from lpm.people.models import Caseload, Student
from lpm.people.services.merges import merge_students
from tests.routes.common import FAMILY, HEADS, LOOKING, SCHOOL, SOUTH, TEACHERS, Answers, Expected
from tests.world import DAY, Place, World

SUPPORT = {"case_manager", "counselor", "narrow_caseload", "office"}
PROFILE: Answers = {
    "own": {200: {*FAMILY, *SUPPORT, "substitute", *TEACHERS, *HEADS, *LOOKING}},
    "other_class": {200: HEADS | LOOKING | {"office"}},
    "other_school": {200: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {200: SOUTH},
}


def managing(status: int) -> Answers:
    return {
        "own": {status: HEADS | {"office"}},
        "other_class": {status: HEADS | {"office"}},
        "other_school": {status: {"teacher_here_leader_there", "administrator"}},
        "other_district": {status: {"far_administrator"}},
    }


def objects(world: World, place: Place) -> dict[str, Any]:
    """A second record beside the student's, a third that was merged into it, and somebody's caseload."""
    here = {"district": place.district, "school": place.school}
    other = Student.objects.create(**here, given_name="Amara", family_name=place.student.family_name)
    third = Student.objects.create(**here, given_name="A.", family_name=place.student.family_name)
    far = place.district.pk == world.other_district.district.pk
    actor = world.people["far_administrator" if far else "administrator"]
    merge = merge_students(kept=place.student, absorbed=third, actor=actor, day=DAY)
    caseload = Caseload.objects.create(
        district=place.district,
        student=place.student,
        manager=world.people["stranger"],
        kind=CaseloadKind.LANGUAGE_TEACHER,
        ends_on=DAY.replace(day=1),
    )
    return {"other": other, "merge": merge, "caseload": caseload}


NAMES = {"given_name": "Newly", "family_name": "Come"}
EXPECTED: dict[str, Expected] = {
    "people:student-list": Expected(SCHOOL),
    "people:student-add": Expected(managing(200)),
    "people:student-doubles": Expected(managing(200)),
    "people:student-show": Expected(PROFILE),
    "people:student-change": Expected(managing(200)),
    "people:student-names": Expected(managing(200)),
    "people:student-demographics": Expected(managing(200)),
    "people:student-sign-in": Expected(managing(200)),
    "people:student-sign-in-take": Expected(managing(302), method="post"),
    "people:caseload-add": Expected(managing(200)),
    "people:caseload-end": Expected(managing(302), method="post"),
    "people:merge-choose": Expected(managing(200)),
    "people:student-merge": Expected(managing(200)),
    "people:merge-undo": Expected(managing(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("people:student-demographics", Expected(managing(302), method="post", payload={"sex": "female"})),
    ("people:student-add", Expected(managing(302), method="post", payload=NAMES)),
    ("people:student-change", Expected(managing(302), method="post", payload=NAMES)),
    ("people:student-names", Expected(managing(302), method="post")),
    ("people:student-sign-in", Expected(managing(302), method="post", payload={"username": "newly.come"})),
    ("people:caseload-add", Expected(managing(422), method="post")),
    ("people:student-merge", Expected(managing(302), method="post")),
]
