"""When nobody is written to, and when the e-mail of a day goes out. Moments are aware, answers in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The e-mail of a day goes out this long after the quiet hours: the news of the morning is in it then.
MORNING = timedelta(minutes=30)
# What is told so shortly before is in the e-mail of the next day: nobody adds to one that is being written.
CLOSED_BEFORE = timedelta(minutes=10)


def is_quiet(moment: datetime, begin: time, end: time, zone: ZoneInfo) -> bool:
    """Whether ``moment`` lies between ``begin`` and ``end`` where the school is; never, where these are the same."""
    clock = moment.astimezone(zone).time()
    if begin <= end:
        return begin <= clock < end
    return clock >= begin or clock < end


def after_quiet(moment: datetime, begin: time, end: time, zone: ZoneInfo) -> datetime:
    """``moment`` itself, or the end of the quiet hours in which it lies.

    An hour that the clocks leave out ends when they go on; one that comes twice ends the first time after ``moment``.
    """
    if not is_quiet(moment, begin, end, zone):
        return moment.astimezone(UTC)
    ends = (one for one in _at(moment, end, zone) if one >= moment)
    return next(one for one in ends if not is_quiet(one, begin, end, zone))


def digest_at(moment: datetime, end: time, zone: ZoneInfo) -> datetime:
    """When the e-mail of a day goes out that holds what was told at ``moment``."""
    return next(one + MORNING for one in _at(moment, end, zone) if one + MORNING > moment + CLOSED_BEFORE)


def _at(moment: datetime, clock: time, zone: ZoneInfo) -> list[datetime]:
    """The times at which clocks show ``clock``, from the day before ``moment`` on, in order."""
    first = moment.astimezone(zone).date() - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(5)]
    shown = [datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC) for day in days for fold in (0, 1)]
    return sorted(set(shown))
