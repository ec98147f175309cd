from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.lib.codes import digest, new_code
from lpm.lib.dates import school_day
from lpm.people.enums import BadgePurpose
from lpm.people.models import Badge, Group, Student, User
from lpm.people.policy import Action
from lpm.people.queries.sign_in import badge_is_good, badges_allowed, end_of_school_year
from lpm.people.querysets import StudentQuerySet

CODE_LENGTH = 32  # 160 bits
LASTS = timedelta(days=300)  # where nobody has entered a school year


class BadgesNotAllowed(Exception):
    """The school lets nobody in by a badge."""


class BadgeNotGood(Exception):
    """No student comes in with this code: it was replaced or revoked, is over, or never was."""


@dataclass(frozen=True)
class NewBadge:
    """A badge to print, with the name that whoever prints it knows the student by.

    ``code`` is kept nowhere and cannot be printed again.
    """

    student: Student
    user: User
    code: str
    expires_on: date


@transaction.atomic
def make_badges(*, group: Group, student_uuids: Collection[UUID], actor: User, day: date) -> list[NewBadge]:
    """A new badge for each of the students of the group who can sign in; it takes the place of the one before.

    Raises PermissionDenied, BadgesNotAllowed.
    """
    _check_manages(group, actor, day)
    if not badges_allowed(group.school_id, day):
        raise BadgesNotAllowed
    students = list(_students(group, student_uuids, day).named_for(actor).select_related("user"))
    _revoke([student.user_id for student in students if student.user_id])
    expires_on = end_of_school_year(group.school_id, day) or day + LASTS
    made = [NewBadge(student, student.user, new_code(CODE_LENGTH), expires_on) for student in students if student.user]
    Badge.objects.bulk_create(
        Badge(user=badge.user, digest=digest(badge.code), made_by=actor, expires_on=expires_on) for badge in made
    )
    _record("people.make_badges", group, actor, len(made))
    return made


@transaction.atomic
def revoke_badges(*, group: Group, student_uuids: Collection[UUID], actor: User, day: date) -> int:
    """The badges of the students open nothing any more, nor do sessions begun with them; how many there were.

    Raises PermissionDenied.
    """
    _check_manages(group, actor, day)
    users = _students(group, student_uuids, day).values_list("user_id", flat=True)
    count = _revoke(list(users))
    _record("people.revoke_badges", group, actor, count)
    return count


@transaction.atomic
def take_badge(*, code: str) -> Badge:
    """The badge with ``code``, of somebody it lets in today. Raises BadgeNotGood."""
    named = Badge.objects.filter(digest=digest(code), purpose=BadgePurpose.SIGN_IN)
    badges = named.filter(user__is_active=True, user__student__isnull=False)
    badge = (
        badges.filter(user__student__merged_into=None)
        .select_related("user__organization", "user__student__school")
        .first()
    )
    if badge is None:
        raise BadgeNotGood
    student = badge.user.student
    day = school_day(student.school.time_zone)
    has_left = student.left_on is not None and student.left_on < day
    is_good = badge.revoked_at is None and badge.expires_on >= day
    if has_left or not is_good or not badges_allowed(student.school_id, day):
        raise BadgeNotGood
    record_entry(
        actor_id=badge.user_id,
        action="people.sign_in_by_badge",
        subject_uuid=badge.user.uuid,
        district_id=badge.user.district_id,
    )
    return badge


def _check_manages(group: Group, actor: User, day: date) -> None:
    if not Group.objects.visible_to(actor, Action.MANAGE_GROUP, day).filter(pk=group.pk).exists():
        raise PermissionDenied


def _students(group: Group, uuids: Collection[UUID], day: date) -> StudentQuerySet[Student]:
    enrolled = Student.objects.enrolled_in(group.pk, day).unmerged()
    return enrolled.filter(uuid__in=list(uuids), user__is_active=True).by_name()


def _revoke(user_ids: list[int]) -> int:
    good = Badge.objects.filter(badge_is_good(date.min), user__in=user_ids)
    return good.update(revoked_at=timezone.now())


def _record(action: str, group: Group, actor: User, count: int) -> None:
    record_entry(actor_id=actor.pk, action=action, subject_uuid=group.uuid, district_id=group.district_id, count=count)
