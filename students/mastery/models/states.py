"""What is made from the logs, and can be made again at any time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from curriculum.models import ContentArea, Target, Topic
from lpm.people.models import Organization, Student
from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.enums import MasteryStatus, ProgressDimension
from students.mastery.models.logs import Judgement


class MasteryState(models.Model):
    """What one student knows now on one target: made from the logs, and can be made again at any time.

    ``suggested_value`` is the method's result to two places, ``suggested`` the level it rounds to. ``level`` is
    what every screen shows: the judged level, else the suggested one. ``is_flagged`` says that the evidence since
    the judgement suggests another level, ``is_automatic`` that nobody confirmed it by hand, ``is_contested`` that two
    people judged it without seeing one another. ``newest`` is the level of the newest evidence. ``changed_at`` is when
    the newest row that counts here was recorded: whoever sees it only later looks for that.

    Personal data: the student's levels; made again from the record, goes with it.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="mastery_states")
    target = models.ForeignKey(Target, models.CASCADE, related_name="mastery_states")
    status = models.CharField(max_length=20, choices=MasteryStatus.choices)
    level = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    is_proficient = models.BooleanField(default=False)
    suggested_value = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    suggested = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    judged = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    judgement = models.ForeignKey(Judgement, models.CASCADE, null=True, related_name="+")
    is_flagged = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    is_contested = models.BooleanField(default=False)
    newest = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    score_count = models.PositiveIntegerField(default=0)
    last_performed_on = models.DateField(null=True)
    changed_at = models.DateTimeField(null=True)
    method = models.CharField(max_length=30)
    method_version = models.PositiveSmallIntegerField()

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["student", "target"], name="mastery_state_once")]
        indexes: ClassVar = [models.Index(fields=["student", "changed_at"], name="mastery_state_news")]

    def __str__(self) -> str:
        return f"{self.student_id} on {self.target_id}"


class RollUp(models.Model):
    """Counts of one student's targets, each counted once: proficient, under way, not started, set aside."""

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    target_count = models.PositiveIntegerField()
    proficient_count = models.PositiveIntegerField()
    under_way_count = models.PositiveIntegerField()
    aside_count = models.PositiveIntegerField()  # excused or assumed

    class Meta:
        abstract = True


class TopicMastery(RollUp):
    """A student's counts and place ("you are here") on one topic, made from the states.

    Personal data: the counts; made again from the record, goes with it.
    """

    student = models.ForeignKey(Student, models.CASCADE, related_name="topic_mastery")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="mastery")
    here = models.ForeignKey(Target, models.SET_NULL, null=True, related_name="+")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["student", "topic"], name="topic_mastery_once")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.topic_id}"


class AreaMastery(RollUp):
    """A student's counts in one content area, made from the states.

    Personal data: the counts; made again from the record, goes with it.
    """

    student = models.ForeignKey(Student, models.CASCADE, related_name="area_mastery")
    area = models.ForeignKey(ContentArea, models.CASCADE, related_name="mastery")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["student", "area"], name="area_mastery_once")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.area_id}"


class SchoolProgress(models.Model):
    """How the students of a school of one kind (``value`` of ``dimension``) are doing, in counts, when it was made.

    ``value`` is "" where it is all of them, or where nobody has said of a student which it is. ``learned_count`` have
    met a target lately, ``heard_count`` had feedback from a teacher lately, ``waiting_count`` wait for an answer for
    too long: ``calculations.progress`` has the days. ``met_count`` and ``under_way_count`` are targets, over all of
    them. True numbers: what may be shown of them, ``calculations.suppression`` decides.

    Made by a task, never in a request. Personal data: none that is shown.
    """

    school = models.ForeignKey(Organization, models.CASCADE, related_name="progress")
    dimension = models.CharField(max_length=20, choices=ProgressDimension.choices)
    value = models.CharField(max_length=40, blank=True)
    student_count = models.PositiveIntegerField()
    learned_count = models.PositiveIntegerField()
    heard_count = models.PositiveIntegerField()
    waiting_count = models.PositiveIntegerField()
    met_count = models.PositiveIntegerField()
    under_way_count = models.PositiveIntegerField()
    day = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "dimension", "value"], name="school_progress_once")
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} at {self.school_id}"
