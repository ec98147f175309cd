"""The words of a framework in its CFDocument. No database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curriculum.enums import FrameworkStatus
from curriculum.exports.written import ADOPTION, document_object, put
from curriculum.imports.package import CaseDocument
from curriculum.imports.reading import words
from curriculum.models import Framework


def lay_document(framework: Framework, raw: dict[str, Any], read: CaseDocument | None) -> bool:
    """Change in ``raw`` what is not as it was read any more, or write it anew where nothing was; whether it did."""
    before = dict(raw)
    if read is None:
        raw.update(document_object(framework))
        return True
    for name in ("title", "creator", "version"):
        if getattr(framework, name) != getattr(read, name):
            put(raw, **{name: getattr(framework, name)})
    if framework.language != (read.language or "en"):
        put(raw, language=framework.language)
    if framework.notes != read.notes:
        put(raw, **_notes(raw, framework.notes))
    if framework.status == FrameworkStatus.RETIRED:
        raw["adoptionStatus"] = ADOPTION[FrameworkStatus.RETIRED]
    return raw != before


def _notes(raw: Mapping[str, Any], notes: str) -> dict[str, str]:
    """The description stays where the notes still begin with it."""
    description = words(raw.get("description"))
    if description and notes == description:
        return {"notes": ""}
    if description and notes.startswith(f"{description}\n\n"):
        return {"notes": notes.removeprefix(f"{description}\n\n")}
    return {"description": "", "notes": notes}
