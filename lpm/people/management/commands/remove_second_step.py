from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lpm.lib.dates import school_day
from lpm.people.models import User
from lpm.people.services.sign_in import remove_second_step


class Command(BaseCommand):
    help = "Take away the second step of somebody who lost it, and their spare codes; they set up another."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", type=UUID, help="their UUID, as in the address of their page")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(uuid=options["person"]).first()
        if person is None:
            raise CommandError(_("There is nobody of this UUID."))
        count = remove_second_step(person=person, actor=None, day=school_day("UTC"))
        self.stdout.write(_("Keys removed: {count}.").format(count=count))
