"""What was said about a student on a target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from curriculum.models import Target
from lpm.people.models import Student, User
from students.mastery.models import Remark
from students.mastery.queries.words import Words, read_translations, words_of


@dataclass(frozen=True)
class Said:
    """A remark that stands: in one tap (``reason``), in words, or both."""

    uuid: UUID
    author: str
    at: datetime
    reason: str
    words: Words
    is_for_family: bool
    is_mine: bool


def read_remarks(student: Student, target: Target, viewer: User) -> list[Said]:
    """What stands about one cell, newest first, for the staff; in 1 query, 2 where there are words."""
    rows = Remark.objects.of_students([student.pk]).filter(target=target, voids=None, voided_by=None)
    remarks = list(rows.select_related("author").order_by("-recorded_at", "-pk"))
    translations = read_translations(remarks)
    return [
        Said(
            uuid=row.uuid,
            author=row.author.name,
            at=row.recorded_at,
            reason=row.get_reason_display(),
            words=words_of(row, translations),
            is_for_family=row.is_for_family,
            is_mine=row.author_id == viewer.pk,
        )
        for row in remarks
    ]
