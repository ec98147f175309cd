"""What can be learned: frameworks of areas, topics and targets, with scales and scoring guides."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from curriculum.enums import FrameworkStatus
from curriculum.querysets import (
    FrameworkQuerySet,
    InFrameworkQuerySet,
    TargetQuerySet,
    TopicQuerySet,
)
from lpm.people.models import Identified, Organization, Sorted


def translated(words: str) -> str:
    """Words that came with Cairn in the reader's language; a district's own words as they are."""
    return gettext(words) if words else ""


class Scale(Identified):
    """The levels a district judges by: from ``low`` to ``high`` in steps. Personal data: none."""

    owner = models.ForeignKey(Organization, models.PROTECT, related_name="scales")
    name = models.CharField(max_length=200)
    low = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.00"))
    high = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("4.00"))
    step = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.50"))
    proficient = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("3.00"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(low__lt=F("proficient"), proficient__lte=F("high"), step__gt=0),
                name="scale_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScaleLevel(models.Model):
    """What one level of a scale is called, and its general words. Personal data: none."""

    scale = models.ForeignKey(Scale, models.CASCADE, related_name="levels")
    value = models.DecimalField(max_digits=4, decimal_places=2)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scale", "value"], name="scale_level_once")]

    def __str__(self) -> str:
        return f"{self.value} {self.name}"

    @property
    def said_name(self) -> str:
        return translated(self.name)

    @property
    def said_description(self) -> str:
        return translated(self.description)


class Framework(Identified, Sorted):
    """A curriculum that belongs to one organization and is used below it. Personal data: none."""

    owner = models.ForeignKey(Organization, models.PROTECT, related_name="frameworks")
    scale = models.ForeignKey(Scale, models.PROTECT, related_name="frameworks")
    case_identifier = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    creator = models.CharField(max_length=500, blank=True)
    version = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=20, default="en")
    status = models.CharField(
        max_length=20,
        choices=FrameworkStatus.choices,
        default=FrameworkStatus.PUBLISHED,
    )
    notes = models.TextField(blank=True)
    imported_at = models.DateTimeField(default=timezone.now)
    roll_ups_due_at = models.DateTimeField(null=True)  # set by a change until what counts its targets has followed

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "case_identifier"], name="framework_once_per_owner")
        ]

    def __str__(self) -> str:
        return self.title

    def sort_text(self) -> str:
        return self.title


class FrameworkAdoption(models.Model):
    """An organization uses a framework that another one owns. Personal data: none."""

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="adoptions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="adoptions")
    adopted_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["framework", "organization"], name="framework_adopted_once")
        ]

    def __str__(self) -> str:
        return f"{self.framework_id} at {self.organization_id}"


class ContentArea(Identified):
    """A part of a framework such as mathematics. Personal data: none."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="areas")
    case_identifier = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    position = models.PositiveIntegerField()

    objects = InFrameworkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["framework", "case_identifier"], name="area_once_per_framework")
        ]

    def __str__(self) -> str:
        return self.title


class Topic(Identified):
    """A measurement topic: one progression of targets across grade levels. Personal data: none."""

    area = models.ForeignKey(ContentArea, models.CASCADE, related_name="topics")
    case_identifier = models.CharField(max_length=100)
    code = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    position = models.PositiveIntegerField()

    objects = TopicQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "case_identifier"], name="topic_once_per_area")
        ]

    def __str__(self) -> str:
        return self.title


class Target(Identified):
    """A learning target at ``position`` on its topic's progression, from early (1) to advanced.

    ``part_of`` names the target that this one is only a part of. Its identity never changes. Personal data: none.
    """

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="targets")
    case_identifier = models.CharField(max_length=100, db_index=True)
    code = models.CharField(max_length=100, blank=True)
    short_title = models.CharField(max_length=200, blank=True)
    statement = models.TextField()
    i_can = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    grades = models.JSONField(default=list)  # CEDS codes: ["03"], ["09", "10", "11", "12"]
    position = models.PositiveIntegerField()
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    retired_on = models.DateField(null=True, blank=True)
    requires = models.ManyToManyField("self", through="Prerequisite", symmetrical=False, related_name="required_by")

    objects = TargetQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["topic", "position"], name="target_along_topic")]

    def __str__(self) -> str:
        return self.code or self.short_title

    @property
    def title(self) -> str:
        """A few words for a list or a column head."""
        return self.short_title or self.statement

    @property
    def for_students(self) -> str:
        return self.i_can or self.statement


class Prerequisite(models.Model):
    """``required`` comes before ``target``; the graph has no cycle. Personal data: none."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="prerequisites")
    required = models.ForeignKey(Target, models.CASCADE, related_name="opens")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["target", "required"], name="prerequisite_once"),
            models.CheckConstraint(condition=~Q(target=F("required")), name="prerequisite_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.required_id} before {self.target_id}"


class GuideLevel(models.Model):
    """What one level looks like for one target: a line of its scoring guide. Personal data: none."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="guide")
    value = models.DecimalField(max_digits=4, decimal_places=2)
    description = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["target", "value"], name="guide_level_once")]

    def __str__(self) -> str:
        return f"{self.target_id} at {self.value}"
