from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from lpm.lib.dates import school_day
from lpm.people.exports.oneroster import VERSIONS, export_roster
from lpm.people.models import Organization


class Command(BaseCommand):
    help = "Write the people and classes of an organization as a OneRoster bundle (.zip), as they stand today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the .zip to write")
        parser.add_argument("--org", type=UUID, required=True, help="the organization, by its identifier")
        parser.add_argument("--oneroster", choices=VERSIONS, default="1.2", help="version of OneRoster (1.2)")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(uuid=options["org"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['org']}.")
        day = school_day(organization.time_zone)
        try:
            with options["path"].open("xb") as file:
                export_roster(organization=organization, version=options["oneroster"], day=day, actor=None, to=file)
        except OSError as error:
            raise CommandError(f"{options['path']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Written: {options['path']}")
