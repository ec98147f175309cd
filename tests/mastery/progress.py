"""Counts of schools, as the task would have made them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from lpm.people.models import Organization
from students.mastery.models import SchoolProgress

MADE_AT = datetime(2026, 11, 19, 6, 30, tzinfo=UTC)


def count(school: Organization, dimension: str, values: Mapping[str, int], **shares: int) -> None:
    """``values``: students by value; ``shares``: percent of them (learned, heard, waiting), else half."""
    SchoolProgress.objects.bulk_create(
        SchoolProgress(
            school=school,
            dimension=dimension,
            value=value,
            student_count=students,
            learned_count=students * shares.get("learned", 50) // 100,
            heard_count=students * shares.get("heard", 50) // 100,
            waiting_count=students * shares.get("waiting", 50) // 100,
            met_count=students * 12,
            under_way_count=students * 3,
            day=date(2026, 11, 19),
            made_at=MADE_AT,
        )
        for value, students in values.items()
    )
