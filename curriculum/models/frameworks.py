from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Lower
from django.utils import timezone

from curriculum.enums import Domain, FrameworkStatus
from curriculum.models.base import Searchable
from curriculum.models.scales import Scale
from curriculum.querysets import (
    FrameworkQuerySet,
    InFrameworkQuerySet,
    TargetQuerySet,
    TopicQuerySet,
)
from lpm.people.models import Dated, Identified, Organization, Sorted, User

BETWEEN = " .-:/_()"  # stand between the parts of codes and are left out when codes are compared
# A trigram index over it serves "is", "begins with" and "holds" alike.
squeezed_code = Func(Lower("code"), Value(BETWEEN), Value(""), function="translate", output_field=TextField())


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
    case_version = models.CharField(max_length=10, default="1.1")  # of the package it came with
    is_open = models.BooleanField(default=False)  # anybody may read it by CASE, without signing in
    published_on = models.DateField(null=True, blank=True)
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


class FrameworkAdoption(Identified):
    """An organization, and all below it, uses a framework: its own, or that of one above. Never a copy.

    Personal data: who decided it; kept with the framework.
    """

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="adoptions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="adoptions")
    adopted_on = models.DateField()
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)  # the day on which its use was ended; never in the future

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["framework", "organization"], condition=Q(ended_on__isnull=True), name="framework_adopted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.framework_id} at {self.organization_id}"


class FrameworkWriter(Identified, Dated):
    """Somebody writes on a framework beside its curriculum leads: one of the team that makes it.

    Personal data: who it is; kept with the framework.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="writers")
    user = models.ForeignKey(User, models.PROTECT, related_name="written_frameworks")
    named_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["framework", "user"], condition=Q(ends_on__isnull=True), name="framework_writer_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} writes {self.framework_id}"


class ContentArea(Identified):
    """A part of a framework such as mathematics. Habits and reasoning are areas of their own domain.

    Personal data: none.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="areas")
    case_identifier = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    domain = models.CharField(max_length=20, choices=Domain.choices, default=Domain.CONTENT)
    position = models.PositiveIntegerField()
    retired_on = models.DateField(null=True, blank=True)

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
    retired_on = models.DateField(null=True, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "case_identifier"], name="topic_once_per_area")
        ]

    def __str__(self) -> str:
        return self.title


class Target(Identified, Searchable):
    """A learning target at ``position`` on its topic's progression, from early (1) to advanced.

    ``part_of`` names the target that this one is only a part of. ``has_forerunners``: what was shown on targets that
    ended counts here too (``Crosswalk``). Its identity never changes. Personal data: none.
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
    has_forerunners = models.BooleanField(default=False)
    requires = models.ManyToManyField("self", through="Prerequisite", symmetrical=False, related_name="required_by")

    objects = TargetQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["topic", "position"], name="target_along_topic"),
            GinIndex(SearchVector("search_text", config="simple"), name="target_by_words"),
            GinIndex(OpClass(squeezed_code, name="gin_trgm_ops"), name="target_by_code"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="target_by_letters"),
        ]

    def __str__(self) -> str:
        return self.code or self.short_title

    def words_to_find(self) -> str:
        return " ".join([self.code, self.short_title, self.statement, self.i_can])

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
    """What one level looks like: a line of the scoring guide of a target, or of a whole topic. Personal data: none."""

    target = models.ForeignKey(Target, models.CASCADE, null=True, blank=True, related_name="guide")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="guide")
    value = models.DecimalField(max_digits=4, decimal_places=2)
    description = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["target", "value"], name="guide_level_once"),
            models.UniqueConstraint(fields=["topic", "value"], name="topic_guide_level_once"),
            models.CheckConstraint(
                condition=Q(target__isnull=False, topic__isnull=True) | Q(target__isnull=True, topic__isnull=False),
                name="guide_level_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_id or self.topic_id} at {self.value}"
