"""``manage.py import_prerequisites FILE``: what comes before what, from a public graph of standards."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.imports.prerequisites import PrerequisiteReport, choose_framework, import_prerequisites
from lpm.lib.dates import school_day
from lpm.lib.imports import ImportRefused, refusal


class Command(BaseCommand):
    help = "Bring in what comes before what, joined by code with the targets of a curriculum."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="FILE", help="a coherence map, or a graph of nodes and links (JSON)")
        parser.add_argument("--framework", metavar="IDENTIFIER", help="which curriculum; default: the only one")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            framework = choose_framework(options["framework"])
            report = import_prerequisites(
                data=_content(Path(options["path"])),
                framework=framework,
                actor=None,
                day=school_day(framework.owner.time_zone),
                dry_run=options["dry_run"],
            )
        except ImportRefused as refused:
            if options["json"]:
                self.stdout.write(json.dumps(PrerequisiteReport(problems=refused.problems).as_json()))
            raise CommandError("\n".join(problem.sentence for problem in refused.problems)) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self.stdout.write("\n".join(_told(report)))


def _told(report: PrerequisiteReport) -> list[str]:
    counts = report.counts["prerequisites"]
    facts = {"add": counts.add, "same": counts.same, "undirected": report.undirected}
    lines = [
        report.title,
        _("Steps: %(add)d new, %(same)d there already.") % facts,
        _("Links without an order, left out: %(undirected)d.") % facts,
    ]
    if report.unjoined_count:
        sentence = ngettext(
            "%(count)d code is no target's here (%(steps)d steps left out): %(names)s%(more)s",
            "%(count)d codes are no target's here (%(steps)d steps left out): %(names)s%(more)s",
            report.unjoined_count,
        )
        more = ", …" if report.unjoined_count > len(report.unjoined) else ""
        facts_of = {"count": report.unjoined_count, "steps": report.steps_unjoined, "more": more}
        lines.append(sentence % {**facts_of, "names": ", ".join(report.unjoined)})
    lines += [_("Left out, for it would close a circle: %(step)s.") % {"step": step} for step in report.circles]
    return [*lines, _end(report)]


def _end(report: PrerequisiteReport) -> str:
    if report.revision:
        return _("They wait in the revision %(uuid)s, to be published.") % {"uuid": report.revision}
    return _("All of it was brought in.") if report.applied else _("Nothing was written.")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(settings.IMPORT_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise refusal("no_file", _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": reason}) from None
    if len(data) > settings.IMPORT_MAX_BYTES:
        raise refusal("too_large", _("This file is too large. Nothing was brought in."))
    return data
