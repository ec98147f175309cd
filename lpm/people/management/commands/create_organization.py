from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from lpm.people.enums import OrganizationKind
from lpm.people.management.commands.grant_role import find_organization
from lpm.people.services import WrongParent, create_organization
from lpm.people.services.organizations import UnknownTimeZone


class Command(BaseCommand):
    help = "Make a consortium or a district, which no page does; or a school or a team below one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=OrganizationKind.values)
        parser.add_argument("name")
        parser.add_argument("--under", metavar="ORGANIZATION", help="its UUID, or its exact name when only one has it")
        parser.add_argument("--time-zone", help="such as America/New_York; default: that of the one above")
        parser.add_argument("--language", help="such as es; default: that of the one above")

    def handle(
        self,
        *args: Any,
        kind: str,
        name: str,
        under: str | None,
        time_zone: str | None,
        language: str | None,
        **options: Any,
    ) -> None:
        parent = find_organization(under) if under else None
        try:
            made = create_organization(
                kind=OrganizationKind(kind), name=name, parent=parent, time_zone=time_zone, language=language
            )
        except WrongParent as wrong:
            sentence = _(
                "A team belongs to a school, a school to a district, a district to a consortium or to nothing."
            )
            raise CommandError(sentence) from wrong
        except UnknownTimeZone as unknown:
            raise CommandError(_("There is no time zone of this name.")) from unknown
        self.stdout.write(str(made.uuid))
