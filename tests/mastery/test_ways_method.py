"""Another method: counted first, then put in force by a job, or left alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from curriculum.models import ContentArea, Prerequisite, Target, Topic
from lpm.audit.models import Entry
from students.mastery.enums import ChangeState
from students.mastery.models import Crossing, MasteryState, MethodRule, TopicMastery
from students.mastery.queries import measure_of, ways_for
from students.mastery.services import rebuild_students
from students.mastery.services.ways import ChangeRefused, apply_change, drop_change, retry_change
from tests.mastery.changes import choose, differences, keep_jobs, levels_shown, mark, sweep, work
from tests.mastery.ways import choose_method as put_in_force
from tests.world import DAY, World, enroll

D = Decimal


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    return keep_jobs(monkeypatch)


def apply(world: World, rule: Any, days: int = 0) -> Any:
    return apply_change(change=rule, valid_from=DAY + timedelta(days=days), actor=world.administrator, day=DAY)


def refused(code: str, deed: Any) -> None:
    with pytest.raises(ChangeRefused) as caught:
        deed()
    assert caught.value.code == code
    assert str(caught.value)


def actions() -> list[tuple[str, int | None]]:
    entries = Entry.objects.filter(action__startswith="mastery.").order_by("pk")
    return list(entries.values_list("action", "actor_id"))


@pytest.fixture
def marked(world: World) -> World:
    """The student: 3.5 on step 1 by 2, 4 (decaying 3.3), judged 2 on step 2 after a 3; another: 3 by 4, 2 on step 1."""
    mark(world, 0, "2", "4")
    mark(world, 1, "3")
    mark(world, 1, "2", judges=True)
    other = enroll(world.own.group, given_name="Ada", family_name="Alder")
    mark(world, 0, "4", "2", student=other)
    return world


def test_what_would_change_is_counted_and_nothing_is_written(marked: World) -> None:
    before = list(MasteryState.objects.order_by("pk").values())

    rule = work(choose(marked, "mean"), "count")

    assert (rule.state, rule.student_count, rule.student_done) == (ChangeState.COUNTED, 2, 2)
    # step 1: 2, 4 made 3.5 and makes 3; 4, 2 made 2.5 and makes 3; step 2 is judged and stays
    assert (rule.level_count, rule.changed_count) == (3, 2)
    crossing = Crossing.objects.get()
    assert (crossing.student.given_name, crossing.up_count, crossing.down_count) == ("Ada", 1, 0)
    assert list(MasteryState.objects.order_by("pk").values()) == before
    assert actions() == [("mastery.choose_method", marked.administrator.pk)]


def test_it_is_applied_from_today_and_the_record_says_so(marked: World) -> None:
    rule = work(choose(marked, "mean"), "count")

    applied = apply(marked, rule)
    assert (applied.state, applied.valid_from, Crossing.objects.count()) == (ChangeState.RUNNING, DAY, 0)
    done = work(applied, "carry_out")

    assert done.state == ChangeState.DONE
    assert levels_shown(marked.own.student) == {"FR.1": 3, "FR.2": 2}
    assert set(MasteryState.objects.values_list("method", flat=True)) == {"mean"}
    assert differences() == []
    assert actions()[-1] == ("mastery.apply_change", marked.administrator.pk)
    row = TopicMastery.objects.get(student=marked.own.student)
    assert (row.proficient_count, row.under_way_count) == (1, 1)
    before = list(MasteryState.objects.order_by("pk").values())
    work(done, "carry_out")
    assert list(MasteryState.objects.order_by("pk").values()) == before


def test_it_waits_for_a_later_day(marked: World, sent: Any, django_capture_on_commit_callbacks: Any) -> None:
    rule = apply(marked, work(choose(marked, "mean"), "count"), days=2)
    assert (rule.state, rule.applied_at) == (ChangeState.WAITING, None)
    sweep()
    rule.refresh_from_db()
    assert rule.state == ChangeState.WAITING

    with time_machine.travel("2026-11-22T15:00:00+00:00", tick=True), django_capture_on_commit_callbacks(execute=True):
        sweep()

    rule.refresh_from_db()
    assert rule.state == ChangeState.RUNNING
    assert rule.valid_from == DAY + timedelta(days=3)  # no worker was there on the second
    assert sent[-1] == ("mastery.carry_out_change", {"kind": "rule", "change_id": rule.pk})
    assert ways_for(marked.own.school.pk, rule.valid_from - timedelta(days=1)).chosen == {}


def test_a_job_that_was_killed_goes_on_and_is_given_up_in_the_end(
    marked: World, sent: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rule = apply(marked, work(choose(marked, "mean"), "count"))
    rows = MethodRule.objects.filter(pk=rule.pk)
    monkeypatch.setattr("students.mastery.services.changes.APPLY_BATCH", 1)
    rows.update(attempts=1, student_done=1, touched_at=timezone.now())
    work(rule, "carry_out")
    assert rule.state == ChangeState.RUNNING  # another worker has it

    rows.update(touched_at=timezone.now() - timedelta(minutes=6))
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert sent[-1][0] == "mastery.carry_out_change"
    work(rule, "carry_out")
    assert (rule.state, differences()) == (ChangeState.DONE, [])

    rows.update(state=ChangeState.RUNNING, attempts=3, touched_at=timezone.now() - timedelta(minutes=6))
    work(rule, "carry_out")
    assert rule.state == ChangeState.BROKEN
    again = retry_change(change=rule, actor=marked.administrator, day=DAY)
    assert (again.state, again.attempts) == (ChangeState.RUNNING, 0)
    refused("not_broken", lambda: retry_change(change=rule, actor=marked.administrator, day=DAY))


def test_it_is_dropped_also_while_it_is_counted(marked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = work(choose(marked, "mean"), "count")
    dropped = drop_change(change=counted, actor=marked.administrator, day=DAY)
    assert (dropped.state, Crossing.objects.count()) == (ChangeState.DROPPED, 0)
    refused("not_counted", lambda: apply(marked, dropped))

    rule = choose(marked, "mean")
    monkeypatch.setattr("students.mastery.services.changes.COUNT_BATCH", 1)
    MethodRule.objects.filter(pk=rule.pk).update(state=ChangeState.DROPPED)
    work(rule, "count")
    assert rule.student_done == 0

    stopped = choose(marked, "median")
    monkeypatch.setattr(
        "students.mastery.services.changes.tell_progress",
        lambda *_: MethodRule.objects.filter(pk=stopped.pk).update(state=ChangeState.DROPPED),
    )
    work(stopped, "count")
    assert (stopped.state, stopped.student_done, Crossing.objects.count()) == (ChangeState.DROPPED, 0, 0)


def test_a_count_that_cannot_be_finished_can_be_begun_again(marked: World) -> None:
    rule = choose(marked, "mean")
    MethodRule.objects.filter(pk=rule.pk).update(attempts=3, touched_at=timezone.now() - timedelta(minutes=6))
    assert work(rule, "count").state == ChangeState.BROKEN
    retry_change(change=rule, actor=marked.administrator, day=DAY)
    assert work(rule, "count").state == ChangeState.COUNTED


def test_a_school_decides_for_itself_and_a_nearer_decision_holds(marked: World) -> None:
    own = marked.own
    put_in_force(own.school, own.framework, DAY, method="highest")
    rebuild_students(students=[own.student, *own.school.students.exclude(pk=own.student.pk)], day=DAY)

    rule = work(choose(marked, "mean"), "count")
    assert (rule.level_count, rule.changed_count) == (3, 0)
    work(apply(marked, rule), "carry_out")
    assert levels_shown(own.student)["FR.1"] == 4
    assert differences() == []

    of_school = work(choose(marked, "most_recent", own.school), "count")
    assert (of_school.changed_count, of_school.student_count) == (1, 2)  # 4, 2 made 4


def test_a_topic_has_its_own_and_gives_it_back(marked: World) -> None:
    topic = marked.topic
    refused("same", lambda: choose(marked, "", topic=topic))
    work(apply(marked, work(choose(marked, "highest", topic=topic), "count")), "carry_out")
    assert levels_shown(marked.own.student)["FR.1"] == 4
    assert differences() == []

    back = work(choose(marked, "", topic=topic), "count")
    assert back.changed_count == 2
    work(apply(marked, back), "carry_out")
    assert (levels_shown(marked.own.student)["FR.1"], differences()) == (D("3.5"), [])
    assert ways_for(marked.own.school.pk, DAY).chosen_for(measure_of(marked.targets[0])) is None


def test_a_place_in_another_area_follows(marked: World) -> None:
    area = ContentArea.objects.create(framework=marked.own.framework, case_identifier="b", title="B", position=2)
    there = Topic.objects.create(area=area, case_identifier="b", title="B", position=1)
    targets = [
        Target.objects.create(topic=there, case_identifier=f"b{n}", statement=f"B{n}", position=n) for n in (1, 2)
    ]
    Prerequisite.objects.create(target=targets[0], required=marked.targets[0])
    ada = marked.own.school.students.get(given_name="Ada")
    marked.targets.append(targets[1])
    mark(marked, 4, "1", student=ada)
    rule = work(choose(marked, "mean", topic=marked.topic), "count")
    work(apply(marked, rule), "carry_out")
    assert differences() == []


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("method", {"method": ""}),
        ("parameters", {"method": "no such"}),
        ("parameters", {"method": "decaying", "parameters": {"weight": D("0.20")}}),
        ("parameters", {"method": "mean", "parameters": {"last": 3}}),
        ("parameters", {"method": "n_times", "parameters": {"level": D("2.75")}}),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, code: str, more: Any) -> None:
    refused(code, lambda: choose(world, **more))
    assert not MethodRule.objects.exists()


def test_who_may_not_and_what_is_not_theirs_is_refused(world: World) -> None:
    for name in ("leader", "teacher", "office", "far_administrator", "guardian"):
        refused("not_allowed", lambda name=name: choose(world, "mean", actor=world.people[name]))
    refused("not_used", lambda: choose(world, "mean", framework=world.other_district.framework))
    refused("topic", lambda: choose(world, "mean", topic=world.other_district.topic))
    rule = choose(world, "mean")
    refused("under_way", lambda: choose(world, "median"))
    assert choose(world, "median", world.own.school).pk  # another organization's own
    work(rule, "count")
    for deed in (drop_change, retry_change):
        refused("not_allowed", lambda deed=deed: deed(change=rule, actor=world.leader, day=DAY))
    refused("past", lambda: apply(world, rule, days=-1))
    refused("far", lambda: apply(world, rule, days=500))
    work(apply(world, rule), "carry_out")
    refused("in_force", lambda: drop_change(change=rule, actor=world.administrator, day=DAY))
    refused("same", lambda: choose(world, "mean"))


def test_nobody_is_asked_from_the_shell(world: World) -> None:
    assert choose(world, "decaying", actor=None, parameters={"weight": D("0.80"), "last": None}).weight == D("0.80")
