"""What is expected of a route, and the answers that many routes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PLACES = ("own", "other_class", "other_school", "other_district")
Answers = dict[str, dict[int, set[str]]]  # place, then status, then who gets it


@dataclass(frozen=True)
class Expected:
    """``answers`` for signed-in people; ``rest`` is what everybody else gets."""

    answers: Answers = field(default_factory=dict)
    method: str = "get"
    accept: str = "application/json"
    rest: int = 404
    is_public: bool = False
    anonymous: int = 302
    query: tuple[str, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)
    body: Callable[[dict[str, Any]], Any] | None = None  # what is sent as JSON instead of a form


TEACHERS = {"teacher", "co_teacher", "teacher_here_leader_there", "teacher_from_afar"}
HEADS = {"leader", "administrator"}
LOOKING = {"privacy_officer", "operator"}  # over the whole northern district
NORTH = {
    "student", "classmate", "grown_student", "guardian", "past_guardian", "restricted_guardian",
    "guardian_of_grown", "guardian_from_nowhere", "teacher", "co_teacher", "past_teacher", "substitute",
    "past_substitute", "case_manager", "leader", "past_leader", "teacher_here_leader_there", "teacher_from_afar",
    "administrator", "curriculum_lead", "office", "privacy_officer", "counselor", "narrow_caseload",
    "school_teacher", "guardian_allowed", "writer", "past_writer",
}  # fmt: skip
SOUTH = {"far_teacher", "far_administrator"}
FAMILY = {"student", "guardian", "guardian_from_nowhere"}

STUDENT: Answers = {
    "own": {200: {*FAMILY, "substitute", "case_manager", "counselor", *TEACHERS, *HEADS, *LOOKING}},
    "other_class": {200: HEADS | LOOKING},
    "other_school": {200: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {200: SOUTH},
}
GROUP: Answers = {
    "own": {200: {"substitute", *TEACHERS, *HEADS, *LOOKING}},
    "other_class": {200: HEADS | LOOKING},
    "other_school": {200: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {200: SOUTH},
}


def recording(done: int) -> Answers:
    return {
        "own": {done: TEACHERS, 403: {"substitute", *HEADS, *LOOKING}},
        "other_class": {403: HEADS | LOOKING},
        "other_school": {403: {"teacher_here_leader_there", "administrator", *LOOKING}},
        "other_district": {done: {"far_teacher"}, 403: {"far_administrator"}},
    }


UNDOING: Answers = {
    "own": {201: {"teacher"}, 422: TEACHERS - {"teacher"}, 403: {"substitute", *HEADS, *LOOKING}},
    "other_class": {403: HEADS | LOOKING},
    "other_school": {403: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {201: {"far_teacher"}, 403: {"far_administrator"}},
}
SCHOOL: Answers = {
    "own": {200: HEADS | LOOKING | {"office"}},
    "other_class": {200: HEADS | LOOKING | {"office"}},
    "other_school": {200: {"teacher_here_leader_there", "administrator", *LOOKING}},
    "other_district": {200: {"far_administrator"}},
}
CURRICULUM: Answers = {
    "own": {200: NORTH | {"operator"}},
    "other_class": {200: NORTH | {"operator"}},
    "other_school": {200: NORTH | {"operator"}},
    "other_district": {200: {*SOUTH, "teacher_from_afar"}},
}
ROSTER_RUN: Answers = {
    "own": {200: {"administrator"}},
    "other_class": {200: {"administrator"}},
    "other_school": {200: {"administrator"}},
    "other_district": {200: {"far_administrator"}},
}
APPLYING: Answers = {place: {302: answers[200]} for place, answers in ROSTER_RUN.items()}
IMPORTERS: Answers = {place: {200: {"administrator", "curriculum_lead", "far_administrator"}} for place in PLACES}


def uploading(north: set[str]) -> Answers:
    """Who may bring in a file somewhere sees the form, and is told when it is not there."""
    importers = {"administrator", "curriculum_lead", "far_administrator"}
    places: Answers = {place: {302: north, 422: importers - north} for place in PLACES}
    return {**places, "other_district": {302: {"far_administrator"}, 422: importers - {"far_administrator"}}}


LEADS = {"administrator", "curriculum_lead"}


def writing(status: int, north: frozenset[str] = frozenset({*LEADS, "writer"})) -> Answers:
    """Who writes the northern curriculum, which all three places of the north use; who publishes it: ``publishing``."""
    return {place: {status: {"far_administrator"} if place == "other_district" else set(north)} for place in PLACES}


def publishing(status: int) -> Answers:
    return writing(status, frozenset(LEADS))


BEGINNINGS = {*FAMILY, "classmate", "grown_student", "guardian_allowed"}  # those with one place are sent to it
HOME: Answers = {place: {302: BEGINNINGS} for place in PLACES}
