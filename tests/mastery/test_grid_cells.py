"""Beside marks: notes on a cell, the single mark of each kind, and taking back what is older than today."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from lpm.lib.ids import uuid7
from students.mastery.models import Assessment, Judgement, MasteryState, Remark
from students.mastery.services import record_mark, record_remark
from tests.world import DAY

JSON = {"accept": "application/json"}


def mark(world, level="2.0", who="teacher", **fields):
    given = {"student": world.own.student, "target": world.targets[0], "performed_on": DAY, "group": world.own.group}
    by = world.people[who]
    return record_mark(uuid=uuid7(), recorder=by, level=Decimal(level), day=DAY, **{**given, **fields}).assessment


@pytest.fixture
def old_mark(world, time_machine):
    """Made by the teacher on the day before."""
    time_machine.move_to(f"{DAY - timedelta(days=1)}T15:00:00+00:00")
    made = mark(world, performed_on=DAY - timedelta(days=1))
    time_machine.move_to(f"{DAY}T15:00:00+00:00")
    return made


def cell(world, **more):
    return {"uuid": uuid7(), "student": world.own.student.uuid, "target": world.targets[0].uuid, **more}


def post(client, world, route, sent, headers=JSON, follow=False):
    return client.post(reverse(route, args=[world.own.group.uuid]), sent, headers=headers, follow=follow)


def found(pattern, page):
    (only,) = re.findall(pattern, page)
    return only


def page_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


@pytest.mark.parametrize(
    ("kind", "written", "judged"),
    [("", "score", 1), ("mark", "score", 1), ("evidence", "score", 0), ("practice", "practice", 0)],
)
def test_a_single_mark_of_each_kind(kind, written, judged, world, as_person):
    response = post(as_person(world.teacher), world, "mastery:mark-record", cell(world, level="3.0", kind=kind))

    assert response.status_code == 201
    assert response.json()["confirmed"] is bool(judged)
    assert list(Assessment.objects.values_list("kind", "level")) == [(written, Decimal("3.0"))]
    assert Judgement.objects.count() == judged


def test_a_single_mark_is_told_what_a_colleague_judged_unseen(world, as_person):
    mark(world, "4.0", who="co_teacher")
    sent = cell(world, level="2.0", seen_at=f"{DAY}T00:00:00+00:00")

    response = post(as_person(world.teacher), world, "mastery:mark-record", sent)

    assert response.json()["conflict"]["level"] == "4.0"


def test_a_substitutes_single_mark_is_noted_and_can_be_taken_back(world, as_person):
    client = as_person(world.substitute)
    sent = cell(world, level="3.0")

    said = page_of(post(client, world, "mastery:mark-record", sent, headers={"accept": "text/html"}, follow=True))
    undone = post(client, world, "mastery:mark-undo", {"uuid": uuid7(), "mark": sent["uuid"]})

    assert "Noted for the teacher to accept: Amara of Birch, Step 1, 3.0." in said
    assert undone.json()["undone"] is True
    assert list(Assessment.objects.order_by("recorded_at").values_list("kind", flat=True)) == ["offered", "void"]


def test_undo_of_a_cell_without_a_mark_named_takes_the_newest_of_ones_own(world, as_person):
    mark(world, "2.0")
    mark(world, "3.0")

    response = post(as_person(world.teacher), world, "mastery:mark-undo", cell(world))

    assert (response.json()["undone"], response.json()["level"]) == (True, "2.0")


def test_a_reason_and_a_note_are_kept_with_the_cell(world, as_person):
    mark(world)
    judgement = Judgement.objects.get()
    client = as_person(world.teacher)
    reason = cell(world, reason="conversation", judgement=judgement.uuid)
    note = cell(world, text="Drew it herself.", is_for_family="on")

    answers = [post(client, world, "mastery:remark-record", sent) for sent in (reason, reason, note)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    kept = Remark.objects.order_by("recorded_at").values_list("reason", "text", "is_for_family", "judgement", "author")
    assert list(kept) == [
        ("conversation", "", False, judgement.pk, world.teacher.pk),
        ("", "Drew it herself.", True, None, world.teacher.pk),
    ]


def test_notes_that_say_nothing_or_of_somebody_else_are_refused(world, as_person):
    client = as_person(world.teacher)

    empty = post(client, world, "mastery:remark-record", cell(world))
    wrong = post(client, world, "mastery:remark-record", cell(world, reason="mood"))
    others = post(client, world, "mastery:remark-record", cell(world, text="x", person=world.co_teacher.uuid))
    on_page = post(client, world, "mastery:remark-record", cell(world), headers={"accept": "text/html"})

    assert [(one.status_code, one.json()["code"]) for one in (empty, wrong, others)] == [
        (422, "empty"), (422, "invalid"), (403, "other_person"),
    ]  # fmt: skip
    assert "Write a few words first." in page_of(on_page, 422)
    assert Remark.objects.count() == 0


def test_the_page_of_notes_lists_them_and_takes_back_ones_own(world, as_person):
    said = {"student": world.own.student, "target": world.targets[0], "day": DAY}
    mine = record_remark(uuid=uuid7(), author=world.teacher, text="Mine", **said)
    record_remark(uuid=uuid7(), author=world.co_teacher, text="Theirs", reason="observed", **said)
    gone = record_remark(uuid=uuid7(), author=world.teacher, text="Gone", **said)
    client = as_person(world.teacher)
    form = cell(world, remark=gone.uuid)

    page = page_of(post(client, world, "mastery:remark-undo", form, headers={"accept": "text/html"}, follow=True))

    assert re.findall(r"<p[^>]*>(Mine|Theirs|Gone)</p>", page) == ["Theirs", "Mine"]
    assert re.findall(r'name="remark" value="([^"]*)"', page) == [str(mine.uuid)]
    assert "saw it in class" in page
    assert Remark.objects.get(voids=gone).author == world.teacher


def test_a_colleagues_note_is_not_taken_back(world, as_person):
    said = {"student": world.own.student, "target": world.targets[0], "day": DAY}
    theirs = record_remark(uuid=uuid7(), author=world.co_teacher, text="Theirs", **said)
    client = as_person(world.teacher)

    refused = post(client, world, "mastery:remark-undo", {"uuid": uuid7(), "remark": theirs.uuid})
    unreadable = post(client, world, "mastery:remark-undo", {"uuid": "x"}, headers={"accept": "text/html"}, follow=True)

    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_remark")
    assert unreadable.redirect_chain[-1][0] == reverse("mastery:group-grid", args=[world.own.group.uuid])
    assert not Remark.objects.filter(voids=theirs).exists()


def test_who_may_only_look_reads_notes_and_writes_none(world, as_person):
    record_remark(
        uuid=uuid7(), author=world.teacher, text="Mine", student=world.own.student, target=world.targets[0], day=DAY
    )
    query = {"student": world.own.student.uuid, "target": world.targets[0].uuid}

    address = reverse("mastery:remark-list", args=[world.own.group.uuid], query=query)
    page = page_of(as_person(world.leader).get(address))
    part = page_of(as_person(world.teacher).get(address, headers={"HX-Request": "true"}))

    assert "Mine" in page
    assert 'name="remark"' not in page
    assert 'id="remark"' not in page
    assert "<html" not in part
    assert 'id="remark"' in part


def test_an_older_mark_is_taken_back_with_a_reason(world, as_person, old_mark):
    client = as_person(world.teacher)
    query = {"student": world.own.student.uuid, "target": world.targets[0].uuid}
    picker = page_of(client.get(reverse("mastery:mark-form", args=[world.own.group.uuid], query=query)))
    address = reverse("mastery:mark-void", args=[old_mark.uuid])
    assert f'href="{address}"' in picker
    form = page_of(client.get(address))
    uuid = found(r'name="uuid" value="([^"]*)"', form)

    without = client.post(address, {"uuid": uuid, "reason": " "})
    done = client.post(address, {"uuid": uuid, "reason": "wrong student"})

    assert "Say in a few words why it is taken back." in page_of(without, 422)
    topic = reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])
    assert (done.status_code, done.url) == (302, topic)
    void = Assessment.objects.get(voids=old_mark)
    assert (void.reason, void.recorder) == ("wrong student", world.teacher)
    assert MasteryState.objects.get().level is None


def test_a_colleagues_mark_is_not_taken_back_by_a_teacher_but_by_the_leader(world, as_person, old_mark):
    address = reverse("mastery:mark-void", args=[old_mark.uuid])

    refused = as_person(world.co_teacher).post(address, {"uuid": uuid7(), "reason": "no"})
    done = as_person(world.leader).post(address, {"uuid": uuid7(), "reason": "no"})

    assert "Only the person who recorded it" in page_of(refused, 422)
    assert done.status_code == 302
    assert Assessment.objects.get(voids=old_mark).recorder == world.leader
