"""What organizations decide about levels, each from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.models import ContentArea, Framework, Scale, Topic
from lpm.people.models import Dated, DatedSettings, Identified, Organization, Student, User
from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.enums import ChangeState


class MasterySettings(DatedSettings):
    """How levels are made and shown, from a day on. An empty field leaves it to the organization above.

    ``accepts_automatically``: a suggestion that rests on two agreeing recent scores becomes the level by itself.
    ``foundations_first``: evidence of activities that aim below proficient is ordered before the rest.
    ``student_minutes``: how long a level waits until the student sees it; ``family_hour``: from which hour of the
    next school morning the family does. ``recency_days``: after how many days a proficient target is worth another
    look. ``ready_limit``: how many requests to show something a student may have open. ``shows_topic_levels``: a
    topic has a level beside its counts. What nobody says is as in DEFAULTS. Personal data: none.
    """

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "accepts_automatically": False,
        "foundations_first": False,
        "student_minutes": 10,
        "family_hour": 7,
        "recency_days": None,
        "ready_limit": 3,
        "shows_topic_levels": False,
    }

    accepts_automatically = models.BooleanField(null=True, blank=True)
    foundations_first = models.BooleanField(null=True, blank=True)
    student_minutes = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(1440)])
    family_hour = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])
    recency_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(30), MaxValueValidator(2000)]
    )
    ready_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    shows_topic_levels = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "valid_from"],
                name="mastery_settings_once_a_day",
            )
        ]


class Change(Identified):
    """A decision that makes levels anew: previewed first, then carried out by a job, which counts here as it goes.

    In force from ``valid_from`` on, once it is applied. ``level_count`` is how many levels were looked at, and
    ``changed_count`` how many of them become others.
    """

    state = models.CharField(max_length=20, choices=ChangeState.choices, default=ChangeState.COUNTING)
    valid_from = models.DateField()
    chosen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    student_count = models.PositiveIntegerField(default=0)
    student_done = models.PositiveIntegerField(default=0)
    level_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class MethodRule(Change):
    """By which method an organization makes levels on a curriculum, or on one topic of it. Personal data: none.

    Empty parameters are the method's own. A rule of a topic without a method gives it back to the curriculum's.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="method_rules")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="method_rules")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="method_rules")
    method = models.CharField(max_length=30, blank=True)
    weight = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    last = models.PositiveSmallIntegerField(null=True, blank=True)
    times = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    least = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organization", "framework", "valid_from"], name="method_rule_of")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(topic__isnull=False) | ~Q(method=""), name="method_rule_of_framework_has_method"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} at {self.organization_id} from {self.valid_from}"


class ScaleChange(Change):
    """A curriculum is judged on another scale from a day on. Personal data: none.

    What was recorded before ``applied_at`` counts by the steps: each level of the old scale as one of the new.
    """

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="scale_changes")
    before = models.ForeignKey(Scale, models.PROTECT, related_name="+")
    after = models.ForeignKey(Scale, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.framework_id} from scale {self.before_id} to {self.after_id}"


class ScaleStep(models.Model):
    """What a level of the old scale counts as on the new one. Personal data: none."""

    change = models.ForeignKey(ScaleChange, models.CASCADE, related_name="steps")
    before = models.DecimalField(max_digits=4, decimal_places=2)
    after = models.DecimalField(max_digits=4, decimal_places=2)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["change", "before"], name="scale_step_once")]

    def __str__(self) -> str:
        return f"{self.before} as {self.after}"


class Crossing(models.Model):
    """A student for whom a change would cross proficient on some targets, upwards or downwards.

    Personal data: that it would; goes when the change is applied or dropped, and with the student.
    """

    rule = models.ForeignKey(MethodRule, models.CASCADE, null=True, related_name="crossings")
    scale_change = models.ForeignKey(ScaleChange, models.CASCADE, null=True, related_name="crossings")
    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    up_count = models.PositiveIntegerField()
    down_count = models.PositiveIntegerField()

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "student"], name="crossing_of_rule_once"),
            models.UniqueConstraint(fields=["scale_change", "student"], name="crossing_of_scale_once"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}: {self.up_count} up, {self.down_count} down"


class StrandPause(Identified, Dated):
    """A strand of habits or reasoning is not recorded for a student for a while, as their plan says.

    Personal data: that it is so, who decided it and why (for the staff alone); goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="strand_pauses")
    area = models.ForeignKey(ContentArea, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    objects = AboutStudentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.area_id} for {self.student_id}"
