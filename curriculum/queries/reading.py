"""What the pages of a topic and of a target show, each in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from curriculum.models import (
    Crosswalk,
    Framework,
    GuideLevel,
    Target,
    Topic,
    Translation,
    Wording,
)
from curriculum.queries.words import Sentence, sentence_for
from lpm.lib.levels import Level
from lpm.people.models import Organization


class GuideOf(StrEnum):
    """Whose words a scoring guide is in."""

    TARGET = "target"
    TOPIC = "topic"
    SCALE = "scale"  # the general words for every target


@dataclass(frozen=True)
class Line:
    """What one level looks like; ``name`` is what the scale calls it, "" between the named ones."""

    value: Level
    text: str
    language: str
    name: str = ""


@dataclass(frozen=True)
class Guide:
    """Lines from the highest level; none where not even the scale has words."""

    of: GuideOf
    lines: list[Line]


@dataclass(frozen=True)
class Step:
    """A target on the progression; ``said`` are its words in the reader's language, if somebody wrote them."""

    target: Target
    number: int
    language: str
    guide: list[Line]
    said: Translation | None


@dataclass(frozen=True)
class TargetPage:
    """A target with all that belongs to it. ``number`` of ``count`` is its place on the progression, 0 off it.

    ``successors`` took its place, ``forerunners`` ended in favour of it.
    """

    target: Target
    language: str
    said: Translation | None
    guide: Guide
    parts: list[Target]
    requires: list[Target]
    opens: list[Target]
    number: int
    count: int
    earlier: Target | None
    later: Target | None
    of_schools: list[Wording]
    of_classes: list[Wording]
    successors: list[Target]
    forerunners: list[Target]


@dataclass(frozen=True)
class Poster:
    """A target as it hangs on a wall: the sentence, and whose words they are."""

    target: Target
    number: int
    sentence: Sentence


def languages_of(reader: str, written: str) -> list[str]:
    """The languages that a translation for ``reader`` may be in, the best first; none when it is ``written`` so."""
    base = reader.partition("-")[0]
    if base == written.partition("-")[0].lower():
        return []
    return list(dict.fromkeys([reader, base]))


def language_of(target: Target, framework: Framework) -> str:
    return target.language or framework.language


def read_steps(topic: Topic, framework: Framework, reader: str) -> list[Step]:
    """The targets in use along the progression; in 4 queries, 5 where there may be translations."""
    languages = languages_of(reader, framework.language)
    parts = Target.objects.filter(retired_on__isnull=True).in_order()
    targets = Target.objects.filter(topic=topic).current().in_order()
    targets = targets.prefetch_related(
        Prefetch("guide", GuideLevel.objects.order_by("-value")), Prefetch("parts", parts)
    )
    rows = list(targets)
    said = _said("target", [target.pk for target in rows], languages)
    return [_step(number, target, framework, said) for number, target in enumerate(rows, 1)]


def _step(number: int, target: Target, framework: Framework, said: dict[int, Translation]) -> Step:
    language = language_of(target, framework)
    return Step(target, number, language, _lines(target.guide.all(), language), said.get(target.pk))


def read_topic_guide(topic: Topic, language: str) -> list[Line]:
    return _lines(topic.guide.order_by("-value"), language)


def read_translation(topic: Topic, framework: Framework, reader: str) -> Translation | None:
    """The words of the topic in the reader's language; no query where they are that already."""
    return _said("topic", [topic.pk], languages_of(reader, framework.language)).get(topic.pk)


def _lines(
    rows: Iterable[GuideLevel],
    language: str,
    said: dict[int, Translation] | None = None,
    names: dict[Any, str] | None = None,
) -> list[Line]:
    return [_line(row, language, (said or {}).get(row.pk), (names or {}).get(row.value, "")) for row in rows]


def _line(row: GuideLevel, language: str, said: Translation | None, name: str) -> Line:
    if said and said.text:
        return Line(row.value, said.text, said.language, name)
    return Line(row.value, row.description, language, name)


def _said(of: str, pks: Sequence[int], languages: Sequence[str]) -> dict[int, Translation]:
    """The translation of each row into the best of the languages that it has."""
    if not languages or not pks:
        return {}
    rows = Translation.objects.filter(**{f"{of}__in": pks, "language__in": languages})
    ranked = sorted(rows, key=lambda row: languages.index(row.language), reverse=True)
    return {getattr(row, f"{of}_id"): row for row in ranked}


def read_target(target: Target, framework: Framework, reader: str, organizations: QuerySet[Organization]) -> TargetPage:
    """In at most 14 queries. ``organizations`` are those whose own wordings the reader gets to see."""
    language = language_of(target, framework)
    languages = languages_of(reader, language)
    row = list(Target.objects.filter(topic=target.topic).current().in_order())
    place = next((n for n, step in enumerate(row) if step.pk == target.pk), None)
    wordings = _wordings(target, organizations)
    return TargetPage(
        target=target,
        language=language,
        said=_said("target", [target.pk], languages).get(target.pk),
        guide=read_guide(target, framework, language, languages),
        parts=list(target.parts.filter(retired_on__isnull=True).in_order()),
        requires=_beside(target, framework, "opens__target"),
        opens=_beside(target, framework, "prerequisites__required"),
        number=0 if place is None else place + 1,
        count=len(row),
        earlier=row[place - 1] if place else None,
        later=row[place + 1] if place is not None and place + 1 < len(row) else None,
        of_schools=[wording for wording in wordings if wording.group is None],
        of_classes=[wording for wording in wordings if wording.group is not None],
        successors=_successors(target),
        forerunners=_forerunners(target),
    )


def read_guide(target: Target, framework: Framework, language: str, languages: Sequence[str]) -> Guide:
    """The scoring guide of the target, else that of its topic, else the scale's general words; in 2 or 3 queries."""
    levels = list(framework.scale.levels.order_by("-value"))
    names = {level.value: level.said_name for level in levels}
    own = Q(target=target) | Q(topic=target.topic_id)
    rows = list(GuideLevel.objects.filter(own).order_by("-value"))
    of_target = [row for row in rows if row.target_id == target.pk]
    if rows:
        chosen = of_target or rows
        said = _said("guide_level", [row.pk for row in chosen], languages)
        return Guide(GuideOf.TARGET if of_target else GuideOf.TOPIC, _lines(chosen, language, said, names))
    general = [Line(level.value, level.said_description, "", level.said_name) for level in levels]
    return Guide(GuideOf.SCALE, [line for line in general if line.text])


def _beside(target: Target, framework: Framework, relation: str) -> list[Target]:
    """The targets in use that come right before (``opens__target``) or after it, in order."""
    rows = Target.objects.filter(**{relation: target}, retired_on__isnull=True, topic__area__framework=framework)
    rows = rows.select_related("topic").distinct()
    return list(rows.order_by("topic__area__position", "topic__position", "topic_id", "position", "pk"))


def _wordings(target: Target, organizations: QuerySet[Organization]) -> list[Wording]:
    rows = Wording.objects.in_force().filter(target=target, organization__in=organizations.values("pk"))
    rows = rows.select_related("organization", "group")
    return list(rows.order_by("organization__sort_key", F("group__sort_key").asc(nulls_first=True), "pk"))


def _successors(target: Target) -> list[Target]:
    """No query for a target in use."""
    if target.retired_on is None:
        return []
    return _through(Crosswalk.objects.filter(source=target), "destination")


def _forerunners(target: Target) -> list[Target]:
    """No query where nothing ended in favour of it."""
    return _through(Crosswalk.objects.filter(destination=target), "source") if target.has_forerunners else []


def _through(rows: QuerySet[Crosswalk], end: str) -> list[Target]:
    rows = rows.filter(applied_at__isnull=False).select_related(end).order_by("applied_at", "pk")
    return list(dict.fromkeys(getattr(row, end) for row in rows))


def read_posters(targets: Iterable[Target], organization: Organization | None, reader: str) -> list[Poster]:
    """The targets in order, each in the words of the organization, its own where it is None; in 3 queries."""
    rows = list(targets)
    said = sentence_for(rows, organization=organization.pk if organization else 0, group=None, language=reader)
    return [Poster(target, number, said[target.pk]) for number, target in enumerate(rows, 1)]
