"""Letters of other parts, put where they go out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lpm.notices.enums import Channel, DeliveryKind
from lpm.notices.models import Delivery
from lpm.people.models import User


@dataclass(frozen=True)
class Block:
    """A paragraph of a letter, or an address to go to with the words that stand on it."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Words:
    """What a letter says, in ``language``; how to stop such letters is added below it."""

    language: str
    subject: str
    blocks: Sequence[Block]


@transaction.atomic
def queue_letter(*, person: User, kind: DeliveryKind, key: str, due_at: datetime) -> None:
    """Have an e-mail written to ``person`` at ``due_at``, or after their quiet hours; a ``key`` goes out once.

    Its words are asked for when it goes out (``signals.letter_writing``): what they may know may have changed since.
    Somebody without an address, or who wants no such letters when it is due, gets none.
    """
    row = Delivery(
        district_id=person.district_id, person=person, kind=kind, channel=Channel.EMAIL, key=key, due_at=due_at
    )
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
