"""Start letters: which of them let somebody set a password, and who can be given one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from lpm.lib.codes import digest
from lpm.lib.dates import school_day
from lpm.people.enums import BadgePurpose
from lpm.people.models import Badge, Caseload, Guardianship, RoleGrant, Staffing, Student, User


def letter_is_good(day: date) -> Q:
    return Q(purpose=BadgePurpose.START, used_at=None, revoked_at=None, expires_on__gte=day)


def can_begin(day: date) -> Q:
    """Of users: the account is open, and a student has neither left nor been merged into somebody else."""
    is_here = Q(student__left_on=None) | Q(student__left_on__gte=day)
    return Q(is_active=True) & (Q(student=None) | Q(student__merged_into=None) & is_here)


def find_letter(*, code: str = "", uuid: str | UUID | None = None) -> Badge | None:
    """The start letter that lets its owner set a password, as of today where they belong."""
    named = Q(uuid=uuid) if uuid else Q(digest=digest(code))
    letter = Badge.objects.filter(named).select_related("user__organization", "user__student").first()
    if letter is None:
        return None
    day = school_day(letter.user.organization.time_zone if letter.user.organization else "UTC")
    good = Badge.objects.filter(letter_is_good(day), pk=letter.pk)
    opens = good.exists() and User.objects.filter(can_begin(day), pk=letter.user_id).exists()
    return letter if opens else None


def with_duties(user_ids: Collection[int]) -> set[int]:
    """Those among them through whose account one sees more than a student's own pages, now or ever."""
    me = OuterRef("pk")
    duties = (
        Exists(RoleGrant.objects.filter(user=me))
        | Exists(Staffing.objects.filter(user=me))
        | Exists(Caseload.objects.filter(manager=me))
        | Exists(Guardianship.objects.filter(guardian=me))
    )
    users = User.objects.filter(Q(is_operator=True) | duties, pk__in=user_ids)
    return set(users.values_list("pk", flat=True))


class Standing(StrEnum):
    NO_ACCOUNT = "no account"
    WORKS = "works"  # or is a guardian: somebody who manages staff sees to them
    CAN_SIGN_IN = "can sign in"
    HAS_LETTER = "has a letter"
    NEW = "new"


@dataclass(frozen=True)
class StartRow:
    """A student of a list; ``expires_on`` of the letter that they have."""

    student: Any
    standing: Standing
    expires_on: date | None

    @property
    def can_have(self) -> bool:
        return self.standing not in (Standing.NO_ACCOUNT, Standing.WORKS)


def start_rows(students: Iterable[Student], day: date) -> list[StartRow]:
    """``students`` come with their users. In 2 queries more."""
    listed = list(students)
    users = [student.user_id for student in listed if student.user_id]
    working = with_duties(users)
    letters = dict(Badge.objects.filter(letter_is_good(day), user__in=users).values_list("user_id", "expires_on"))
    return [
        StartRow(student, _standing(student, working, letters), letters.get(student.user_id or 0)) for student in listed
    ]


def _standing(student: Student, working: set[int], letters: dict[int, date]) -> Standing:
    user = student.user
    if user is None or not user.is_active:
        return Standing.NO_ACCOUNT
    if user.pk in working:
        return Standing.WORKS
    if user.pk in letters:
        return Standing.HAS_LETTER
    return Standing.CAN_SIGN_IN if user.has_usable_password() else Standing.NEW
