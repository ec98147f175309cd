"""The package that an export writes, and where its objects are. No database."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from curriculum.calculations.circles import Edge
from curriculum.exports.rows import Rows
from curriculum.exports.written import put
from curriculum.imports.mapping import TopicRow
from curriculum.imports.reading import identifier_of, line


class Outgoing:
    """``items`` by identifier, and which of them ``came``; ``parents`` of items, and the links that say so.

    ``topics`` is what the file said, by the identifiers that they have here.
    """

    def __init__(self, rows: Rows) -> None:
        self.package = rows.package or _empty()
        self.document: dict[str, Any] = self.package["CFDocument"]
        self.document_identifier = rows.framework.case_identifier
        self.has_changed = False
        self._names = rows.names
        self.items: dict[str, dict[str, Any]] = {identifier_of(raw): raw for raw in self.package["CFItems"]}
        self._links: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        self.came = frozenset(self.items)
        self.parent_links: dict[str, dict[str, Any]] = {}
        self.parents: dict[str, str] = {}
        for raw in self.package.get("CFAssociations") or []:
            self._sort_in(raw)
        self.topics = _topics(rows)

    def _sort_in(self, raw: Any) -> None:
        if self._names is None or not isinstance(raw, dict):
            return
        kind = line(raw.get("associationType")).replace(" ", "").casefold()
        origin = self._names.find(raw.get("originNodeURI"))
        destination = self._names.find(raw.get("destinationNodeURI"))
        if origin and destination:
            self._links[kind, origin, destination].append(raw)
            if kind == "ischildof":
                self._keep_parent(origin, destination, raw)

    def _keep_parent(self, child: str, parent: str, raw: dict[str, Any]) -> None:
        if child not in self.parent_links:
            self.parent_links[child], self.parents[child] = raw, parent

    def has(self, identifier: str) -> bool:
        return identifier in self.items or identifier == self.document_identifier

    def links(self, kind: str, origin: str, destination: str) -> list[dict[str, Any]]:
        return self._links.get((kind.casefold(), origin, destination), [])

    def change(self, raw: dict[str, Any], moment: str = "", **members: Any) -> None:
        put(raw, **members)
        self.touch(raw, moment)

    def touch(self, raw: dict[str, Any], moment: str) -> None:
        self.has_changed = True
        if moment:
            raw["lastChangeDateTime"] = moment

    def add_item(self, raw: dict[str, Any]) -> None:
        self.has_changed = True
        self.items[raw["identifier"]] = raw
        self.package["CFItems"].append(raw)

    def add_link(self, identifier: str, kind: str, origin: str, destination: str, moment: str) -> None:
        """In place of one that has the same identifier."""
        self.has_changed = True
        raw = {
            "identifier": identifier,
            "associationType": kind,
            "originNodeURI": self.link_to(origin),
            "destinationNodeURI": self.link_to(destination),
            "lastChangeDateTime": moment,
        }
        replace_or_add(_list(self.package, "CFAssociations"), raw)
        self._links[kind.casefold(), origin, destination].append(raw)
        if kind == "isChildOf":
            self._keep_parent(origin, destination, raw)

    def move(self, child: str, parent: str, moment: str) -> None:
        raw = self.parent_links[child]
        raw["destinationNodeURI"] = self.link_to(parent)
        self.parents[child] = parent
        self.touch(raw, moment)

    def remove_steps(self, steps: set[Edge]) -> None:
        gone = {id(raw) for before, after in steps for raw in self.links("precedes", before, after)}
        if gone:
            self.has_changed = True
            kept = [raw for raw in self.package["CFAssociations"] if id(raw) not in gone]
            self.package["CFAssociations"] = kept

    def link_to(self, identifier: str) -> dict[str, Any]:
        raw = self.items.get(identifier) or self.document
        title = line(raw.get("humanCodingScheme")) or line(raw.get("fullStatement") or raw.get("title"))
        link = {"title": title, "identifier": identifier}
        put(link, uri=raw.get("uri"))
        return link

    def rubrics(self) -> list[Any]:
        return _list(self.package, "CFRubrics")


def replace_or_add(objects: list[Any], raw: dict[str, Any]) -> None:
    for place, known in enumerate(objects):
        if isinstance(known, dict) and known.get("identifier") == raw["identifier"]:
            objects[place] = raw
            return
    objects.append(raw)


def _list(package: dict[str, Any], key: str) -> list[Any]:
    if not isinstance(package.get(key), list):
        package[key] = []
    listed: list[Any] = package[key]
    return listed


def _empty() -> dict[str, Any]:
    return {"CFDocument": {}, "CFItems": [], "CFAssociations": []}


def _topics(rows: Rows) -> dict[str, TopicRow]:
    """A topic merged of several items is known by the one of them that it was known by first."""
    known = rows.stored.topics
    return {
        next((member for member in topic.members if member in known), topic.identifier): topic
        for topic in (rows.base.topics if rows.base else ())
    }
