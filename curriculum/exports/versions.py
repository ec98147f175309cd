"""From one version of CASE to the other. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

VERSIONS = ("1.0", "1.1")
LISTS = ("CFItems", "CFAssociations", "CFRubrics")
NEWER: dict[str, frozenset[str]] = {
    "CFDocument": frozenset({"frameworkType", "caseVersion", "extensions"}),
    "CFItems": frozenset({"subject", "subjectURI", "extensions"}),
    "CFAssociations": frozenset({"notes", "extensions"}),
}
EXTENSIONS = frozenset({"extensions"})
OLDER_TYPES = {
    kind.casefold(): kind
    for kind in (
        *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes"),
        *("isRelatedTo", "replacedBy", "exemplar", "hasSkillLevel"),
    )
}


def raised(package: dict[str, Any]) -> dict[str, Any]:
    """The package as one of 1.1, which can say all that 1.0 can."""
    return {**package, "CFDocument": {**package["CFDocument"], "caseVersion": "1.1"}}


def without_newer(package: dict[str, Any], left_out: Counter[str] | None = None) -> dict[str, Any]:
    """The package without what only 1.1 can say; ``left_out`` counts it, by class and member.

    A link of a kind that 1.0 does not know becomes isRelatedTo.
    """
    left_out = Counter() if left_out is None else left_out
    made = {key: value for key, value in package.items() if key != "extensions"}
    left_out["CFPackage.extensions"] += "extensions" in package
    made["CFDocument"] = _without("CFDocument", package["CFDocument"], NEWER["CFDocument"], left_out)
    for key in LISTS:
        if isinstance(package.get(key), list):
            made[key] = [_plainer(key, raw, left_out) for raw in package[key]]
    definitions = package.get("CFDefinitions")
    if isinstance(definitions, dict):
        made["CFDefinitions"] = _without_deep("CFDefinitions", definitions, left_out)
    for key in [key for key, count in left_out.items() if not count]:
        del left_out[key]
    return made


def _plainer(key: str, raw: Any, left_out: Counter[str]) -> Any:
    if not isinstance(raw, dict):
        return raw
    if key == "CFRubrics":
        return _without_deep(key, raw, left_out)
    made = _without(key, raw, NEWER[key], left_out)
    return _plainer_link(made, left_out) if key == "CFAssociations" else made


def _plainer_link(link: dict[str, Any], left_out: Counter[str]) -> dict[str, Any]:
    made = dict(link)
    for end in ("originNodeURI", "destinationNodeURI"):
        if isinstance(link.get(end), dict):
            made[end] = _without(f"CFAssociations.{end}", link[end], {"targetType"}, left_out)
    kind = str(link.get("associationType", ""))
    if kind and kind.replace(" ", "").casefold() not in OLDER_TYPES:
        left_out["CFAssociations.associationType"] += 1
        made["associationType"] = "isRelatedTo"
    return made


def _without(of: str, raw: dict[str, Any], members: Iterable[str], left_out: Counter[str]) -> dict[str, Any]:
    gone = set(members) & raw.keys()
    for member in gone:
        left_out[f"{of}.{member}"] += 1
    return {key: value for key, value in raw.items() if key not in gone}


def _without_deep(of: str, raw: dict[str, Any], left_out: Counter[str]) -> dict[str, Any]:
    """Without extensions, at every depth of lists of objects."""
    made = _without(of, raw, EXTENSIONS, left_out)
    for key, value in made.items():
        if isinstance(value, list):
            made[key] = [_without_deep(key, part, left_out) if isinstance(part, dict) else part for part in value]
    return made
