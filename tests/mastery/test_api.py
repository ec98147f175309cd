"""Reading by the API: the same rights, the same release times, the same numbers as on the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lpm.audit.models import RecordView
from students.mastery.models import Assessment
from students.mastery.services import record_mark
from tests.mastery.api import Program, assessment, judgement
from tests.world import DAY, World, enroll

MONDAY = "2026-11-23T18:00:00+00:00"


def mark(world: World, number: int = 0, level: str = "3", student=None, **fields):
    record_mark(
        uuid=uuid4(), recorder=world.teacher, student=student or world.own.student, target=world.targets[number],
        level=Decimal(level), performed_on=DAY, day=DAY, group=world.own.group, **fields,
    )  # fmt: skip


def listed(response, key: str = "uuid") -> set[str]:
    return {row[key] for row in response.json()["results"]}


def count_queries(program: Program, route: str, *named: object) -> int:
    program.get(route, *named)
    with CaptureQueriesContext(connection) as queries:
        program.get(route, *named)
    return len(queries)


def test_whose_rights_these_are(world: World):
    program = Program(world.teacher, may_write=False)

    told = program.get("me").json()

    assert (told["uuid"], told["day"], told["may_write"]) == (str(world.teacher.uuid), str(DAY), False)
    assert told["token"]["uuid"] == str(program.token.uuid)


def test_a_page_of_ours_comes_with_its_session_and_csrf_token(world: World):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.teacher)
    address = reverse("api:assessment-create")

    assert client.get(reverse("api:me")).json()["token"] is None
    refused = client.post(address, assessment(world.own), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    client.get("/account/")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    done = client.post(address, assessment(world.own), content_type="application/json", headers=headers)
    assert done.status_code == 201


def test_students_are_those_whom_the_person_may_see(world: World):
    mine = {"Amara of Birch", "Ben Classmate", "Gwen Grown"}

    assert listed(Program(world.teacher).get("student-list"), "name") == mine
    assert listed(Program(world.guardian).get("student-list"), "name") == {"Amara of Birch"}
    assert listed(Program(world.far_teacher).get("student-list"), "name") == {"Amara of Palm"}
    assert listed(Program(world.teacher).get("student-list", group=str(world.own.group.uuid)), "name") == mine
    assert listed(Program(world.teacher).get("student-list", group=str(world.other_class.group.uuid))) == set()
    assert listed(Program(world.teacher).get("group-list"), "name") == {"Birch"}
    assert listed(Program(world.guardian).get("group-list")) == set()


def test_a_family_reads_the_name_it_knows(world: World):
    world.own.student.preferred_name = "Kit"
    world.own.student.save()

    assert Program(world.teacher).get("student-show", world.own.student).json()["name"] == "Kit of Birch"
    assert Program(world.guardian).get("student-show", world.own.student).json()["name"] == "Amara of Birch"


def test_a_list_goes_on_where_it_stopped(world: World):
    program = Program(world.teacher)
    first = program.get("student-list", limit="2").json()
    second = program.get("student-list", limit="2", after=first["next"]).json()

    assert [len(first["results"]), len(second["results"]), second["next"]] == [2, 1, None]
    assert len({row["uuid"] for row in first["results"] + second["results"]}) == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "١"}, "limit"),
        ({"limit": "9" * 99}, "limit"),
        ({"after": "x\x00"}, "after"),
        ({"after": "01a1f452-5980-7de4-999a-b58501c5234c"}, "after"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-13-45T00:00:00Z"}, "since"),
        ({"since": "2026-11-19T00:00:00"}, "since"),
        ({"since": "0001-01-01T00:00:00Z"}, "since"),
    ],
)
def test_a_parameter_that_is_none_is_refused(query, field, world: World):
    response = Program(world.teacher).get("student-assessments", world.own.student, **query)

    assert (response.status_code, response.json()["field"]) == (422, field)


@pytest.mark.parametrize("day", ["2026-11-20", "1066-10-14", "x", "2026-02-30"])
def test_a_day_that_has_not_been_is_refused(day, world: World):
    program = Program(world.teacher)

    for route, named in (("student-states", world.own.student), ("group-states", world.own.group)):
        assert program.get(route, named, as_of=day).status_code == 422


def test_curricula_and_their_targets(world: World):
    program = Program(world.teacher)

    frameworks = program.get("framework-list").json()["results"]
    assert [(row["title"], row["scale"]["proficient"]) for row in frameworks] == [("Northern mathematics", "3.0")]
    targets = program.get("target-list", framework=str(world.own.framework.uuid), topic=str(world.topic.uuid))
    assert listed(targets) == {str(target.uuid) for target in world.targets}
    assert listed(program.get("target-list", framework=str(world.other_district.framework.uuid))) == set()


def test_the_log_is_read_row_by_row(world: World):
    program = Program(world.teacher)
    sent = assessment(world.own, comment="with a number line")
    program.post("assessment-create", sent)
    void = {"uuid": str(uuid4()), "reason": "wrong row"}
    program.post("assessment-void", void, sent["uuid"])
    rows = program.get("student-assessments", world.own.student).json()["results"]

    assert [(row["uuid"], row["kind"], row["voids"]) for row in rows] == [
        (sent["uuid"], "score", None),
        (void["uuid"], "void", sent["uuid"]),
    ]
    assert (rows[0]["comment"], rows[0]["recorder"]) == ("with a number line", world.teacher.name)
    since = rows[1]["recorded_at"]
    assert listed(program.get("student-assessments", world.own.student, since=since)) == {void["uuid"]}
    after = program.get("student-assessments", world.own.student, since=since, after=sent["uuid"])
    assert listed(after) == {void["uuid"]}


def test_students_and_families_read_it_when_it_is_released(world: World):
    teacher = Program(world.teacher)
    sent = assessment(world.own, judges=True, comment="for us")
    excused = judgement(world.own, 1, kind="excused", level=None, note="in hospital")
    teacher.post("assessment-create", sent)
    teacher.post("judgement-create", excused)
    student, guardian = Program(world.student), Program(world.guardian)

    for reader in (student, guardian):
        for route in ("student-assessments", "student-judgements"):
            assert listed(reader.get(route, world.own.student)) == set()
        assert reader.get("student-states", world.own.student).json() == [] or all(
            state["level"] is None for state in reader.get("student-states", world.own.student).json()
        )
    with time_machine.travel(MONDAY, tick=True):
        for reader in (student, guardian):
            [row] = reader.get("student-assessments", world.own.student).json()["results"]
            assert (row["uuid"], row["comment"]) == (sent["uuid"], None)
            told = reader.get("student-judgements", world.own.student).json()["results"]
            assert {(row["kind"], row["judge"], row["note"]) for row in told} == {
                ("set", world.teacher.name, None),
                ("excused", None, None),
            }
            states = {row["target"]: row["level"] for row in reader.get("student-states", world.own.student).json()}
            assert states[sent["target"]] == "2.5"
    notes = {row["note"] for row in teacher.get("student-judgements", world.own.student).json()["results"]}
    assert notes == {None, "in hospital"}


def test_states_and_why_are_those_of_the_pages_also_of_a_past_day(world: World):
    with time_machine.travel("2026-11-10T15:00:00+00:00", tick=True):
        record_mark(
            uuid=uuid4(), recorder=world.teacher, student=world.own.student, target=world.targets[0],
            level=Decimal(1), performed_on=DAY - timedelta(days=9), day=DAY - timedelta(days=9),
        )  # fmt: skip
    mark(world)
    program = Program(world.teacher)

    def levels(**query):
        [by_student] = program.get("student-states", world.own.student, **query).json()
        [by_group] = program.get("group-states", world.own.group, **query).json()["results"]
        assert by_student == by_group
        why = program.get("why-show", world.own.student, world.targets[0], **query).json()
        assert why["level"] == by_student["level"]
        return by_student["level"]

    assert (levels(), levels(as_of="2026-11-15"), levels(as_of=str(DAY))) == ("3.0", "1.0", "3.0")
    far = world.other_district.targets[0]
    assert program.get("why-show", world.own.student, far).status_code == 404
    assert program.get("why-show", world.own.student, uuid4()).json()["code"] == "not_found"


def test_a_look_at_a_record_is_noted_and_ones_own_is_not(world: World):
    mark(world)
    Program(world.teacher).get("student-states", world.own.student)
    Program(world.student).get("student-states", world.own.student)
    Program(world.leader).get("group-states", world.own.group)

    looks = RecordView.objects.filter(student_uuid=world.own.student.uuid, page="api")
    assert set(looks.values_list("viewer__username", "relation")) == {("teacher", "TEACHER"), ("leader", "LEADER")}


def test_lists_cost_the_same_queries_for_one_row_and_for_30(world: World):
    program = Program(world.teacher)
    asked: list[tuple[Any, ...]] = [
        ("student-list",),
        ("target-list",),
        ("student-assessments", world.own.student),
        ("student-judgements", world.own.student),
        ("student-states", world.own.student),
        ("group-states", world.own.group),
    ]
    mark(world)
    few = [count_queries(program, *one) for one in asked]
    for number in range(30):
        mark(world, number % 4, "2", enroll(world.own.group, given_name="More", family_name=str(number)))
        mark(world, number % 4, "2.5")

    assert Assessment.objects.count() == 61
    assert few == [5, 5, 10, 10, 11, 10]
    assert [count_queries(program, *one) for one in asked] == few
