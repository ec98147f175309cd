"""What the database says of the demonstration, to be compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from lpm.people.models import Enrollment, Group, Guardianship, Organization, Student, User
from students.mastery.models import Assessment, Judgement, MasteryState, ReadyRequest, Remark


@dataclass
class Built:
    """``checks`` are those of the database; ``unchecked`` is the digest of the district that was made without."""

    checks: list[Any]
    checks_after: list[Any] = field(default_factory=list)
    unchecked: str = ""
    lines: list[str] = field(default_factory=list)


def said() -> str:
    """A digest of what the database says of the district: names and words, not keys and moments of making."""
    parts: list[Any] = [
        list(Organization.objects.order_by("sourced_id", "name").values_list("kind", "name")),
        list(User.objects.order_by("username").values_list("username", "given_name", "family_name", "email")),
        list(Student.objects.order_by("sourced_id").values_list("given_name", "family_name", "grade", "born_on")),
        list(Group.objects.order_by("sourced_id", "name").values_list("name", "starts_on", "ends_on")),
        list(Enrollment.objects.order_by("sourced_id").values_list("sourced_id", "starts_on", "ends_on")),
        list(Guardianship.objects.order_by("guardian__username", "student__sourced_id").values_list("is_restricted")),
        _logged(Assessment, "recorder__username", "level", "kind", "performed_on", "comment", "language"),
        _logged(Judgement, "judge__username", "level", "kind"),
        _logged(Remark, "author__username", "text", "is_for_family"),
        list(ReadyRequest.objects.order_by("student__sourced_id", "asked_at").values_list("done_since", "state")),
        list(MasteryState.objects.order_by("student__sourced_id", "target__code").values_list("status", "level")),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _logged(model: Any, *fields: str) -> list[Any]:
    order = ("student__sourced_id", "target__code", "recorded_at", *fields)
    return list(model.objects.order_by(*order).values_list("student__sourced_id", "target__code", *fields))


def constraints() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid::regclass::text LIKE 'mastery%' ORDER BY 1, 2"
        )
        return list(cursor.fetchall())
