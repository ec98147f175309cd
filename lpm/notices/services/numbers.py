"""The number to which somebody's text messages go: a code is sent to it, and whoever writes it back has the phone.

Until then the number stands in the cache alone. Nothing here is in the audit: it is the person's own.
"""

from __future__ import annotations

from secrets import randbelow
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from lpm.lib.limits import take
from lpm.notices.enums import Channel
from lpm.notices.models import NoticeChoice, NoticePerson
from lpm.notices.queries.choices import asked_for, number_key
from lpm.notices.services.compose import Letter, person_row
from lpm.notices.services.transports import NotSent, hand_over
from lpm.people.models import User

DIGITS = 6
MINUTES = 15  # in which a code is to be written back
HOUR = 3600
MOST_CODES = 5  # in an hour: for a person, and to a number, whoever asks
MOST_TRIES = 10  # in an hour, of a million


class NumberRefused(Exception):
    """The number is not theirs to use yet. The text is a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def ask_number(*, person: User, number: str) -> None:
    """Send a code to the number, which ``confirm_number`` asks for; one that was sent before holds no longer.

    Raises NumberRefused: too_often, not_sent.
    """
    limits = (f"codes of {person.uuid}", f"codes to {number}")
    if not all(take(limit, times=MOST_CODES, seconds=HOUR) for limit in limits):
        raise NumberRefused("too_often", _("Too many codes were asked for. Try again in an hour."))
    code = f"{randbelow(10**DIGITS):0{DIGITS}}"
    cache.set(number_key(person), {"number": number, "seal": _seal(person, number, code)}, MINUTES * 60)
    words = _("Cairn: %(code)s is your code. Did you not ask for one? Then do nothing.") % {"code": code}
    try:
        hand_over(Letter(number, "", words, "", str(uuid4()), ""), Channel.SMS)
    except NotSent:
        cache.delete(number_key(person))
        raise NumberRefused("not_sent", _("The code could not be sent to this number. Look at it again.")) from None


def confirm_number(*, person: User, code: str) -> None:
    """The number to which the code was sent is the person's. Raises NumberRefused: too_often, wrong_code."""
    if not take(f"tries of {person.uuid}", times=MOST_TRIES, seconds=HOUR):
        raise NumberRefused("too_often", _("Too many codes were tried. Try again in an hour."))
    asked = asked_for(person)
    if not asked or not constant_time_compare(asked["seal"], _seal(person, asked["number"], code)):
        raise NumberRefused("wrong_code", _("This is not the code that was sent, or it is older than 15 minutes."))
    cache.delete(number_key(person))
    _set(person, asked["number"])


@transaction.atomic
def forget_number(*, person: User) -> None:
    """No text messages any more; what came as one comes as it does to everybody who has not said how."""
    cache.delete(number_key(person))
    _set(person, "")
    NoticeChoice.objects.filter(person=person, channel=Channel.SMS).delete()


def _set(person: User, number: str) -> None:
    NoticePerson.objects.filter(pk=person_row(person).pk).update(phone=number)


def _seal(person: User, number: str, code: str) -> str:
    """What the cache keeps of a code."""
    return salted_hmac("notices.number", f"{person.uuid} {number} {code}").hexdigest()
