"""Which week a letter is of, when it is due, and which of several forms a week has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

Form = TypeVar("Form")
WEEK = timedelta(days=7)


def week_of(day: date) -> str:
    """The ISO week (ISO 8601) of a day, such as 2026-W47."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def last_day(week: str) -> date:
    """The Sunday of an ISO week such as 2026-W47."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 7)


def last_moment(now: datetime, time_zone: str, weekday: int, hour: int) -> datetime:
    """The last time up to ``now`` (both with a time zone) that it was ``hour`` on the ``weekday`` (Monday is 0) there.

    An hour that a clock leaves out counts as the one after it.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - weekday) % 7)
    moment = datetime.combine(day, time(hour), zone)
    return moment if moment <= now else datetime.combine(day - WEEK, time(hour), zone)


def form_of_week(forms: Sequence[Form], day: date, shift: int = 0) -> Form:
    """One of ``forms`` after the other, week by week; every day of a week, Monday first, has the same.

    ``shift`` makes siblings differ.
    """
    return forms[(day.toordinal() - day.weekday() + 7 * shift) // 7 % len(forms)]
