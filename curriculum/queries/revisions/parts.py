"""The parts of a curriculum that a revision speaks of: as they are, and as it would add them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.text import Truncator

from curriculum.enums import ChangeKind, Subject
from curriculum.models import Change, ContentArea, Revision, Target, Topic

LONGEST_NAME = 90
LAST = 2**62
Place = tuple[int, ...]  # to order by: area, topic, target


@dataclass(frozen=True)
class Part:
    """An area, topic or target by what it is called, where it stands, and under what."""

    name: str
    place: Place
    above: str = ""  # the area's or topic's UUID


class Parts:
    """``at(uuid)`` for all areas and topics of the framework, and the targets that the changes speak of; 4 queries."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.changes: list[Change] = list(revision.changes.order_by("pk"))
        self.crosswalk = list(revision.crosswalk.order_by("pk"))
        self.targets = {str(row.uuid): row for row in self._load_targets()}
        self.by_pk = {row.pk: row for row in self.targets.values()}
        self._known: dict[str, Part] = {}
        framework = revision.framework_id
        for area in ContentArea.objects.filter(framework=framework):
            self._known[str(area.uuid)] = Part(area.title, (area.position, area.pk))
        for topic in Topic.objects.filter(area__framework=framework).select_related("area"):
            self._know_topic(topic)
        for target in self.targets.values():
            self._know(str(target.uuid), target_name(target), target.position, target.pk, str(target.topic.uuid))
        for change in self.changes:
            if change.kind == ChangeKind.ADDED:
                self._know_added(change)

    def at(self, uuid: str) -> Part:
        """What has no name any more is called by nothing and comes last."""
        return self._known.get(uuid, Part("", (LAST,)))

    def _know_topic(self, topic: Topic) -> None:
        self._know(str(topic.uuid), topic.title, topic.position, topic.pk, str(topic.area.uuid))

    def _know(self, uuid: str, name: str, position: int, pk: int, above: str) -> None:
        self._known[uuid] = Part(name, (*self.at(above).place, position, pk), above)

    def _know_added(self, change: Change) -> None:
        """As the revision would add it, after what is there; what is above was added before it."""
        values = change.after
        name = (
            target_name(Target(**{name: values.get(name, "") for name in ("code", "short_title", "statement")}))
            if change.subject == Subject.TARGET
            else values.get("title", "")
        )
        above = values.get("topic") or values.get("area") or ""
        self._know(str(change.subject_uuid), name, values.get("position", 0), LAST, above)

    def _load_targets(self) -> Iterable[Target]:
        wanted = {UUID(uuid) for uuid in self._spoken_of()}
        rows = Target.objects.filter(topic__area__framework=self.revision.framework_id)
        sources = [row.source_id for row in self.crosswalk]
        return (rows.filter(uuid__in=wanted) | rows.filter(pk__in=sources)).select_related("topic")

    def _spoken_of(self) -> Iterable[str]:
        yield from (str(row.destination_uuid) for row in self.crosswalk)
        for change in self.changes:
            yield str(change.subject_uuid)
            for values in (change.after, change.before):
                yield from values.get("requires", [])
                if values.get("part_of"):
                    yield values["part_of"]


def target_name(target: Target) -> str:
    """Its code and title, in a line."""
    return Truncator(" ".join([target.code, target.title]).strip()).chars(LONGEST_NAME)


def told(row: Any, name: str) -> Any:
    """The value of a field as a change tells it."""
    value = getattr(row, name)
    return str(value.uuid) if name in {"area", "topic", "part_of"} and value is not None else value
