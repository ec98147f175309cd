"""Accepting what the evidence suggests, many cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from curriculum.models import Target
from lpm.lib.ids import uuid7
from lpm.people.models import Student, User
from students.mastery.enums import JudgementKind
from students.mastery.models import MasteryState
from students.mastery.queries.grid import look_of
from students.mastery.services.record import Decided, Decision, record_decisions
from students.mastery.services.record.judge import MOST


@transaction.atomic
def accept_agreeing(
    *, students: Sequence[Student], targets: Sequence[Target], judge: User, day: date, seen_at: datetime
) -> tuple[int, int]:
    """Accept the suggestions with which the newest evidence agrees, as they were at ``seen_at``.

    How many were accepted, and how many wait for a look: those where the newest differs, or that changed since.
    """
    people = {student.pk: student for student in students}
    columns = {target.pk: target for target in targets}
    states = MasteryState.objects.filter(student__in=people, target__in=columns, judged=None, level__isnull=False)
    waiting = list(states.order_by("student_id", "target_id"))
    agreeing = [
        state
        for state in waiting
        if look_of(state).agrees and (state.changed_at is None or state.changed_at <= seen_at)
    ]
    decisions = [
        Decision(
            uuid=uuid7(),
            student=people[state.student_id],
            target=columns[state.target_id],
            kind=JudgementKind.CONFIRMED,
            level=state.suggested,
        )
        for state in agreeing[:MOST]
    ]
    answers = record_decisions(decisions=decisions, judge=judge, day=day)
    accepted = sum(isinstance(answer, Decided) for answer in answers)
    return accepted, len(waiting) - accepted
