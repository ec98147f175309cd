"""What is derived can be thrown away: verify finds every difference from the record, repair mends it."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from curriculum.models import Framework, Target
from curriculum.signals import framework_changed
from students.mastery.models import AreaMastery, MasteryState, TopicMastery
from students.mastery.services import record_mark
from tests.world import build_world


@pytest.fixture
def recorded(transactional_db, school_day):
    world = build_world(school_day)
    own = world.places["own"]
    for target, level in zip(own.targets, ["3.0", "2.5", "1.0"], strict=False):
        record_mark(
            uuid=uuid4(),
            recorder=world.people["teacher"],
            student=own.student,
            target=target,
            level=Decimal(level),
            performed_on=school_day,
            day=school_day,
        )
    return world


def test_verify_finds_nothing_after_ordinary_work(recorded, capsys):
    call_command("verify_mastery")

    assert capsys.readouterr().out.endswith("0 differences\n")


@pytest.mark.parametrize(
    "damage",
    [
        lambda: MasteryState.objects.filter(level=Decimal("2.5")).update(level=Decimal("4.0")),
        lambda: MasteryState.objects.all().delete(),
        lambda: TopicMastery.objects.update(here=None),
        lambda: AreaMastery.objects.update(proficient_count=3),
    ],
)
def test_verify_names_the_difference_and_repair_mends_it(damage, recorded, capsys):
    damage()

    with pytest.raises(CommandError):
        call_command("verify_mastery")
    assert "the record says" in capsys.readouterr().out

    call_command("verify_mastery", "--repair")
    call_command("verify_mastery")
    assert capsys.readouterr().out.endswith("0 differences\n")
    assert MasteryState.objects.filter(is_proficient=True).count() == 1


def test_a_changed_curriculum_is_followed_by_the_roll_ups(recorded, monkeypatch):
    own = recorded.places["own"]
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs)))
    Target.objects.filter(pk=own.targets[3].pk).update(retired_on="2026-11-19")

    framework_changed.send(Framework, framework_id=own.framework.pk)
    current_app.loader.import_default_modules()
    for name, kwargs in sent:
        current_app.tasks[name](**kwargs)

    assert [name for name, _ in sent] == ["mastery.rebuild_framework"]
    assert TopicMastery.objects.get(student=own.student).target_count == 3
    call_command("verify_mastery")
