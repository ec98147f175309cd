"""Days as a school sees them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone


def school_day(time_zone: str, moment: datetime | None = None) -> date:
    """The calendar day at ``moment`` (default: now) where the school is."""
    return (moment or timezone.now()).astimezone(ZoneInfo(time_zone)).date()


def end_of_day(day: date, time_zone: str) -> datetime:
    """The midnight that ends ``day`` in ``time_zone``."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(time_zone))
