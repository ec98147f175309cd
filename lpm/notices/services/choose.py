"""What people say about notices: read, how they want to be told, and no more e-mail.

Nothing here is in the audit: it is the person's own, and changes nothing for anybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lpm.notices.calculations.channels import default_channel
from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import Notice, NoticeChoice, NoticePerson
from lpm.notices.queries.choices import choices_of, standing_of
from lpm.notices.services.compose import person_row
from lpm.people.models import User

DIGEST, LETTERS, EVERYTHING = "digest", "letters", "all"
STOPPABLE = (*NoticeKind.values, DIGEST, LETTERS, EVERYTHING)


@transaction.atomic
def read_notices(*, person: User, day: date, uuids: Collection[UUID] | None = None) -> int:
    """The person has read those notices, or all of theirs. Returns how many were new."""
    rows = Notice.objects.of(person, day).unread()
    if uuids is not None:
        rows = rows.filter(uuid__in=uuids)
    return rows.update(read_at=timezone.now())


@transaction.atomic
def choose_channels(
    *,
    person: User,
    channels: Mapping[NoticeKind, Channel],
    quiet_from: time,
    quiet_until: time,
    wants_letters: bool,
    wants_email: bool,
) -> None:
    """How and when the person wants to be told."""
    row = person_row(person)
    row.quiet_from, row.quiet_until = quiet_from, quiet_until
    row.wants_letters = wants_letters
    row.stopped_at = None if wants_email else row.stopped_at or timezone.now()
    row.save(update_fields=["quiet_from", "quiet_until", "wants_letters", "stopped_at"])
    _choose(person, channels)


def _choose(person: User, channels: Mapping[NoticeKind, Channel]) -> None:
    rows = [NoticeChoice(person=person, kind=kind, channel=channel) for kind, channel in channels.items()]
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person", "kind"], update_fields=["channel"]
    )


@transaction.atomic
def stop_letters(*, owner: NoticePerson, what: str) -> list[NoticeKind]:
    """Write no more of what a link in a letter named. Returns the kinds of notices that were in the e-mail of a day.

    Doing it twice is harmless.
    """
    person = owner.person
    if what == EVERYTHING:
        _set(owner, stopped_at=owner.stopped_at or timezone.now())
    elif what == LETTERS:
        _set(owner, wants_letters=False)
    elif what == DIGEST:
        choices = choices_of(person, standing_of(person))
        kinds = [kind for kind, channel in choices.items() if channel == Channel.DIGEST]
        _choose(person, dict.fromkeys(kinds, Channel.PAGE))
        return kinds
    else:
        _choose(person, {NoticeKind(what): Channel.PAGE})
    return []


@transaction.atomic
def resume_letters(*, owner: NoticePerson, what: str, kinds: Collection[NoticeKind] = ()) -> None:
    """Take back what ``stop_letters`` did; ``kinds`` are what it returned."""
    if what == EVERYTHING:
        _set(owner, stopped_at=None)
    elif what == LETTERS:
        _set(owner, wants_letters=True)
    elif what == DIGEST:
        _choose(owner.person, dict.fromkeys(kinds or _usually_in_digest(owner.person), Channel.DIGEST))
    else:
        _choose(owner.person, {NoticeKind(what): Channel.EMAIL})


def _usually_in_digest(person: User) -> list[NoticeKind]:
    """When the link was followed twice, nobody knows any more what was in there."""
    standing = standing_of(person)
    usual = {kind: default_channel(kind, is_student=standing.is_student) for kind in standing.kinds}
    return [kind for kind, channel in usual.items() if channel == Channel.DIGEST]


def _set(owner: NoticePerson, **values: object) -> None:
    for name, value in values.items():
        setattr(owner, name, value)
    owner.save(update_fields=list(values))
