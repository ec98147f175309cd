"""The shape of what programs are answered: for the schema. Answers are made in ``api``; tests hold them to this."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from curriculum.enums import Domain
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus

Answer = serializers.Serializer[Any]


def level_field(**options: Any) -> serializers.CharField:
    """A level as text with one place or two."""
    return serializers.CharField(allow_null=True, **options)


class TokenShown(Answer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    expires_on = serializers.DateField()


class Me(Answer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    day = serializers.DateField(help_text="Today, where the person's school is.")
    may_write = serializers.BooleanField()
    token = TokenShown(allow_null=True)


class Group(Answer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    school = serializers.UUIDField()


class Student(Answer):
    uuid = serializers.UUIDField()
    name = serializers.CharField(help_text="What this reader knows the student by.")
    grade = serializers.CharField(allow_blank=True)
    school = serializers.UUIDField()


class Scale(Answer):
    low = level_field()
    high = level_field()
    step = level_field()
    proficient = level_field()


class Framework(Answer):
    uuid = serializers.UUIDField()
    title = serializers.CharField()
    scale = Scale()


class Target(Answer):
    uuid = serializers.UUIDField()
    code = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    statement = serializers.CharField()
    i_can = serializers.CharField(allow_blank=True)
    grades = serializers.ListField(child=serializers.CharField())
    position = serializers.IntegerField(help_text="Along the progression of its topic, from 1.")
    topic = serializers.UUIDField()
    framework = serializers.UUIDField()
    domain = serializers.ChoiceField(
        Domain.values, help_text="Levels of reasoning and habits are told apart, and never counted with content."
    )


class Translation(Answer):
    """The same words in another language, put so by a person. There is one of each language: the newest."""

    text = serializers.CharField()
    language = serializers.CharField()
    translator = serializers.CharField()


class Assessment(Answer):
    uuid = serializers.UUIDField()
    student = serializers.UUIDField()
    target = serializers.UUIDField()
    kind = serializers.ChoiceField(AssessmentKind.values)
    level = level_field()
    goal = level_field()
    accommodations = serializers.ListField(child=serializers.CharField())
    performed_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    recorder = serializers.CharField(allow_null=True)
    comment = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="Of the comment, where it is known.")
    voids = serializers.UUIDField(allow_null=True, help_text="The row that this one takes back.")


class Judgement(Answer):
    uuid = serializers.UUIDField()
    student = serializers.UUIDField()
    target = serializers.UUIDField()
    kind = serializers.ChoiceField(JudgementKind.values)
    level = level_field()
    recorded_at = serializers.DateTimeField()
    judge = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    based_on = serializers.UUIDField(allow_null=True)
    voids = serializers.UUIDField(allow_null=True, help_text="The row that this one takes back.")


class State(Answer):
    """What a student knows now on one target. Without a row there is nothing: not started."""

    student = serializers.UUIDField()
    target = serializers.UUIDField()
    status = serializers.ChoiceField(MasteryStatus.values)
    level = level_field(help_text="What every page shows: the judged level, else the suggested one.")
    is_proficient = serializers.BooleanField()
    is_confirmed = serializers.BooleanField()
    is_automatic = serializers.BooleanField()
    is_flagged = serializers.BooleanField()
    suggested = level_field()
    evidence_count = serializers.IntegerField()
    last_performed_on = serializers.DateField(allow_null=True)
    method = serializers.CharField()


class Conflict(Answer):
    """What a colleague judged meanwhile, not seen by the sender. Both stand."""

    level = level_field()
    judge = serializers.CharField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class Done(Answer):
    """What became of one thing sent. `status` is that of HTTP: 201 recorded, 200 there already, 403, 404, 409 or 422
    refused, and then `code` and `sentence` say why."""

    uuid = serializers.CharField(allow_null=True)
    status = serializers.IntegerField()
    code = serializers.CharField(required=False)
    sentence = serializers.CharField(required=False)
    field = serializers.CharField(required=False)
    state = State(allow_null=True, required=False)
    conflict = Conflict(allow_null=True, required=False)


class AllDone(Answer):
    """An answer for each, in the order in which they were sent."""

    answers = Done(many=True)


def part_of(shape: type[Answer]) -> type[Answer]:
    """A part of a list; ``next`` is what to send as ``after``, None at the end."""
    fields = {"results": shape(many=True), "next": serializers.UUIDField(allow_null=True)}
    return type(f"{shape.__name__}Part", (serializers.Serializer,), fields)


class Method(Answer):
    name = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()
    is_chosen = serializers.BooleanField()


class Said(Answer):
    kind = serializers.CharField()
    level = level_field()
    by = serializers.CharField(allow_null=True)
    on = serializers.DateField()
    note = serializers.CharField(allow_null=True)


class Evidence(Answer):
    level = level_field()
    was = level_field()
    performed_on = serializers.DateField()
    recorder = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    counts = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)
    accommodations = serializers.ListField(child=serializers.CharField())
    comment = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="Of the comment, where it is known.")
    translations = Translation(many=True)
    shown_on = serializers.UUIDField(allow_null=True)


class Onward(Answer):
    count = serializers.IntegerField()
    at = level_field()
    becomes = level_field()


class LookedFor(Answer):
    level = level_field()
    description = serializers.CharField(allow_blank=True)


class Remark(Answer):
    reason = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_null=True, help_text="Of the text, where it is known.")
    translations = Translation(many=True)
    author = serializers.CharField()
    on = serializers.DateField()


class Why(Answer):
    student = serializers.UUIDField()
    target = serializers.UUIDField()
    as_of = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(MasteryStatus.values)
    level = level_field()
    is_proficient = serializers.BooleanField()
    is_confirmed = serializers.BooleanField()
    is_automatic = serializers.BooleanField()
    is_flagged = serializers.BooleanField()
    method = Method()
    suggested = level_field()
    suggested_value = level_field()
    decided = Said(allow_null=True)
    unseen = Said(allow_null=True)
    evidence = Evidence(many=True)
    onward = Onward(allow_null=True)
    looked_for = LookedFor(allow_null=True)
    another_look_since = serializers.DateField(allow_null=True)
    remarks = Remark(many=True)
