"""Letters that other parts write, put where they go out from."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lpm.notices.enums import Channel, DeliveryKind
from lpm.notices.models import Delivery
from lpm.people.models import User


@transaction.atomic
def queue_letter(
    *, person: User, kind: DeliveryKind, key: str, subject: str, body: str, language: str, due_at: datetime
) -> None:
    """Have an e-mail written to ``person`` at ``due_at``, or after their quiet hours; a ``key`` goes out once.

    ``body`` is plain text: paragraphs with an empty line between them; an address alone on its line becomes a link.
    How to stop such letters is added below it. Somebody without an address, or who wants no such letters when it is
    due, gets none.
    """
    row = Delivery(
        district_id=person.district_id,
        person=person,
        kind=kind,
        channel=Channel.EMAIL,
        key=key,
        subject=subject,
        body=body,
        language=language,
        due_at=due_at,
    )
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
