"""Which strands are off for which students, as their plans say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from curriculum.enums import Domain
from lpm.people.models import Student
from students.mastery.models import StrandPause

Span = tuple[date | None, date | None]  # both inclusive; None is open


def is_strand(domain: str) -> bool:
    """Habits and reasoning: recorded where content is, and kept apart from it everywhere."""
    return domain != Domain.CONTENT


@dataclass(frozen=True)
class Pauses:
    """By student and area."""

    spans: Mapping[tuple[int, int], list[Span]] = field(default_factory=dict)

    def holds(self, student_id: int, area_id: int, day: date) -> bool:
        spans = self.spans.get((student_id, area_id), [])
        return any((begin is None or begin <= day) and (end is None or day <= end) for begin, end in spans)


NO_PAUSES = Pauses()


def read_pauses(student_ids: Collection[int]) -> Pauses:
    """Of the students, with what was said of records that were merged into theirs; 1 query."""
    rows = StrandPause.objects.filter(Q(student__in=student_ids) | Q(student__merged_into__in=student_ids))
    spans: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for student, merged, area, *span in rows.values_list(
        "student_id", "student__merged_into_id", "area_id", "starts_on", "ends_on"
    ):
        spans[merged or student, area].append((span[0], span[1]))
    return Pauses(spans)


def pauses_of(student: Student, day: date) -> list[StrandPause]:
    """Those that hold on ``day`` or begin later, with who decided them, the first to begin first; 1 query."""
    rows = StrandPause.objects.filter(Q(student=student) | Q(student__merged_into=student))
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)).select_related("area__framework", "decided_by")
    return list(rows.order_by("starts_on", "pk"))
