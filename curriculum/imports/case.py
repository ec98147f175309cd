"""CASE packages (1EdTech CASE 1.0 and 1.1, CFPackage) from bytes into frozen dataclasses. No database."""

from __future__ import annotations

from typing import Any

from babel.core import get_global
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enums import Domain
from curriculum.imports.links import Names, criteria_of, links_of
from curriculum.imports.objects import objects_of, version_of
from curriculum.imports.package import CaseDocument, CaseItem, CasePackage, shortened
from curriculum.imports.plain import plain
from curriculum.imports.reading import identifier_of, is_address, line, listed, read_json, texts, words
from lpm.lib.imports import Findings, refusal

MOST_ITEMS = 200_000
LONGEST_IDENTIFIER = 100
WRITTEN_BY_PEOPLE = ("fullStatement", "abbreviatedStatement", "notes")


def read_package(data: bytes) -> CasePackage:
    """The one CFPackage in ``data``, JSON in UTF-8. Raises ImportRefused: see ``read_json`` and ``read_value``."""
    return read_value(read_json(data))


def read_value(value: Any) -> CasePackage:
    """The one CFPackage in the JSON ``value``, with or without an outer ``{"CFPackage": …}``.

    Raises ImportRefused with every reason found; nothing else, whatever the value. What real packages do is
    taken as it comes: no types, no codes, codes twice, nulls, one subject as text, "eng", links and parents
    elsewhere, addresses that end in a UUID for identifiers. All of it is kept in ``objects``.
    Source: 1EdTech CASE 1.0 and 1.1, CFPackage; order of siblings as in ``mapping``.
    """
    package = _package(value)
    findings = Findings()
    document = read_document(package)
    items = _items(package["CFItems"], document, findings)
    findings.stop_if_refusing()
    _tell_of_formatting(package["CFItems"], findings)
    _tell_of_addresses(package["CFItems"], findings)
    names = Names(document.identifier, items, package)
    links = links_of(listed(package, "CFAssociations", findings), names)
    placed = links.place(findings)
    precedes = links.in_sequence(findings)
    criteria = criteria_of(listed(package, "CFRubrics", findings), names, findings)
    links.warn_of_outside(findings)
    findings.stop_if_refusing()
    objects = objects_of(value, package)
    return CasePackage(document, placed, precedes, criteria, tuple(findings.listed()), objects)


def _package(value: Any) -> dict[str, Any]:
    inner = value.get("CFPackage", value) if isinstance(value, dict) else value
    if not isinstance(inner, dict) or not {"CFDocument", "CFItems"} & inner.keys():
        raise refusal(
            "wrong_package",
            _("This is not a CASE package (CFPackage): it looks like %(what)s. Nothing was brought in.")
            % {"what": _looks_like(value)},
        )
    if not isinstance(inner.get("CFDocument"), dict):
        raise refusal(
            "no_document",
            _("This package has no CFDocument, which says what framework it is. Nothing was brought in."),
        )
    items = inner.get("CFItems")
    if not isinstance(items, list) or not items:
        raise refusal("no_items", _("This package has no items (CFItems). Nothing was brought in."))
    if len(items) > MOST_ITEMS:
        sentence = _("This package has %(count)d items; at most %(most)d can be brought in. Nothing was.")
        raise refusal("too_many_items", sentence % {"count": len(items), "most": MOST_ITEMS})
    return inner


def _looks_like(value: Any) -> str:
    if isinstance(value, list):
        return _("a list")
    if not isinstance(value, dict):
        return _("a single value")
    for key, what in (
        ("openapi", _("an OpenAPI description")),
        ("swagger", _("an OpenAPI description")),
        ("CFDocuments", _("a list of frameworks (CFDocuments), not one of them with its items")),
        ("CFItem", _("a single item")),
        ("CFAssociations", _("links without their items")),
        ("imsx_codeMajor", _("an error message of a CASE server")),
        ("imsx_StatusInfo", _("an error message of a CASE server")),
        ("credentialSubject", _("a credential")),
    ):
        if key in value:
            return what
    keys = ", ".join(shortened(key) for key in list(value)[:5])
    return _("an object with the keys %(keys)s") % {"keys": keys} if keys else _("an empty object")


def read_document(package: dict[str, Any]) -> CaseDocument:
    raw = package["CFDocument"]
    identifier = identifier_of(raw)
    if not identifier or len(identifier) > LONGEST_IDENTIFIER:
        raise refusal(
            "document_without_identifier",
            _("The framework in this package (CFDocument) has no usable identifier. Nothing was brought in."),
        )
    return CaseDocument(
        identifier=identifier,
        title=line(words(raw.get("title")), 500) or _("Framework without a title"),
        creator=line(raw.get("creator"), 500),
        version=line(raw.get("version"), 100),
        language=_language(raw.get("language")),
        notes="\n\n".join(part for part in (words(raw.get("description")), words(raw.get("notes"))) if part),
        case_version=version_of(package),
    )


def _language(raw: Any) -> str:
    """A language tag, with two letters where there are two: "eng" is "en"."""
    tag = line(raw)
    return get_global("language_aliases").get(tag.lower(), tag) if len(tag) <= 20 else ""


def _items(raw_items: list[Any], document: CaseDocument, findings: Findings) -> dict[str, CaseItem]:
    items: dict[str, CaseItem] = {}
    for number, raw in enumerate(raw_items, start=1):
        item = _item(raw if isinstance(raw, dict) else {})
        if _is_usable(item, number, findings):
            if item.identifier in items or item.identifier == document.identifier:
                sentence = _("The identifier %(identifier)s is there twice (item %(number)d, %(name)s).")
                findings.refuse("duplicate_identifier", sentence % _facts(item, number))
            items[item.identifier] = item
    return items


def _tell_of_formatting(raw_items: list[Any], findings: Findings) -> None:
    count = sum(_is_formatted(raw) for raw in raw_items)
    if count:
        sentence = ngettext(
            "%(count)d item had formatting (such as italics); its words were kept as plain text.",
            "%(count)d items had formatting (such as italics); their words were kept as plain text.",
            count,
        )
        findings.warn("formatting_made_plain", sentence % {"count": count})


def _tell_of_addresses(raw_items: list[Any], findings: Findings) -> None:
    count = sum(is_address(raw.get("identifier")) for raw in raw_items)
    if count:
        sentence = ngettext(
            "%(count)d item is identified by a web address; the UUID at its end, if it has one, is taken instead.",
            "%(count)d items are identified by web addresses; the UUIDs at their ends, if they have one, are taken "
            "instead.",
            count,
        )
        findings.warn("addresses_as_identifiers", sentence % {"count": count})


def _is_formatted(raw: dict[str, Any]) -> bool:
    written = [raw.get(key) for key in WRITTEN_BY_PEOPLE]
    return any(isinstance(part, str) and plain(part) != part for part in written)


def _is_usable(item: CaseItem, number: int, findings: Findings) -> bool:
    if not item.identifier:
        sentence = _("Item %(number)d (%(name)s) has no identifier.")
        findings.refuse("item_without_identifier", sentence % _facts(item, number))
    elif len(item.identifier) > LONGEST_IDENTIFIER:
        sentence = _("The identifier of item %(number)d (%(name)s) is longer than 100 characters.")
        findings.refuse("identifier_too_long", sentence % _facts(item, number))
    elif not item.statement:
        sentence = _("Item %(number)d (%(identifier)s) has no statement (fullStatement).")
        findings.refuse("item_without_statement", sentence % _facts(item, number))
    else:
        return True
    return False


def _facts(item: CaseItem, number: int) -> dict[str, object]:
    name = item.name or _("without a statement")
    return {"number": number, "name": name, "identifier": shortened(item.identifier)}


def _item(raw: dict[str, Any]) -> CaseItem:
    return CaseItem(
        identifier=identifier_of(raw),
        statement=words(raw.get("fullStatement")),
        short=line(words(raw.get("abbreviatedStatement"))),
        type=line(raw.get("CFItemType")),
        code=line(raw.get("humanCodingScheme"), 100),
        enumeration=line(raw.get("listEnumeration")),
        notes=words(raw.get("notes")),
        language=_language(raw.get("language")),
        grades=tuple(map(_grade, texts(raw.get("educationLevel") or raw.get("educationalLevel")))),
        i_can=words(_ours(raw).get("iCan")),
        domain=_domain(_ours(raw)),
    )


def _grade(raw: str) -> str:
    grade = raw.upper()
    return "KG" if grade == "K" else grade.zfill(2)


def _ours(raw: dict[str, Any]) -> dict[str, Any]:
    """Our own extensions of an item."""
    extensions = raw.get("extensions")
    ours = extensions.get("lpm") if isinstance(extensions, dict) else None
    return ours if isinstance(ours, dict) else {}


def _domain(ours: dict[str, Any]) -> str:
    """As an export says it; anything else is as if nothing were said."""
    domain = line(ours.get("domain"))
    return domain if domain in Domain.values else ""
