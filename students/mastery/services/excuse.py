"""Students who are excused from a target, several at once, and those who are no longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.enums import JudgementKind
from students.mastery.models import Judgement
from students.mastery.queries.excuse import excused_of
from students.mastery.services.record import Decided, Decision, MarkRefused, record_decisions
from students.mastery.services.record.check import lock_all_permitted

Answers = list[Decided | MarkRefused]


def excuse_students(
    *, uuid: UUID, students: Collection[Student], target: Target, reason: str, judge: User, day: date
) -> Answers:
    """Nothing is expected of the students on the target; with an answer for each. ``uuid`` makes sending it twice
    harmless. Raises MarkRefused: no_reason."""
    reason = reason.strip()
    if not reason:
        raise MarkRefused("no_reason", _("Say in a few words why."))
    decisions = [
        Decision(uuid5(uuid, str(student.uuid)), student, target, JudgementKind.EXCUSED, note=reason)
        for student in students
    ]
    return record_decisions(decisions=decisions, judge=judge, day=day)


@transaction.atomic
def end_excuses(
    *, uuid: UUID, students: Collection[Student], target: Target, reason: str, judge: User, day: date
) -> Answers:
    """The target is expected of the students again; with an answer for each. ``uuid`` makes sending it twice harmless.

    Only who is excused: a level that somebody judged meanwhile is left alone (not_excused).
    """
    decisions = [
        Decision(uuid5(uuid, str(student.uuid)), student, target, JudgementKind.LIFTED, note=reason.strip())
        for student in students
    ]
    lock_all_permitted(judge, {student.pk for student in students}, day, Action.RECORD_MARK)
    excused = excused_of(students, target) | _known_of(decisions)
    taken = [one for one in decisions if one.student.pk in excused]
    answers = iter(record_decisions(decisions=taken, judge=judge, day=day))
    return [next(answers) if one.student.pk in excused else _not_excused() for one in decisions]


def _known_of(decisions: Collection[Decision]) -> set[int]:
    """Whose decision is in the log already: it is answered as it was."""
    rows = Judgement.objects.filter(uuid__in=[one.uuid for one in decisions])
    return set(rows.values_list("student_id", flat=True))


def _not_excused() -> MarkRefused:
    return MarkRefused("not_excused", _("This student is not excused any more. The level stays as it is."))
