"""A curriculum goes over to another scale: previewed, applied in one moment, and the record of before stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from curriculum.models import GuideLevel, Translation
from curriculum.services import open_revision
from curriculum.services.scales import ScaleRefused
from lpm.audit.models import Entry
from lpm.people.models import Student
from students.mastery.calculations import Conversion, ScaleRange, ScoreRow, Ways, compute_state
from students.mastery.enums import AssessmentKind, ChangeState
from students.mastery.models import Crossing, MethodRule, ScaleChange
from students.mastery.queries import parameters_of, states_as_of, ways_for
from students.mastery.services import MarkRefused, rebuild_students, record_mark
from students.mastery.services.ways import ChangeRefused, apply_change, choose_scale_change, propose_levels
from tests.mastery.changes import choose, differences, keep_jobs, levels_shown, make_four, mark, sweep, work
from tests.mastery.ways import choose_method as put_in_force
from tests.world import DAY, World, enroll

D = Decimal
NEXT = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    return keep_jobs(monkeypatch)


def move(world: World, **more: Any) -> ScaleChange:
    framework, after = world.own.framework, more.pop("scale", None) or make_four(world)
    values = {"levels": propose_levels(framework.scale, after), "actor": world.administrator, "day": DAY} | more
    return choose_scale_change(framework=framework, scale=after, **values)


def apply(world: World, change: Any, days: int = 0) -> Any:
    return apply_change(change=change, valid_from=DAY + timedelta(days=days), actor=world.administrator, day=DAY)


def refused(code: str, deed: Any) -> None:
    with pytest.raises((ChangeRefused, ScaleRefused)) as caught:
        deed()
    refusal: Any = caught.value
    assert (refusal.code, bool(str(refusal))) == (code, True)


def test_a_proposal_keeps_what_is_proficient(world: World) -> None:
    half, four = world.own.framework.scale, make_four(world)

    forth, back = propose_levels(half, four), propose_levels(four, half)

    assert {float(old): int(new) for old, new in forth.items()} == {
        0: 1, 0.5: 1, 1: 2, 1.5: 2, 2: 2, 2.5: 2, 3: 3, 3.5: 4, 4: 4,
    }  # fmt: skip
    assert {int(old): float(new) for old, new in back.items()} == {1: 0, 2: 1.5, 3: 3, 4: 4}


def test_it_is_previewed_and_applied_in_one_moment(world: World) -> None:
    mark(world, 0, "2", "3")  # decaying: 2.65, level 2.5
    mark(world, 1, "3.5", judges=True)
    mark(world, 2, "3", "2.5")
    ada = enroll(world.own.group, given_name="Ada", family_name="Alder")
    mark(world, 0, "3", "2.5", "3", student=ada)  # 2.89 and level 3; then 3, 2, 3: 2.77, level 3
    far = world.other_district
    before = levels_shown(world.own.student)
    assert before == {"FR.1": D("2.5"), "FR.2": D("3.5"), "FR.3": D("2.5")}

    change = work(move(world), "count")
    # FR.1: 2, 3 makes 2.65: level 3; FR.2: judged 4; FR.3: 3, 2 makes 2.35: level 2
    assert (change.state, change.level_count, change.changed_count) == (ChangeState.COUNTED, 4, 3)
    crossing = Crossing.objects.get()
    assert (crossing.student, crossing.up_count, crossing.down_count) == (world.own.student, 1, 0)
    assert levels_shown(world.own.student) == before

    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):
        done = work(apply_change(change=change, valid_from=NEXT, actor=world.administrator, day=NEXT), "carry_out")

        assert (done.state, done.valid_from) == (ChangeState.DONE, NEXT)
        assert levels_shown(world.own.student) == {"FR.1": 3, "FR.2": 4, "FR.3": 2}
        assert levels_shown(ada) == {"FR.1": 3}
        assert differences() == []
        mark(world, 2, "4", judges=True)
        assert levels_shown(world.own.student)["FR.3"] == 4
        assert differences() == []
        student = Student.objects.select_related("school").get(pk=world.own.student.pk)
        shown = {day: states_as_of([student], day) for day in (DAY, NEXT)}

    by_code = {target.pk: target.code for target in world.targets}
    levels = {day: {by_code[target]: s.level for (_, target), s in found.items()} for day, found in shown.items()}
    assert levels == {DAY: before, NEXT: {"FR.1": 3, "FR.2": 4, "FR.3": 4}}
    world.own.framework.refresh_from_db()
    assert world.own.framework.scale == done.after
    assert far.framework.scale.name == "0 to 4"
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"mastery.choose_scale", "mastery.apply_change", "curriculum.move_to_scale"} <= actions


def test_lines_of_guides_move_along(world: World) -> None:
    topic_line = GuideLevel.objects.create(topic=world.topic, value=D(2), description="Simple ones")
    lines = {int(line.value): line for line in GuideLevel.objects.filter(target=world.targets[0])}
    for value, language in ((1, "es"), (2, "es"), (1, "fr"), (3, "es")):
        Translation.objects.create(guide_level=lines[value], language=language, text=f"{language} {value}")

    work(apply(world, work(move(world), "count")), "carry_out")

    kept = GuideLevel.objects.filter(target=world.targets[0]).order_by("value")
    assert [(int(line.value), line.description) for line in kept] == [
        (1, "Step 1 at 0"), (2, "Step 1 at 1\nStep 1 at 2"), (3, "Step 1 at 3"), (4, "Step 1 at 4"),
    ]  # fmt: skip
    assert set(Translation.objects.values_list("guide_level__value", "language", "text")) == {
        (D(2), "es", "es 1\nes 2"), (D(3), "es", "es 3"),
    }  # fmt: skip
    topic_line.refresh_from_db()
    assert topic_line.value == 2


def test_a_method_that_looks_for_a_level_looks_for_what_it_becomes(world: World) -> None:
    own = world.own
    put_in_force(own.district, own.framework, DAY, method="n_times", times=2, level=D("3.5"))
    mark(world, 0, "3.5", "4")
    rebuild_students(students=[own.student], day=DAY)

    change = work(move(world), "count")
    assert (change.level_count, change.changed_count) == (1, 0)  # 3.75 made 4; 4, 4 makes 4
    work(apply(world, change), "carry_out")

    assert levels_shown(own.student) == {"FR.1": 4}
    assert differences() == []
    assert sorted(parameters_of(rule)["level"] for rule in MethodRule.objects.all()) == [D("3.5"), D(4)]
    assert ways_for(own.school.pk, DAY).chosen[own.framework.pk, None].parameters["level"] == 4
    with pytest.raises(ChangeRefused):
        choose(world, "n_times", parameters={"level": D("3.5")})
    assert choose(world, "n_times", parameters={"times": 2, "level": D(3)}).level == 3


def test_marks_of_the_old_scale_are_refused_with_a_sentence(world: World) -> None:
    mark(world, 0, "2.5")
    change = work(move(world), "count")
    with time_machine.travel(f"{NEXT}T15:00:00+00:00", tick=True):
        moved: Any = apply_change(change=change, valid_from=NEXT, actor=None, day=NEXT)
        offline: dict[str, Any] = {"recorder": world.teacher, "student": world.own.student, "day": NEXT}
        offline |= {"target": world.targets[0], "performed_on": DAY, "made_offline": True}
        seen_before = moved.applied_at - timedelta(hours=5)
        for level in ("2.5", "3"):  # not a level any more, and one that meant something else
            with pytest.raises(MarkRefused) as caught:
                record_mark(uuid=uuid4(), level=D(level), seen_at=seen_before, **offline)
            assert caught.value.code in {"level_off_scale", "scale_changed"}
            assert str(caught.value)
        seen_after = moved.applied_at + timedelta(seconds=1)
        assert record_mark(uuid=uuid4(), level=D(3), seen_at=seen_after, **offline).is_new


def test_a_later_day_and_what_became_impossible_meanwhile(world: World) -> None:
    change = apply(world, work(move(world), "count"), days=1)
    assert change.state == ChangeState.WAITING
    open_revision(framework=world.own.framework, title="Better", actor=None, day=DAY)

    with time_machine.travel(f"{NEXT}T15:00:00+00:00", tick=True):
        sweep()

    change.refresh_from_db()
    assert (change.state, change.applied_at) == (ChangeState.BROKEN, None)


def test_what_makes_no_sense_is_refused(world: World) -> None:
    four, framework = make_four(world), world.own.framework
    good = propose_levels(framework.scale, four)
    refused("levels", lambda: move(world, scale=four, levels={D(0): D(1)}))
    refused("levels", lambda: move(world, scale=four, levels={**good, D(0): D(7)}))
    refused("levels", lambda: move(world, scale=four, levels={**good, D(0): D(4)}))
    refused("same_scale", lambda: move(world, scale=framework.scale, levels=good))
    refused("not_yours", lambda: move(world, scale=world.other_district.framework.scale))
    for name in ("leader", "teacher", "far_administrator"):
        refused("not_allowed", lambda name=name: move(world, scale=four, actor=world.people[name]))
    rule = choose(world, "mean")
    refused("under_way", lambda: move(world, scale=four))
    rule.delete()
    revision = open_revision(framework=framework, title="Better", actor=None, day=DAY)
    refused("being_revised", lambda: move(world, scale=four))
    revision.delete()
    assert not ScaleChange.objects.exists()
    assert move(world, scale=four).state == ChangeState.COUNTING
    refused("under_way", lambda: choose(world, "mean"))


def test_what_an_activity_aimed_at_is_converted_too() -> None:
    """A goal of 2.5, below proficient at 3, becomes 2 on another scale, where 2.5 would be proficient."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    later = moment + timedelta(days=1)
    scale = ScaleRange(D(1), D(4), D(1), D(2))
    ways = Ways(scale, "most_recent", {}, (Conversion(later, {D("2.5"): D(1), D(4): D(4)}),), foundations_first=True)
    high = ScoreRow(1, AssessmentKind.SCORE, D(4), DAY, moment)
    low = ScoreRow(2, AssessmentKind.SCORE, D("2.5"), DAY, moment, goal=D("2.5"))

    assert compute_state([high, low], [], ways).level == 4
