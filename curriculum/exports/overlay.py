"""What the rows of a framework say, laid over the objects that came in its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curriculum.enums import Domain
from curriculum.exports.documents import lay_document
from curriculum.exports.guides import lay_guides
from curriculum.exports.identifiers import made_identifier, own_identifiers
from curriculum.exports.outgoing import Outgoing
from curriculum.exports.places import lay_places
from curriculum.exports.rows import Rows
from curriculum.exports.written import (
    area_object,
    put_ours,
    say_domain,
    target_object,
    topic_object,
)
from curriculum.imports.mapping import AreaRow, TargetRow, TopicRow
from curriculum.imports.reading import line, words
from curriculum.models import ContentArea, Target, Topic


class Overlay:
    """Changes the objects in place: only what is not any more as reading the file gives it."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.out = Outgoing(rows)

    def laid(self) -> dict[str, Any]:
        """The package, with every area, topic, target, guide and step that the framework has."""
        self._document()
        self._areas()
        self._topics()
        self._targets()
        lay_places(self.rows, self.out)
        self._steps()
        self._successors()
        lay_guides(self.rows, self.out)
        if self.out.has_changed and self.rows.base:
            self.out.document["lastChangeDateTime"] = self.rows.moment_of()
        return self.out.package

    def _document(self) -> None:
        read = self.rows.base.document if self.rows.base else None
        if lay_document(self.rows.framework, self.out.document, read):
            self.out.has_changed = True

    def _areas(self) -> None:
        read = {row.identifier: row for row in self.rows.base.areas} if self.rows.base else {}
        for area in _in_order(self.rows.stored.areas.values()):
            raw, before = self.out.items.get(area.case_identifier), read.get(area.case_identifier)
            if raw is None:
                self._add(area, area_object(area))
            elif before:
                self._area(raw, before, area)

    def _area(self, raw: dict[str, Any], before: AreaRow, area: ContentArea) -> None:
        moment = self.rows.moment_of(area.uuid)
        if area.title != before.title:
            self.out.change(raw, moment, **{_title_member(raw): area.title})
        if area.domain != (before.domain or Domain.CONTENT):
            self.out.touch(raw, moment)
            say_domain(raw, area)
        self._retire(raw, area)

    def _topics(self) -> None:
        read = self.out.topics
        for topic in _in_order(self.rows.stored.topics.values()):
            raw, before = self.out.items.get(topic.case_identifier), read.get(topic.case_identifier)
            if raw is None:
                self._add(topic, topic_object(topic))
            elif before:
                self._topic(raw, before, topic)

    def _topic(self, raw: dict[str, Any], before: TopicRow, topic: Topic) -> None:
        moment = self.rows.moment_of(topic.uuid)
        members = [self.out.items[member] for member in before.members if member in self.out.items]
        if topic.description != before.description:  # before the title, which says where it stands
            name = "notes" if _is_titled_by_statement(raw, before.title) else "fullStatement"
            self.out.change(raw, moment, **{name: topic.description})
        if topic.title != before.title:
            for member in members:
                self.out.change(member, moment, **{_title_member(member): topic.title})
        if topic.code != before.code:
            for member in members:
                self.out.change(member, moment, humanCodingScheme=topic.code)
        for member in members:
            self._retire(member, topic)

    def _targets(self) -> None:
        read = {row.identifier: row for row in self.rows.base.targets} if self.rows.base else {}
        for target in _in_order(self.rows.stored.targets.values()):
            raw, before = self.out.items.get(target.case_identifier), read.get(target.case_identifier)
            if raw is None:
                self._add(target, target_object(target))
            elif before:
                self._target(raw, before, target)

    def _target(self, raw: dict[str, Any], before: TargetRow, target: Target) -> None:
        moment = self.rows.moment_of(target.uuid)
        for name, member in TARGET_MEMBERS.items():
            if getattr(target, name) != getattr(before, name):
                self.out.change(raw, moment, **{member: getattr(target, name)})
        if tuple(target.grades) != before.grades:
            raw.pop("educationalLevel", None)  # how drafts of CASE spelled it
            self.out.change(raw, moment, educationLevel=list(target.grades))
        if target.i_can != before.i_can:
            self.out.touch(raw, moment)
            put_ours(raw, "iCan", target.i_can)
        self._retire(raw, target)

    def _add(self, row: ContentArea | Topic | Target, raw: dict[str, Any]) -> None:
        """Unless it is the document, or ended with an earlier file."""
        is_own = row.case_identifier in own_identifiers(row.uuid)
        ended_with_a_file = row.retired_on and not is_own and self.rows.base
        if row.case_identifier == self.out.document_identifier or ended_with_a_file:
            return
        raw["lastChangeDateTime"] = self.rows.moment_of(row.uuid)
        self._retire(raw, row)
        self.out.add_item(raw)

    def _retire(self, raw: dict[str, Any], row: ContentArea | Topic | Target) -> None:
        if row.retired_on and "statusEndDate" not in raw:
            self.out.change(raw, self.rows.moment_of(row.uuid), statusEndDate=str(row.retired_on))

    def _steps(self) -> None:
        before = set(self.rows.read.precedes) if self.rows.read else set()
        now = dict.fromkeys(self.rows.stored.prerequisites)
        here = self.rows.stored.targets.keys()
        self.out.remove_steps({step for step in before - now.keys() if here >= {*step}})
        for required, target in now:
            if (required, target) not in before:
                self._link("precedes", required, target)

    def _successors(self) -> None:
        for source, destination in self.rows.successors:
            self._link("replacedBy", source, destination)

    def _link(self, kind: str, origin: str, destination: str) -> None:
        if self.out.has(origin) and self.out.has(destination) and not self.out.links(kind, origin, destination):
            identifier = made_identifier(self.rows.framework.case_identifier, kind, origin, destination)
            target = self.rows.stored.targets.get(destination)
            moment = self.rows.moment_of(target.uuid if target else None)
            self.out.add_link(identifier, kind, origin, destination, moment)


TARGET_MEMBERS = {
    "code": "humanCodingScheme",
    "short_title": "abbreviatedStatement",
    "statement": "fullStatement",
    "language": "language",
}


def _title_member(raw: Mapping[str, Any]) -> str:
    """Where the reading of the file found the title of an area or topic."""
    return "abbreviatedStatement" if line(words(raw.get("abbreviatedStatement"))) else "fullStatement"


def _is_titled_by_statement(raw: Mapping[str, Any], title: str) -> bool:
    return line(words(raw.get("fullStatement"))) == title


def _in_order(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.position, row.pk))
