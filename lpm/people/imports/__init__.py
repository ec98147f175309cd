"""Files brought into the app "people"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from lpm.lib.imports import Findings, ImportRefused, Progress, Report, no_progress
from lpm.people.imports.apply import Order, apply_roster
from lpm.people.imports.bundle import Bundle
from lpm.people.imports.oneroster import read_roster
from lpm.people.imports.roster import Roster
from lpm.people.models import Organization, User
from lpm.people.services import check_may_bring_in

__all__ = ["import_roster"]


def import_roster(
    *,
    files: Mapping[str, bytes],
    organization: Organization | None,
    actor: User | None,
    day: date,
    dry_run: bool = False,
    allow_ends: bool = False,
    on_progress: Progress = no_progress,
) -> Report:
    """Bring in a OneRoster CSV bundle (name → bytes): complete files (bulk), and changes (delta).

    ``organization`` receives the roster: the district, as a rule; None finds the one it was brought into before, or
    makes a district. Rows with a problem, and those that depend on them, are left out and stay as they are; what
    complete files no longer hold ends on the day before ``day``. A dry run changes nothing and returns the report
    with every problem. Otherwise raises ImportRefused when there is a problem that refuses: a file that cannot be
    read, more than a tenth of its rows left out, or (``too_many_ends``) more than a tenth of the people or of the
    places in classes that would end, unless ``allow_ends``. ``on_progress`` is called inside the transaction. Raises
    PermissionDenied, in a dry run too.
    """
    check_may_bring_in(organization=organization, actor=actor, day=day)
    notes = Findings()
    read = read_roster(files, day, notes)
    report = Report(title=_title(read[1]) if read else "OneRoster")
    on_progress(25)
    if read and not read[0].manifest.names:
        notes.warn("nothing_sent", _("The manifest says that nothing was sent: nothing changes."), "manifest.csv")
    elif read and not notes.are_refusing:
        _apply(*read, Order(organization, actor, day, dry_run, allow_ends), notes, report, on_progress)
    report.problems, report.left_out = notes.listed(), notes.left_out
    if report.is_refused:
        report.counts = {}
    if report.is_refused and not dry_run:
        raise ImportRefused(*report.problems)
    report.applied = not dry_run
    on_progress(100)
    return report


def _title(roster: Roster) -> str:
    return _("OneRoster {version} from {name}").format(version=roster.version, name=roster.system_name)


def _apply(
    bundle: Bundle, roster: Roster, order: Order, notes: Findings, report: Report, on_progress: Progress
) -> None:
    """In one transaction, which a dry run and a refusal roll back."""
    try:
        with transaction.atomic():
            apply_roster(bundle=bundle, roster=roster, order=order, notes=notes, report=report, on_progress=on_progress)
            if order.is_dry:
                transaction.set_rollback(True)
    except ImportRefused as refusal:
        for problem in refusal.problems if not notes.are_refusing else []:
            notes.add(problem)
    except (IntegrityError, DataError) as error:
        rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)  # never the row: it has names
        notes.refuse("not_stored", _("The database does not accept it: {rule}.").format(rule=rule or "?"))
