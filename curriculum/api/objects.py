"""One object by its identifier: ``/CFDocuments/{id}``, ``/CFItems/{id}`` and the rest."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from curriculum.api.answers import CaseError, answers_case, unknown_object
from curriculum.api.reading import Source, holders_of, readable_by, sources
from curriculum.imports.reading import UUID, identifier_of
from lpm.people.views.door import PersonRequest

Package = dict[str, Any]
Found = dict[str, Any] | None


@answers_case
def object_show(request: PersonRequest, *, version: str, kind: str, identifier: str) -> HttpResponse:
    """The object with ``identifier`` (a UUID) of the class that ``kind`` is the plural of."""
    find = FINDING.get(kind)
    if find is None:
        raise unknown_object()
    if not UUID.fullmatch(identifier):
        raise CaseError(HTTPStatus.NOT_FOUND, "invalid_uuid", _("An identifier of CASE is a UUID."))
    server = request.build_absolute_uri("/").rstrip("/")
    holders = holders_of(readable_by(request.user, request.day), identifier.lower())
    for source in sources(holders, version, server):
        if found := find(source, identifier.lower()):
            return _answer(request, source, found)
    raise unknown_object()


def _answer(request: PersonRequest, source: Source, found: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(found)
    etag, modified = f'"{source.stamp}"', int(source.changed_at.timestamp())
    response["ETag"] = etag
    response["Last-Modified"] = source.changed_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    kept: Any = get_conditional_response(request, etag, modified, response)
    answered: HttpResponse = kept
    return answered


def _package(source: Source, identifier: str) -> Found:
    package = source.package()
    return package if identifier_of(package["CFDocument"]) == identifier else None


def _document(source: Source, identifier: str) -> Found:
    package = _package(source, identifier)
    return {**package["CFDocument"], "CFPackageURI": package_link(package["CFDocument"])} if package else None


def package_link(document: dict[str, Any]) -> dict[str, str]:
    return {**link_to(document), "uri": document["uri"].replace("CFDocuments", "CFPackages")}


def link_to(document: dict[str, Any]) -> dict[str, str]:
    return {key: document[key] for key in ("title", "identifier", "uri")}


def _listed(key: str, has_document: bool = False) -> Callable[[Source, str], Found]:
    def find(source: Source, identifier: str) -> Found:
        package = source.package()
        found = _find(package.get(key, []), identifier)
        more = {"CFDocumentURI": link_to(package["CFDocument"])} if has_document else {}
        return {**found, **more} if found else None

    return find


def _defined(key: str) -> Callable[[Source, str], Found]:
    def find(source: Source, identifier: str) -> Found:
        return _find(source.package()["CFDefinitions"][key], identifier)

    return find


def _set(key: str) -> Callable[[Source, str], Found]:
    """The object and all below it, by hierarchyCode."""

    def find(source: Source, identifier: str) -> Found:
        rows = source.package()["CFDefinitions"][key]
        found = _find(rows, identifier)
        if found is None:
            return None
        below = [row for row in rows if row is not found and _is_below(row["hierarchyCode"], found["hierarchyCode"])]
        return {key: [found, *below]}

    return find


def _item_links(source: Source, identifier: str) -> Found:
    """An item with all links that begin or end at it."""
    item = _listed("CFItems", has_document=True)(source, identifier)
    ends = ("originNodeURI", "destinationNodeURI")
    links = [
        link
        for link in source.package()["CFAssociations"]
        if any(identifier_of(link.get(end)) == identifier for end in ends)
    ]
    return {"CFItem": item, "CFAssociations": links} if item and links else None


def _find(rows: list[dict[str, Any]], identifier: str) -> Found:
    return next((row for row in rows if identifier_of(row) == identifier), None)


def _is_below(code: str, above: str) -> bool:
    return bool(above) and code.startswith(above) and not code[len(above) : len(above) + 1].isalnum()


FINDING: dict[str, Callable[[Source, str], Found]] = {
    "CFDocuments": _document,
    "CFPackages": _package,
    "CFItems": _listed("CFItems", has_document=True),
    "CFAssociations": _listed("CFAssociations", has_document=True),
    "CFItemAssociations": _item_links,
    "CFRubrics": _listed("CFRubrics"),
    "CFLicenses": _defined("CFLicenses"),
    "CFAssociationGroupings": _defined("CFAssociationGroupings"),
    "CFConcepts": _set("CFConcepts"),
    "CFSubjects": _set("CFSubjects"),
    "CFItemTypes": _set("CFItemTypes"),
}
