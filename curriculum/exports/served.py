"""Frameworks as the REST binding of CASE serves them: packages, and documents in a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from curriculum.enums import ObjectKind, RevisionStatus
from curriculum.exports.complete import complete
from curriculum.exports.documents import lay_document
from curriculum.exports.package import export_package
from curriculum.exports.rows import moment_text
from curriculum.exports.shapes import shaped, shaped_package
from curriculum.exports.versions import raised, without_newer
from curriculum.imports.case import read_document
from curriculum.models import CaseObject, Framework, Revision


def serve_package(framework: Framework, version: str, server: str) -> dict[str, Any]:
    """The framework as ``/CFPackages`` answers it in ``version``; valid against its description where the identifiers
    are UUIDs. A constant number of queries; ``framework`` comes with its owner."""
    package = shaped_package(export_package(framework, version, server=server).package, version)
    complete(package, version, server, moment_text(framework.imported_at))
    return package


def serve_documents(frameworks: Iterable[Framework], version: str, server: str) -> list[dict[str, Any]]:
    """The documents of ``frameworks``, in their order, in two queries."""
    shown = list(frameworks)
    of = {"framework__in": shown, "revision__isnull": True}
    rows = CaseObject.objects.filter(kind=ObjectKind.DOCUMENT, **of)
    raws: dict[int, dict[str, Any]] = dict(rows.values_list("framework_id", "content"))
    revised = last_revised(shown)
    return [_document(row, raws.get(row.pk), revised.get(row.pk), version, server) for row in shown]


def last_revised(frameworks: Iterable[Framework], *, by_hand: bool = True) -> dict[int, datetime]:
    """When each framework was revised last, in one query; ``by_hand``: since its file, without what that proposed."""
    done = Revision.objects.filter(
        framework__in=list(frameworks), status=RevisionStatus.PUBLISHED, published_at__isnull=False
    )
    last: dict[int, datetime] = {}
    rows = done.order_by("published_at", "pk").values_list("framework_id", "published_at", "is_imported")
    for framework, moment, is_imported in rows:
        if is_imported and by_hand:
            last.pop(framework, None)
        elif moment:
            last[framework] = moment
    return last


def _document(
    framework: Framework, raw: dict[str, Any] | None, revised: datetime | None, version: str, server: str
) -> dict[str, Any]:
    package = {"CFDocument": raw or {}}
    has_changed = lay_document(framework, package["CFDocument"], read_document(package) if raw else None)
    if raw and (revised or has_changed):
        raw["lastChangeDateTime"] = moment_text(revised or framework.imported_at)
    if version != framework.case_version or not raw:
        package = raised(package) if version == "1.1" else without_newer(package)
    package = {"CFDocument": shaped("CFDocument", package["CFDocument"], version)}
    complete(package, version, server, moment_text(framework.imported_at))
    return package["CFDocument"]
