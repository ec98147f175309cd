"""Handing a letter over: to the mail server, to a gateway for text messages, or, outside production, to a file.

A letter that is handed over twice has the same identity both times. The file is then the same file; a gateway that
keeps identities sends it once; what a mail server does with it is its own affair (docs/decisions/0040-notices.md).
"""

from __future__ import annotations

import os
import smtplib
from pathlib import Path

import httpx
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from lpm.notices.enums import Channel
from lpm.notices.services.compose import Letter

SMS_SECONDS = 10.0
NEVER = frozenset({400, 404, 410, 422})  # a gateway that answers so will not take the message later either


class NotSent(Exception):
    """The letter did not go out. The text is a sentence without anybody's name or address.

    ``is_final``: it never will, so that trying again is of no use.
    """

    def __init__(self, code: str, sentence: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.is_final = is_final


def hand_over(letter: Letter, channel: str) -> None:
    """Raises NotSent: refused, no_server, bad_number."""
    if channel == Channel.SMS:
        _to_gateway(letter)
    elif settings.EMAIL_URL:
        _to_server(letter)
    else:
        _to_file(letter)


def _message(letter: Letter) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": letter.identity,
        "List-Unsubscribe": f"<{letter.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.to], headers=headers)
    message.attach_alternative(letter.html, "text/html")
    return message


def _to_server(letter: Letter) -> None:
    try:
        _message(letter).send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = {code for code, _said in refused.recipients.values()}
        is_final = all(500 <= code < 600 for code in codes)
        raise NotSent("refused", _("The mail server does not take this address."), is_final=is_final) from None
    except smtplib.SMTPDataError as refused:
        is_final = 500 <= refused.smtp_code < 600
        raise NotSent("refused", _("The mail server does not take this letter."), is_final=is_final) from None
    except (OSError, smtplib.SMTPException) as error:
        sentence = _("The mail server could not be used (%(reason)s).") % {"reason": type(error).__name__}
        raise NotSent("no_server", sentence) from None


def _to_file(letter: Letter) -> None:
    """Named after the letter's identity and moved into place whole: twice the same letter is one file."""
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{letter.identity.strip('<>').split('@')[0]}.eml"
    half = path.with_suffix(f".{os.getpid()}.half")
    with half.open("wb") as file:
        file.write(_message(letter).message().as_bytes())
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _to_gateway(letter: Letter) -> None:
    sent = {"to": letter.to, "text": letter.text, "id": letter.identity}
    try:
        answer = httpx.post(
            settings.SMS_URL, json=sent, headers={"Idempotency-Key": letter.identity}, timeout=SMS_SECONDS
        )
    except httpx.HTTPError as error:
        sentence = _("The gateway for text messages could not be used (%(reason)s).")
        raise NotSent("no_server", sentence % {"reason": type(error).__name__}) from None
    if not answer.is_success:
        sentence = _("The gateway for text messages answered %(status)d.") % {"status": answer.status_code}
        raise NotSent("refused", sentence, is_final=answer.status_code in NEVER)
