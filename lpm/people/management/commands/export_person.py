from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.people.exports.person import export_person
from lpm.people.models import Student, User
from lpm.people.queries.person import find_person
from lpm.people.services.privacy import note_export


class Command(BaseCommand):
    help = "Print everything that is kept about one person, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("uuid", type=UUID, help="of the student or of somebody with an account")

    def handle(self, *args: Any, uuid: UUID, **options: Any) -> None:
        person = find_person(uuid, Student.objects.select_related("user"), User.objects)
        if person is None:
            raise CommandError(_("There is nobody with this UUID."))
        now = timezone.now()
        note_export(person=person, actor=None, day=now.date())
        for piece in export_person(person=person, made_at=now):
            self.stdout.write(piece, ending="")
        self.stdout.write("")
