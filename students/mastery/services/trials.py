"""Trying a revision of a curriculum on the evidence of past days. The record is read, and nothing of it written."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from curriculum.enums import TrialState
from curriculum.models import RevisionTrial
from lpm.lib.enqueue import enqueue
from lpm.lib.progress import tell_progress
from lpm.people.models import Student
from students.mastery.queries import find_tried, read_trial, try_on

BATCH = 500
MOST_ATTEMPTS = 3
STALE_AFTER = timedelta(minutes=5)  # without a batch finished, the worker is gone
COUNTED = ("students", "levels_before", "levels_after", "proficient_before", "proficient_after", "not_carried")


def try_revision(*, trial_id: int) -> None:
    """Count, a batch of students at a time, and keep the counts with the trial.

    Safe to call at any time, any number of times: one worker has it at once, and none when it is done. One that is
    lost leaves it to the sweep; after MOST_ATTEMPTS it is given up.
    """
    taken = _ready().filter(pk=trial_id)
    if not taken.update(state=TrialState.RUNNING, attempts=F("attempts") + 1, touched_at=timezone.now()):
        return
    trial = RevisionTrial.objects.get(pk=trial_id)
    if trial.attempts > MOST_ATTEMPTS:
        _end(trial, TrialState.BROKEN, {})
    else:
        _end(trial, TrialState.DONE, _count(trial))


def _ready() -> QuerySet[RevisionTrial]:
    """What waits, or was left by its worker."""
    left = Q(state=TrialState.RUNNING, touched_at__lt=timezone.now() - STALE_AFTER)
    return RevisionTrial.objects.filter(Q(state=TrialState.WAITING) | left)


def _count(row: RevisionTrial) -> dict[str, int]:
    trial = read_trial(row)
    ids = find_tried(trial)
    counts: Counter[str] = Counter()
    for start in range(0, len(ids), BATCH):
        tell_progress(f"trial:{row.uuid}", 100 * start // len(ids))
        counts += try_on(trial, list(Student.objects.filter(pk__in=ids[start : start + BATCH])))
        RevisionTrial.objects.filter(pk=row.pk).update(touched_at=timezone.now())
    return {name: counts[name] for name in COUNTED}


def _end(trial: RevisionTrial, state: TrialState, result: dict[str, int]) -> None:
    trial.state, trial.result, trial.touched_at = state, result, timezone.now()
    trial.save(update_fields=["state", "result", "touched_at"])


def sweep_trials() -> None:
    """Send again what no worker has taken or finished."""
    for trial_id in _ready().values_list("pk", flat=True):
        enqueue("mastery.try_revision", trial_id=trial_id)
