"""Who of a group is excused from a target, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.enums import MasteryStatus
from students.mastery.models import Judgement, MasteryState
from students.mastery.queries.judged import judgements_in_force


@dataclass(frozen=True)
class Excused:
    """``decided`` says who excused the student and why, where that was decided on this target itself."""

    student: Student
    decided: Judgement | None


def read_excused(students: Sequence[Student], target: Target) -> list[Excused]:
    """Those of the students who are excused, in their order; 2 queries."""
    excused = excused_of(students, target)
    decided = judgements_in_force({(pk, target.pk) for pk in excused})
    return [Excused(student, decided.get((student.pk, target.pk))) for student in students if student.pk in excused]


def excused_of(students: Collection[Student], target: Target) -> set[int]:
    """The ids of those who are excused; 1 query."""
    states = MasteryState.objects.filter(student__in=students, target=target, status=MasteryStatus.EXCUSED)
    return set(states.values_list("student_id", flat=True))
