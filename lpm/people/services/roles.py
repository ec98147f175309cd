from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from lpm.audit.services import record_entry
from lpm.people.access import in_force
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Caseload, Guardianship, Organization, RoleGrant, Staffing, User, district_id_of
from lpm.people.policy import POLICY, Action, Relation
from lpm.people.services.organizations import check_allowed


class WrongDates(Exception):
    """The last day lies before the first."""


class TooLate(Exception):
    """The day is over: what the role let somebody do on it has been done."""


class AlreadyHeld(Exception):
    """The person holds this role there on some of these days."""


class AlreadyEnded(Exception):
    """A role that is over stays so, and does not get longer; it can be given again."""


class LastAdministrator(Exception):
    """A district would have nobody left who can give roles in it."""


class AboveActor(Exception):
    """The person holds a role that whoever changes their account may not give, or sees students whom they do not."""


@transaction.atomic
def grant_role(
    *,
    user: User,
    organization: Organization,
    role: Role,
    starts_on: date,
    ends_on: date | None = None,
    actor: User | None = None,
    day: date | None = None,
) -> RoleGrant:
    """Give ``role`` over ``organization`` and everything under it, both days included.

    ``day`` is when ``actor`` asks. Raises WrongDates; for an actor TooLate and AlreadyHeld, which the shell may.
    """
    if ends_on and ends_on < starts_on:
        raise WrongDates(f"{ends_on} lies before {starts_on}.")
    check_allowed(organization=organization, action=Action.GRANT_ROLE, actor=actor, day=day)
    if actor is not None and day is not None:
        _check_person(user, Action.GRANT_ROLE, actor, day)
        _check_new(user, organization, role, starts_on, ends_on, day)
    grant = RoleGrant.objects.create(
        user=user, organization=organization, role=role, starts_on=starts_on, ends_on=ends_on
    )
    note_stay(user, ends_on)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.grant_role",
        subject_uuid=user.uuid,
        district_id=district_id_of(organization),
        role=role,
        organization=str(organization.uuid),
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    return grant


def note_stay(user: User, ends_on: date | None) -> None:
    """Somebody who was to leave was given something without an end, and stays; until ``ends_on`` they stay anyway."""
    if ends_on is None:
        User.objects.filter(pk=user.pk, closes_on__isnull=False).update(closes_on=None)


def _check_person(user: User, action: Action, actor: User, day: date) -> None:
    if not User.objects.visible_to(actor, action, day).filter(pk=user.pk).exists():
        raise PermissionDenied


def _check_new(
    user: User, organization: Organization, role: Role, starts_on: date, ends_on: date | None, day: date
) -> None:
    if starts_on < day:
        raise TooLate
    User.objects.select_for_update().get(pk=user.pk)  # the same form sent twice: one after the other
    before_the_end = Q(starts_on__isnull=True) | Q(starts_on__lte=ends_on or date.max)
    same = RoleGrant.objects.filter(before_the_end, user=user, organization=organization, role=role)
    if same.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).exists():
        raise AlreadyHeld


@transaction.atomic
def end_role(*, grant: RoleGrant, last_day: date, actor: User | None, day: date) -> RoleGrant:
    """The role ends with ``last_day``; with the day before ``day`` it ends at once.

    A role that has not begun by then is withdrawn: it ends on the day before it would begin, so that it is never in
    force, and the row stays. Raises TooLate, AlreadyEnded, LastAdministrator.
    """
    if actor is not None and not RoleGrant.objects.visible_to(actor, Action.GRANT_ROLE, day).filter(pk=grant.pk):
        raise PermissionDenied
    if last_day < day - timedelta(days=1):
        raise TooLate
    if grant.ends_on and (grant.ends_on < day or grant.ends_on < last_day):
        raise AlreadyEnded
    if grant.role == Role.ADMINISTRATOR:
        check_others_administer([grant], last_day + timedelta(days=1))
    never = grant.starts_on is not None and last_day < grant.starts_on
    grant.ends_on = grant.starts_on - timedelta(days=1) if never and grant.starts_on else last_day
    grant.save(update_fields=["ends_on"])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.end_role",
        subject_uuid=grant.user.uuid,
        district_id=district_id_of(grant.organization),
        role=grant.role,
        organization=str(grant.organization.uuid),
        ends_on=grant.ends_on.isoformat(),
    )
    return grant


def check_others_administer(grants: list[RoleGrant], day: date) -> None:
    """Without ``grants`` each district has somebody on ``day`` who administers it. Raises LastAdministrator."""
    over = [grant.organization_id for grant in grants]
    districts = Organization.objects.filter(kind=OrganizationKind.DISTRICT, lineage__ancestor__in=over)
    # Held until the end, so that two administrators who end each other's roles do not both succeed.
    held = sorted(Organization.objects.select_for_update().filter(pk__in=districts).values_list("pk", flat=True))
    others = RoleGrant.objects.filter(
        in_force(day),
        role=Role.ADMINISTRATOR,
        user__is_active=True,
        organization__below__descendant=OuterRef("pk"),
    ).exclude(pk__in=[grant.pk for grant in grants])
    if Organization.objects.filter(~Exists(others), pk__in=held).exists():
        raise LastAdministrator


# The roles that let nobody do anything which a leader may not do as well.
WITHIN_LEADERSHIP = [
    role
    for role in Role
    if all(Relation.LEADER in giving for giving in POLICY.values() if Relation[role.name] in giving)
]


def check_rank(*, user: User, actor: User | None, day: date) -> None:
    """May ``actor`` close and open the account of ``user``? Not of somebody who holds a role, now or later, that they
    could not give. Raises PermissionDenied, AboveActor.
    """
    if actor is None:
        return
    _check_person(user, Action.MANAGE_STAFF, actor, day)
    giving = Organization.objects.visible_to(actor, Action.GRANT_ROLE, day)
    leading = Organization.objects.visible_to(actor, Action.MANAGE_STAFF, day)
    held = RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), user=user)
    within = Q(organization__in=giving) | Q(role__in=WITHIN_LEADERSHIP, organization__in=leading)
    if user != actor and held.exclude(within).exists():
        raise AboveActor


def check_account(*, user: User, actor: User | None, day: date) -> None:
    """May ``actor`` change the account of ``user``, and with it who signs in there?

    Whoever can write the e-mail address of an account can take it over: so nobody changes that of somebody whom they
    may not close it for, nor of one who teaches, cares for or guards a student of a school that they do not lead.
    Raises PermissionDenied, AboveActor.
    """
    check_rank(user=user, actor=actor, day=day)
    if actor is not None and user != actor and _reaches_beyond(user, actor, day):
        raise AboveActor


def _reaches_beyond(user: User, actor: User, day: date) -> bool:
    """Whether the account opens a student, now or later, of a school whose staff ``actor`` does not manage."""
    leading = Organization.objects.visible_to(actor, Action.MANAGE_STAFF, day)
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    elsewhere = [
        Guardianship.objects.filter(lasting, guardian=user).exclude(student__school__in=leading),
        Caseload.objects.filter(lasting, manager=user).exclude(student__school__in=leading),
        Staffing.objects.filter(lasting, user=user).exclude(group__school__in=leading),
    ]
    return any(rows.exists() for rows in elsewhere)
