from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from lpm.people.models import User
from lpm.people.services.operators import end_operator, make_operator


class Command(BaseCommand):
    help = "Let somebody who belongs to no organization open operator's sessions, or take that back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the name they sign in with")
        parser.add_argument("--end", action="store_true", help="they are no operator any more")

    def handle(self, *args: Any, username: str, end: bool, **options: Any) -> None:
        user = User.objects.named(username).filter(organization=None).first()
        if user is None:
            raise CommandError(
                _("Nobody who belongs to no organization signs in with this name. Operators have a second one.")
            )
        if end:
            end_operator(user=user)
        else:
            make_operator(user=user)
        self.stdout.write(_("It is done."))
