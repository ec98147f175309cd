"""Recording by the API: one, many, again, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.services import record_mark
from tests.mastery.api import Program, assessment, judgement
from tests.world import DAY, World


def problem(response):
    return response.status_code, response.json()["code"], response.json().get("field", "")


def test_evidence_is_recorded_once(world: World):
    program = Program(world.teacher)
    sent = assessment(
        world.own, level=3, comment="at the board", accommodations=["scribe"], group=str(world.own.group.uuid)
    )

    first, second = program.post("assessment-create", sent), program.post("assessment-create", sent)

    assert (first.status_code, second.status_code) == (201, 200)
    row = Assessment.objects.get()
    assert (row.level, row.kind, row.comment, row.accommodations) == (Decimal(3), "score", "at the board", ["scribe"])
    assert (row.recorder, row.group, row.performed_on) == (world.teacher, world.own.group, DAY)
    assert not Judgement.objects.exists()
    state = first.json()["state"]
    assert (state["level"], state["is_confirmed"], state["evidence_count"]) == ("3.0", False, 1)
    assert problem(program.post("assessment-create", {**sent, "level": "1"})) == (409, "uuid_reused", "")


def test_a_level_may_be_judged_with_the_evidence(world: World):
    response = Program(world.teacher).post("assessment-create", assessment(world.own, judges=True))

    assert response.json()["state"]["is_confirmed"]
    assert Judgement.objects.get().based_on == Assessment.objects.get()


def test_what_a_colleague_judged_meanwhile_is_told(world: World):
    before = assessment(world.own, judges=True, level="2")
    Program(world.co_teacher).post("assessment-create", before)
    sent = assessment(world.own, judges=True, level="3", seen_at="2026-11-19T14:00:00Z")

    conflict = Program(world.teacher).post("assessment-create", sent).json()["conflict"]

    assert (conflict["level"], conflict["judge"]) == ("2.0", world.co_teacher.name)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"level": "2.3"}, (422, "level_off_scale", "")),
        ({"level": None}, (422, "no_level", "")),
        ({"level": "much"}, (422, "invalid", "level")),
        ({"level": 1e300}, (422, "max_digits", "level")),
        ({"level": "1" * 2000}, (422, "max_string_length", "level")),
        ({"level": True}, (422, "invalid", "level")),
        ({"performed_on": "2026-11-20"}, (422, "future_date", "")),
        ({"performed_on": "20.11.2026"}, (422, "invalid", "performed_on")),
        ({"uuid": "x"}, (422, "invalid", "uuid")),
        ({"uuid": 7}, (403, "not_allowed", "")),
        ({"kind": "void"}, (422, "invalid_choice", "kind")),
        ({"kind": "self"}, (403, "not_allowed", "")),
        ({"comment": "a\x00b"}, (422, "null_characters_not_allowed", "comment")),
        ({"language": "Spanish"}, (422, "invalid", "language")),
        ({"comment": "a" * 2001}, (422, "max_length", "comment")),
        ({"accommodations": ["magic"]}, (422, "invalid_choice", "accommodations.0")),
        ({"accommodations": "scribe"}, (422, "not_a_list", "accommodations")),
        ({"levle": "2"}, (422, "unknown_field", "levle")),
        ({"student": str(uuid4())}, (404, "not_found", "student")),
        ({"target": str(uuid4())}, (404, "not_found", "target")),
        ({"group": str(uuid4())}, (404, "not_found", "group")),
    ],
)
def test_what_is_wrong_is_said(change, expected, world: World):
    person = world.leader if expected[1] == "not_allowed" and "uuid" in change else world.teacher

    assert problem(Program(person).post("assessment-create", assessment(world.own, **change))) == expected
    assert not Assessment.objects.exists()


def test_nothing_of_others_is_there(world: World):
    """Absent and not mine look the same."""
    program = Program(world.teacher)
    absent = program.post("assessment-create", assessment(world.own, student=str(uuid4()))).content

    for place in (world.other_class, world.other_school, world.other_district):
        sent = assessment(world.own, student=str(place.student.uuid))
        assert program.post("assessment-create", sent).content == absent
    far = str(world.other_district.targets[0].uuid)
    absent = program.post("assessment-create", assessment(world.own, target=str(uuid4()))).content
    assert program.post("assessment-create", assessment(world.own, target=far)).content == absent
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a"', "parse_error"),
        (b"\xff", "parse_error"),
        (b'{"level": NaN}', "parse_error"),
        (b'{"level": 1e99999999999999999999}', "parse_error"),
        (b'{"level": ' + b"9" * 5000 + b"}", "parse_error"),
        (b"[" * 100_000, "parse_error"),
        (rb'{"uuid": "\uD800"}', "parse_error"),
        (rb'{"\uD83D\uDE00": 1}', "unknown_field"),
        (b"[]", "invalid"),
        (b"null", "null"),
        (b"", "required"),
        (b'"' + b" " * (2 * 1024 * 1024) + b'"', "too_large"),
    ],
)
@pytest.mark.parametrize("route", ["assessment-create", "assessment-batch"])
def test_what_is_no_json_of_ours_is_refused(route, body, code, world: World):
    program = Program(world.teacher)
    response = program.client.post(reverse(f"api:{route}"), body, content_type="application/json")

    assert response.status_code in {400, 413, 422}
    is_batch = route == "assessment-batch" and response.status_code == 422
    assert response.json()["code"] == ("invalid" if is_batch else code)
    assert set(response.json()) <= {"code", "sentence", "field"}


def test_a_batch_has_an_answer_for_each(world: World):
    program = Program(world.teacher)
    sent = assessment(world.own)
    body: dict[str, list[Any]] = {
        "assessments": [
            sent,
            sent,
            assessment(world.own, 1, level="9"),
            assessment(world.other_class),
            {"uuid": "mine"},
            7,
            {**sent, "level": "4"},
        ]
    }

    first, second = (program.post("assessment-batch", body).json()["answers"] for _ in range(2))

    told = [(answer["status"], answer.get("code"), answer["uuid"]) for answer in first]
    assert told[0] == (201, None, sent["uuid"])
    assert told[1:] == [
        (200, None, sent["uuid"]),
        (422, "level_off_scale", body["assessments"][2]["uuid"]),
        (404, "not_found", body["assessments"][3]["uuid"]),
        (422, "invalid", "mine"),
        (422, "invalid", None),
        (409, "uuid_reused", sent["uuid"]),
    ]
    assert [answer["status"] for answer in second] == [200, 200, 422, 404, 422, 422, 409]
    assert Assessment.objects.count() == 1
    assert program.post("assessment-batch", {"assessments": []}).json() == {"answers": []}


def test_a_batch_has_a_most(world: World):
    program = Program(world.teacher)

    assert problem(program.post("assessment-batch", {"assessments": [{}] * 1001})) == (422, "too_many", "")
    assert problem(program.post("assessment-batch", {"marks": []})) == (422, "invalid", "assessments")


def test_a_batch_costs_the_same_queries_for_one_and_for_30(world: World):
    program = Program(world.teacher)

    def count(n: int) -> int:
        body = {"assessments": [assessment(world.own, i % 4) for i in range(n)]}
        program.get("me")  # the minute's use of the token is noted
        with CaptureQueriesContext(
            connection,
        ) as queries:
            program.post("assessment-batch", body)
        return len(queries)

    assert (count(1), count(30)) == (11, 11)


def test_students_say_their_own_level_and_are_not_told_more(world: World):
    record_mark(
        uuid=uuid4(), recorder=world.teacher, student=world.own.student, target=world.targets[0],
        level=Decimal(1), performed_on=DAY, day=DAY,
    )  # fmt: skip
    response = Program(world.student).post("assessment-create", assessment(world.own, kind="self"))

    assert (response.status_code, response.json()["state"]) == (201, None)
    assert problem(Program(world.student).post("assessment-create", assessment(world.own))) == (403, "not_allowed", "")


def test_a_substitute_offers(world: World):
    response = Program(world.substitute).post("assessment-create", assessment(world.own, kind="offered"))

    assert response.status_code == 201
    assert Assessment.objects.get().kind == "offered"


def test_judgements_are_recorded(world: World):
    program = Program(world.teacher)
    program.post("assessment-create", assessment(world.own, level="3"))
    confirmed = judgement(world.own, kind="confirmed", level="3")

    assert program.post("judgement-create", confirmed).json()["state"]["is_confirmed"]
    assert program.post("judgement-create", confirmed).status_code == 200
    assert problem(program.post("judgement-create", judgement(world.own, kind="confirmed", level="2"))) == (
        409,
        "changed",
        "",
    )
    assert problem(program.post("judgement-create", judgement(world.own, level=None))) == (422, "no_level", "")

    sent = [
        judgement(world.own, 1, kind="excused", level=None, note="away"),
        judgement(world.own, kind="lifted", level=None),
        {},
    ]
    answers = program.post("judgement-batch", {"judgements": sent}).json()["answers"]

    assert [answer["status"] for answer in answers] == [201, 201, 422]
    assert [answer["state"]["status"] for answer in answers[:2]] == ["excused", "level"]
    assert MasteryState.objects.get(target=world.targets[0]).judged is None


def test_assessments_are_taken_back_with_a_reason(world: World):
    program = Program(world.teacher)
    sent = assessment(world.own)
    program.post("assessment-create", sent)
    void = {"uuid": str(uuid4()), "reason": "another student's work"}

    assert problem(Program(world.co_teacher).post("assessment-void", void, sent["uuid"])) == (403, "not_yours", "")
    assert problem(Program(world.guardian).post("assessment-void", void, sent["uuid"])) == (404, "no_such_mark", "")
    assert problem(program.post("assessment-void", {**void, "reason": " "}, sent["uuid"])) == (422, "blank", "reason")
    assert problem(program.post("assessment-void", void, uuid4())) == (404, "no_such_mark", "")
    done = program.post("assessment-void", void, sent["uuid"])
    again = program.post("assessment-void", void, sent["uuid"])

    assert (done.status_code, done.json()["state"]["level"], again.status_code) == (201, None, 200)
    other = {**void, "uuid": str(uuid4())}
    assert problem(program.post("assessment-void", other, sent["uuid"])) == (409, "already_undone", "")


def test_a_token_that_only_reads_records_nothing(world: World):
    program = Program(world.teacher, may_write=False)

    assert problem(program.post("assessment-create", assessment(world.own))) == (403, "token_only_reads", "")
    assert program.get("student-list").status_code == 200
    assert not Assessment.objects.exists()


def test_a_past_day_is_as_good(world: World):
    sent = assessment(world.own, performed_on=str(DAY - timedelta(days=3)))

    assert Program(world.teacher).post("assessment-create", sent).status_code == 201
