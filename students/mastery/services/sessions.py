"""Showing sessions: when and where several students show what they asked to show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lpm.audit.services import record_entry
from lpm.people.models import Group, User
from lpm.people.policy import Action
from students.mastery.enums import RequestState
from students.mastery.models import ReadyRequest, ShowingSession
from students.mastery.services.record import IdentifierReused, NotAllowed
from students.mastery.services.showing import ShowingRefused, lock_waiting
from students.mastery.services.telling import tell_seated

MOST_PLACES = 200
FURTHEST = timedelta(days=400)


@transaction.atomic
def plan_session(
    *,
    uuid: UUID,
    group: Group,
    starts_at: datetime,
    places: int,
    requests: Collection[ReadyRequest],
    host: User,
    day: date,
    place: str = "",
    note: str = "",
) -> ShowingSession:
    """A time and a place, and who comes. A request that was in another session goes over to this one.

    ``uuid`` makes planning it twice harmless. Raises MarkRefused: past, far, no_places, full, answered, not_allowed,
    uuid_reused.
    """
    _check_group(group, host, day)
    if (known := ShowingSession.objects.filter(uuid=uuid).first()) is not None:
        return _same(known, group=group, host=host, starts_at=starts_at, places=places)
    if starts_at <= timezone.now():
        raise ShowingRefused("past", _("Choose a time that is still to come."))
    if starts_at > timezone.now() + FURTHEST:
        raise ShowingRefused("far", _("Choose a day within about a year."))
    if not 1 <= places <= MOST_PLACES:
        raise ShowingRefused("no_places", _("Choose between 1 and %(n)s places.") % {"n": MOST_PLACES})
    session = ShowingSession.objects.create(
        uuid=uuid,
        district_id=group.district_id,
        group=group,
        host=host,
        starts_at=starts_at,
        place=place.strip(),
        note=note.strip(),
        places=places,
    )
    _seat(session, requests, host, day)
    _record(session, host, "mastery.plan_session", requests=len(requests))
    return session


def _same(known: ShowingSession, **planned: Any) -> ShowingSession:
    """The session that was planned before under this identity, if it is the very same."""
    if any(getattr(known, name) != value for name, value in planned.items()):
        raise IdentifierReused("uuid_reused", _("This session is planned already. Look at it, or plan another one."))
    return known


@transaction.atomic
def seat_requests(*, session: ShowingSession, requests: Collection[ReadyRequest], actor: User, day: date) -> None:
    """These come too. Raises MarkRefused: full, over, answered, not_allowed."""
    locked = _lock(session, actor, day)
    _check_on(locked)
    _seat(locked, requests, actor, day)
    _record(locked, actor, "mastery.seat_requests", requests=len(requests))


@transaction.atomic
def unseat_request(*, session: ShowingSession, request: ReadyRequest, actor: User, day: date) -> None:
    """This one does not come, and waits on. Harmless when it is not in the session any more."""
    locked = _lock(session, actor, day)
    [ready] = lock_waiting(actor, [request], day)
    if ready.session_id == locked.pk:
        ready.session = None
        ready.save(update_fields=["session"])
        _record(locked, actor, "mastery.unseat_request", requests=1)
        tell_seated(locked, [ready], is_off=True)


@transaction.atomic
def cancel_session(*, session: ShowingSession, actor: User, day: date) -> int:
    """It does not take place: whoever was to come waits on. Returns how many. Cancelling twice is harmless."""
    locked = _lock(session, actor, day)
    if locked.cancelled_at is not None:
        return 0
    locked.cancelled_at = timezone.now()
    locked.save(update_fields=["cancelled_at"])
    waiting = ReadyRequest.objects.filter(session=locked, state=RequestState.WAITING)
    rows = waiting.select_related("student__user", "target").order_by("pk")
    given_back = list(rows.select_for_update(of=("self",)))
    waiting.update(session=None)
    _record(locked, actor, "mastery.cancel_session", requests=len(given_back))
    tell_seated(locked, given_back, is_off=True)
    return len(given_back)


def _seat(session: ShowingSession, requests: Collection[ReadyRequest], actor: User, day: date) -> None:
    rows = lock_waiting(actor, requests, day)
    taken = ReadyRequest.objects.filter(session=session).exclude(pk__in=[row.pk for row in rows]).count()
    if taken + len(rows) > session.places:
        raise ShowingRefused("full", _full(session.places - taken))
    new = [row.pk for row in rows if row.session_id != session.pk]
    ReadyRequest.objects.filter(pk__in=new).update(session=session)
    tell_seated(session, list(ReadyRequest.objects.filter(pk__in=new).select_related("student__user", "target")))


def _full(free: int) -> str:
    if free < 1:
        return _("All places are taken. Plan a second session.")
    said = ngettext(
        "There is %(n)s place left. Choose fewer students, or plan a second session.",
        "There are %(n)s places left. Choose fewer students, or plan a second session.",
        free,
    )
    return said % {"n": free}


def _lock(session: ShowingSession, actor: User, day: date) -> ShowingSession:
    locked = ShowingSession.objects.select_for_update(of=("self",)).select_related("group").get(pk=session.pk)
    _check_group(locked.group, actor, day)
    return locked


def _check_group(group: Group, actor: User, day: date) -> None:
    if not Group.objects.visible_to(actor, Action.RECORD_MARK, day).filter(pk=group.pk).exists():
        raise NotAllowed("not_allowed", _("You cannot plan a session for this group."))


def _check_on(session: ShowingSession) -> None:
    if session.cancelled_at is not None:
        raise ShowingRefused("over", _("This session was cancelled. Plan a new one."))


def _record(session: ShowingSession, actor: User, action: str, requests: int) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=session.uuid,
        district_id=session.district_id,
        group=str(session.group.uuid),
        requests=requests,
    )
