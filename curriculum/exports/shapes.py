"""Objects of CASE as its OpenAPI descriptions want them, whatever a file made of them. No database.

Source: 1EdTech CASE 1.0 (OpenAPI 2) and 1.1 (OpenAPI 3), classes with ``additionalProperties: false``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from curriculum.exports.versions import NEWER, OLDER_TYPES
from curriculum.imports.reading import UUID, identifier_of, is_address, line, whole

Shape = Callable[[Any], Any]
NOT_IN_PACKAGE = frozenset({"CFPackageURI", "CFDocumentURI"})
NEWER_TYPES = {**OLDER_TYPES, "istranslationof": "isTranslationOf"}
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def shaped_package(package: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The package without what its version does not know: in 1.1 that goes under ``extensions``, in 1.0 it is left
    out. Values of another shape than the standard's are reshaped where they can be, else treated alike."""
    made: dict[str, Any] = {"CFDocument": shaped("CFDocument", package["CFDocument"], version)}
    for key in ("CFItems", "CFAssociations", "CFRubrics"):
        made[key] = _all(key.removesuffix("s"), package.get(key), version)
    definitions = package.get("CFDefinitions")
    told = definitions if isinstance(definitions, dict) else {}
    made["CFDefinitions"] = {f"{kind}s": _all(kind, told.get(f"{kind}s"), version) for kind in DEFINED}
    _extend(made["CFDefinitions"], told, {f"{kind}s" for kind in DEFINED}, version)
    _extend(made, package, {*made}, version)
    return made


def shaped(kind: str, raw: Mapping[str, Any], version: str) -> dict[str, Any]:
    """One object of the class ``kind`` ("CFItem"), without those that lie in it elsewhere but in a package."""
    known = {key: shape for key, shape in MEMBERS[kind].items() if version == "1.1" or key not in _newer(kind)}
    made: dict[str, Any] = {}
    for key, shape in known.items():
        if key in raw and (value := shape(raw[key])) is not None:
            made[key] = value
    for key, part in PARTS.get(kind, {}).items():
        if isinstance(raw.get(key), list):
            made[key] = _all(part, raw[key], version)
    if kind == "CFAssociation":
        made["associationType"] = _association_type(raw.get("associationType"), version)
        if version == "1.0":
            for end in ("originNodeURI", "destinationNodeURI"):
                made.get(end, {}).pop("targetType", None)
    _extend(made, raw, {*made, *NOT_IN_PACKAGE}, version, in_list=kind == "CFRubricCriterionLevel")
    return made


def _newer(kind: str) -> frozenset[str]:
    return NEWER.get(kind) or NEWER.get(f"{kind}s") or frozenset()


def _all(kind: str, values: Any, version: str) -> list[dict[str, Any]]:
    listed = values if isinstance(values, list) else []
    return [shaped(kind, raw, version) for raw in listed if isinstance(raw, dict)]


def _extend(made: dict[str, Any], raw: Mapping[str, Any], said: set[str], version: str, in_list: bool = False) -> None:
    if version == "1.0":
        return
    given = raw.get("extensions")
    unknown = {key: value for key, value in raw.items() if key not in {*said, "extensions"} and value is not None}
    if in_list:
        more = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
        extensions: Any = [*more, *([unknown] if unknown else [])]
    else:
        extensions = {**unknown, **(given if isinstance(given, dict) else {})}
    if extensions:
        made["extensions"] = extensions


def _association_type(given: Any, version: str) -> str:
    told = line(given)
    known = OLDER_TYPES if version == "1.0" else NEWER_TYPES
    if kind := known.get(told.replace(" ", "").casefold()):
        return kind
    if version == "1.0":
        return "isRelatedTo"
    name = NOT_IN_A_NAME.sub("-", told.removeprefix("ext:"))
    return f"ext:{name}" if name else "isRelatedTo"


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _uri(value: Any) -> str | None:
    return value if isinstance(value, str) and line(value) else None


def _identifier(value: Any) -> str | None:
    return identifier_of(value) or None if isinstance(value, str) else None


def _texts(value: Any) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    found = [told for part in values if (told := _text(part)) is not None]
    return found or ([] if value == [] else None)


def _moment(value: Any) -> str | None:
    try:
        moment = datetime.fromisoformat(line(value))
    except ValueError:
        return None
    return line(value) if moment.tzinfo else f"{moment.isoformat()}Z"


def _date(value: Any) -> str | None:
    try:
        return str(datetime.fromisoformat(line(value)).date())
    except ValueError:
        return None


def _number(value: Any) -> float | int | None:
    try:
        return value if isinstance(value, int | float) and not isinstance(value, bool) else float(line(value))
    except ValueError:
        return None


def _link(value: Any) -> dict[str, Any] | None:
    """To something of CASE, which has a UUID."""
    made = _link_to_any(value)
    return made if made and UUID.fullmatch(made["identifier"]) else None


def _link_to_any(value: Any) -> dict[str, Any] | None:
    raw = {"title": line(value), "uri": line(value), "identifier": value} if is_address(value) else value
    if not isinstance(raw, dict) or not (identifier := identifier_of(raw) or line(raw.get("uri"))):
        return None
    made = {"title": _text(raw.get("title")) or identifier, "identifier": identifier}
    return made | ({"uri": raw["uri"]} if _uri(raw.get("uri")) else {})


def _general_link(value: Any) -> dict[str, Any] | None:
    made = _link_to_any(value)
    target = line(value.get("targetType")) if isinstance(value, dict) else ""
    is_known = target == "CASE" or re.fullmatch(r"ext:[a-zA-Z0-9._-]+", target)
    return made | ({"targetType": target} if is_known else {}) if made else None


def _links(value: Any) -> list[dict[str, Any]] | None:
    links = [_link(part) for part in (value if isinstance(value, list) else [value])]
    return [link for link in links if link] or None


BASE: dict[str, Shape] = {"identifier": _identifier, "uri": _uri, "lastChangeDateTime": _moment}
TITLED: dict[str, Shape] = {**BASE, "title": _text, "description": _text}
STATUS: dict[str, Shape] = {
    "statusStartDate": _date,
    "statusEndDate": _date,
    "licenseURI": _link,
    "notes": _text,
    "language": _text,
    "subject": _texts,
    "subjectURI": _links,
}
MEMBERS: dict[str, dict[str, Shape]] = {
    "CFDocument": {
        **TITLED,
        **STATUS,
        **dict.fromkeys(("creator", "publisher", "version", "adoptionStatus", "frameworkType"), _text),
        "caseVersion": lambda value: "1.1" if line(value) == "1.1" else None,
        "officialSourceURL": _uri,
    },
    "CFItem": {
        **BASE,
        **STATUS,
        **dict.fromkeys(("fullStatement", "alternativeLabel", "CFItemType", "humanCodingScheme"), _text),
        **dict.fromkeys(("listEnumeration", "abbreviatedStatement"), _text),
        "conceptKeywords": _texts,
        "conceptKeywordsURI": _link,
        "educationLevel": _texts,
        "CFItemTypeURI": _link,
    },
    "CFAssociation": {
        **BASE,
        "sequenceNumber": whole,
        "originNodeURI": _general_link,
        "destinationNodeURI": _general_link,
        "CFAssociationGroupingURI": _link,
        "associationType": _text,
        "notes": _text,
    },
    "CFConcept": {**TITLED, "hierarchyCode": _text, "keywords": _text},
    "CFSubject": {**TITLED, "hierarchyCode": _text},
    "CFLicense": {**TITLED, "licenseText": _text},
    "CFItemType": {**TITLED, "hierarchyCode": _text, "typeCode": _text},
    "CFAssociationGrouping": TITLED,
    "CFRubric": TITLED,
    "CFRubricCriterion": {
        **BASE,
        "category": _text,
        "description": _text,
        "CFItemURI": _link,
        "weight": _number,
        "position": whole,
        "rubricId": _identifier,
    },
    "CFRubricCriterionLevel": {
        **BASE,
        **dict.fromkeys(("description", "quality", "feedback"), _text),
        "score": _number,
        "position": whole,
        "rubricCriterionId": _identifier,
    },
}
PARTS = {
    "CFRubric": {"CFRubricCriteria": "CFRubricCriterion"},
    "CFRubricCriterion": {"CFRubricCriterionLevels": "CFRubricCriterionLevel"},
}
DEFINED = ("CFConcept", "CFSubject", "CFLicense", "CFItemType", "CFAssociationGrouping")
