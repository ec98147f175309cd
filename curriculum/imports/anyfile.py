"""A curriculum from a file of any of the kinds that are understood, told apart by what the file is."""

from __future__ import annotations

from curriculum.imports.apply import CaseReport, import_case
from curriculum.imports.mapping import Rules
from curriculum.imports.sheet import is_sheet
from curriculum.imports.sheet_apply import import_sheet
from lpm.lib.imports import Progress, no_progress
from lpm.people.models import Organization, User


def import_curriculum(
    *,
    data: bytes,
    file_name: str,
    owner: Organization,
    actor: User | None,
    rules: Rules | None = None,
    dry_run: bool = False,
    on_progress: Progress = no_progress,
) -> CaseReport:
    """A spreadsheet (.csv, .xlsx) as ``import_sheet`` brings it in, all else as ``import_case`` does.

    ``rules`` are for CASE packages. Raises ImportRefused, with nothing written, and PermissionDenied.
    """
    if is_sheet(data, file_name):
        return import_sheet(
            data=data, file_name=file_name, owner=owner, actor=actor, dry_run=dry_run, on_progress=on_progress
        )
    return import_case(data=data, owner=owner, actor=actor, rules=rules, dry_run=dry_run, on_progress=on_progress)
