"""The one way in which rows leave the logs: the lawful erasure of a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pgtrigger
from django.db import transaction

from students.mastery.models import (
    Absence,
    AreaMastery,
    Assessment,
    Crossing,
    GridView,
    Judgement,
    MasteryState,
    ReadyRequest,
    Remark,
    StrandPause,
    TopicMastery,
    WordsTranslation,
)
from students.mastery.services.derive import lock_students_by_id

DERIVED_FIRST: tuple[Any, ...] = (
    WordsTranslation,
    MasteryState,
    TopicMastery,
    AreaMastery,
    Crossing,
    StrandPause,
    Absence,
    GridView.students.through,
    ReadyRequest,
    Remark,
    Judgement,
    Assessment,
)


@transaction.atomic
def erase_records(*, student_ids: Collection[int]) -> dict[str, int]:
    """Everything the app knows about the students goes. Returns how many rows of each model went.

    Called by the erasure of people, which asks for the right to do it and keeps the note that it was done.
    """
    lock_students_by_id(student_ids)
    counts: dict[str, int] = {}
    with pgtrigger.ignore():
        for model in DERIVED_FIRST:
            rows = model._base_manager.filter(student_id__in=list(student_ids))
            counts[model._meta.label] = rows._raw_delete(rows.db)
    return counts
