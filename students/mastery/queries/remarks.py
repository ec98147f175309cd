"""What was said about a student on a target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from curriculum.models import Target
from lpm.people.models import Student, User
from students.mastery.models import Remark


@dataclass(frozen=True)
class Said:
    """A remark that stands: in one tap (``reason``), in words (``text``), or both."""

    uuid: UUID
    author: str
    at: datetime
    reason: str
    text: str
    language: str
    is_for_family: bool
    is_mine: bool


def read_remarks(student: Student, target: Target, viewer: User) -> list[Said]:
    """What stands about one cell, newest first, for the staff; in 1 query."""
    rows = Remark.objects.of_students([student.pk]).filter(target=target, voids=None, voided_by=None)
    return [
        Said(
            uuid=row.uuid,
            author=row.author.name,
            at=row.recorded_at,
            reason=row.get_reason_display(),
            text=row.text,
            language=row.language,
            is_for_family=row.is_for_family,
            is_mine=row.author_id == viewer.pk,
        )
        for row in rows.select_related("author").order_by("-recorded_at", "-pk")
    ]
