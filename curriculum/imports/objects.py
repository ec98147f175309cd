"""Every object of a CASE package as it came, so that an export can give all of it back. No database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from curriculum.enums import ObjectKind
from curriculum.imports.reading import identifier_of, line
from lpm.lib.imports import refusal

LONGEST_IDENTIFIER = 100
LISTS = {
    "CFItems": ObjectKind.ITEM,
    "CFAssociations": ObjectKind.ASSOCIATION,
    "CFRubrics": ObjectKind.RUBRIC,
}
DEFINITIONS = {
    "CFConcepts": ObjectKind.CONCEPT,
    "CFSubjects": ObjectKind.SUBJECT,
    "CFLicenses": ObjectKind.LICENSE,
    "CFItemTypes": ObjectKind.ITEM_TYPE,
    "CFAssociationGroupings": ObjectKind.GROUPING,
}
UNSTORABLE = {0: None, **dict.fromkeys(range(0xD800, 0xE000))}  # what no database of texts takes: NUL, half characters
LARGEST_EXACT = 1e16  # beyond it the database gives a float back as a whole number


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """``content`` of an object is the object. That of PACKAGE is ``{"package": …, "wrapper": …}``: the package with its
    lists emptied and its document taken out (``{}``), so that every list that was there is there again; and what
    stood around it, ``{"CFPackage": {}}`` and whatever else, or None if nothing did."""

    kind: ObjectKind
    identifier: str
    position: int
    content: Any


def objects_of(value: Any, package: dict[str, Any]) -> tuple[ObjectRow, ...]:
    """The objects of ``package``, which is ``value`` or its member CFPackage. ``value_of`` is the way back."""
    try:
        return tuple(_objects(value, _storable(package)))
    except RecursionError:
        raise refusal("too_deep", _("This file nests too deeply to be a curriculum. Nothing was brought in.")) from None


def value_of(objects: Iterable[ObjectRow]) -> Any:
    """The JSON value whose ``objects_of`` these are: the same members, the lists in the same order."""
    by_kind: defaultdict[ObjectKind, list[Any]] = defaultdict(list)
    for row in sorted(objects, key=lambda row: row.position):
        by_kind[row.kind].append(row.content)
    whole = by_kind[ObjectKind.PACKAGE][0]
    package = {**whole["package"], "CFDocument": by_kind[ObjectKind.DOCUMENT][0]}
    _fill(package, LISTS, by_kind)
    if isinstance(definitions := package.get("CFDefinitions"), dict):
        package["CFDefinitions"] = _fill(dict(definitions), DEFINITIONS, by_kind)
    return package if whole["wrapper"] is None else {**whole["wrapper"], "CFPackage": package}


def version_of(package: dict[str, Any]) -> str:
    """The version of CASE, "1.1" or "1.0": as the document says, else by what only 1.1 knows. Source: CASE 1.1."""
    document = package["CFDocument"]
    items = _dicts(package.get("CFItems"))
    links = _dicts(package.get("CFAssociations"))
    is_newer = (
        line(document.get("caseVersion")) == "1.1"
        or not {"frameworkType", "extensions"}.isdisjoint(document)
        or "extensions" in package
        or any(not {"subject", "subjectURI", "extensions"}.isdisjoint(item) for item in items)
        or any(map(_is_newer_link, links))
    )
    return "1.1" if is_newer else "1.0"


def _is_newer_link(link: dict[str, Any]) -> bool:
    kind = line(link.get("associationType"))
    ends = _dicts([link.get("originNodeURI"), link.get("destinationNodeURI")])
    return (
        kind == "isTranslationOf"
        or kind.startswith("ext:")
        or not {"notes", "extensions"}.isdisjoint(link)
        or any("targetType" in end for end in ends)
    )


def _dicts(values: Any) -> Iterator[dict[str, Any]]:
    return (value for value in values if isinstance(value, dict)) if isinstance(values, list) else iter(())


def _objects(value: Any, package: dict[str, Any]) -> Iterator[ObjectRow]:
    definitions = package.get("CFDefinitions")
    emptied = {**_emptied(package, LISTS), "CFDocument": {}}
    if isinstance(definitions, dict):
        emptied["CFDefinitions"] = _emptied(definitions, DEFINITIONS)
    wrapper = {**_storable(value), "CFPackage": {}} if "CFPackage" in value else None
    document = package["CFDocument"]
    yield ObjectRow(ObjectKind.PACKAGE, "", 0, {"package": emptied, "wrapper": wrapper})
    yield _row(ObjectKind.DOCUMENT, 0, document)
    for holder, lists in ((package, LISTS), (definitions, DEFINITIONS)):
        if isinstance(holder, dict):
            yield from _listed(holder, lists)


def _listed(holder: dict[str, Any], lists: dict[str, ObjectKind]) -> Iterator[ObjectRow]:
    for key, kind in lists.items():
        if isinstance(holder.get(key), list):
            yield from (_row(kind, position, content) for position, content in enumerate(holder[key]))


def _row(kind: ObjectKind, position: int, content: Any) -> ObjectRow:
    identifier = identifier_of(content) if isinstance(content, dict) else ""
    return ObjectRow(kind, identifier[:LONGEST_IDENTIFIER], position, content)


def _emptied(holder: dict[str, Any], lists: dict[str, ObjectKind]) -> dict[str, Any]:
    return {key: [] if key in lists and isinstance(value, list) else value for key, value in holder.items()}


def _fill(holder: dict[str, Any], lists: dict[str, ObjectKind], by_kind: dict[ObjectKind, list[Any]]) -> dict[str, Any]:
    for key, kind in lists.items():
        if isinstance(holder.get(key), list):
            holder[key] = by_kind[kind]
    return holder


def _storable(value: Any) -> Any:
    """``value`` as the database will give it back: without characters that it does not take."""
    if isinstance(value, str):
        return value.translate(UNSTORABLE)
    if isinstance(value, dict):
        return {key.translate(UNSTORABLE): _storable(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_storable(member) for member in value]
    if isinstance(value, float) and abs(value) >= LARGEST_EXACT:
        return int(Decimal(repr(value)))
    return value
