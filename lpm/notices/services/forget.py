"""What nobody asks for any more is not kept."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from lpm.notices.enums import DeliveryState
from lpm.notices.models import Delivery, Notice

# A school year and the summer after it: as long somebody may ask whether they were told.
KEPT = timedelta(days=365)
OVER = (DeliveryState.SENT, DeliveryState.DROPPED)


@transaction.atomic
def forget_old() -> None:
    """Delete what went out, or was not wanted, and the notices that were read, when both are older than KEPT.

    None of them comes again: whoever tells, or queues a letter, looks back for days, not for a year.
    """
    since = timezone.now() - KEPT
    Delivery.objects.filter(state__in=OVER, due_at__lt=since).delete()
    Notice.objects.filter(read_at__isnull=False, made_at__lt=since).delete()
