"""A curriculum beside its words in another language, and how much of it is translated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from curriculum.enums import RevisionStatus
from curriculum.models import Change, ContentArea, Framework, GuideLevel, Target, Topic, Translation

Translated = ContentArea | Topic | Target | GuideLevel


@dataclass(frozen=True)
class Text:
    """One text of a row: ``name`` is its field of ``Translation``."""

    name: str
    original: str
    translated: str


@dataclass(frozen=True)
class Row:
    """An area, topic, target or line of a guide beside its translation.

    ``key`` names it in a form; ``changed_at`` is when a revision changed the original after it was translated.
    """

    key: str
    of: Translated
    texts: list[Text]
    written: Translation | None
    changed_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return all(text.translated for text in self.texts)


def read_rows(topic: Topic, targets: Sequence[Target], language: str, *, with_head: bool) -> list[Row]:
    """The targets and their guides, under their area and topic where ``with_head``; in 4 to 8 queries.

    Texts that are empty in the original are left out.
    """
    head: list[Translated] = [topic.area, topic] if with_head else []
    guides = _guides(targets)
    things: list[Translated] = [*head, *(list(topic.guide.order_by("value")) if with_head else [])]
    for target in targets:
        things += [target, *guides.get(target.pk, [])]
    written = {key: row for rows in _written(things, language) for key, row in rows.items()}
    changed = _changes(topic, things)
    uuids = {target.pk: target.uuid for target in targets}
    rows = [_row(thing, _owner(thing, topic, uuids), written.get((type(thing), thing.pk)), changed) for thing in things]
    return [row for row in rows if row.texts]


def _guides(targets: Sequence[Target]) -> dict[int, list[GuideLevel]]:
    found: dict[int, list[GuideLevel]] = {}
    for line in GuideLevel.objects.filter(target__in=targets).order_by("value"):
        found.setdefault(line.target_id or 0, []).append(line)
    return found


FIELDS: dict[type[Translated], str] = {
    ContentArea: "area_id",
    Topic: "topic_id",
    Target: "target_id",
    GuideLevel: "guide_level_id",
}
Written = dict[tuple[type[Translated], int], Translation]


def _written(things: Sequence[Translated], language: str) -> Iterable[Written]:
    for model, field in FIELDS.items():
        pks = [thing.pk for thing in things if isinstance(thing, model)]
        if pks:
            rows = Translation.objects.filter(**{f"{field}__in": pks}, language=language).select_related("written_by")
            yield {(model, getattr(row, field)): row for row in rows}


def _owner(thing: Translated, topic: Topic, uuids: Mapping[int, UUID]) -> UUID:
    """What a change of the row is told of: a guide is a part of its target or topic."""
    if isinstance(thing, GuideLevel):
        return uuids[thing.target_id] if thing.target_id else topic.uuid
    return thing.uuid


Changes = dict[tuple[UUID, str], datetime]  # identity and text, or level of the guide, to when it last changed


def _changes(topic: Topic, things: Sequence[Translated]) -> Changes:
    """What published revisions changed, by what it is about. Drafts keep no account of their changes."""
    uuids = {thing.uuid for thing in things if not isinstance(thing, GuideLevel)} | {topic.uuid}
    rows = Change.objects.filter(subject_uuid__in=uuids, revision__status=RevisionStatus.PUBLISHED)
    found: Changes = {}
    for uuid, after, moment in rows.order_by("revision__published_at").values_list(
        "subject_uuid", "after", "revision__published_at"
    ):
        found |= {(uuid, name): moment for name in [*after, *after.get("guide", {})] if moment}
    return found


def _row(thing: Translated, owner: UUID, written: Translation | None, changed: Changes) -> Row:
    originals = _originals(thing)
    texts = [
        Text(name, original, getattr(written, name) if written else "")
        for name, (_field, original) in originals.items()
        if original
    ]
    key = f"{owner}-{thing.value}" if isinstance(thing, GuideLevel) else str(owner)
    names = {str(thing.value)} if isinstance(thing, GuideLevel) else {field for field, _text in originals.values()}
    moments = [moment for (uuid, name), moment in changed.items() if uuid == owner and name in names]
    newer = [moment for moment in moments if written and moment > written.written_at]
    return Row(key, thing, texts, written, max(newer, default=None))


def _originals(thing: Translated) -> dict[str, tuple[str, str]]:
    """The texts of a row by field of ``Translation``: the field of the row, and what it says."""
    if isinstance(thing, ContentArea):
        return {"title": ("title", thing.title)}
    if isinstance(thing, Topic):
        return {"title": ("title", thing.title), "text": ("description", thing.description)}
    if isinstance(thing, Target):
        return {
            "title": ("short_title", thing.short_title),
            "i_can": ("i_can", thing.i_can),
            "text": ("statement", thing.statement),
        }
    return {"text": ("description", thing.description)}


@dataclass(frozen=True)
class Progress:
    """How many parts of a topic, its guides too, are translated."""

    topic: Topic
    done: int
    count: int

    @property
    def is_done(self) -> bool:
        return self.done == self.count


def read_progress(framework: Framework, language: str) -> list[Progress]:
    """Topic by topic, the area apart, in 7 queries."""
    topics = Topic.objects.filter(area__framework=framework).in_use().select_related("area").in_order()
    targets = Target.objects.filter(topic__area__framework=framework, retired_on__isnull=True)
    lines = GuideLevel.objects.filter(target__in=targets)
    general = GuideLevel.objects.filter(topic__area__framework=framework)
    count = _tally(targets, "topic_id") + _tally(lines, "target__topic_id") + _tally(general, "topic_id")
    said = Translation.objects.filter(language=language)
    done = (
        _tally(said.filter(_whole("topic", title="title", text="description"), topic__in=topics.order_by()), "topic_id")
        + _tally(said.filter(_whole("target", **TARGET_TEXTS), target__in=targets), "target__topic_id")
        + _tally(said.filter(_whole("guide_level", text="description"), guide_level__in=lines), LINE_OF_TARGET)
        + _tally(said.filter(_whole("guide_level", text="description"), guide_level__in=general), LINE_OF_TOPIC)
    )
    return [Progress(topic, done[topic.pk], count[topic.pk] + 1) for topic in topics]


TARGET_TEXTS = {"title": "short_title", "text": "statement", "i_can": "i_can"}
LINE_OF_TARGET, LINE_OF_TOPIC = "guide_level__target__topic_id", "guide_level__topic_id"


def _whole(of: str, **texts: str) -> Q:
    """Each text that the original has is translated."""
    whole = Q()
    for name, original in texts.items():
        whole &= ~Q(**{name: ""}) | Q(**{f"{of}__{original}": ""})
    return whole


def _tally(rows: QuerySet[Any], topic: str) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list(topic).annotate(Count("pk"))))
