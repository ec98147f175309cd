"""Operators look after the installation. They see a district in a session alone: with a reason, and an end."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import OperatorSession, Organization, User

SHORTEST_REASON = 10  # characters
MOST_HOURS = 4


class BelongsSomewhere(Exception):
    """Somebody of a school or district cannot be an operator as well: they need a second account."""


class AlreadyOpen(Exception):
    """There is a session that has not ended."""


class WrongSession(Exception):
    """The reason is too short, the hours are too many, or it is no district."""


@transaction.atomic
def make_operator(*, user: User) -> None:
    """Let somebody open sessions. Raises BelongsSomewhere."""
    if user.organization_id is not None:
        raise BelongsSomewhere
    user.is_operator = True
    user.save(update_fields=["is_operator"])
    record_entry(actor_id=None, action="people.make_operator", subject_uuid=user.uuid)


@transaction.atomic
def end_operator(*, user: User) -> None:
    """Take it back, and end whatever session is open."""
    user.is_operator = False
    user.save(update_fields=["is_operator"])
    now = timezone.now()
    OperatorSession.objects.filter(operator=user, ends_at__gt=now).exclude(starts_at__gt=now).update(ends_at=now)
    record_entry(actor_id=None, action="people.end_operator", subject_uuid=user.uuid)


@transaction.atomic
def open_session(*, operator: User, organization: Organization, reason: str, hours: int) -> OperatorSession:
    """Raises PermissionDenied, AlreadyOpen and WrongSession."""
    locked = User.objects.select_for_update(of=("self",)).filter(pk=operator.pk, is_operator=True, is_active=True)
    if not locked.exists():
        raise PermissionDenied
    is_whole = organization.kind == OrganizationKind.DISTRICT
    if not is_whole or len(reason.strip()) < SHORTEST_REASON or not 1 <= hours <= MOST_HOURS:
        raise WrongSession
    now = timezone.now()
    if OperatorSession.objects.filter(operator=operator, ends_at__gt=now).exists():
        raise AlreadyOpen
    session = OperatorSession.objects.create(
        operator=operator,
        organization=organization,
        reason=reason.strip(),
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    _record("people.open_operator_session", session, hours=hours)
    return session


@transaction.atomic
def end_session(*, session: OperatorSession, operator: User) -> None:
    """Before its time. Of a session that has ended nothing changes. Raises PermissionDenied."""
    locked = OperatorSession.objects.select_for_update().get(pk=session.pk)
    if locked.operator_id != operator.pk:
        raise PermissionDenied
    if locked.ends_at <= timezone.now():
        return
    locked.ends_at = timezone.now()
    locked.save(update_fields=["ends_at"])
    _record("people.end_operator_session", locked)


def _record(action: str, session: OperatorSession, **details: int) -> None:
    record_entry(
        actor_id=session.operator_id,
        action=action,
        subject_uuid=session.uuid,
        district_id=session.organization_id,
        **details,
    )
