"""Somebody leaves the staff: what they have in hand goes to others, and their account closes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.people.enums import CaseloadKind, Role, StaffRole
from lpm.people.models import Caseload, Group, Staffing, Student, User
from lpm.people.policy import Action
from lpm.people.queries.year import Hands, goes_on, read_hands, staff_of, still_needed
from lpm.people.services.roles import check_others_administer, check_rank
from lpm.people.services.users import close_account
from lpm.people.signals import staff_leaving

AHEAD = timedelta(days=366)


class CannotHandOver(Exception):
    """Nothing was handed over. The text is a sentence for the person."""


@dataclass(frozen=True)
class HandedOver:
    """How many rows ended, and how many began for others. ``is_closed``: the account is closed already."""

    groups: int
    groups_given: int
    caseloads: int
    caseloads_given: int
    grants: int
    is_closed: bool


@transaction.atomic
def hand_over_staff(
    *,
    user: User,
    last_day: date,
    successors: Mapping[UUID, User],
    caseload_successors: Mapping[str, User],
    overlaps: bool,
    actor: User,
    day: date,
) -> HandedOver:
    """``user`` leaves after ``last_day``, which may lie up to a year ahead.

    ``successors`` names who takes a group (by the uuid of the staffing), ``caseload_successors`` who takes the
    students of a kind of caseload; what nobody takes ends. Successors begin on the day after, or today when it
    ``overlaps``. The account closes after the last day, unless they need it as a guardian or student. What they
    recorded, and what they made for others, stays. Raises PermissionDenied, AboveActor, LastAdministrator, and
    CannotHandOver.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    hands = read_hands(user, day)
    _check_may(user, hands, last_day, actor, day)
    _check_successors(user, hands, [*successors.values(), *caseload_successors.values()], day)
    first_day = day if overlaps else last_day + timedelta(days=1)
    given = _give_groups(hands, successors, first_day, actor, day)
    taken = _give_caseloads(hands, caseload_successors, first_day, actor, day)
    ended = {
        "groups": user.staffing.filter(goes_on(last_day)).update(ends_on=last_day),
        "caseloads": user.caseload.filter(goes_on(last_day)).update(ends_on=last_day),
        "grants": user.grants.filter(goes_on(last_day)).update(ends_on=last_day),
    }
    staff_leaving.send(sender=User, user=user, last_day=last_day, successors=given)
    counts = {**ended, "groups_given": len(given), "caseloads_given": taken}
    user.closes_on = None if hands.is_family else last_day
    user.save(update_fields=["closes_on"])
    _record("people.hand_over_staff", user, actor, last_day=last_day.isoformat(), **counts)
    is_closed = last_day < day and not hands.is_family
    if is_closed:
        _close(user, actor, day)
    return HandedOver(**counts, is_closed=is_closed)


def _record(action: str, user: User, actor: User | None, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=user.uuid,
        district_id=user.district_id,
        **details,
    )


def _check_may(user: User, hands: Hands, last_day: date, actor: User, day: date) -> None:
    check_rank(user=user, actor=actor, day=day)
    if user.pk == actor.pk:
        raise CannotHandOver(_("Ask somebody else to do this for you: your account would close while you work."))
    if not day - AHEAD <= last_day <= day + AHEAD:
        raise CannotHandOver(_("The last day is too far from today."))
    administering = [grant for grant in hands.grants if grant.role == Role.ADMINISTRATOR]
    check_others_administer(administering, last_day + timedelta(days=1))


def _check_successors(user: User, hands: Hands, successors: Iterable[User], day: date) -> None:
    wanted = {successor.pk for successor in successors}
    if wanted - set(candidates(user, hands, day).values_list("pk", flat=True)):
        raise CannotHandOver(_("Choose somebody who works at the school."))


def candidates(user: User, hands: Hands, day: date) -> Any:
    """Who may take over: the staff of the schools where ``user`` has groups or students, or belongs."""
    schools = {staffing.group.school_id for staffing in hands.staffing}
    schools |= {caseload.student.school_id for caseload in hands.caseloads}
    return staff_of(schools | {user.organization_id or 0}, besides=user, day=day)


def groups_to_give(hands: Hands, actor: User, day: date) -> set[int]:
    """The groups among them that the actor may give to somebody else; those of other schools are not."""
    groups = Group.objects.filter(pk__in=[staffing.group_id for staffing in hands.staffing])
    return set(groups.visible_to(actor, Action.MANAGE_GROUP, day).values_list("pk", flat=True))


def students_to_give(hands: Hands, actor: User, day: date) -> set[int]:
    students = Student.objects.filter(pk__in=[caseload.student_id for caseload in hands.caseloads])
    return set(students.visible_to(actor, Action.MANAGE_STUDENT, day).values_list("pk", flat=True))


def _give_groups(
    hands: Hands, successors: Mapping[UUID, User], first_day: date, actor: User, day: date
) -> dict[int, int]:
    """Returns group → successor, for all that have one; whoever leads the group already goes on as they are."""
    asked = [staffing for staffing in hands.staffing if staffing.uuid in successors]
    if {staffing.group_id for staffing in asked} - groups_to_give(hands, actor, day):
        raise PermissionDenied
    groups = [staffing.group_id for staffing in asked]
    leading = Staffing.objects.filter(goes_on(first_day - timedelta(days=1)), group__in=groups)
    known = set(leading.exclude(role=StaffRole.SUBSTITUTE).values_list("group_id", "user_id"))
    given = {staffing.group_id: successors[staffing.uuid].pk for staffing in asked}
    rows = [
        Staffing(
            group_id=staffing.group_id,
            user=successors[staffing.uuid],
            role=staffing.role,
            starts_on=_later(first_day, staffing.starts_on),
            ends_on=staffing.ends_on,
        )
        for staffing in asked
        if (staffing.group_id, successors[staffing.uuid].pk) not in known and _lasts_until(staffing.ends_on, first_day)
    ]
    Staffing.objects.bulk_create(rows)
    return given


def _lasts_until(ends_on: date | None, day: date) -> bool:
    return ends_on is None or ends_on >= day


def _later(day: date, other: date | None) -> date:
    return max(day, other) if other else day


def _give_caseloads(hands: Hands, successors: Mapping[str, User], first_day: date, actor: User, day: date) -> int:
    """A new caseload for each student whose caseload of a kind somebody takes over."""
    asked = [caseload for caseload in hands.caseloads if caseload.kind in successors]
    if any(successors[caseload.kind].district_id != caseload.district_id for caseload in asked):
        raise CannotHandOver(_("Students go only to somebody who belongs to their district."))
    may = students_to_give(hands, actor, day)
    have = set(
        Caseload.objects.filter(goes_on(first_day), manager__in=successors.values()).values_list(
            "student_id", "manager_id", "kind"
        )
    )
    rows = [
        Caseload(
            district_id=caseload.district_id,
            manager=successors[caseload.kind],
            student_id=caseload.student_id,
            kind=caseload.kind,
            scope=caseload.scope,
            starts_on=_later(first_day, caseload.starts_on),
            ends_on=caseload.ends_on,
        )
        for caseload in asked
        if caseload.student_id in may
        and (caseload.student_id, successors[caseload.kind].pk, caseload.kind) not in have
        and _lasts_until(caseload.ends_on, first_day)
    ]
    Caseload.objects.bulk_create(rows)
    return len(rows)


def caseload_kinds(hands: Hands) -> list[tuple[CaseloadKind, int]]:
    """The kinds of caseload that somebody has, with how many students."""
    kinds = [caseload.kind for caseload in hands.caseloads]
    return [(kind, kinds.count(kind)) for kind in CaseloadKind if kind in kinds]


@transaction.atomic
def _close(user: User, actor: User | None, day: date) -> None:
    """And where they are signed in, they no longer are."""
    close_account(user=user, actor=actor, day=day)
    for session in UserSession.objects.filter(user=user):
        session.end()


def close_leavers() -> int:
    """Close the accounts of those whose last day is over where they belong, by the clock there. Returns how many.

    Whoever was given something since, or is a guardian now, keeps the account for as long as that lasts.
    """
    latest = timezone.now().date() + timedelta(days=1)  # it is nowhere later
    leaving = User.objects.filter(is_active=True, closes_on__lt=latest).select_related("organization")
    by_day: dict[date, list[User]] = defaultdict(list)
    for user in leaving.order_by("pk"):
        day = school_day(user.organization.time_zone if user.organization else "UTC")
        if user.closes_on and user.closes_on < day:
            by_day[day].append(user)
    return sum(_close_unneeded(users, day) for day, users in by_day.items())


def _close_unneeded(users: list[User], day: date) -> int:
    needed = still_needed([user.pk for user in users], day)
    closing = [user for user in users if user.pk not in needed]
    for user in closing:
        _close(user, None, day)
    return len(closing)
