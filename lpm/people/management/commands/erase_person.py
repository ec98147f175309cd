from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.people.models import Student, User
from lpm.people.queries.person import find_person
from lpm.people.services.erasure import NoReason, PartOfAnother, StillHeld, erase_person, preview_erasure


class Command(BaseCommand):
    help = "Say what the erasure of a person would take away; with --erase, erase them for ever."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("uuid", type=UUID, help="of the student or of somebody with an account")
        parser.add_argument("--reason", default="", help="why; it is kept, so it names nobody")
        parser.add_argument("--erase", action="store_true", help="do it; it cannot be undone")

    def handle(self, *args: Any, uuid: UUID, reason: str, erase: bool, **options: Any) -> None:
        person = find_person(uuid, Student.objects.select_related("user", "district"), User.objects)
        if person is None:
            raise CommandError(_("There is nobody with this UUID."))
        for label, count in preview_erasure(person=person).counts.items():
            self.stdout.write(f"{label} {count}")
        if not erase:
            self.stdout.write(_("Nothing was changed. With --erase it goes, for ever."))
            return
        try:
            erase_person(person=person, actor=None, reason=reason, day=timezone.now().date())
        except NoReason:
            raise CommandError(_("Say why, with --reason.")) from None
        except PartOfAnother:
            raise CommandError(_("This record was merged into another. Erase that one.")) from None
        except StillHeld as held:
            raise CommandError(_("Nothing was erased: {models} hold on to it.").format(models=held)) from None
        self.stdout.write(_("It is done."))
