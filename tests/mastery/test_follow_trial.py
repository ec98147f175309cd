"""A revision tried on last year's evidence: what levels would become is counted, and nothing is written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.utils import timezone

from curriculum.enums import Carries, ChangeKind, TrialState
from curriculum.models import Revision, RevisionTrial, Scale, Target
from curriculum.services import make_edits, open_revision, publish_revision, try_revision
from curriculum.services.endings import NewTarget, end_targets
from lpm.people.models import Student
from students.mastery.models import AreaMastery, MasteryState, TopicMastery
from students.mastery.services import record_mark, undo_mark
from tests.mastery.revised import edit, logs_as_written, revise
from tests.world import DAY, World, enroll

NOTHING_TOUCHED = dict.fromkeys(
    ("students", "levels_before", "levels_after", "proficient_before", "proficient_after", "not_carried"), 0
)


@pytest.fixture(autouse=True)
def sent(monkeypatch) -> list[tuple[str, Any]]:
    """What is handed to the workers, instead of handing it over."""
    jobs: list[tuple[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, **_: jobs.append((name, kwargs)))
    current_app.loader.import_default_modules()
    return jobs


def mark(world: World, place: int, level: str, student: Student, on: date = DAY) -> Any:
    return record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=student,
        target=world.targets[place],
        level=Decimal(level),
        performed_on=on,
        day=DAY,
    ).assessment


def write(world: World, kind: ChangeKind, ending: list[Target], **how: Any) -> Revision:
    revision = open_revision(framework=world.own.framework, title="Better", actor=None, day=DAY)
    end_targets(revision=revision, kind=kind, sources=ending, actor=None, day=DAY, **how)
    return revision


def tried(revision: Revision, starts_on: date = DAY - timedelta(days=300)) -> RevisionTrial:
    trial = try_revision(revision=revision, starts_on=starts_on, ends_on=DAY, actor=None, day=DAY)
    current_app.tasks["mastery.try_revision"](trial_id=trial.pk)
    trial.refresh_from_db()
    return trial


def everything() -> Any:
    derived = [list(model.objects.order_by("pk").values()) for model in (MasteryState, TopicMastery, AreaMastery)]
    return logs_as_written(), derived, list(Target.objects.order_by("pk").values())


@pytest.fixture
def pair(world: World) -> tuple[Student, Student]:
    return world.own.student, enroll(world.own.group, given_name="Ada", family_name="Alder")


def test_a_split_into_targets_that_are_not_there_yet(world: World, pair):
    mark(world, 3, "3", pair[0])
    mark(world, 3, "2", pair[1])
    mark(world, 0, "4", pair[0])
    revision = write(world, ChangeKind.SPLIT, [world.targets[3]], new=[NewTarget("A"), NewTarget("B")])
    before = everything()

    trial = tried(revision)

    assert (trial.state, trial.attempts) == (TrialState.DONE, 1)
    assert trial.result == {
        "students": 2,
        "levels_before": 2,
        "levels_after": 4,
        "proficient_before": 1,
        "proficient_after": 2,
        "not_carried": 0,
    }
    assert everything() == before


def test_a_merge_that_carries_evidence_and_an_end_that_carries_nothing(world: World, pair):
    mark(world, 2, "4", pair[0])
    mark(world, 3, "1", pair[0])  # together 0.35 of 4 and 0.65 of 1: 2.0
    mark(world, 3, "3", pair[1])
    mark(world, 1, "3", pair[1])
    revision = write(world, ChangeKind.MERGED, world.targets[2:], new=[NewTarget("Both")])
    end_targets(revision=revision, kind=ChangeKind.RETIRED, sources=[world.targets[1]], actor=None, day=DAY)

    assert tried(revision).result == {
        "students": 2,
        "levels_before": 4,
        "levels_after": 2,
        "proficient_before": 3,
        "proficient_after": 1,
        "not_carried": 1,
    }


def test_only_evidence_of_those_days_that_stands_counts(world: World, pair):
    mark(world, 3, "3", pair[0], on=DAY - timedelta(days=20))
    undone = mark(world, 3, "4", pair[1])
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=undone.uuid, day=DAY)
    revision = write(world, ChangeKind.RETIRED, [world.targets[3]], existing=[world.targets[2].uuid])

    assert tried(revision, DAY - timedelta(days=30)).result["proficient_after"] == 1
    # The mark was given before those days; that it was decided on in them is the one thing that counts.
    assert tried(revision, DAY - timedelta(days=10)).result["proficient_after"] == 1
    assert tried(revision, DAY).result["students"] == 1


def test_evidence_that_came_over_an_earlier_revision_is_tried_too(world: World, pair):
    mark(world, 3, "3", pair[0])
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])
    revision = write(
        world, ChangeKind.RETIRED, [world.targets[2]], existing=[world.targets[1].uuid], carries=Carries.EVIDENCE
    )
    expected = {
        "students": 1,
        "levels_before": 1,
        "levels_after": 1,
        "proficient_before": 1,
        "proficient_after": 1,
        "not_carried": 0,
    }
    assert tried(revision).result == expected

    late = try_revision(revision=revision, starts_on=DAY, ends_on=DAY, actor=None, day=DAY)
    publish_revision(revision=revision, actor=None, day=DAY)
    current_app.tasks["mastery.try_revision"](trial_id=late.pk)

    late.refresh_from_db()
    assert late.result == expected  # published meanwhile


def test_a_revision_that_only_rewords_touches_nobody(world: World, pair):
    mark(world, 3, "3", pair[0])
    revision = open_revision(framework=world.own.framework, title="Better", actor=None, day=DAY)
    make_edits(framework=world.own.framework, edits=[edit(world.targets[3], statement="New")], actor=None, day=DAY)

    assert tried(revision).result == NOTHING_TOUCHED


def test_a_lost_trial_is_sent_again_until_it_is_done_and_given_up_in_the_end(
    world: World, pair, sent, django_capture_on_commit_callbacks
):
    mark(world, 3, "3", pair[0])
    revision = write(world, ChangeKind.RETIRED, [world.targets[3]], existing=[world.targets[2].uuid])
    trial = RevisionTrial.objects.create(revision=revision, starts_on=DAY, ends_on=DAY)
    sweep, work = current_app.tasks["mastery.sweep_trials"], current_app.tasks["mastery.try_revision"]
    rows = RevisionTrial.objects.filter(pk=trial.pk)

    def swept() -> list[tuple[str, Any]]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            sweep()
        return list(sent)

    assert swept() == [("mastery.try_revision", {"trial_id": trial.pk})]
    rows.update(state=TrialState.RUNNING)
    assert swept() == []
    work(trial_id=trial.pk)
    assert rows.get().state == TrialState.RUNNING  # another worker has it
    rows.update(touched_at=timezone.now() - timedelta(minutes=6), attempts=1)
    assert swept() == [("mastery.try_revision", {"trial_id": trial.pk})]
    work(trial_id=trial.pk)
    assert (rows.get().state, rows.get().result["levels_after"]) == (TrialState.DONE, 1)
    assert swept() == []

    Scale.objects.update(high=Decimal(2), proficient=Decimal(2))
    rows.update(state=TrialState.WAITING, result={}, attempts=0)
    for attempt in range(3):
        with pytest.raises(ValueError, match="outside the scale"):
            work(trial_id=trial.pk)
        assert (rows.get().state, rows.get().attempts) == (TrialState.RUNNING, attempt + 1)
        rows.update(touched_at=timezone.now() - timedelta(minutes=6))
    work(trial_id=trial.pk)
    assert (rows.get().state, rows.get().result) == (TrialState.BROKEN, {})
