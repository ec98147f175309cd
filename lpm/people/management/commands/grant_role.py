from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lpm.lib.dates import school_day
from lpm.people.enums import Role
from lpm.people.models import Organization, User
from lpm.people.services import WrongDates, grant_role


class Command(BaseCommand):
    help = "Give somebody a role over an organization and everything under it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the name they sign in with")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("organization", help="its UUID, or its exact name when only one has it")
        parser.add_argument("--from", dest="starts_on", type=day, metavar="DATE", help="default: today")
        parser.add_argument("--until", dest="ends_on", type=day, metavar="DATE", help="the last day")

    def handle(
        self,
        *args: Any,
        username: str,
        role: str,
        organization: str,
        starts_on: date | None,
        ends_on: date | None,
        **options: Any,
    ) -> None:
        user, over = _user(username), find_organization(organization)
        first_day = starts_on or school_day(over.time_zone)
        try:
            grant_role(user=user, organization=over, role=Role(role), starts_on=first_day, ends_on=ends_on)
        except WrongDates as wrong:
            raise CommandError(_("The last day lies before the first.")) from wrong
        self.stdout.write(_("It is done: {role} of {organization}.").format(role=Role(role).label, organization=over))


def day(text: str) -> date:
    """Argparse puts the name of this function into its complaint."""
    return date.fromisoformat(text)


def _user(username: str) -> User:
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        raise CommandError(_("Nobody signs in with this name.")) from None


def find_organization(text: str) -> Organization:
    """Raises CommandError unless there is exactly one; of several, it says how to tell them apart."""
    found = list(Organization.objects.filter(uuid=wanted) if (wanted := _uuid(text)) else _named(text))
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(_("There is no organization with this UUID or name."))
    lines = [f"{one.uuid}  {one.get_kind_display()}, {one.parent or '–'}" for one in found]
    raise CommandError("\n".join([_("Several organizations have this name. Give the UUID of one:"), *lines]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(name: str) -> QuerySet[Organization]:
    return Organization.objects.filter(name=name).select_related("parent").order_by("pk")
