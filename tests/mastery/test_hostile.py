"""What nobody means to send, and what comes at a bad moment: never an error of ours, and never a wrong record."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.people.models import Staffing
from students.mastery.enums import JudgementKind
from students.mastery.models import Assessment, GridView, Judgement, MasterySettings, MasteryState, ShowingSession
from students.mastery.services import Recorded, record_decisions, record_remark
from students.mastery.services.offered import accept_offered
from students.mastery.services.record import Decided, Decision
from students.mastery.services.ways import apply_change, choose_scale_change, propose_levels
from tests.mastery.changes import differences, keep_jobs, make_four, work
from tests.mastery.test_grid_batch import answers, item, mark, send
from tests.mastery.test_offered import offer
from tests.mastery.test_showing import answer, ask
from tests.world import DAY, World, teach

D = Decimal
FAR = ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")


def post_raw(client: Any, world: World, body: bytes) -> Any:
    address = reverse("mastery:marks-record", args=[world.own.group.uuid])
    return client.post(address, body, content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"marks": ' + b"[" * 3000 + b"]" * 3000 + b"}", b"\xff\xfe", b"1" * 1_000_000, b"\x00"],
    ids=["open", "nested", "no text", "a number", "nothing"],
)
def test_a_body_that_is_no_batch_is_said_to_be_none(world, as_person, body):
    got = post_raw(as_person(world.teacher), world, body)

    assert (got.status_code, got.json()["code"]) == (422, "invalid")


def test_a_nested_item_leaves_the_others_be(world, as_person):
    good = json.dumps(item(world)).encode()

    got = post_raw(
        as_person(world.teacher), world, b'{"marks": [{"uuid": ' + b"[" * 400 + b"]" * 400 + b"}, " + good + b"]}"
    )

    assert [one["code"] for one in answers(got)] == ["invalid", ""]


def test_what_no_database_keeps_is_left_out_of_a_reason(world, as_person):
    kinds = ("mark", "practice", "excuse", "set")
    sent = [
        item(world, kind, None if kind == "excuse" else "3.0", target=place, reason="w\x00as\ud800 ill")
        for place, kind in enumerate(kinds)
    ]

    got = answers(send(as_person(world.teacher), world, *sent))

    assert [one["code"] for one in got] == ["", "", "", ""]
    assert set(Assessment.objects.values_list("comment", flat=True)) == {"was ill"}
    assert set(Judgement.objects.exclude(based_on__isnull=False).values_list("note", flat=True)) == {"was ill"}


@pytest.mark.parametrize("moment", FAR)
def test_a_moment_outside_of_all_times_is_none(world, as_person, moment):
    mark(world, "3")
    client, group = as_person(world.teacher), world.own.group.uuid

    assert client.get(reverse("mastery:grid-changes", args=[group]), {"since": moment}).json()["cells"] == []
    [one] = answers(send(client, world, item(world, seen_at=moment)))
    assert (one["code"], bool(one["sentence"])) == ("invalid", True)
    assert client.post(reverse("mastery:grid-accept", args=[group]), {"seen_at": moment}).status_code == 302


def test_taking_back_twice_in_a_cell_takes_back_two(world, as_person):
    mark(world, "2")
    mark(world, "3")

    got = answers(send(as_person(world.teacher), world, item(world, "undo", None), item(world, "undo", None)))

    assert [(one["code"], one["level"]) for one in got] == [("", "2.0"), ("", None)]
    assert MasteryState.objects.get().level is None


def test_a_decision_tells_what_a_colleague_judged_meanwhile(world, as_person):
    opened = timezone.now() - timedelta(minutes=1)
    mark(world, "2", who="co_teacher")

    [one] = answers(send(as_person(world.teacher), world, item(world, "set", "3.0", seen_at=opened.isoformat())))

    assert (one["level"], one["contested"], one["conflict"]["level"]) == ("3.0", True, "2.0")
    assert [(row.level, row.unseen is not None) for row in Judgement.objects.order_by("recorded_at")] == [
        (D(2), False),
        (D(3), True),
    ]


def kinds_of_judgements() -> list[str]:
    return list(Judgement.objects.order_by("recorded_at").values_list("kind", flat=True))


def go_over(world: World) -> None:
    """To whole levels from 1 to 4."""
    framework, after = world.own.framework, make_four(world)
    change = choose_scale_change(
        framework=framework,
        scale=after,
        levels=propose_levels(framework.scale, after),
        actor=world.administrator,
        day=DAY,
    )
    work(change, "count")
    apply_change(change=change, valid_from=DAY, actor=world.administrator, day=DAY)
    work(change, "carry_out")


def test_what_was_seen_on_another_scale_is_accepted_on_the_one_in_force(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    seen = offer(world, "2.5")
    top = offer(world, "4", 1)
    go_over(world)

    page = as_person(world.teacher).get(reverse("mastery:request-list")).content.decode()
    assert re.findall(r'data-label="Level">.*?<data[^>]*value="([^"]*)"', page, re.DOTALL) == ["2.0", "4.0"]
    done = accept_offered(marks=[seen.uuid, top.uuid], teacher=world.teacher, day=DAY)
    again = accept_offered(marks=[seen.uuid], teacher=world.teacher, day=DAY)

    assert [one.state.level for one in (*done, *again) if isinstance(one, Recorded)] == [D(2), D(4), D(2)]
    assert differences() == []


def test_levels_said_and_answered_before_read_as_those_of_the_scale_in_force(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    answered, waiting = ask(world, level=D("1.5")), ask(world, 1, level=D("2.5"))
    answer(world, answered, level=D("2.5"))
    go_over(world)

    def shown(who: str, route: str, *args: Any) -> list[str]:
        page = as_person(world.people[who]).get(reverse(f"mastery:{route}", args=args)).content.decode()
        both = re.search(r'<ul class="both">.*?</ul>|data-label="Own view">.*?</td>', page, re.DOTALL)
        assert both
        return re.findall(r'<data[^>]*value="([^"]*)"', both[0])

    assert shown("teacher", "request-list") == ["2.0"]
    assert shown("teacher", "request-answer", answered.uuid) == ["2.0", "2.0"]
    with time_machine.travel(f"{DAY + timedelta(days=2)}T15:00:00+00:00", tick=True):
        assert shown("student", "ready-list", world.own.student.uuid) == ["2.0", "2.0"]
    waiting.refresh_from_db()
    assert waiting.self_assessment
    assert waiting.self_assessment.level == D("2.5")


def test_a_decision_made_on_the_old_scale_is_not_taken_for_one_on_the_new(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    opened = timezone.now().isoformat()
    mark(world, "2", judges=False)
    go_over(world)
    client, sent = as_person(world.teacher), item(world, "set", "3.0", seen_at=opened)

    [before] = answers(send(client, world, sent))
    [after] = answers(send(client, world, sent | {"seen_at": timezone.now().isoformat()}))

    assert (before["code"], after["code"], after["level"]) == ("scale_changed", "", "3.0")
    assert Judgement.objects.count() == 1


def test_a_page_without_scripts_says_on_which_scale_its_levels_are(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    client, group = as_person(world.teacher), world.own.group.uuid
    cell = {"student": world.own.student.uuid, "target": world.targets[0].uuid}
    page = client.get(reverse("mastery:mark-form", args=[group]), cell).content.decode()
    opened = re.findall(r'name="seen_at"\s+value="([^"]+)"', page)
    go_over(world)

    got = client.post(
        reverse("mastery:mark-record", args=[group]), {**cell, "uuid": uuid4(), "level": "3", "seen_at": opened}
    )

    assert (len(opened), got.status_code, "The scale has changed" in got.content.decode()) == (1, 422, True)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("first", ["mark", "evidence"])
def test_a_mark_sent_again_as_another_kind_is_not_the_same(world, as_person, first):
    client, sent = as_person(world.teacher), item(world, first)
    other = sent | {"kind": "evidence" if first == "mark" else "mark"}

    together = [one["code"] for one in answers(send(client, world, sent, sent, other))]
    later = [answers(send(client, world, one))[0]["code"] for one in (sent, other)]

    assert (together, later) == (["", "", "uuid_reused"], ["", "uuid_reused"])
    assert (Assessment.objects.count(), Judgement.objects.count()) == (1, int(first == "mark"))


def test_what_a_teacher_lifted_stays_so_until_there_is_new_work(world):
    MasterySettings.objects.create(
        organization=world.own.district, valid_from=DAY - timedelta(days=9), accepts_automatically=True
    )
    mark(world, "3", judges=False)
    mark(world, "3", judges=False)
    assert kinds_of_judgements() == ["automatic"]

    for _time in range(2):
        lift = Decision(uuid4(), world.own.student, world.targets[0], JudgementKind.LIFTED)
        [done] = record_decisions(decisions=[lift], judge=world.teacher, day=DAY)
        assert isinstance(done, Decided)
        assert (done.state.level, done.state.judged) == (D(3), None)
    assert kinds_of_judgements() == ["automatic", "lifted", "lifted"]
    mark(world, "3", judges=False)
    assert kinds_of_judgements() == ["automatic", "lifted", "lifted", "automatic"]
    assert differences() == []


# --- pages at a bad moment


def plan(client: Any, world: World, uuid: Any, **more: Any) -> Any:
    usual = {
        "uuid": uuid,
        "group": world.own.group.uuid,
        "starts_at": "2026-11-25T10:00",
        "place": "Room 1",
        "places": 5,
    }
    return client.post(reverse("mastery:session-create"), usual | more)


def test_a_session_far_beyond_any_calendar_is_refused(world, as_person):
    client = as_person(world.teacher)

    for when in ("9999-12-31T23:59", "2999-01-01T10:00"):
        got = plan(client, world, uuid4(), starts_at=when)
        assert (got.status_code, "within about a year" in got.content.decode()) == (422, True)

    assert not ShowingSession.objects.exists()
    assert client.get(reverse("mastery:request-list")).status_code == 200


def test_a_form_sent_again_with_other_content_is_not_taken_for_the_same_session(world, as_person):
    teach(world.teacher, world.other_class.group)
    client, uuid = as_person(world.teacher), uuid4()
    assert [plan(client, world, uuid).status_code, plan(client, world, uuid).status_code] == [302, 302]

    other_time = plan(client, world, uuid, starts_at="2026-11-26T10:00")
    other_group = plan(client, world, uuid, group=world.other_class.group.uuid)

    for got in (other_time, other_group):
        assert (got.status_code, "is planned already" in got.content.decode()) == (422, True)
    assert ShowingSession.objects.get().starts_at.isoformat() == "2026-11-25T15:00:00+00:00"


def test_whoever_teaches_nobody_any_more_can_remove_their_own_view(world, as_person):
    view = GridView.objects.create(
        school=world.own.school, district=world.own.district, owner=world.teacher, name="Mine", mode="levels"
    )
    Staffing.objects.filter(user=world.teacher).delete()

    got = as_person(world.teacher).post(reverse("mastery:view-delete", args=[view.uuid]))

    assert got.status_code == 302
    assert not GridView.objects.exists()


# --- what is for the staff stays there


@pytest.mark.parametrize("who", ["student", "guardian"])
def test_once_released_levels_are_read_without_what_the_staff_says_about_them(world, as_person, who):
    student, target, topic = world.own.student.uuid, world.targets[0], world.topic.uuid
    mark(world, "2", comment="KEEP-comment")
    offer(world, "4")
    excused = Decision(uuid4(), world.own.student, world.targets[1], JudgementKind.EXCUSED, note="KEEP-excuse")
    record_decisions(decisions=[excused], judge=world.teacher, day=DAY)
    about: dict[str, Any] = {"student": world.own.student, "target": target, "author": world.teacher, "day": DAY}
    record_remark(uuid=uuid4(), text="KEEP-remark", **about)
    record_remark(uuid=uuid4(), text="Well explained", is_for_family=True, **about)
    names, first = {"student": student}, world.targets[:2]
    pages_of_topic = reverse("student:topic", kwargs=names | {"topic": topic})
    addresses = [
        *(reverse("mastery:why-show", kwargs=names | {"target": one.uuid}) for one in first),
        *(reverse("api:why-show", kwargs=names | {"target": one.uuid}) for one in first),
        *(f"{pages_of_topic}?target={one.uuid}" for one in first),
        *(reverse(f"student:{page}", kwargs=names) for page in ("path", "family")),
        *(reverse(f"api:student-{page}", kwargs=names) for page in ("assessments", "judgements", "states")),
        reverse("mastery:ready-list", kwargs=names),
    ]

    with time_machine.travel(datetime.fromisoformat(f"{DAY + timedelta(days=1)}T20:00:00+00:00"), tick=True):
        client = as_person(world.people[who])
        pages = [client.get(address).content.decode() for address in addresses]

    assert "Well explained" in pages[0]
    assert '"level":"2.0"' in pages[2]
    assert '"excused"' in pages[3]
    for page in pages:
        assert "KEEP" not in page
        assert "On the board." not in page
