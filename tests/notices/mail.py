"""People with an address, what waits to go out to them, and the letters that did."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import Delivery, Notice, NoticeChoice
from lpm.notices.services import send_delivery, tell
from lpm.people.models import User
from tests.world import World


def with_address(person: User) -> User:
    person.email = f"{person.username}@example.org"
    person.save(update_fields=["email"])
    return person


def choose(person: User, kind: NoticeKind, channel: Channel) -> None:
    NoticeChoice.objects.update_or_create(person=person, kind=kind, defaults={"channel": channel})


def written_to(person: User, world: World, number: int = 1) -> Notice:
    """Somebody was written to about the student of the own place."""
    key, student = f"message {number}", world.own.student
    tell(people=[person], kind=NoticeKind.MESSAGE, key=key, path="/there", student=student, writer="Ms. Ito")
    return Notice.objects.get(person=person, key=key)


def send_all() -> None:
    for delivery in Delivery.objects.order_by("pk"):
        send_delivery(delivery.uuid)


def letters(folder: Path) -> list[EmailMessage]:
    found = sorted(folder.glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))
