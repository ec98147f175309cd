"""``manage.py import_case PATH_OR_URL``: bring in a curriculum from a CASE package."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.imports import NO_RULES, CaseReport, import_case, read_rules
from curriculum.imports.reading import is_address, read_json
from lpm.lib.imports import ImportRefused, Problem
from lpm.lib.safe_fetch import NOWHERE, FetchRefused, fetch
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization

FETCHED_ALSO_FROM = NOWHERE  # hosts of private networks; only tests name some
FIRST_DISTRICT = gettext_lazy("My district")


class Command(BaseCommand):
    help = "Bring in a curriculum from a CASE package (JSON), all of it or nothing."
    _is_first = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH_OR_URL", help="the CASE package, a JSON file")
        parser.add_argument("--owner", metavar="UUID", help="whose it is; default: the only district")
        parser.add_argument(
            "--map", metavar="FILE", help="what sorts of items become: a JSON list of {type, depth, kind}"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._run(options["path"], options["owner"], options["map"], options["dry_run"])
        except ImportRefused as refused:
            if options["json"]:
                self._print_json(CaseReport(problems=refused.problems))
            raise CommandError("\n".join(problem.sentence for problem in refused.problems)) from None
        except (OperationalError, ProgrammingError) as error:
            sentence = _("The database is not ready: %(reason)s. Run manage.py migrate. Nothing was brought in.")
            raise CommandError(sentence % {"reason": str(error).partition("\n")[0]}) from None
        if self._is_first and report.applied:
            sentence = _("There was no organization yet: the curriculum belongs to a new district, “%(name)s”.")
            self.stderr.write(sentence % {"name": FIRST_DISTRICT})
        if options["json"]:
            self._print_json(report)
        else:
            self._print_table(report)

    def _run(self, path: str, owner: str | None, mapping: str | None, dry_run: bool) -> CaseReport:
        rules = read_rules(read_json(_content(Path(mapping)))) if mapping else NO_RULES
        data = _fetched(path) if is_address(path) else _content(Path(path))
        with transaction.atomic():
            report = import_case(data=data, owner=self._owner(owner), actor=None, rules=rules, dry_run=dry_run)
            if dry_run:
                transaction.set_rollback(True)  # of the district, if there was none
        return report

    def _owner(self, uuid: str | None) -> Organization:
        if uuid is not None:
            return _organization(uuid)
        districts = Organization.objects.filter(kind=OrganizationKind.DISTRICT).order_by("pk")[:2]
        if len(districts) == 1:
            return districts[0]
        if districts or Organization.objects.exists():
            raise _refused(
                "no_owner",
                _("Say whose curriculum this is (--owner and its UUID), or import a roster first."),
            )
        return self._first_district()

    def _first_district(self) -> Organization:
        self._is_first = True
        return create_organization(kind=OrganizationKind.DISTRICT, name=str(FIRST_DISTRICT), parent=None)

    def _print_json(self, report: CaseReport) -> None:
        self.stdout.write(json.dumps(report.as_json()))

    def _print_table(self, report: CaseReport) -> None:
        self.stdout.write(report.title)
        self.stdout.write(f"{'':16}{_('new'):>10}{_('changed'):>10}{_('the same'):>10}")
        for kind, counts in report.counts.items():
            name = kind.replace("_", " ")
            self.stdout.write(f"{name:16}{counts.add:>10}{counts.change:>10}{counts.same:>10}")
        for problem in report.problems:
            self.stdout.write(problem.sentence)
        self.stdout.write(_end(report))


def _end(report: CaseReport) -> str:
    if report.revision:
        return _("A revision with these changes is proposed: %(uuid)s.") % {"uuid": report.revision}
    if report.proposes:
        return _("This curriculum is in use: a revision with these changes would be proposed. Nothing was written.")
    return _("All of it was brought in.") if report.applied else _("Nothing was written.")


def _fetched(url: str) -> bytes:
    try:
        return fetch(url, most_bytes=settings.IMPORT_MAX_BYTES, also_allowed=FETCHED_ALSO_FROM).content
    except FetchRefused as refused:
        raise _refused(refused.code, str(refused)) from None


def _content(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(settings.IMPORT_MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused("no_file", _("There is no file %(path)s.") % {"path": path}) from None
    except IsADirectoryError:
        raise _refused("no_file", _("%(path)s is a folder, not a file.") % {"path": path}) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sentence = _("%(path)s cannot be read: %(reason)s.")
        raise _refused("no_file", sentence % {"path": path, "reason": reason}) from None


def _organization(uuid: str) -> Organization:
    try:
        return Organization.objects.get(uuid=UUID(uuid))
    except (ValueError, Organization.DoesNotExist):
        sentence = _("There is no organization with the UUID %(uuid)s.")
        raise _refused("no_owner", sentence % {"uuid": uuid}) from None


def _refused(code: str, sentence: str) -> ImportRefused:
    return ImportRefused(Problem(code, sentence))
