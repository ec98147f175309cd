"""What the levels of many students add up to, school by school."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from curriculum.enums import Domain
from lpm.people.models import Student
from students.mastery.models import AreaMastery


@dataclass(frozen=True)
class AreaTotal:
    """Of the students of a school who have begun in an area: how many there are, and their targets added up.

    ``blank_count`` is how many of the school's students have not, and are in no other number here.
    """

    school_id: int
    area_id: int
    student_count: int
    blank_count: int
    target_count: int
    proficient_count: int
    under_way_count: int
    aside_count: int


def count_by_school(students: QuerySet[Student]) -> list[AreaTotal]:
    """By school and content area, of the students given (those whom the reader may see); 2 queries for one and for
    20,000."""
    sizes = dict(students.order_by().values_list("school_id").annotate(Count("pk")))
    rows = (
        AreaMastery.objects.filter(student__in=students.order_by(), area__domain=Domain.CONTENT)
        .order_by("student__school_id", "area_id")
        .values_list("student__school_id", "area_id")
        .annotate(Count("pk"), Sum("target_count"), Sum("proficient_count"), Sum("under_way_count"), Sum("aside_count"))
    )
    return [AreaTotal(school, area, count, sizes[school] - count, *totals) for school, area, count, *totals in rows]
