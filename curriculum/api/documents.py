"""``/CFDocuments``: every framework that may be read, with paging, order, filter and choice of fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from curriculum.api.answers import CaseError, answers_case
from curriculum.api.objects import package_link
from curriculum.api.reading import readable_by
from curriculum.exports import serve_documents
from lpm.lib.text import folded
from lpm.people.views.door import PersonRequest

PAGE = 100
MOST = 1000
FIELDS = {
    *("identifier", "uri", "frameworkType", "caseVersion", "creator", "title", "lastChangeDateTime"),
    *("officialSourceURL", "publisher", "description", "subject", "subjectURI", "language", "version"),
    *("adoptionStatus", "statusStartDate", "statusEndDate", "licenseURI", "notes", "extensions", "CFPackageURI"),
}
SORTABLE = FIELDS - {"subject", "subjectURI", "licenseURI", "extensions", "CFPackageURI"}
TERM = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
BOTH = re.compile(r"'\s+(AND|OR)\s+(?=\w+\s*(?:!=|>=|<=|=|>|<|~)\s*')")
COMPARING: dict[str, Callable[[str, str], bool]] = {
    "=": lambda told, value: told == value,
    "!=": lambda told, value: told != value,
    ">": lambda told, value: told > value,
    ">=": lambda told, value: told >= value,
    "<": lambda told, value: told < value,
    "<=": lambda told, value: told <= value,
    "~": lambda told, value: value in told,
}


@answers_case
def document_list(request: PersonRequest, *, version: str) -> HttpResponse:
    limit, offset = _whole(request, "limit", PAGE, 1), _whole(request, "offset", 0, 0)
    chosen, is_wanted = _fields(request), _filter(request.GET.get("filter", ""))
    server = request.build_absolute_uri("/").rstrip("/")
    frameworks = readable_by(request.user, request.day).by_title()
    documents = [{**raw, "CFPackageURI": package_link(raw)} for raw in serve_documents(frameworks, version, server)]
    found = _sorted(request, [raw for raw in documents if is_wanted(raw)])
    page = found[offset : offset + min(limit, MOST)]
    shown = [{key: value for key, value in raw.items() if not chosen or key in chosen} for raw in page]
    response = JsonResponse({"CFDocuments": shown})
    response["X-Total-Count"] = str(len(found))
    if links := _links(request, min(limit, MOST), offset, len(found)):
        response["Link"] = links
    return response


def _whole(request: PersonRequest, name: str, usual: int, least: int) -> int:
    given = request.GET.get(name, str(usual))
    if not given.isascii() or not given.isdecimal() or len(given) > 9 or int(given) < least:
        sentence = _("%(name)s is a whole number from %(least)d.") % {"name": name, "least": least}
        raise CaseError(HTTPStatus.BAD_REQUEST, "invalid_selection_field", sentence)
    return int(given)


def _fields(request: PersonRequest) -> set[str]:
    given = {name.strip() for text in request.GET.getlist("fields") for name in text.split(",") if name.strip()}
    if unknown := given - FIELDS:
        raise _bad_field(min(unknown))
    return given


def _bad_field(name: str) -> CaseError:
    sentence = _("A CFDocument has no field %(name)s.") % {"name": name[:100]}
    return CaseError(HTTPStatus.BAD_REQUEST, "invalid_selection_field", sentence)


def _sorted(request: PersonRequest, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    name, order = request.GET.get("sort", ""), request.GET.get("orderBy", "asc")
    if (name and name not in SORTABLE) or order not in {"asc", "desc"}:
        sentence = _("Sort by a field of CFDocument that is one text (sort), up or down (orderBy: asc or desc).")
        raise CaseError(HTTPStatus.BAD_REQUEST, "invalid_sort_field", sentence)
    if not name:
        return documents
    return sorted(documents, key=lambda raw: folded(str(raw.get(name, ""))), reverse=order == "desc")


def _filter(text: str) -> Callable[[dict[str, Any]], bool]:
    """One term, or two with AND or OR: ``title~'math' AND language='en'``. Texts compare without case and accents.

    Source: the REST bindings of 1EdTech, filtering (as in OneRoster 1.1, 3.4.4).
    """
    if not text.strip():
        return lambda raw: True
    parts = BOTH.split(text, maxsplit=1)
    if len(parts) == 1:
        return _term(text)
    first, second = _term(f"{parts[0]}'"), _term(parts[2])
    if parts[1] == "AND":
        return lambda raw: first(raw) and second(raw)
    return lambda raw: first(raw) or second(raw)


def _term(text: str) -> Callable[[dict[str, Any]], bool]:
    term = TERM.fullmatch(text)
    if term is None:
        sentence = _("A filter is like title~'math', or two of these with AND or OR between them.")
        raise CaseError(HTTPStatus.BAD_REQUEST, "invalid_selection_field", sentence)
    name, sign, value = term[1], term[2], folded(term[3])
    if name not in FIELDS:
        raise _bad_field(name)

    def holds(raw: dict[str, Any]) -> bool:
        told = raw.get(name, "")
        values = [folded(str(part)) for part in (told if isinstance(told, list) else [told])] or [""]
        every = all if sign == "!=" else any
        return every(COMPARING[sign](part, value) for part in values)

    return holds


def _links(request: PersonRequest, limit: int, offset: int, count: int) -> str:
    """Source: RFC 8288; the relations that 1EdTech uses."""
    last = max(count - 1, 0) // limit * limit
    places = {"first": 0, "last": last}
    if offset + limit < count:
        places["next"] = offset + limit
    if offset > 0:
        places["prev"] = max(offset - limit, 0)
    others = [(name, value) for name, value in request.GET.items() if name not in {"limit", "offset"}]
    here = request.build_absolute_uri(request.path)
    return ", ".join(
        f'<{here}?{urlencode([*others, ("limit", limit), ("offset", place)])}>; rel="{name}"'
        for name, place in places.items()
    )
