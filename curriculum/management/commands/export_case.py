"""``manage.py export_case IDENTIFIER``: write a curriculum as a CASE package."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from curriculum.exports import VERSIONS, export_package
from curriculum.models import Framework


class Command(BaseCommand):
    help = "Write a curriculum as a CASE package (JSON), with all that came in its file and all that was written here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", metavar="IDENTIFIER", help="of the framework: in CASE, or here")
        parser.add_argument("--version", choices=VERSIONS, default=None, help="default: the one it came with")
        parser.add_argument("--out", metavar="FILE", help="default: standard output")
        parser.add_argument("--owner", metavar="UUID", help="whose it is, where several have it")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Without Django's own --version."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        export = export_package(_framework(options["identifier"], options["owner"]), options["version"])
        self._tell_left_out(export.version, export.left_out)
        content = json.dumps(export.value, ensure_ascii=False, indent=2)
        if options["out"]:
            _write(Path(options["out"]), content)
        else:
            self.stdout.write(content)

    def _tell_left_out(self, version: str, left_out: Counter[str]) -> None:
        for what, count in sorted(left_out.items()):
            sentence = _("CASE %(version)s cannot say %(what)s: left out or made plainer %(count)d times.")
            self.stderr.write(sentence % {"version": version, "what": what, "count": count})


def _framework(identifier: str, owner: str | None) -> Framework:
    """The one that is meant; its own UUID here will do as well."""
    meant = Q(case_identifier=identifier)
    if (uuid := _uuid(identifier)) is not None:
        meant |= Q(uuid=uuid) | Q(case_identifier=str(uuid))
    found = list(Framework.objects.filter(meant).select_related("owner").order_by("pk"))
    if owner is not None:
        found = [framework for framework in found if str(framework.owner.uuid) == owner]
    if len(found) > 1:
        owners = ", ".join(str(framework.owner.uuid) for framework in found)
        raise CommandError(_("Several organizations have it. Say whose with --owner: %(owners)s") % {"owners": owners})
    if not found:
        raise CommandError(_("There is no curriculum with the identifier %(id)s.") % {"id": identifier})
    return found[0]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(f"{content}\n", encoding="utf-8")
    except OSError as error:
        sentence = _("%(path)s cannot be written: %(reason)s.")
        raise CommandError(sentence % {"path": path, "reason": error.strerror or error}) from None
