from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from lpm.audit.models import Entry


def record_entry(
    *,
    actor_id: int | None,
    action: str,
    subject_uuid: UUID | None = None,
    district_id: int | None = None,
    **details: Any,
) -> Entry:
    """Note what somebody did. ``details`` holds counts and identifiers, never names or levels."""
    return Entry.objects.create(
        actor_id=actor_id,
        action=action,
        subject_uuid=subject_uuid,
        district_id=district_id,
        details=details,
    )


def record_views(*, viewer_id: int, students: Iterable[tuple[UUID, int, str]], page: str, day: date) -> None:
    """Count a look at each student's record, in one statement. ``students`` are (uuid, district id, relation).

    The relation is what let the viewer look: a word of the policy of ``lpm.people``.
    """
    rows = sorted(set(students))
    if not rows:
        return
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_recordview (viewer_id, student_uuid, district_id, relation, page, day,
                                          first_at, last_at, count)
            SELECT %s, seen.student, seen.district, seen.relation, %s, %s, %s, %s, 1
            FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS seen(student, district, relation)
            ON CONFLICT (student_uuid, viewer_id, relation, page, day)
            DO UPDATE SET last_at = EXCLUDED.last_at, count = audit_recordview.count + 1
            """,
            [
                viewer_id,
                page,
                day,
                now,
                now,
                [row[0] for row in rows],
                [row[1] for row in rows],
                [row[2] for row in rows],
            ],
        )
