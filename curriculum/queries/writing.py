"""What those who write a curriculum read: all of it, with what waits in its open revision laid over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from curriculum.calculations.outline import Outline, Pending, Piece, fingerprint, overlaid
from curriculum.enums import FrameworkStatus, RevisionStatus, Subject
from curriculum.models import (
    ContentArea,
    Framework,
    FrameworkWriter,
    GuideLevel,
    Prerequisite,
    Revision,
    Scale,
    Target,
    Topic,
)
from lpm.lib.text import folded
from lpm.people.access import in_force
from lpm.people.models import Organization, User
from lpm.people.policy import Action
from lpm.people.queries.staff import staff

FOUND_AT_MOST = 20
STANDING = {"area", "topic", "position", "guide", "requires"}  # where it stands; and what is compared line by line
OWN_WORDS = ("title", "creator", "version", "language", "notes")
NAMED_AT_MOST = 50  # in a list of what is still open before publishing


@dataclass(frozen=True)
class Workshop:
    """A framework on the workbench. ``framework_changes`` are its own words that wait."""

    framework: Framework
    revision: Revision | None
    outline: Outline
    framework_changes: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.framework_changes.get("title") or self.framework.title)

    @property
    def own_words(self) -> dict[str, Any]:
        """The framework's own words, with what waits."""
        return {name: getattr(self.framework, name) for name in OWN_WORDS} | self.framework_changes

    @property
    def seen(self) -> str:
        """Tells whether the framework's own words are still the same when they are saved."""
        return fingerprint(self.own_words)

    @property
    def is_draft(self) -> bool:
        return self.framework.status == FrameworkStatus.DRAFT

    @property
    def may_change(self) -> bool:
        return self.is_draft or (self.revision is not None and self.revision.status == RevisionStatus.DRAFT)


def read_workshop(framework: Framework) -> Workshop:
    """In 5 queries."""
    revision = framework.revisions.open().first() if framework.status != FrameworkStatus.DRAFT else None
    changes = list(revision.changes.order_by("pk")) if revision else []
    pending = [Pending(Subject(row.subject), row.subject_uuid, row.kind, row.after) for row in changes]
    stored = [*_areas(framework), *_topics(framework), *_targets(framework)]
    own = next((row.after for row in pending if row.subject == Subject.FRAMEWORK), {})
    pieces = overlaid(stored, [row for row in pending if row.subject != Subject.FRAMEWORK])
    return Workshop(framework, revision, pieces, dict(own))


def _areas(framework: Framework) -> Iterable[Piece]:
    fields = ("title", "domain", "position")
    rows = ContentArea.objects.in_use().filter(framework=framework).order_by("position", "pk")
    for uuid, *said in rows.values_list("uuid", *fields):
        yield Piece(Subject.AREA, uuid, dict(zip(fields, said, strict=True)))


def _topics(framework: Framework) -> Iterable[Piece]:
    fields = ("code", "title", "description", "position")
    rows = Topic.objects.in_use().filter(area__framework=framework).order_by("position", "pk")
    for uuid, area, *said in rows.values_list("uuid", "area__uuid", *fields):
        yield Piece(Subject.TOPIC, uuid, {**dict(zip(fields, said, strict=True)), "area": str(area)})


def _targets(framework: Framework) -> Iterable[Piece]:
    fields = ("code", "short_title", "statement", "i_can", "language", "grades", "position")
    rows = Target.objects.in_use().filter(topic__area__framework=framework).order_by("position", "pk")
    for uuid, topic, whole, *said in rows.values_list("uuid", "topic__uuid", "part_of__uuid", *fields):
        places = {"topic": str(topic), "part_of": str(whole) if whole else None}
        yield Piece(Subject.TARGET, uuid, {**dict(zip(fields, said, strict=True)), **places})


@dataclass(frozen=True)
class Row:
    """A piece in its order: ``place`` of ``count``, from 1; ``below`` are its topics, targets or parts."""

    piece: Piece
    place: int
    count: int
    below: Sequence[Row] = ()

    @property
    def before(self) -> int:
        return self.place - 1

    @property
    def after(self) -> int:
        return self.place + 1

    @property
    def is_first(self) -> bool:
        return self.place == 1

    @property
    def is_last(self) -> bool:
        return self.place == self.count


def outline_rows(workshop: Workshop) -> list[Row]:
    """Areas with their topics, these with their targets."""
    outline = workshop.outline
    return _numbered(
        outline.areas(),
        lambda area: _numbered(outline.topics_of(area.uuid), lambda topic: target_rows(workshop, topic)),
    )


def target_rows(workshop: Workshop, topic: Piece) -> list[Row]:
    """The targets of a topic with their parts."""
    outline = workshop.outline
    return _numbered(outline.targets_of(topic.uuid), lambda target: _numbered(outline.parts_of(target)))


def _numbered(pieces: Sequence[Piece], below: Callable[[Piece], Sequence[Row]] = lambda _piece: ()) -> list[Row]:
    return [Row(piece, n, len(pieces), below(piece)) for n, piece in enumerate(pieces, start=1)]


def levels_of(scale: Scale) -> list[Decimal]:
    """Every level of the scale, the highest first."""
    count = int((scale.high - scale.low) / scale.step)
    return [scale.low + scale.step * n for n in range(count, -1, -1)]


@dataclass(frozen=True)
class GuideLine:
    """One level of a scoring guide: its own ``words``, and the ``general`` ones of the scale that stand in for them.

    ``is_between``: a level between two that have a name, such as a half point.
    """

    level: Decimal
    name: str
    words: str
    general: str
    is_between: bool


def read_guide(workshop: Workshop, piece: Piece) -> list[GuideLine]:
    """The highest level first; in 2 queries."""
    scale = workshop.framework.scale
    named = {row.value: row for row in scale.levels.all()}
    of = {f"{piece.subject}__uuid": piece.uuid}
    words = {row.value: row.description for row in GuideLevel.objects.filter(**of)}
    words |= {Decimal(level): text for level, text in piece.values.get("guide", {}).items()}
    return [
        GuideLine(
            level,
            named[level].said_name if level in named else "",
            words.get(level, ""),
            named[level].said_description if level in named else "",
            level not in named,
        )
        for level in sorted({*levels_of(scale), *words}, reverse=True)
    ]


def read_required(workshop: Workshop, target: Piece) -> list[Piece]:
    """The targets that come before it, by code."""
    uuids = target.values.get("requires")
    if uuids is None:
        steps = Prerequisite.objects.filter(target__uuid=target.uuid)
        uuids = steps.values_list("required__uuid", flat=True)
    found = [workshop.outline.find(Subject.TARGET, uuid) for uuid in uuids]
    return sorted((piece for piece in found if piece), key=lambda piece: (piece.code, piece.title))


@dataclass(frozen=True)
class Script:
    """All that an editor shows of a topic or target. ``seen`` tells whether it is still the same when it is saved."""

    piece: Piece
    guide: list[GuideLine]
    required: list[Piece]

    @property
    def seen(self) -> str:
        values = {name: value for name, value in self.piece.values.items() if name not in STANDING}
        return fingerprint(
            values, [(line.level, line.words) for line in self.guide], [row.uuid for row in self.required]
        )


def read_script(workshop: Workshop, piece: Piece) -> Script:
    """In 2 queries for a topic, 3 for a target, none for an area."""
    guide = read_guide(workshop, piece) if piece.subject != Subject.AREA else []
    return Script(piece, guide, read_required(workshop, piece) if piece.subject == Subject.TARGET else [])


def read_steps(workshop: Workshop) -> dict[UUID, list[UUID]]:
    """For each target what comes before it and goes on, with what waits."""
    steps: dict[UUID, list[UUID]] = {}
    going_on = {"target__topic__area__framework": workshop.framework, "required__retired_on__isnull": True}
    stored = Prerequisite.objects.filter(**going_on)
    for target, required in stored.order_by("pk").values_list("target__uuid", "required__uuid"):
        steps.setdefault(target, []).append(required)
    waiting = {
        piece.uuid: piece.values["requires"] for piece in workshop.outline.targets() if "requires" in piece.changed
    }
    return steps | {target: [UUID(uuid) for uuid in uuids] for target, uuids in waiting.items()}


def find_targets(workshop: Workshop, text: str, besides: Iterable[UUID] = ()) -> list[Piece]:
    """Targets that have every word of ``text`` in their code or texts; none for no text. At most FOUND_AT_MOST."""
    words, left_out = folded(text).split(), set(besides)
    if not words:
        return []
    targets = (piece for piece in workshop.outline.targets() if piece.uuid not in left_out and not piece.ends)
    found = [piece for piece in targets if all(word in _words_of(piece) for word in words)]
    return sorted(found, key=lambda piece: (piece.code, piece.title))[:FOUND_AT_MOST]


def _words_of(piece: Piece) -> str:
    return folded(" ".join(str(piece.values.get(name) or "") for name in ("code", "short_title", "statement", "i_can")))


def written_frameworks(user: User, day: date) -> list[Framework]:
    """Those that the person may write on, drafts first."""
    rows = Framework.objects.visible_to(user, Action.WRITE_CURRICULUM, day).select_related("owner")
    open_revision = Revision.objects.open().filter(framework=OuterRef("pk"))
    rows = rows.annotate(has_open_revision=Exists(open_revision)).by_title()
    return sorted(rows, key=lambda framework: framework.status != FrameworkStatus.DRAFT)


def scales_within(organizations: QuerySet[Organization, Any]) -> QuerySet[Scale]:
    """The scales that the organizations may judge by: their own, and those of what is above them."""
    above = Organization.objects.filter(below__descendant__in=organizations).values("pk")
    return Scale.objects.filter(owner__in=above).select_related("owner").order_by("name", "pk")


@dataclass(frozen=True)
class Readiness:
    """What is in a draft, and what could still be written; the lists hold at most NAMED_AT_MOST, the counts all."""

    area_count: int
    topic_count: int
    target_count: int
    without_i_can: Sequence[Piece]
    without_i_can_count: int
    without_guide: Sequence[Piece]
    without_guide_count: int
    empty_topics: Sequence[Piece]


def read_readiness(workshop: Workshop) -> Readiness:
    outline = workshop.outline
    wholes = [target for topic in outline.topics() for target in outline.targets_of(topic.uuid)]
    guided = GuideLevel.objects.filter(
        Q(target__topic__area__framework=workshop.framework) | Q(topic__area__framework=workshop.framework)
    )
    with_guide = {str(uuid) for pair in guided.values_list("target__uuid", "topic__uuid") for uuid in pair if uuid}
    silent = [target for target in wholes if not target.values["i_can"]]
    bare = [target for target in wholes if not {str(target.uuid), target.parent} & with_guide]
    return Readiness(
        area_count=len(outline.areas()),
        topic_count=len(outline.topics()),
        target_count=len(wholes),
        without_i_can=silent[:NAMED_AT_MOST],
        without_i_can_count=len(silent),
        without_guide=bare[:NAMED_AT_MOST],
        without_guide_count=len(bare),
        empty_topics=[topic for topic in outline.topics() if not outline.targets_of(topic.uuid)],
    )


def writers_of(framework: Framework, day: date) -> QuerySet[FrameworkWriter]:
    """Those who write on it now or will, by name."""
    rows = framework.writers.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)).select_related("user")
    return rows.order_by("user__sort_key", "pk")


def nameable(framework: Framework, day: date) -> Any:
    """Staff of the organizations at and below the owner who do not write on it yet."""
    writing = FrameworkWriter.objects.filter(in_force(day), framework=framework, user=OuterRef("pk"))
    people = User.objects.filter(is_active=True, is_operator=False, organization__lineage__ancestor=framework.owner)
    return staff(people).filter(~Exists(writing)).by_name()
