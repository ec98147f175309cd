"""In whose words a target is said: the class's, the school's, another language's or the district's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, IntegerField, Prefetch, Q, QuerySet, Value, When

from curriculum.models import Framework, Target, Topic, Wording
from lpm.people import access
from lpm.people.models import Group, Organization, Student, User
from lpm.people.policy import Action


class Whose(StrEnum):
    """Whose words a sentence is in."""

    CLASS = "class"
    SCHOOL = "school"
    TRANSLATION = "translation"
    OWN = "own"  # of the framework itself


@dataclass(frozen=True)
class Sentence:
    """The "I can" sentence of a target as a reader gets it. ``by`` names the class or school whose words they are.

    ``own`` and ``own_language`` are what the framework itself says.
    """

    text: str
    language: str
    whose: Whose
    own: str
    own_language: str
    by: str = ""

    @property
    def is_adapted(self) -> bool:
        return self.whose in {Whose.CLASS, Whose.SCHOOL}


Groups = Collection[int] | QuerySet[Group, Any]


def sentence_for(
    targets: Iterable[Target], *, organization: Organization | int, group: Group | Groups | None, language: str
) -> dict[int, Sentence]:
    """The sentence in force for a reader of ``language``, by target key, in 2 queries.

    First what the reader's class says (of several groups, the newest words), then the nearest organization at or
    above, then a translation into the language, then the framework itself. A wording stands whatever its language.
    """
    pks = [target.pk for target in targets]
    if not pks:
        return {}
    school = organization if isinstance(organization, int) else organization.pk
    adapted = _adapted(pks, school, [group.pk] if isinstance(group, Group) else group)
    return {row["pk"]: adapted.get(row["pk"], _said)(row) for row in _originals(pks, language)}


def groups_of_student(student: Student, day: date) -> QuerySet[Group]:
    """The groups that the student is in on ``day``."""
    seated = access.in_force(day, "enrollments__")
    return Group.objects.filter(seated, access.in_force(day), enrollments__student=student)


def sentences_for_student(
    student: Student, targets: Iterable[Target], *, day: date, language: str
) -> dict[int, Sentence]:
    """As ``sentence_for``, in the words of the student's own classes and school."""
    groups = groups_of_student(student, day)
    return sentence_for(targets, organization=student.school_id, group=groups, language=language)


def _originals(pks: Sequence[int], language: str) -> Iterable[dict[str, Any]]:
    """Each target's own words, and their translation where there is one."""
    said = FilteredRelation("translations", condition=Q(translations__language=language))
    texts = ("pk", "statement", "i_can", "said__language", "said__text", "said__i_can")
    languages = {"own_language": F("language"), "framework_language": F("topic__area__framework__language")}
    rows: Iterable[dict[str, Any]] = Target.objects.filter(pk__in=pks).annotate(said=said).values(*texts, **languages)
    return rows


@dataclass(frozen=True)
class _Adapted:
    """A sentence of a class or school, once what the framework says is known."""

    wording: Wording

    def __call__(self, row: dict[str, Any]) -> Sentence:
        of = self.wording.group
        whose = Whose.CLASS if of else Whose.SCHOOL
        by = of.name if of else self.wording.organization.name
        return Sentence(self.wording.i_can, self.wording.language, whose, *_own(row), by)


def _adapted(pks: Sequence[int], school: int, groups: Groups | None) -> dict[int, _Adapted]:
    """What comes first in force for each target: words of a class before those of a school, the nearest, the newest."""
    of_school = Q(group__isnull=True, organization__below__descendant=school)
    of_class = Q(group__in=groups) if groups is not None else Q(pk__in=())
    near = When(group__isnull=False, then=Value(-1))
    distance = Case(near, default=F("organization__below__depth"), output_field=IntegerField())
    rows = Wording.objects.in_force().filter(of_school | of_class, target__in=pks)
    rows = rows.select_related("organization", "group").order_by("target_id", distance, "-written_at", "pk")
    return {wording.target_id: _Adapted(wording) for wording in rows.distinct("target_id")}


def _said(row: dict[str, Any]) -> Sentence:
    """In translation where there is one of what students read; else as the framework says it."""
    text = row["said__i_can"] or ("" if row["i_can"] else row["said__text"])
    if text:
        return Sentence(text, row["said__language"], Whose.TRANSLATION, *_own(row))
    own, language = _own(row)
    return Sentence(own, language, Whose.OWN, own, language)


def _own(row: dict[str, Any]) -> tuple[str, str]:
    return row["i_can"] or row["statement"], row["own_language"] or row["framework_language"]


@dataclass(frozen=True)
class SchoolRow:
    """A target as a school says it: ``now`` is in force, ``before`` what it said earlier, the newest first."""

    target: Target
    now: Wording | None
    before: list[Wording]


def read_words_of_school(topic: Topic, organization: Organization) -> list[SchoolRow]:
    """Along the progression of a topic, in 2 queries."""
    said = Wording.objects.filter(organization=organization, group__isnull=True)
    said = said.select_related("written_by").order_by("-written_at", "-pk")
    targets = Target.objects.filter(topic=topic).current().in_order()
    targets = targets.prefetch_related(Prefetch("wordings", said, to_attr="said_here"))
    return [_school_row(target) for target in targets]


def _school_row(target: Target) -> SchoolRow:
    said: list[Wording] = target.said_here  # type: ignore[attr-defined]  # by the prefetch above
    now = next((wording for wording in said if wording.ended_at is None), None)
    return SchoolRow(target, now, [wording for wording in said if wording.ended_at is not None])


def topics_with_words(organization: Organization) -> QuerySet[Topic]:
    """The topics that the organization uses and does not own itself, with ``own_count`` sentences of its own."""
    own = Q(
        targets__wordings__organization=organization,
        targets__wordings__group__isnull=True,
        targets__wordings__ended_at__isnull=True,
    )
    topics = Topic.objects.used_by(organization.pk).in_use().exclude(area__framework__owner=organization)
    topics = topics.select_related("area__framework").annotate(own_count=Count("targets__wordings", filter=own))
    return topics.order_by("area__framework__sort_key", "area__position", "area_id", "position", "pk")


@dataclass(frozen=True)
class Unpacking:
    """A target before a class. ``number`` counts from 1 along the topic; ``before`` is what the class said earlier."""

    target: Target
    sentence: Sentence
    wording: Wording | None
    before: list[Wording]
    number: int
    count: int
    previous: Target | None
    next: Target | None


def read_unpacking(target: Target, group: Group, language: str) -> Unpacking:
    """In 4 queries. ``wording`` is what the class says now; the target is one of the whole ones in use."""
    row = list(Target.objects.filter(topic=target.topic).current().in_order())
    place = row.index(target)
    said = list(Wording.objects.filter(target=target, group=group).order_by("-written_at", "-pk"))
    return Unpacking(
        target,
        sentence_for([target], organization=group.school_id, group=None, language=language)[target.pk],
        next((wording for wording in said if wording.ended_at is None), None),
        [wording for wording in said if wording.ended_at is not None],
        place + 1,
        len(row),
        row[place - 1] if place else None,
        row[place + 1] if place + 1 < len(row) else None,
    )


def groups_to_unpack(user: User, framework: Framework, day: date) -> QuerySet[Group]:
    """The groups with which ``user`` may unpack targets of the framework."""
    above = framework.adoptions.filter(ended_on__isnull=True).values("organization")
    groups = Group.objects.visible_to(user, Action.UNPACK_TARGET, day)
    return groups.filter(school__lineage__ancestor__in=above).distinct().by_name()


@dataclass(frozen=True)
class GuideToUnpack:
    """Levels with their words, the lowest first; ``is_general`` where the target has no words of its own for them."""

    lines: list[tuple[Decimal, str]]
    is_general: bool


def read_guide_to_unpack(target: Target, framework: Framework) -> GuideToUnpack:
    """The proficient level, and the named ones next to it, as the target, else its topic, else the scale tells them.

    In 2 to 4 queries.
    """
    named = list(framework.scale.levels.order_by("value"))
    below = [level for level in named if level.value < framework.scale.proficient][-1:]
    chosen = [*below, *[level for level in named if level.value >= framework.scale.proficient][:2]]
    for lines in (target.guide, target.topic.guide):
        if own := list(lines.filter(value__in=[level.value for level in chosen]).order_by("value")):
            return GuideToUnpack([(line.value, line.description) for line in own], is_general=False)
    return GuideToUnpack([(level.value, level.said_description) for level in chosen], is_general=True)
