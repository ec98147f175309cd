"""The days on which something is in force."""

from __future__ import annotations

from datetime import date

from django.db.models import DateField, DateTimeField, DurationField, Expression, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Cast


def in_force(day: date, prefix: str = "") -> Q:
    """``starts_on`` to ``ends_on``, both inclusive; an open end is in force for ever."""
    return _dated(prefix, day, day)


def in_window(day: date, prefix: str = "", school: str = "school__") -> Q:
    """In force on ``day``, or soon to be, or until just now, as the school at ``prefix`` + ``school`` has it.

    Opened early for planning, closed late for reports (``PeopleSettings``).
    """
    opens = ExpressionWrapper(Value(day) + F(f"{prefix}{school}opens_before"), DateField())
    closes = ExpressionWrapper(Value(day) - F(f"{prefix}{school}closes_after"), DateField())
    return _dated(prefix, opens, closes)


def _dated(prefix: str, latest_start: date | Expression, earliest_end: date | Expression) -> Q:
    return (Q(**{f"{prefix}starts_on__isnull": True}) | Q(**{f"{prefix}starts_on__lte": latest_start})) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": earliest_end})
    )


def under_age(day: date) -> Q:
    """Students who have not reached the age at which rights pass to them. Without a birth date nobody can tell: a
    child is assumed, and the office is shown who they are."""
    return Q(born_on__isnull=True) | Q(born_on__gt=birthday_before(day, F("school__age_of_rights")))


def birthday_before(day: date, years: F) -> ExpressionWrapper[Cast]:
    """The latest birth date of somebody who is ``years`` old on ``day``; on February 29 the 28th counts."""
    age = Func(years, function="make_interval", template="%(function)s(years => %(expressions)s)")
    age.output_field = DurationField()
    earlier = ExpressionWrapper(Value(day, DateField()) - age, DateTimeField())
    return ExpressionWrapper(Cast(earlier, DateField()), DateField())
