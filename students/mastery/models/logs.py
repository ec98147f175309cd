"""The record: logs that are only ever added to. Everything else here is made from them."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.models import Target
from lpm.people.models import Group, Identified, Organization, Student, User
from students.mastery.enums import Accommodation, AssessmentKind, JudgementKind, RemarkReason
from students.mastery.querysets import AssessmentQuerySet, JudgementQuerySet, LogQuerySet


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
    whoever sends the mark, and makes sending it twice harmless. ``goal`` is the level that the activity aimed at:
    below proficient it is a going back for foundations. Accommodations are told, and change no level.

    Personal data: what a student could do, when, who saw it, with which help, comment; kept with the student's
    record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="assessments")
    target = models.ForeignKey(Target, models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=20, choices=AssessmentKind.choices, default=AssessmentKind.SCORE)
    level = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    goal = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    accommodations = ArrayField(models.CharField(max_length=20, choices=Accommodation.choices), default=list)
    recorder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    performed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="assessments")
    comment = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")  # of the comment
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")
    reason = models.TextField(blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [*append_only(), well_formed()]
        indexes: ClassVar = [
            models.Index(fields=["student", "target"], name="assessment_cell"),
            models.Index(fields=["student", "recorded_at"], name="assessment_news"),
            models.Index(fields=["group", "-recorded_at"], name="assessment_in_group"),
            models.Index(fields=["recorder", "student", "-recorded_at"], name="assessment_by_recorder"),
            models.Index(fields=["student"], name="assessment_offered", condition=Q(kind=AssessmentKind.OFFERED)),
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
    ``unseen`` is what a colleague had judged meanwhile: in force when this row arrived, and not seen by its maker.

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
    unseen = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
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


class Remark(Identified):
    """Something said about a student on a target: why a level was judged so, or a comment on the cell.

    Never changed; a row that ``voids`` another takes that one back and says nothing itself. For the staff alone,
    unless ``is_for_family`` says that the student and the family read it too.

    Personal data: what was said, who said it; kept with the student's record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="remarks")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+")
    judgement = models.ForeignKey(Judgement, models.PROTECT, null=True, related_name="remarks")
    reason = models.CharField(max_length=30, choices=RemarkReason.choices, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_for_family = models.BooleanField(default=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")

    objects = LogQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        indexes: ClassVar = [models.Index(fields=["student", "target"], name="remark_cell")]

    def __str__(self) -> str:
        return str(self.uuid)


class WordsTranslation(Identified):
    """What somebody wrote about a student, put into another language by a person: a comment, a remark or a reply.

    The newest of a language counts. Personal data: what was said; kept with the student's record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    assessment = models.ForeignKey(Assessment, models.CASCADE, null=True, related_name="translations")
    remark = models.ForeignKey(Remark, models.CASCADE, null=True, related_name="translations")
    request = models.ForeignKey("mastery.ReadyRequest", models.CASCADE, null=True, related_name="translations")
    language = models.CharField(max_length=10)
    text = models.TextField()
    translator = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects = LogQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, remark__isnull=True, request__isnull=True)
                | Q(assessment__isnull=True, remark__isnull=False, request__isnull=True)
                | Q(assessment__isnull=True, remark__isnull=True, request__isnull=False),
                name="words_translation_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)
