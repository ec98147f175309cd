"""Settings of levels that make levels others: a job makes them anew, and a sweep finds what was lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from celery import current_app
from django.core.cache import cache

from lpm.people.models import Organization
from students.mastery.models import MasterySettings
from students.mastery.services import record_mark
from students.mastery.services.options import change_mastery_settings
from students.mastery.services.ways import ChangeRefused
from tests.mastery.changes import differences, keep_jobs, levels_shown, sweep
from tests.world import DAY, World

D = Decimal


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    return keep_jobs(monkeypatch)


@pytest.fixture
def climbed(world: World) -> World:
    """4 on the target, then a going back for foundations at 2: 2.7 (level 2.5) in order of days, 3.3 (3.5) without."""
    for level, goal in (("4", None), ("2", D(2))):
        record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=world.own.student,
            target=world.targets[0],
            level=D(level),
            goal=goal,
            performed_on=DAY,
            judges=False,
            day=DAY,
        )
    return world


def decide(
    world: World, value: bool | None, days: int = 0, organization: Organization | None = None
) -> MasterySettings:
    return change_mastery_settings(
        organization=organization or world.own.district,
        valid_from=DAY + timedelta(days=days),
        values={"foundations_first": value, "student_minutes": 5},
        actor=world.administrator,
        day=DAY,
    )


def test_the_order_of_evidence_is_made_anew(climbed: World, sent: Any, django_capture_on_commit_callbacks: Any) -> None:
    assert levels_shown(climbed.own.student) == {"FR.1": D("2.5")}
    with django_capture_on_commit_callbacks(execute=True):
        row = decide(climbed, True)
    assert sent == [("mastery.rebuild_by_settings", {"settings_id": row.pk})]

    current_app.tasks["mastery.rebuild_by_settings"](settings_id=row.pk)

    assert (levels_shown(climbed.own.student), differences()) == ({"FR.1": D("3.5")}, [])
    with django_capture_on_commit_callbacks(execute=True):
        decide(climbed, True)  # the same again
    assert len(sent) == 1


def test_what_is_said_of_something_else_makes_no_level_anew(
    climbed: World, sent: Any, django_capture_on_commit_callbacks: Any
) -> None:
    decide(climbed, True)
    with django_capture_on_commit_callbacks(execute=True):
        row = change_mastery_settings(
            organization=climbed.own.district, valid_from=DAY, values={"ready_limit": 2}, actor=None, day=DAY
        )
    assert (row.foundations_first, row.ready_limit, sent) == (True, 2, [])


def test_a_lost_task_is_sent_again_until_it_is_done(
    climbed: World, sent: Any, django_capture_on_commit_callbacks: Any
) -> None:
    row = decide(climbed, True, days=2)
    decide(climbed, None, organization=climbed.other_school.school)  # says nothing about it

    def swept(days: int) -> list[Any]:
        sent.clear()
        then = f"{DAY + timedelta(days=days)}T15:00:00+00:00"
        with time_machine.travel(then, tick=True), django_capture_on_commit_callbacks(execute=True):
            sweep()
        return [given["settings_id"] for _name, given in sent]

    assert swept(1) == []
    assert swept(2) == [row.pk]
    assert swept(20) == []  # long ago
    current_app.tasks["mastery.rebuild_by_settings"](settings_id=row.pk)
    assert swept(2) == []
    cache.clear()
    assert swept(2) == [row.pk]
    with django_capture_on_commit_callbacks(execute=True):
        decide(climbed, False, days=2)
    assert swept(2) == [row.pk]


def test_who_may_not_and_past_days_are_refused(world: World) -> None:
    with pytest.raises(ChangeRefused):
        decide(world, True, days=-1)
    for name in ("leader", "teacher", "far_administrator"):
        with pytest.raises(ChangeRefused):
            change_mastery_settings(
                organization=world.own.district, valid_from=DAY, values={}, actor=world.people[name], day=DAY
            )
    assert not MasterySettings.objects.exists()
