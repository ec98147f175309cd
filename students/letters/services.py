"""Having the weekly letters written where their time has come, once for each guardian and week."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.notices.enums import DeliveryKind
from lpm.notices.models import Delivery, NoticeSettings
from lpm.notices.services import queue_letter
from lpm.people.models import Organization, User
from lpm.people.queries.calendar import calendar_of
from students.letters.calculations import WEEK, last_moment, week_of
from students.letters.queries import Letter, Line, homes_by_email, read_learning, write_letters
from students.letters.queries.homes import contacts, schools_with_letters

AT_ONCE = 50  # guardians in a batch
LATE = timedelta(hours=24)  # who is later than that says nothing any more


def queue_due_letters(*, now: datetime) -> int:
    """Have the letters written at every school where it is their weekday and hour, or was within a day; how many."""
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
    """Write to those of the guardians who want letters, about all their children, and put the letters where they go
    out from; how many. ``week_day`` is the day of which the letter is."""
    homes = homes_by_email(guardian_ids, week_day)
    learning = read_learning({child.pk: child for home in homes for child in home.children}.values(), week_day, now)
    letters = write_letters(homes, learning, week_day)
    for letter in letters:
        _queue(letter, week_day, now)
    if letters:
        record_entry(
            actor_id=None,
            action="letters.queue",
            subject_uuid=school.uuid,
            district_id=letters[0].children[0].student.district_id,
            week=week_of(week_day),
            letters=len(letters),
        )
    return len(letters)


def _queue(letter: Letter, week_day: date, now: datetime) -> None:
    [guardian] = letter.home.guardians
    with override(letter.language):
        words: dict[str, Any] = {"subject": _("Your week with school"), "body": "\n\n".join(_body(letter, guardian))}
    queue_letter(
        person=guardian,
        kind=DeliveryKind.FAMILY_LETTER,
        key=_key(week_day, guardian.uuid),
        language=letter.language,
        due_at=now,
        **words,
    )


def _body(letter: Letter, guardian: User) -> Iterator[str]:
    """Paragraphs of plain text. The address is that of the page with the same letter, after signing in."""
    yield _("Hello %(name)s,") % {"name": guardian.name}
    for child in letter.children:
        if len(letter.children) > 1:
            yield child.name.upper()
        yield from map(_paragraph, child.every_line)
    yield _("You can read this letter on a page, too:")
    yield f"{settings.ADDRESS}{reverse('letters:letter-mine')}"


def _paragraph(line: Line) -> str:
    quotes = (f"“{quote.text}”" + (f" ({quote.by})" if quote.by else "") for quote in line.quotes)
    return " ".join([f"{line.title}: {line.text}", *quotes])
