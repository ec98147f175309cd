from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.enums import Carries, ChangeKind, RevisionStatus, Subject, TrialState
from curriculum.models.frameworks import Framework, Target
from curriculum.querysets import RevisionQuerySet
from lpm.people.models import Identified, User


class Revision(Identified):
    """Changes to a published framework, written together and published on one day. At most one is open at a time.

    Personal data: who wrote and published it; kept with the framework.
    """

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="revisions")
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)  # why, for those whose curriculum changes
    status = models.CharField(max_length=20, choices=RevisionStatus.choices, default=RevisionStatus.DRAFT)
    is_imported = models.BooleanField(default=False)  # proposed by a newer version of the package
    publish_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["framework"],
                condition=Q(status__in=[RevisionStatus.DRAFT, RevisionStatus.SCHEDULED]),
                name="revision_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(status=RevisionStatus.SCHEDULED) | Q(publish_on__isnull=False),
                name="revision_scheduled_for_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in {RevisionStatus.DRAFT, RevisionStatus.SCHEDULED}


class Change(models.Model):
    """What a revision does to one area, topic or target, or to the framework's own words.

    ``after`` maps each field that changes to its new value, ``before`` to what it was when the revision was
    published; the fields are those of ``services.edits``. Personal data: who wrote it; kept with the framework.
    """

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="changes")
    subject = models.CharField(max_length=20, choices=Subject.choices)
    subject_uuid = models.UUIDField()  # of the row; of one to be added, the identity that it will have
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    after = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "subject_uuid"], name="change_once_per_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_uuid} {self.kind}"


class Crosswalk(Identified):
    """Where what was shown on a target that ends counts from now on: on ``destination``.

    Nothing moves: the logs stay where they are and are read through the rows that somebody applied. A view as of a
    day before ``applied_at`` does not know the row. Personal data: who applied it; kept with the framework.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="crosswalk")
    source = models.ForeignKey(Target, models.PROTECT, related_name="successors")
    destination_uuid = models.UUIDField()  # of a target that is there, or that the revision adds
    destination = models.ForeignKey(Target, models.PROTECT, null=True, blank=True, related_name="forerunners")
    carries = models.CharField(max_length=20, choices=Carries.choices, default=Carries.LEVELS)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "source", "destination_uuid"], name="crosswalk_once"),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(destination__isnull=False),
                name="crosswalk_applied_to_a_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} to {self.destination_uuid}"


class RevisionTrial(Identified):
    """A revision tried on the evidence of a school year, without changing anything. ``result`` holds counts only.

    Personal data: who asked for it; goes with the revision.
    """

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="trials")
    state = models.CharField(max_length=20, choices=TrialState.choices, default=TrialState.WAITING)
    starts_on = models.DateField()
    ends_on = models.DateField()
    result = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.uuid)
