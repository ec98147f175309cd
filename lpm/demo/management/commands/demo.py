from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lpm.demo.services import PEOPLE, build_school
from lpm.people.models import Organization, User


class Command(BaseCommand):
    help = "Make the small demo school in an empty database, or list the people to try it as."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is data already")
        parser.add_argument("--people", action="store_true", help="only list the people to sign in as")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo school is made in demo mode only (LPM_MODE=demo).")
        if options["people"]:
            self._list_people()
        elif not Organization.objects.exists():
            build_school()
            self.stdout.write("The demo school is ready.")
        elif not options["if_empty"]:
            raise CommandError("There is data already. The demo school is made in an empty database only.")

    def _list_people(self) -> None:
        names = {user.username: user.name for user in User.objects.exclude(demo_caption="")}
        for person in PEOPLE:
            if person.username in names:
                self.stdout.write(f"  {names[person.username]}: {person.caption}")
