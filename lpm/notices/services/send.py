"""The outbox: each delivery is claimed by one worker, handed over, and marked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.lib.enqueue import enqueue
from lpm.notices.calculations.channels import MOST_TRIES, wait_after
from lpm.notices.enums import DeliveryState
from lpm.notices.models import Delivery, Notice
from lpm.notices.queries.choices import reach_of
from lpm.notices.services.compose import Letter, compose
from lpm.notices.services.transports import NotSent, hand_over

log = structlog.get_logger(__name__)

# After that a worker that claimed a letter is taken for dead; no handing over lasts as long.
LEASE = timedelta(minutes=2)
AT_ONCE = 1000  # letters of one sweep


def send_delivery(uuid: UUID) -> None:
    """Hand the letter over, if it is due and nobody else does. Safe to call at any time, any number of times.

    That it is being sent is committed before it is handed over: whoever dies between leaves it to the sweep, which
    hands it over again under the same identity.
    """
    delivery = _claim(uuid, timezone.now())
    if delivery is None:
        return
    try:
        letter = compose(delivery)
        if letter is not None:
            hand_over(letter, delivery.channel)
    except NotSent as refused:
        _put_back(delivery, str(refused), is_final=refused.is_final)
    except Exception as error:
        log.exception("letter_failed", delivery=str(delivery.uuid))
        _put_back(delivery, _("It could not be written (%(reason)s).") % {"reason": type(error).__name__})
    else:
        _close(delivery, letter)


def sweep_deliveries() -> int:
    """Send what is due, and what was claimed by a worker that is gone. Returns how many letters."""
    due = Delivery.objects.filter(_sendable(timezone.now())).order_by("due_at", "pk")
    uuids = list(due.values_list("uuid", flat=True)[:AT_ONCE])
    for uuid in uuids:
        enqueue("notices.send", delivery=str(uuid))
    return len(uuids)


def _sendable(now: datetime) -> Q:
    waiting = Q(state=DeliveryState.WAITING, due_at__lte=now)
    return waiting | Q(state=DeliveryState.SENDING, claimed_at__lt=now - LEASE)


@transaction.atomic
def _claim(uuid: UUID, now: datetime) -> Delivery | None:
    """The delivery, if it is ours to send: nobody else claims it while the lease lasts."""
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(_sendable(now), uuid=uuid)
    related = ("person__organization", "person__notice_person", "notice__student")
    delivery = rows.select_related(*related).first()
    if delivery is None:
        return None
    if delivery.tries >= MOST_TRIES:
        _mark(delivery, DeliveryState.FAILED, problem=delivery.problem or _("Every worker that tried it ended."))
        return None
    if (allowed := reach_of(delivery.person).after_quiet(now)) > now:
        _mark(delivery, DeliveryState.WAITING, due_at=allowed)
        return None
    delivery.claimed_at, delivery.tries = now, delivery.tries + 1
    _mark(delivery, DeliveryState.SENDING, claimed_at=now, tries=delivery.tries)
    return delivery


def _mark(delivery: Delivery, state: DeliveryState, **values: object) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **values)


def _put_back(delivery: Delivery, problem: str, *, is_final: bool = False) -> None:
    """To be tried again later, unless that is of no use any more."""
    problem = problem[:200]
    if is_final or delivery.tries >= MOST_TRIES:
        log.warning("letter_not_sent", delivery=str(delivery.uuid), tries=delivery.tries)
        _ours(delivery).update(state=DeliveryState.FAILED, problem=problem)
        return
    due_at = timezone.now() + wait_after(delivery.tries)
    _ours(delivery).update(state=DeliveryState.WAITING, due_at=due_at, problem=problem)


@transaction.atomic
def _close(delivery: Delivery, letter: Letter | None) -> None:
    """It is out, or nobody wants it."""
    now = timezone.now()
    if letter is None:
        _ours(delivery).update(state=DeliveryState.DROPPED)
        return
    _ours(delivery).update(state=DeliveryState.SENT, sent_at=now, problem="")
    if letter.told and delivery.notice_id is None:
        Notice.objects.filter(pk__in=letter.told).update(digested_at=now)


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, unless another worker has claimed it meanwhile."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, claimed_at=delivery.claimed_at)
