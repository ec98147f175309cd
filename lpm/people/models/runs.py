from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from lpm.people.enums import ImportKind, ImportState
from lpm.people.models.base import Identified
from lpm.people.models.organizations import Organization, RosterDrop
from lpm.people.models.users import User
from lpm.people.querysets import ImportRunQuerySet


class ImportRun(Identified):
    """One file brought in from a page: uploaded, checked without changing anything, then applied on request.

    Personal data: the file and the report may name people; both are deleted 30 days after the run ended.
    """

    kind = models.CharField(max_length=20, choices=ImportKind.choices)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="import_runs")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="import_runs")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # who had it applied
    drop = models.ForeignKey(RosterDrop, models.SET_NULL, null=True, blank=True, related_name="runs")  # where it lay
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=255)
    choices = models.JSONField(default=dict)  # of a curriculum: what each sort of item becomes, as its sender said
    accepts_ends = models.BooleanField(default=False)  # somebody said that so many may end
    state = models.CharField(max_length=20, choices=ImportState.choices, default=ImportState.UPLOADED)
    report = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)  # when it was last sent to, or taken up by, a worker
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "touched_at"], name="import_run_sweep")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has, or will have, something to do."""
        return self.state in {
            ImportState.UPLOADED,
            ImportState.CHECKING,
            ImportState.QUEUED,
            ImportState.APPLYING,
        }


class Erasure(Identified):
    """A person's data was erased, by law or because its time had come. Says how much, and nothing about whom.

    ``counts`` maps the name of each model to the rows that went. Personal data: none.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    counts = models.JSONField(default=dict)
    erased_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.uuid)
