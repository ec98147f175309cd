from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lpm.demo.services import PEOPLE, build_district
from lpm.people.models import Organization, User


class Command(BaseCommand):
    help = "Make the demonstration district in an empty database, or list the people to try it as."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is data already")
        parser.add_argument("--people", action="store_true", help="only list the people to sign in as")
        size = int(os.environ.get("LPM_DEMO_STUDENTS") or 600)
        parser.add_argument("--students", type=int, default=size, help=f"how many are at school now ({size})")
        parser.add_argument("--years", type=int, default=2, help="school years, with the one under way (2)")
        parser.add_argument("--seed", default="tide", help="another word makes another district (tide)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration is made in demo mode only (LPM_MODE=demo).")
        if options["people"]:
            self._list_people()
        elif not Organization.objects.exists():
            self._build(options["students"], options["years"], options["seed"])
        elif not options["if_empty"]:
            raise CommandError("There is data already. The demonstration is made in an empty database only.")

    def _build(self, students: int, years: int, seed: str) -> None:
        self._say(f"Making the demonstration district: {students} students, {years} years")
        began = time.monotonic()
        try:
            build_district(students=students, years=years, seed=seed, say=self._say)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self._say(f"Penobscot Bay Schools are ready, after {time.monotonic() - began:.0f} seconds.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _list_people(self) -> None:
        names = {user.username: user.name for user in User.objects.exclude(demo_caption="")}
        for person in PEOPLE:
            if person.username in names:
                self.stdout.write(f"  {names[person.username]}: {person.caption}")
