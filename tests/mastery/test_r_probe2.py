from __future__ import annotations
import json, re
from datetime import datetime, timedelta, UTC, date
from decimal import Decimal
from uuid import uuid4, uuid5
import pytest, time_machine
from django.urls import reverse, get_resolver, URLPattern, URLResolver
from django.utils import timezone
from lpm.lib.ids import uuid7
from lpm.people.models import Group, Staffing, Student
from students.mastery.enums import AssessmentKind, JudgementKind, RequestState
from students.mastery.models import (
    Assessment,
    GridView,
    Judgement,
    MasteryState,
    ShowingSession,
    ReadyRequest,
    MasterySettings,
)
from students.mastery.queries import find_differences, states_as_of
from students.mastery.services import record_mark, Decision, record_decisions, record_remark, MarkRefused
from students.mastery.services.record import record_decision
from students.mastery.services.offered import accept_offered
from students.mastery.services.ways import apply_change, choose_scale_change, propose_levels
from tests.mastery.changes import keep_jobs, work, make_four, differences, mark as cmark
from tests.mastery.test_grid_batch import answers, item, mark, send
from tests.mastery.test_offered import offer
from tests.mastery.test_showing import answer, ask, classmate, plan
from tests.world import DAY, enroll, teach


def go_over(world):
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


def test_A(world, as_person):
    view = GridView.objects.create(
        school=world.own.school, district=world.own.district, owner=world.teacher, name="Mine", mode="levels"
    )
    Staffing.objects.filter(user=world.teacher).delete()
    client = as_person(world.teacher)
    print(client.get(reverse("mastery:view-list")).status_code)
    got = client.post(reverse("mastery:view-delete", args=[view.uuid]))
    assert got.status_code < 500


def session_data(world, **more):
    return {
        "uuid": str(uuid4()),
        "group": world.own.group.uuid,
        "starts_at": "2026-11-25T10:00",
        "place": "Room 1",
        "places": 5,
    } | more


def test_B(world, as_person):
    teach(world.teacher, world.other_class.group)
    client = as_person(world.teacher)
    data = session_data(world)
    assert client.post(reverse("mastery:session-create"), data).status_code == 302
    got = client.post(reverse("mastery:session-create"), data | {"starts_at": "2026-11-26T10:00"})
    print(got.status_code, ShowingSession.objects.get().starts_at)
    got = client.post(reverse("mastery:session-create"), data | {"group": world.other_class.group.uuid})
    assert got.status_code < 500


@pytest.mark.parametrize(
    "when", ["9999-12-31T23:59", "9999-12-30T23:59", "0001-01-01T00:00", "2999-01-01T00:00", "٢٠٢٦-11-25T10:00"]
)
def test_C(world, as_person, when):
    client = as_person(world.teacher)
    got = client.post(reverse("mastery:session-create"), session_data(world, starts_at=when))
    print(when, got.status_code)
    assert client.get(reverse("mastery:request-list")).status_code == 200


def test_D(world, monkeypatch):
    keep_jobs(monkeypatch)
    seen = offer(world, "2.5")
    go_over(world)
    [done] = accept_offered(marks=[seen.uuid], teacher=world.teacher, day=DAY)
    assert not isinstance(done, MarkRefused)
    assert done.state.level == 2, done.state
    assert not differences()


def test_E(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    with time_machine.travel(f"{DAY}T12:00:00+00:00", tick=True):
        before = timezone.now()
    mark(world, "2", who="co_teacher")
    got = answers(send(as_person(world.teacher), world, item(world, "set", "3.0", seen_at=before.isoformat())))
    print(got)
    assert "conflict" in got[0]


def test_E2(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    before = timezone.now()
    cmark(world, 0, "2")
    go_over(world)
    got = answers(send(as_person(world.teacher), world, item(world, "set", "3.0", seen_at=before.isoformat())))
    assert got[0]["code"] == "scale_changed"


def test_F(world):
    MasterySettings.objects.create(
        organization=world.own.district, valid_from=DAY - timedelta(days=9), accepts_automatically=True
    )
    cmark(world, 0, "3", "3")
    print(Judgement.objects.values_list("kind", "level"))
    done = record_decision(
        judge=world.teacher,
        day=DAY,
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        kind=JudgementKind.LIFTED,
    )
    print(done.state, list(Judgement.objects.values_list("kind", "level")))
    again = record_decision(
        judge=world.teacher,
        day=DAY,
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        kind=JudgementKind.LIFTED,
    )
    print(list(Judgement.objects.values_list("kind", "level")))
    assert done.state.judged is None


def test_G(world):
    one = {
        "uuid": uuid4(),
        "student": world.own.student,
        "target": world.targets[0],
        "performed_on": DAY,
        "recorder": world.teacher,
        "day": DAY,
        "level": Decimal(3),
    }
    record_mark(**one, judges=False)
    with pytest.raises(MarkRefused):
        record_mark(**one, judges=True)


def test_J(world, as_person):
    mark(world, "2"), mark(world, "3")
    got = answers(send(as_person(world.teacher), world, item(world, "undo", None), item(world, "undo", None)))
    assert [one["code"] for one in got] == ["", ""]
    assert MasteryState.objects.get().status == "no_evidence"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1-1-1", "\x00", "2026-02-30"])
def test_I(world, as_person, day):
    client = as_person(world.administrator)
    got = client.post(
        reverse("mastery:options-change", args=[world.own.district.uuid]), {"valid_from": day, "student_minutes": "10"}
    )
    assert got.status_code < 500
    assert client.get(reverse("mastery:options-change", args=[world.own.district.uuid])).status_code == 200
    for name in ("walk-show", "walk-enter", "walk-sheet"):
        got = as_person(world.teacher).get(
            reverse(f"mastery:{name}", args=[world.own.group.uuid]), {"day": day, "target": str(world.targets[0].uuid)}
        )
        assert got.status_code < 500
    for who in ("teacher", "guardian", "student"):
        got = as_person(world.people[who]).get(reverse("student:path", args=[world.own.student.uuid]), {"as_of": day})
        assert got.status_code < 500
    got = as_person(world.teacher).post(
        reverse("mastery:walk-absent", args=[world.own.group.uuid]),
        {"uuid": str(uuid4()), "student": world.own.student.uuid, "performed_on": day, "is_absent": "on"},
    )
    assert got.status_code < 500


def routes(patterns=None, prefix="", ns=""):
    for p in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(p, URLResolver):
            yield from routes(p.url_patterns, prefix + str(p.pattern), ns + (p.namespace + ":" if p.namespace else ""))
        elif p.name:
            yield ns + p.name, [c for c in p.pattern.converters], prefix + str(p.pattern)


def crawl(client, world):
    known = {
        "student": world.own.student.uuid,
        "target": world.targets[0].uuid,
        "topic": world.topic.uuid,
        "group": world.own.group.uuid,
        "organization": world.own.school.uuid,
        "framework": world.own.framework.uuid,
    }
    seen = {}
    for name, kwargs, route in routes():
        if any(
            word in name for word in ("sign", "admin", "who", "static", "djdt", "reset", "passkey", "export", "token")
        ):
            continue
        args = {}
        full = re.findall(r"<(?:\w+:)?(\w+)>", route)
        for k in full:
            if k in known:
                args[k] = known[k]
        if set(args) != set(full):
            continue
        try:
            got = client.get(reverse(name, kwargs=args))
        except Exception as e:
            seen[name] = f"error {e!r}"
            continue
        body = b"".join(got.streaming_content) if got.streaming else got.content
        text = body.decode(errors="replace")
        text = re.sub(
            r'csrf\w*"? value="[^"]+"|"csrfToken"[^,]+|nonce="[^"]*"|data-token="[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]+',
            "X",
            text,
        )
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+Z?|hx-headers=\S+ \S+", "T", text)
        seen[name] = f"{got.status_code} {text}"
    for target in world.targets:
        for kw in ({}, {"HTTP_HX_REQUEST": "true"}):
            for q in ("", "?as_of=2026-11-18", "?as_of=2026-11-19", "?as_of=2026-11-16"):
                for name, args, more in (
                    ("mastery:why-show", {"student": world.own.student.uuid, "target": target.uuid}, q),
                    ("api:why-show", {"student": world.own.student.uuid, "target": target.uuid}, q),
                    (
                        "student:topic",
                        {"student": world.own.student.uuid, "topic": world.topic.uuid},
                        (q + "&" if q else "?") + f"target={target.uuid}",
                    ),
                    ("student:path", {"student": world.own.student.uuid}, q),
                    ("student:family", {"student": world.own.student.uuid}, q),
                    ("api:student-states", {"student": world.own.student.uuid}, q),
                    ("api:student-assessments", {"student": world.own.student.uuid}, "?since=2026-11-19T00:00:00Z"),
                    ("mastery:ready-ask", {"student": world.own.student.uuid, "target": target.uuid}, ""),
                    ("mastery:self-record", {"student": world.own.student.uuid, "target": target.uuid}, ""),
                ):
                    got = client.get(reverse(name, kwargs=args) + more, **kw)
                    text = re.sub(
                        r'csrf\w*"? value="[^"]+"|"csrfToken"[^,]+|nonce="[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]+|hx-headers=\S+ \S+',
                        "X",
                        got.content.decode(),
                    )
                    seen[f"{name} {target.code} {more} {bool(kw)}"] = f"{got.status_code} {text}"
    return seen


def diff(one, two):
    out = {}
    for name in one:
        if one[name] != two[name]:
            a, b = one[name].splitlines(), two[name].splitlines()
            out[name] = [(x, y) for x, y in zip(a, b) if x != y][:6] or (len(a), len(b))
    return out


@pytest.mark.parametrize("who", ["student", "guardian"])
def test_L(world, as_person, who):
    with time_machine.travel(f"{DAY - timedelta(days=3)}T15:00:00+00:00", tick=True):
        for t, lv in ((0, "2"), (1, "3"), (2, "3.5")):
            record_mark(
                uuid=uuid4(),
                student=world.own.student,
                target=world.targets[t],
                level=Decimal(lv),
                performed_on=DAY - timedelta(days=3),
                recorder=world.teacher,
                day=DAY - timedelta(days=3),
            )
        ready = ask(world)
    client = as_person(world.people[who])
    crawl(client, world)
    before = crawl(client, world)
    base = diff(before, crawl(client, world))
    print("BASE", base)
    print({n: v[:3] for n, v in before.items()})
    mark(world, "4", who="co_teacher", student=world.own.student)
    mark(world, "1.5", target=world.targets[1])
    mark(world, "4", target=world.targets[3])
    offer(world, "4", 2)
    record_decision(
        judge=world.teacher,
        day=DAY,
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[2],
        kind=JudgementKind.EXCUSED,
        note="secret",
    )
    record_remark(
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        author=world.teacher,
        day=DAY,
        text="hush",
        is_for_family=True,
    )
    record_remark(
        uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, day=DAY, text="hushhush"
    )
    after = crawl(client, world)
    found = {k: v for k, v in diff(before, after).items() if k not in base}
    for k, v in found.items():
        print("LEAK", k, v)
    answer(world, ready, level=Decimal("4"))
    found2 = {k: v for k, v in diff(after, crawl(client, world)).items() if k not in base}
    for k, v in found2.items():
        print("LEAK2", k, v)
    assert not found
