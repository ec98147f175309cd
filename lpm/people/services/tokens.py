"""Tokens by which a program does what its person may do."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from hmac import compare_digest

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.people.models import ApiToken, User

PREFIX = "cairn_"  # so that whoever finds one knows what it opens
HINT = 4
LONGEST = timedelta(days=366)
MOST = 20
NOTED_AGAIN = timedelta(minutes=1)


class TokenRefused(Exception):
    """The token opens nothing. ``code`` is for programs; the text is a sentence for their person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class TooManyTokens(Exception):
    """There are MOST tokens in force already."""


@dataclass(frozen=True)
class NewToken:
    """``text`` is the token, kept nowhere and never shown again."""

    row: ApiToken
    text: str


@transaction.atomic
def make_token(*, user: User, name: str, may_write: bool, lasts: timedelta, day: date) -> NewToken:
    """A token by which a program does what ``user`` may do, until ``day`` + ``lasts``, at most LONGEST.

    Raises TooManyTokens, ValueError.
    """
    if not timedelta(0) < lasts <= LONGEST:
        raise ValueError(f"a token lasts at most {LONGEST.days} days, not {lasts.days}")
    User.objects.get_queryset().select_for_update(no_key=True).get(pk=user.pk)  # two at once are not one too many
    if user.api_tokens.filter(revoked_at=None, expires_on__gte=day).count() >= MOST:
        raise TooManyTokens
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name, digest=digest(text), hint=text[-HINT:], may_write=may_write, expires_on=day + lasts
    )
    _record("people.make_token", row, user, may_write=may_write)
    return NewToken(row, text)


@transaction.atomic
def revoke_token(*, token: ApiToken, user: User) -> None:
    """From now on it opens nothing. Raises ApiToken.DoesNotExist for somebody else's; twice is harmless."""
    row = ApiToken.objects.select_for_update().get(pk=token.pk, user=user)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        _record("people.revoke_token", row, user)


@transaction.atomic
def use_token(*, text: str) -> ApiToken:
    """The token, with its person and their organization, for one request. Raises TokenRefused.

    Notes when it was used, once a minute, and in the audit once a day.
    """
    hidden = digest(text)
    row = ApiToken.objects.select_related("user__organization").filter(digest=hidden).first()
    if row is None or not compare_digest(row.digest, hidden):
        raise TokenRefused("token_unknown", _("This token is none of ours. Copy it again, or make a new one."))
    if row.revoked_at is not None:
        raise TokenRefused("token_revoked", _("This token was revoked. Make a new one."))
    if not row.user.is_active:
        raise TokenRefused("account_closed", _("The account of this token is closed."))
    if row.expires_on < day_of(row.user):
        raise TokenRefused("token_expired", _("This token is over. Make a new one."))
    _note_use(row)
    return row


def _note_use(row: ApiToken) -> None:
    now, before = timezone.now(), row.last_used_at
    if before is not None and now - before < NOTED_AGAIN:
        return
    unused = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_AGAIN)
    is_first = ApiToken.objects.filter(unused, pk=row.pk).update(last_used_at=now)
    zone = zone_of(row.user)
    if is_first and (before is None or school_day(zone, before) != school_day(zone, now)):
        _record("people.use_token", row, row.user)


def digest(text: str) -> str:
    """The SHA-256, as 64 hex digits: all that is kept of a token."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def zone_of(user: User) -> str:
    return user.organization.time_zone if user.organization else "UTC"


def day_of(user: User) -> date:
    """The school's day of somebody; for whoever belongs nowhere, that of UTC."""
    return school_day(zone_of(user))


def _record(action: str, row: ApiToken, user: User, **details: bool) -> None:
    record_entry(actor_id=user.pk, action=action, subject_uuid=row.uuid, district_id=user.district_id, **details)
