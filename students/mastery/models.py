"""What students have shown. Two append-only logs are the record; everything else here is made from them."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.models import ContentArea, Target, Topic
from lpm.people.models import DatedSettings, Group, Identified, Organization, Student, User
from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.calculations import METHODS
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus
from students.mastery.querysets import AssessmentQuerySet, JudgementQuerySet

WEIGHT = METHODS["decaying"].parameters["weight"]


def append_only() -> list[pgtrigger.Trigger]:
    """The database itself refuses to change, delete or empty the table.

    ``pgtrigger.ignore`` lets the test suite empty it, in one place.
    """
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'The record is append-only: this table is never emptied.';",
        ),
    ]


def well_formed() -> pgtrigger.Trigger:
    """The database refuses a row that voids another cell's row or a void, and a level off the scale's range."""
    return pgtrigger.Trigger(
        name="well_formed",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=pgtrigger.Func(  # type: ignore[no-untyped-call]  # pgtrigger has no types there
            """
            IF NEW.voids_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM {meta.db_table} voided WHERE voided.id = NEW.voids_id AND voided.kind <> 'void'
                AND voided.student_id = NEW.student_id AND voided.target_id = NEW.target_id
            ) THEN
                RAISE EXCEPTION 'A row of the record voids only a row of the same student and target.';
            END IF;
            IF NEW.level IS NOT NULL AND NOT EXISTS (
                SELECT FROM curriculum_target target
                JOIN curriculum_topic topic ON topic.id = target.topic_id
                JOIN curriculum_contentarea area ON area.id = topic.area_id
                JOIN curriculum_framework framework ON framework.id = area.framework_id
                JOIN curriculum_scale scale ON scale.id = framework.scale_id
                WHERE target.id = NEW.target_id AND NEW.level BETWEEN scale.low AND scale.high
            ) THEN
                RAISE EXCEPTION 'A level of the record lies on the scale of its target.';
            END IF;
            RETURN NEW;
            """
        ),
    )


class Assessment(Identified):
    """Somebody saw a student show a level on a target; or took such a row back (kind ``void``).

    A row is never changed. ``voids`` names the row that this one replaces or takes back. ``uuid`` is made by
    whoever sends the mark, and makes sending it twice harmless.

    Personal data: what a student could do, when, who saw it, comment; kept with the student's record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="assessments")
    target = models.ForeignKey(Target, models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=20, choices=AssessmentKind.choices, default=AssessmentKind.SCORE)
    level = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    recorder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    performed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="assessments")
    comment = models.TextField(blank=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")
    reason = models.TextField(blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [*append_only(), well_formed()]
        indexes: ClassVar = [
            models.Index(fields=["student", "target"], name="assessment_cell"),
            models.Index(fields=["student", "recorded_at"], name="assessment_news"),
            models.Index(fields=["group", "-recorded_at"], name="assessment_in_group"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=AssessmentKind.VOID, level__isnull=True, voids__isnull=False)
                | (~Q(kind=AssessmentKind.VOID) & (Q(level__isnull=False) | Q(kind=AssessmentKind.PRACTICE))),
                name="assessment_has_level_or_voids",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Judgement(Identified):
    """A teacher decided what a student's level on a target is, or that there is to be none.

    A row is never changed. The newest row that is not voided is in force; ``lifted`` ends what was in force.

    Personal data: the decision, who made it, the note; kept with the student's record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="judgements")
    target = models.ForeignKey(Target, models.PROTECT, related_name="judgements")
    kind = models.CharField(max_length=20, choices=JudgementKind.choices)
    level = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    judge = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    based_on = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="judgements")
    note = models.TextField(blank=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")

    objects = JudgementQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [*append_only(), well_formed()]
        indexes: ClassVar = [
            models.Index(fields=["student", "target"], name="judgement_cell"),
            models.Index(fields=["student", "recorded_at"], name="judgement_news"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["confirmed", "set", "automatic"], level__isnull=False)
                | Q(kind__in=["excused", "assumed", "lifted"], level__isnull=True)
                | Q(kind=JudgementKind.VOID, level__isnull=True, voids__isnull=False),
                name="judgement_has_level_or_not",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class MasterySettings(DatedSettings):
    """How an organization makes levels from evidence, from a day on. An empty field leaves it to the one above.

    Personal data: none.
    """

    method = models.CharField(max_length=30, blank=True)
    weight = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "valid_from"],
                name="mastery_settings_once_a_day",
            )
        ]


class MasteryState(models.Model):
    """What one student knows now on one target: made from the logs, and can be made again at any time.

    ``suggested_value`` is the method's result to two places, ``suggested`` the level it rounds to. ``level`` is
    what every screen shows: the judged level, else the suggested one. ``is_flagged`` says that the evidence since
    the judgement suggests another level.

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
    score_count = models.PositiveIntegerField(default=0)
    last_performed_on = models.DateField(null=True)
    method = models.CharField(max_length=30)
    method_version = models.PositiveSmallIntegerField()

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["student", "target"], name="mastery_state_once")]

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
