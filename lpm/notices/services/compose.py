"""Letters as they go out: what is written is made at the moment of sending, and asked again whether it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lpm.lib.dates import school_day
from lpm.lib.languages import spoken
from lpm.notices.calculations.words import digest_subject, subject
from lpm.notices.enums import Channel, DeliveryKind, DeliveryState, NoticeKind
from lpm.notices.models import Delivery, Notice, NoticePerson
from lpm.notices.queries.centre import NoticeRow, in_words
from lpm.notices.queries.choices import can_reach, channels_of, reach_of
from lpm.notices.services.letters import Block, Words
from lpm.notices.signals import letter_writing
from lpm.people.access import remembered
from lpm.people.models import User

OLDEST = timedelta(days=14)  # in the e-mail of a day
MOST_TOLD = 40  # there; the page has the rest
NEW_SECRET = 32  # bytes
UNSENT = (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True)
class Letter:
    """``stop_url`` ends letters like this one. ``told`` are the notices that are in it."""

    to: str
    subject: str
    text: str
    html: str
    identity: str
    stop_url: str
    told: Sequence[int] = ()


def compose(delivery: Delivery) -> Letter | None:
    """What is to go out, in the person's language; None when it is not wanted, or not allowed, any more."""
    person = delivery.person
    if not (person.is_active and can_reach(person, delivery.channel)):
        return None
    if delivery.channel != Channel.SMS and reach_of(person).is_stopped:
        return None
    zone = reach_of(person).zone
    with remembered(), override(language_of(person)), timezone.override(zone):
        return _COMPOSERS[DeliveryKind(delivery.kind)](delivery)


def language_of(person: User) -> str:
    """The person's own, then their school's."""
    return spoken(person.language, person.organization.language if person.organization else "")


def message_id(delivery: Delivery) -> str:
    """The same, however often the letter is handed over."""
    return f"<{delivery.uuid}@{urlsplit(settings.ADDRESS).hostname}>"


def _notice(delivery: Delivery) -> Letter | None:
    person, notice = delivery.person, delivery.notice
    if notice is None or notice.read_at is not None:
        return None
    kind = NoticeKind(notice.kind)
    [(_notice, wanted)] = channels_of([notice])
    rows = _seen(person, [notice.pk])
    if wanted != delivery.channel or not rows:
        return None
    [row] = rows
    if delivery.channel == Channel.SMS:
        return _text_message(delivery, row)
    blocks = [Block(row.words), Block(_("Look at it"), _address(reverse("notices:open", args=[notice.uuid])))]
    return _letter(delivery, subject(kind), blocks, kind.value, [notice.pk])


def _digest(delivery: Delivery) -> Letter | None:
    person = delivery.person
    if _has_later(delivery):
        return None
    since = timezone.now() - OLDEST
    told = Notice.objects.filter(person=person, digested_at=None, made_at__gte=since).unread().select_related("student")
    rows = _seen(person, [notice.pk for notice, channel in channels_of(told) if channel == Channel.DIGEST])
    if not rows:
        return None
    blocks = [Block(f"• {row.words}") for row in rows[:MOST_TOLD]]
    blocks.append(Block(_("Look at your news"), _address(reverse("notices:list"))))
    return _letter(delivery, digest_subject(len(rows)), blocks, "digest", [row.notice.pk for row in rows])


def _has_later(delivery: Delivery) -> bool:
    """Where several waited for a worker, the last has the news of them all."""
    of_person = Delivery.objects.filter(person=delivery.person, kind=DeliveryKind.DIGEST, pk__gt=delivery.pk)
    return of_person.filter(state__in=UNSENT, due_at__lte=timezone.now()).exists()


def _seen(person: User, pks: Sequence[int]) -> list[NoticeRow]:
    """Those of the notices that the person may read now, in words, oldest first."""
    zone = person.organization.time_zone if person.organization else "UTC"
    seen = Notice.objects.of(person, school_day(zone)).filter(pk__in=pks)
    return in_words(seen.with_student_for(person).order_by("made_at", "pk"), person)


def _family_letter(delivery: Delivery) -> Letter | None:
    own = getattr(delivery.person, "notice_person", None)
    if own is not None and not own.wants_letters:
        return None
    asked: Any = letter_writing.send(DeliveryKind(delivery.kind), delivery=delivery)
    words: Words | None = next((said for _part, said in asked if said), None)
    if words is None:
        return None
    with override(words.language):
        return _letter(delivery, words.subject, words.blocks, "letters", [])


def _text_message(delivery: Delivery, row: NoticeRow) -> Letter:
    own = person_row(delivery.person)
    words = f"Cairn: {row.words} {_address(reverse('notices:open', args=[row.notice.uuid]))}"
    return Letter(own.phone, "", words, "", str(delivery.uuid), "", [row.notice.pk])


def _letter(delivery: Delivery, title: str, blocks: Sequence[Block], stops: str, told: Sequence[int]) -> Letter:
    stop_url = _address(reverse("notices:stop", args=[person_row(delivery.person).secret, stops]))
    context = {
        "title": title,
        "blocks": blocks,
        "stop_url": stop_url,
        "settings_url": _address(reverse("notices:settings")),
        "school": delivery.person.organization,
    }
    return Letter(
        to=delivery.person.email,
        subject=" ".join(title.split()),
        text=render_to_string("notices/letter.txt", context).strip() + "\n",
        html=render_to_string("notices/letter.html", context),
        identity=message_id(delivery),
        stop_url=stop_url,
        told=told,
    )


def _address(path: str) -> str:
    return f"{settings.ADDRESS}{path}"


@transaction.atomic
def person_row(person: User) -> NoticePerson:
    """What the person has said, with the secret of their links; made when it is first needed."""
    row, _made = NoticePerson.objects.get_or_create(person=person, defaults={"secret": token_urlsafe(NEW_SECRET)})
    return row


_COMPOSERS = {
    DeliveryKind.NOTICE: _notice,
    DeliveryKind.DIGEST: _digest,
    DeliveryKind.FAMILY_LETTER: _family_letter,
}
