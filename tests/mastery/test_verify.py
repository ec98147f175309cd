"""What is derived can be thrown away: verify finds every difference from the record, repair mends it."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from uuid import uuid4

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from curriculum.imports import import_case
from curriculum.models import Framework, Scale, Target
from curriculum.signals import framework_changed
from lpm.people.models import Organization
from students.mastery.models import AreaMastery, MasteryState, TopicMastery
from students.mastery.services import record_mark
from tests.curriculum.packages import DEMO
from tests.world import build_world

PACKAGE = DEMO


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


@pytest.fixture
def sent(monkeypatch):
    """What is handed to the workers, instead of handing it over: name and arguments."""
    jobs = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, **_: jobs.append((name, kwargs)))
    current_app.loader.import_default_modules()
    return jobs


def change_curriculum(place):
    """The last target goes; the service that changes curricula notes what is due, and says so."""
    Target.objects.filter(pk=place.targets[3].pk).update(retired_on="2026-11-19")
    Framework.objects.filter(pk=place.framework.pk).update(roll_ups_due_at=timezone.now())
    framework_changed.send(Framework, framework_id=place.framework.pk)


def test_a_changed_curriculum_is_followed_by_the_roll_ups(recorded, sent):
    own = recorded.places["own"]
    change_curriculum(own)
    assert sent == [("mastery.rebuild_framework", {"framework_id": own.framework.pk})]

    current_app.tasks["mastery.rebuild_framework"](framework_id=own.framework.pk)

    assert TopicMastery.objects.get(student=own.student).target_count == 3
    assert Framework.objects.get(pk=own.framework.pk).roll_ups_due_at is None
    call_command("verify_mastery")


def test_a_lost_message_is_sent_again_until_the_work_is_done(recorded, sent):
    own = recorded.places["own"]
    change_curriculum(own)
    sent.clear()  # the broker lost it

    current_app.tasks["mastery.sweep_frameworks"]()
    assert sent == [("mastery.rebuild_framework", {"framework_id": own.framework.pk})]
    current_app.tasks["mastery.rebuild_framework"](framework_id=own.framework.pk)
    sent.clear()
    current_app.tasks["mastery.sweep_frameworks"]()

    assert sent == []


def test_an_import_that_changes_a_framework_notes_that_roll_ups_are_due(db):
    build_world()
    district = Organization.objects.get(name="North")

    import_case(data=PACKAGE.read_bytes(), owner=district, actor=None)

    due = Framework.objects.filter(roll_ups_due_at__isnull=False)
    assert [framework.title for framework in due] == ["Penobscot Bay Mathematics"]


def test_a_level_that_a_changed_scale_no_longer_has_is_named_and_stops_nothing(recorded, capsys):
    Scale.objects.update(high=Decimal("2.00"), proficient=Decimal("2.00"))

    with pytest.raises(CommandError):
        call_command("verify_mastery")

    out = capsys.readouterr().out
    assert "score 3.00 is outside the scale 0.00 to 2.00" in out
    assert "students checked" in out


def test_repair_stops_at_a_level_that_cannot_be_computed(recorded):
    Scale.objects.update(high=Decimal("2.00"), proficient=Decimal("2.00"))

    with pytest.raises(ValueError, match="outside the scale"):
        call_command("verify_mastery", "--repair")

    assert MasteryState.objects.count() == 3  # nothing was thrown away


def test_going_back_behind_the_record_is_refused(recorded):
    try:
        with pytest.raises(RuntimeError, match="never dropped"):
            call_command("migrate", "mastery", "0001", verbosity=0)
    finally:  # the steps after the refusing one did go back
        call_command("migrate", "mastery", verbosity=0)


def verify(*options: str) -> subprocess.CompletedProcess[str]:
    """The command as its own program: it forks, which a program with threads, such as this one, must not."""
    known = connection.settings_dict
    place = f"{known['HOST']}:{known['PORT']}/{known['NAME']}"
    address = f"postgresql://{known['USER']}:{known['PASSWORD']}@{place}"
    command = [sys.executable, "manage.py", "verify_mastery", *options]
    servers = {"LPM_MODE": "demo", "DATABASE_URL": address, "REDIS_URL": settings.CELERY_BROKER_URL}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=os.environ | servers)


def test_several_processes_find_and_mend_the_same(recorded):
    MasteryState.objects.filter(level=Decimal("2.5")).update(level=Decimal("4.0"))
    before = list(MasteryState.objects.order_by("pk").values())

    two, one = verify("--workers", "2"), verify("--workers", "1")

    assert (two.returncode, two.stdout) == (one.returncode, one.stdout)
    assert two.returncode == 1
    assert two.stdout.splitlines()[-1].endswith("students checked, 1 differences")
    assert list(MasteryState.objects.order_by("pk").values()) == before
    assert verify("--workers", "2", "--repair").stdout.endswith("Rebuilt from the record.\n")
    mended = verify("--workers", "2")
    assert (mended.returncode, mended.stdout.splitlines()[-1].endswith("0 differences")) == (0, True)
