"""What CASE requires and a package lacks, made from what is there. No database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curriculum.exports.identifiers import address_of, made_identifier
from curriculum.imports.reading import identifier_of, line

LISTS = ("CFItems", "CFAssociations", "CFRubrics")
DEFINITIONS = ("CFConcepts", "CFSubjects", "CFLicenses", "CFItemTypes", "CFAssociationGroupings")
WITH_HIERARCHY = {"CFConcepts", "CFSubjects", "CFItemTypes"}
LINKS = (
    *("CFPackageURI", "CFDocumentURI", "CFItemURI", "CFItemTypeURI", "licenseURI", "subjectURI"),
    *("conceptKeywordsURI", "CFAssociationGroupingURI", "originNodeURI", "destinationNodeURI"),
)


def complete(package: dict[str, Any], version: str, server: str, moment: str) -> None:
    """Add to the objects of ``package`` the required members that they lack; none that is there changes."""
    document = package["CFDocument"]
    _Completion(identifier_of(document), version, server, moment).run(package)


class _Completion:
    def __init__(self, framework: str, version: str, server: str, moment: str) -> None:
        self.framework, self.version, self.server, self.moment = framework, version, server, moment

    def run(self, package: dict[str, Any]) -> None:
        document = package["CFDocument"]
        document.setdefault("creator", line(document.get("publisher")) or "unknown")
        document.setdefault("title", self.framework)
        self._object("CFDocuments", document, "")
        for key in LISTS:
            for number, raw in _dicts(package.get(key)):
                self._object(key, raw, str(number))
                self._rubric(key, raw)
        given = package.get("CFDefinitions")
        definitions = given if isinstance(given, dict) else {}
        for key in DEFINITIONS:
            for number, raw in _dicts(definitions.get(key)):
                self._definition(key, raw, number)

    def _object(self, kind: str, raw: dict[str, Any], place: str) -> None:
        if "identifier" not in raw:
            raw["identifier"] = made_identifier(self.framework, kind, place)
        raw.setdefault("uri", address_of(self.server, self.version, kind, identifier_of(raw)))
        raw.setdefault("lastChangeDateTime", self.moment)
        for key in LINKS:
            for link in raw[key] if isinstance(raw.get(key), list) else [raw.get(key)]:
                self._link(key, link)

    def _link(self, key: str, link: Any) -> None:
        if isinstance(link, dict) and (identifier := identifier_of(link)):
            link.setdefault("title", identifier)
            kind = "CFDocuments" if identifier == self.framework and "Node" in key else _class_of(key)
            link.setdefault("uri", address_of(self.server, self.version, kind, identifier))

    def _rubric(self, key: str, raw: dict[str, Any]) -> None:
        inner = {"CFRubrics": "CFRubricCriteria", "CFRubricCriteria": "CFRubricCriterionLevels"}.get(key)
        for number, part in _dicts(raw.get(inner)) if inner else ():
            self._object(str(inner), part, f"{identifier_of(raw)} {number}")
            self._rubric(str(inner), part)

    def _definition(self, key: str, raw: dict[str, Any], number: int) -> None:
        self._object(key, raw, str(number))
        raw.setdefault("title", line(raw.get("description")) or identifier_of(raw))
        if key in WITH_HIERARCHY:
            raw.setdefault("hierarchyCode", str(number + 1))
        if key == "CFItemTypes":
            raw.setdefault("description", raw["title"])
        if key == "CFLicenses":
            raw.setdefault("licenseText", line(raw.get("description")) or raw["title"])


def _dicts(values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield number, value


def _class_of(key: str) -> str:
    """What a link of this name leads to, as the addresses have it."""
    named = {"licenseURI": "CFLicenses", "subjectURI": "CFSubjects", "conceptKeywordsURI": "CFConcepts"}
    return named.get(key) or (f"{key.removesuffix('URI')}s" if key.startswith("CF") else "CFItems")
