"""What a grid sends together: an answer for each item, in order, and the rows after."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lpm.lib.ids import uuid7
from students.mastery.calculations import asks_why
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.services import Deed, Item, record_batch, record_mark
from tests.world import DAY, enroll


def send(client, world, *marks, group=None, **more):
    address = reverse("mastery:marks-record", args=[(group or world.own.group).uuid])
    return client.post(address, json.dumps({"marks": marks, **more}), content_type="application/json")


def item(world, kind="mark", level="3.0", target=0, student=None, **more):
    who = student or world.own.student
    names = {"uuid": str(uuid7()), "student": str(who.uuid), "target": str(world.targets[target].uuid)}
    return {**names, "kind": kind, "level": level, **more}


def mark(world, level, who="teacher", **fields):
    given = {"student": world.own.student, "target": world.targets[0], "performed_on": DAY, "group": world.own.group}
    recorded = record_mark(
        uuid=uuid7(), recorder=world.people[who], level=Decimal(level), day=DAY, **{**given, **fields}
    )
    return recorded.assessment


def answers(response):
    assert response.status_code == 200, response.content
    return response.json()["marks"]


def rows():
    return [(row.kind, row.level, row.target.code) for row in Assessment.objects.order_by("recorded_at")]


def judged():
    return [(row.kind, row.level, row.target.code) for row in Judgement.objects.order_by("recorded_at")]


LOOK = {
    "code": "",
    "status": "level",
    "flagged": False,
    "automatic": False,
    "contested": False,
    "due": False,
}


def test_each_kind_writes_its_own_rows_and_is_answered_in_order(world, as_person):
    sent = [
        item(world, "mark", "3.0"),
        item(world, "evidence", "2.0", target=1),
        item(world, "practice", "4.0", target=2),
        item(world, "excuse", None, target=3, reason="was ill"),
    ]

    got = answers(send(as_person(world.teacher), world, *sent))

    assert got == [
        LOOK
        | {"uuid": sent[0]["uuid"], "level": "3.0", "newest": "3.0", "suggested": "3.0"}
        | {"confirmed": True, "proficient": True},
        LOOK
        | {"uuid": sent[1]["uuid"], "level": "2.0", "newest": "2.0", "suggested": "2.0"}
        | {"confirmed": False, "proficient": False},
        LOOK
        | {"uuid": sent[2]["uuid"], "level": None, "newest": None, "suggested": None}
        | {"confirmed": False, "proficient": False, "status": "no_evidence"},
        LOOK
        | {"uuid": sent[3]["uuid"], "level": None, "newest": None, "suggested": None}
        | {"confirmed": False, "proficient": False, "status": "excused"},
    ]
    assert rows() == [
        ("score", Decimal("3.00"), "FR.1"), ("score", Decimal("2.00"), "FR.2"), ("practice", Decimal("4.00"), "FR.3"),
    ]  # fmt: skip
    assert judged() == [("set", Decimal("3.00"), "FR.1"), ("excused", None, "FR.4")]
    assert Judgement.objects.get(kind="excused").note == "was ill"
    assert set(Assessment.objects.values_list("group", "recorder")) == {(world.own.group.pk, world.teacher.pk)}


def test_sending_a_batch_again_changes_nothing(world, as_person):
    client = as_person(world.teacher)
    sent = [item(world), item(world, "evidence", target=1), item(world, "confirm", "3.0", target=1)]
    answers(send(client, world, *sent))

    again = answers(send(client, world, *sent))

    assert [(one["code"], one["level"], one["confirmed"]) for one in again] == [("", "3.0", True)] * 3
    assert (Assessment.objects.count(), Judgement.objects.count()) == (2, 2)


def test_what_is_refused_leaves_the_others_be(world, as_person):
    far = world.other_district
    sent = [
        item(world, level="7.0"),
        item(world, level="abc", target=1),
        item(world, student=world.other_class.student),
        item(world, "dance"),
        item(world, "confirm", "2.0", target=3),
        "nonsense",
        {**item(world), "target": str(far.targets[0].uuid)},
        {**item(world), "student": "nobody"},
        item(world, performed_on="soon"),
        item(world, seen_at="then"),
        item(world, "evidence", "2.5", target=2),
    ]

    got = answers(send(as_person(world.teacher), world, *sent))

    codes = ["level_off_scale", "invalid", "not_allowed", "invalid", "changed", "invalid", "target_not_in_use"]
    assert [one["code"] for one in got] == [*codes, "invalid", "invalid", "invalid", ""]
    assert all(one["sentence"] for one in got[:-1])
    assert rows() == [("score", Decimal("2.50"), "FR.3")]
    assert judged() == []


def test_an_item_may_name_a_student_of_another_group_that_the_person_teaches(world, as_person):
    client = as_person(world.people["teacher_from_afar"])
    got = answers(send(client, world, item(world)))

    assert [one["code"] for one in got] == [""]


@pytest.mark.parametrize("body", ["", "[]", '{"marks": 3}', '{"marks": [], "person": "me"}', "nonsense"])
def test_what_is_no_batch_is_refused_whole(body, world, as_person):
    address = reverse("mastery:marks-record", args=[world.own.group.uuid])

    response = as_person(world.teacher).post(address, body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (422, "invalid")


def test_more_than_a_thousand_and_marks_of_somebody_else_are_refused_whole(world, as_person):
    client = as_person(world.teacher)

    many = send(client, world, *[{}] * 1001)
    others = send(client, world, item(world), person=str(world.co_teacher.uuid))

    assert (many.status_code, many.json()["code"]) == (422, "invalid")
    assert (others.status_code, others.json()["code"]) == (403, "other_person")
    assert rows() == []


@pytest.mark.parametrize("count", [1, 40])
def test_a_batch_asks_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    students = [enroll(world.own.group, given_name=f"S{n}", family_name="of Birch") for n in range(count)]
    for student in students:
        mark(world, "2.0", student=student, target=world.targets[1], judges=False)
    kinds = [("mark", "3.0", 0), ("confirm", "2.0", 1), ("evidence", "3.0", 2)]
    sent = [item(world, kind, level, n, student) for student in students for kind, level, n in kinds]
    client = as_person(world.teacher)
    client.get(reverse("mastery:group-grid", args=[world.own.group.uuid]))

    with django_assert_num_queries(15):
        got = answers(send(client, world, *sent))

    assert {one["code"] for one in got} == {""}


def test_undo_takes_back_the_mark_named_or_the_newest_of_ones_own(world, as_person):
    first, second = mark(world, "2.0"), mark(world, "3.0")
    theirs = mark(world, "1.0", who="co_teacher", target=world.targets[1])
    sent = [
        item(world, "undo", None),
        item(world, "undo", None, target=1),
        item(world, "undo", None, target=2),
        item(world, "undo", None, target=1, mark=str(theirs.uuid)),
        item(world, "undo", None, mark=str(uuid4())),
    ]
    client = as_person(world.teacher)

    got = answers(send(client, world, *sent))
    again = answers(send(client, world, sent[0]))

    assert [(one["code"], one.get("undone"), one.get("level")) for one in got] == [
        ("", True, "2.0"), ("", False, "1.0"), ("", False, None), ("not_yours_today", None, None),
        ("no_such_mark", None, None),
    ]  # fmt: skip
    assert [again[0]["undone"], again[0]["level"]] == [True, "2.0"]
    assert list(Assessment.objects.filter(kind="void").values_list("voids", flat=True)) == [second.pk]
    assert first.pk != second.pk


@pytest.mark.parametrize("count", [1, 20])
def test_undo_of_a_block_asks_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    students = [enroll(world.own.group, given_name=f"S{n}", family_name="of Birch") for n in range(count)]
    marks = [(student, mark(world, "2.0", student=student)) for student in students]
    sent = [item(world, "undo", None, student=student, mark=str(made.uuid)) for student, made in marks]
    client = as_person(world.teacher)
    client.get(reverse("mastery:group-grid", args=[world.own.group.uuid]))

    with django_assert_num_queries(25):
        got = answers(send(client, world, *sent))

    assert [one["undone"] for one in got] == [True] * count
    assert MasteryState.objects.filter(student__in=students, status="not_started").count() == count


def test_things_of_two_kinds_in_one_cell_are_done_in_order(world, as_person):
    sent = [item(world, "evidence", "2.0"), item(world, "confirm", "2.0"), item(world, "mark", "4.0")]
    sent.append(item(world, "undo", None, mark=sent[2]["uuid"]))

    got = answers(send(as_person(world.teacher), world, *sent))

    assert [one["level"] for one in got] == ["2.0", "2.0", "4.0", "2.0"]
    assert judged()[:3] == [("confirmed", 2, "FR.1"), ("set", 4, "FR.1"), ("void", None, "FR.1")]


def test_things_of_two_kinds_in_many_cells_take_no_more_queries(world, as_person):
    client = as_person(world.teacher)

    def queries(count):
        sent = []
        for number in range(count):
            one = enroll(world.own.group, given_name=f"S{number}", family_name=f"of {count}")
            marked = item(world, level="2.0", student=one)
            undone = item(world, "undo", None, student=one, mark=marked["uuid"])
            sent += [marked, undone, item(world, level="3.0", student=one)]
        with CaptureQueriesContext(connection) as found:
            assert {answer["code"] for answer in answers(send(client, world, *sent))} == {""}
        return len(found)

    assert queries(1) == queries(8)
    assert sorted(row[1] for row in rows() if row[0] == "score") == [2] * 9 + [3] * 9


def test_what_is_done_to_one_cell_in_turns_is_bounded(world, as_person):
    turns = [item(world, level=level) if n % 2 else item(world, "set", level) for n, level in enumerate(["2.0"] * 30)]

    said = answers(send(as_person(world.teacher), world, *turns, item(world, target=1)))

    assert [one["code"] for one in said] == [""] * 20 + ["too_many_turns"] * 10 + [""]
    assert "done by turns to one level" in said[20]["sentence"]
    assert len(rows()) == 11


def test_a_reason_is_asked_for_where_the_judgement_is_far_from_the_evidence(world, as_person):
    for n in range(3):
        mark(world, "2.0", performed_on=DAY - timedelta(days=n + 1), judges=False, target=world.targets[n])
    sent = [item(world, "set", level, target=n) for n, level in enumerate(["2.5", "3.0", "1.0"])]

    got = answers(send(as_person(world.teacher), world, *sent))

    assert [one.get("asks_why", False) for one in got] == [False, True, True]
    assert [one.get("judgement") for one in got[1:]] == [one["uuid"] for one in sent[1:]]


def test_a_mark_far_from_the_evidence_names_its_judgement(world, as_person):
    for n in range(4):
        mark(world, "1.0", performed_on=DAY - timedelta(days=n + 1), judges=False)
    sent = item(world, "mark", "3.0", performed_on=str(DAY - timedelta(days=9)))

    [got] = answers(send(as_person(world.teacher), world, sent))

    assert got["asks_why"] is True
    assert got["judgement"] == str(Judgement.objects.get().uuid)


def test_a_colleagues_unseen_level_is_told_and_both_stand(world, as_person):
    seen_at = timezone.now() - timedelta(minutes=5)
    mark(world, "4.0", who="co_teacher")

    [got] = answers(send(as_person(world.teacher), world, item(world, level="2.0"), seen_at=seen_at.isoformat()))

    assert got["conflict"]["by"] == world.co_teacher.name
    assert got["conflict"]["level"] == "4.0"
    assert "Both are kept." in got["conflict"]["sentence"]
    assert got["contested"] is True
    assert rows() == [("score", Decimal("4.00"), "FR.1"), ("score", Decimal("2.00"), "FR.1")]


def test_what_a_substitute_types_waits_for_a_teacher(world, as_person):
    client = as_person(world.substitute)
    sent = [item(world), item(world, "practice", "2.0", target=1), item(world, "confirm", "3.0", target=2)]

    got = answers(send(client, world, *sent))
    undone = answers(send(client, world, item(world, "undo", None, mark=sent[0]["uuid"])))

    assert [(one["code"], one.get("offered"), one.get("level")) for one in got] == [
        ("", True, None), ("", True, None), ("not_allowed", None, None),
    ]  # fmt: skip
    assert undone[0]["undone"] is True
    assert rows() == [
        ("offered", Decimal("3.00"), "FR.1"), ("offered", Decimal("2.00"), "FR.2"), ("void", None, "FR.1"),
    ]  # fmt: skip
    assert judged() == []


@pytest.mark.parametrize(
    ("judged", "suggested", "asks"),
    [
        (None, "3.0", False), ("3.0", None, False), ("3.0", "3.0", False), ("3.0", "2.5", True), ("2.5", "3.0", True),
        ("4.0", "3.5", False), ("2.0", "1.5", False), ("2.0", "1.0", True), ("3.0", "4.0", True),
    ],
)  # fmt: skip
def test_when_a_reason_is_asked_for(judged, suggested, asks):
    one, other = (None if level is None else Decimal(level) for level in (judged, suggested))

    assert asks_why(one, other, Decimal(3)) is asks


def test_a_thousand_at_once_are_the_most(world):
    one = Item(uuid4(), Deed.MARK, world.own.student, world.targets[0], DAY)

    with pytest.raises(ValueError, match="at most 1000"):
        record_batch(items=[one] * 1001, person=world.teacher, day=DAY)
