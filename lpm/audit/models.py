"""Who did what, and who looked at whose record. Rows are only ever added, or counted up."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """One thing somebody did that changed the system, told in identifiers.

    Personal data: who acted. Never a name, never a level. Kept as the district's retention rules say.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=100)
    subject_uuid = models.UUIDField(null=True, db_index=True)
    district_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district_id", "-at"], name="entry_of_district")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_uuid}"


class RecordView(models.Model):
    """Somebody other than the student looked at a record: one row per viewer, student, relation, page and day.

    Personal data: who looked at whom; goes with the student.
    """

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    student_uuid = models.UUIDField()
    district_id = models.BigIntegerField()
    relation = models.CharField(max_length=30, default="")  # what let them look
    page = models.CharField(max_length=50)
    day = models.DateField()
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student_uuid", "viewer", "relation", "page", "day"],
                name="record_view_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.student_uuid}"
