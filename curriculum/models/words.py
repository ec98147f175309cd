from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.models.frameworks import ContentArea, Framework, GuideLevel, Target, Topic
from curriculum.querysets import CommentQuerySet, WordingQuerySet
from lpm.people.models import Group, Identified, Organization, User


class Translation(Identified):
    """The words of an area, topic, target or line of a guide in another language, written by a person.

    ``title`` is the title, of a target the short one; ``text`` the description, of a target the statement.
    Personal data: who wrote it; kept with the framework.
    """

    area = models.ForeignKey(ContentArea, models.CASCADE, null=True, blank=True, related_name="translations")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="translations")
    target = models.ForeignKey(Target, models.CASCADE, null=True, blank=True, related_name="translations")
    guide_level = models.ForeignKey(GuideLevel, models.CASCADE, null=True, blank=True, related_name="translations")
    language = models.CharField(max_length=20)
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    i_can = models.TextField(blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            *(
                models.UniqueConstraint(fields=[of, "language"], name=f"translation_once_per_{of}")
                for of in ("area", "topic", "target", "guide_level")
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=False, topic__isnull=True, target__isnull=True, guide_level__isnull=True)
                | Q(area__isnull=True, topic__isnull=False, target__isnull=True, guide_level__isnull=True)
                | Q(area__isnull=True, topic__isnull=True, target__isnull=False, guide_level__isnull=True)
                | Q(area__isnull=True, topic__isnull=True, target__isnull=True, guide_level__isnull=False),
                name="translation_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} of {self.area_id or self.topic_id or self.target_id or self.guide_level_id}"


class Wording(Identified):
    """How a school, or one class in it, says a target's "I can" sentence in its own words, beside the district's.

    A new wording ends the one before it; none is overwritten. Personal data: who wrote it down; kept with the
    framework.
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="wordings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="wordings")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="wordings")
    i_can = models.TextField()
    language = models.CharField(max_length=20, default="en")
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WordingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["target", "organization", "group"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="wording_in_force_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_id} at {self.organization_id}"


class Comment(Identified):
    """What somebody of the staff says about a framework, or one topic or target of it, to those who write it.

    Personal data: who wrote it, and the text; kept with the framework.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="comments")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="comments")
    target = models.ForeignKey(Target, models.CASCADE, null=True, blank=True, related_name="comments")
    answers = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["framework", "-written_at"], name="comment_newest")]

    def __str__(self) -> str:
        return str(self.uuid)
