from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from lpm.lib.dates import school_day
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, Student, User
from lpm.people.queries.privacy import find_expired
from lpm.people.services.erasure import erase_person

REASON = "The time for which records are kept is over."


class Command(BaseCommand):
    help = "List the students who left longer ago than their school keeps records; with --erase, erase them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only list; that is also what happens without --erase"
        )
        parser.add_argument("--erase", action="store_true", help="erase those listed; needs --actor")
        parser.add_argument("--actor", help="the username of the privacy officer in whose name it is done")

    def handle(self, *args: Any, dry_run: bool, erase: bool, actor: str | None, **options: Any) -> None:
        officer = _officer(actor) if erase and not dry_run else None
        expired = [student for place in _schools() for student in find_expired([place], school_day(place.time_zone))]
        for student in expired:
            self.stdout.write(str(student.uuid))
            if officer is not None:
                _erase(student, officer)
        said = _("{count} erased.") if officer is not None else _("{count} found, nothing changed.")
        self.stdout.write(said.format(count=len(expired)))


def _schools() -> list[Organization]:
    return list(Organization.objects.filter(kind=OrganizationKind.SCHOOL).order_by("pk"))


def _officer(username: str | None) -> User:
    found = list(User.objects.named(username)[:2]) if username else []
    if len(found) != 1:
        raise CommandError(_("Say in whose name, with --actor and the username of a privacy officer."))
    return found[0]


def _erase(student: Student, officer: User) -> None:
    """Each on its own: one that cannot go does not keep the others."""
    try:
        erase_person(person=student, actor=officer, reason=REASON, day=school_day(student.district.time_zone))
    except PermissionDenied:
        raise CommandError(_("This person may not erase anybody there.")) from None
