"""The weekly letters: queued where their time has come, once for each guardian and week, and written as they go out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.notices.enums import DeliveryKind
from lpm.notices.models import Delivery, NoticeSettings
from lpm.notices.services import Block, Words, queue_letter
from lpm.people.models import Organization, User, district_id_of
from lpm.people.queries.calendar import calendar_of
from students.letters.calculations import WEEK, last_day, last_moment, week_of
from students.letters.queries import Letter, Line, homes_by_email, read_learning, write_letters
from students.letters.queries.homes import contacts, schools_with_letters

AT_ONCE = 50  # guardians in a batch
LATE = timedelta(hours=24)  # who is later than that says nothing any more
TOO_LATE = timedelta(days=2)  # after the week: what waited so long has become old


def queue_due_letters(*, now: datetime) -> int:
    """Queue the letters of every school where it is their weekday and hour, or was within a day; how many."""
    return sum(_queue_at(school, now) for school in schools_with_letters())


def _queue_at(school: Organization, now: datetime) -> int:
    today = school_day(school.time_zone, now)
    rules = NoticeSettings.DEFAULTS | NoticeSettings.objects.in_force(school.pk, today, *NoticeSettings.DEFAULTS)
    moment = last_moment(now, school.time_zone, rules["letter_weekday"], rules["letter_hour"])
    week_day = school_day(school.time_zone, moment)
    if now - moment >= LATE or not _has_school(school, week_day):
        return 0
    return sum(
        queue_letters(school=school, guardian_ids=pks, week_day=week_day, now=now) for pks in _waiting(school, week_day)
    )


def _has_school(school: Organization, day: date) -> bool:
    """Whether there was school in the week up to the day; where nobody has entered a year, always."""
    calendar = calendar_of(school)
    return not calendar.years or bool(calendar.days(day - WEEK + timedelta(days=1), day))


def _waiting(school: Organization, day: date) -> Iterator[list[int]]:
    """The guardians with an address who have had no letter of the week, in batches."""
    rows = contacts(day).filter(student__school=school).exclude(guardian__email="")
    guardians = dict(rows.values_list("guardian_id", "guardian__uuid"))
    keys = {_key(day, uuid): pk for pk, uuid in guardians.items()}
    there = set(Delivery.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    waiting = sorted(pk for key, pk in keys.items() if key not in there)
    for first in range(0, len(waiting), AT_ONCE):
        yield waiting[first : first + AT_ONCE]


def _key(day: date, uuid: object) -> str:
    return f"letter {week_of(day)} {uuid}"


@transaction.atomic
def queue_letters(*, school: Organization, guardian_ids: Collection[int], week_day: date, now: datetime) -> int:
    """Put the letters of those of the guardians who want any where they go out from; how many. ``week_day`` is the
    day of which they are."""
    homes = homes_by_email(guardian_ids, week_day)
    guardians = [guardian for home in homes for guardian in home.guardians]
    for guardian in guardians:
        key = _key(week_day, guardian.uuid)
        queue_letter(person=guardian, kind=DeliveryKind.FAMILY_LETTER, key=key, due_at=now)
    if guardians:
        record_entry(
            actor_id=None,
            action="letters.queue",
            subject_uuid=school.uuid,
            district_id=district_id_of(school),
            week=week_of(week_day),
            letters=len(guardians),
        )
    return len(guardians)


def write_letter(*, delivery: Delivery, now: datetime) -> Words | None:
    """A letter as it goes out: about the children of whom the guardian may read today. None where there are none any
    more, or it comes so late that it says nothing."""
    guardian = delivery.person
    today = school_day(guardian.organization.time_zone if guardian.organization else "UTC", now)
    last = last_day(delivery.key.split()[1])
    homes = homes_by_email([guardian.pk], today)
    if today - last > TOO_LATE or not homes:
        return None
    day = min(today, last)
    [letter] = write_letters(homes, read_learning(homes[0].children, day, now), day)
    with override(letter.language):
        return Words(letter.language, _("Your week with school"), list(_blocks(letter, guardian)))


def _blocks(letter: Letter, guardian: User) -> Iterator[Block]:
    """The address is that of the page with the same letter, after signing in."""
    yield Block(_("Hello %(name)s,") % {"name": guardian.name})
    for child in letter.children:
        if len(letter.children) > 1:
            yield Block(child.name.upper())
        yield from (Block(_paragraph(line)) for line in child.every_line)
    yield Block(_("You can read this letter on a page, too:"))
    yield Block(_("Open this page"), f"{settings.ADDRESS}{reverse('letters:letter-mine')}")


def _paragraph(line: Line) -> str:
    quotes = (f"“{quote.text}”" + (f" ({quote.by})" if quote.by else "") for quote in line.quotes)
    return " ".join([f"{line.title}: {line.text}", *quotes])
