from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.dates import school_day
from lpm.lib.files import open_bundle
from lpm.lib.imports import ImportRefused, Problem, Report
from lpm.people.imports import import_roster
from lpm.people.models import Organization

KINDS = {
    "organizations": gettext_lazy("Districts, schools, teams"),
    "school_years": gettext_lazy("School years"),
    "terms": gettext_lazy("Terms"),
    "groups": gettext_lazy("Classes"),
    "users": gettext_lazy("People"),
    "students": gettext_lazy("Students"),
    "guardianships": gettext_lazy("Guardians of students"),
    "staffing": gettext_lazy("Teachers in classes"),
    "enrollments": gettext_lazy("Students in classes"),
}


class Command(BaseCommand):
    help = "Bring in people and classes from a OneRoster CSV bundle, complete (bulk) or changes (delta)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="the folder or .zip with manifest.csv")
        parser.add_argument("--org", metavar="UUID", help="the organization (as a rule the district) it is for")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--allow-deactivate", action="store_true", help="also when more than a tenth of the people or places end"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, *args: Any, path: str, org: str | None, **options: Any) -> None:
        try:
            report = _import(path, org, options["dry_run"], options["allow_deactivate"])
        except ImportRefused as refusal:
            report = Report(title="OneRoster", problems=refusal.problems)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        elif not report.is_refused:
            self._print(report)
        if report.is_refused:
            self._complain(report)
        if report.is_refused or report.asks:
            raise SystemExit(1)

    def _print(self, report: Report) -> None:
        self.stdout.write(report.title)
        self.stdout.write(f"{'':28}{_('new'):>8}{_('changed'):>9}{_('same'):>8}{_('ended'):>8}")
        for kind, c in report.counts.items():
            self.stdout.write(f"{KINDS[kind]!s:28}{c.add:>8}{c.change:>9}{c.same:>8}{c.end:>8}")
        for problem in report.problems:
            self.stdout.write(_told(problem))
        self.stdout.write(_outcome(report))

    def _complain(self, report: Report) -> None:
        self.stderr.write(_("Nothing was brought in."))
        for problem in report.problems:
            self.stderr.write(_placed(problem) if problem.leaves_out else _told(problem))


def _outcome(report: Report) -> str:
    if not report.applied:
        return _("Nothing was changed: a dry run.")
    if any(problem.leaves_out for problem in report.problems):
        return _("Everything else is brought in.")
    return _("Everything is brought in.")


def _import(path: str, org: str | None, dry_run: bool, allow_ends: bool) -> Report:
    files = open_bundle(path)
    organization = _organization(org) if org else None
    day = school_day((organization or Organization()).time_zone)
    return import_roster(
        files=files, organization=organization, actor=None, day=day, dry_run=dry_run, allow_ends=allow_ends
    )


def _organization(org: str) -> Organization:
    try:
        return Organization.objects.get(uuid=UUID(org))
    except ValueError:
        sentence = _("--org must be the UUID of an organization.")
    except Organization.DoesNotExist:
        sentence = _("There is no organization with the UUID given as --org.")
    raise ImportRefused(Problem("organization_unknown", sentence))


def _placed(problem: Problem) -> str:
    """One line: where, and what."""
    line = _("line {line}").format(line=problem.line) if problem.line else ""
    where = ", ".join(filter(None, [problem.file, line, problem.column]))
    return f"{where}: {problem.sentence}" if where else problem.sentence


def _told(problem: Problem) -> str:
    """The same, and whether it is only a row that is left out, or only a warning."""
    if problem.leaves_out:
        return _("Left out: {problem}").format(problem=_placed(problem))
    return _placed(problem) if problem.refuses else _("Note: {problem}").format(problem=_placed(problem))
