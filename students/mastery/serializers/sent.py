"""The shape of what programs send; what it means is checked by services."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lpm.people.serializers import LevelField, Shape
from students.mastery.enums import Accommodation, AssessmentKind, JudgementKind

LONGEST = 2000
REASON = 500
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,6})?$"
ASSESSED = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.SELF, AssessmentKind.OFFERED]
DECIDED = [JudgementKind.CONFIRMED, JudgementKind.SET, JudgementKind.EXCUSED, JudgementKind.LIFTED]


class NewAssessment(Shape):
    """What somebody saw a student show. Made with a `uuid` of its own: sending it again changes nothing.

    `judges`: the level is the teacher's judgement too; else it is evidence only. `seen_at`: up to when the sender
    knew the record; what a colleague judged since is told as a conflict. `language` is that of the comment, such as
    `es`; without it the person's own.
    """

    uuid = serializers.UUIDField()
    student = serializers.UUIDField()
    target = serializers.UUIDField()
    level = LevelField(allow_null=True, default=None)
    performed_on = serializers.DateField()
    kind = serializers.ChoiceField([kind.value for kind in ASSESSED], default=AssessmentKind.SCORE.value)
    judges = serializers.BooleanField(default=False)
    group = serializers.UUIDField(allow_null=True, default=None)
    comment = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")
    language = serializers.RegexField(LANGUAGE, max_length=10, allow_blank=True, default="")
    accommodations = serializers.ListField(
        child=serializers.ChoiceField(Accommodation.values), max_length=len(Accommodation.values), default=list
    )
    goal = LevelField(allow_null=True, default=None)
    seen_at = serializers.DateTimeField(allow_null=True, default=None)


class NewAssessments(serializers.Serializer[Any]):
    assessments = serializers.ListField(child=NewAssessment(), max_length=1000)


class NewJudgement(Shape):
    """What a teacher decides: `confirmed` accepts the suggested `level` that was seen, `set` makes another one the
    student's, `excused` and `lifted` have none."""

    uuid = serializers.UUIDField()
    student = serializers.UUIDField()
    target = serializers.UUIDField()
    kind = serializers.ChoiceField([kind.value for kind in DECIDED])
    level = LevelField(allow_null=True, default=None)
    note = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")


class NewJudgements(serializers.Serializer[Any]):
    judgements = serializers.ListField(child=NewJudgement(), max_length=1000)


class NewVoid(Shape):
    """The row that takes an assessment back, and why."""

    uuid = serializers.UUIDField()
    reason = serializers.CharField(max_length=REASON)
