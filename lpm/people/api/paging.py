"""Parameters of an address, and lists in parts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from lpm.lib.dates import school_day
from lpm.people.api.door import ApiRequest
from lpm.people.api.errors import ApiError

USUAL, MOST = 100, 1000
FIRST_YEAR = 1990


def parameter(name: str, kind: Any, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


PAGING = [
    parameter("after", UUID, "Go on after the row with this uuid: `next` of the answer before."),
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "Rows in an answer."),
]


def page_of(request: ApiRequest, rows: QuerySet[Any], whole: QuerySet[Any] | None = None) -> tuple[list[Any], Any]:
    """As many of ``rows`` as were asked for, in the order in which they came to be, and the uuid to go on after.

    ``whole``: where that row is looked for, if not in ``rows``. In 1 query, 2 where one goes on.
    """
    limit = _limit_of(request)
    after = uuid_of(request, "after")
    if after is not None:
        before = (rows if whole is None else whole).order_by().filter(uuid=after).values_list("pk", flat=True).first()
        if before is None:
            raise _wrong("after", "unknown_row", _("There is no such row to go on after."))
        rows = rows.filter(pk__gt=before)
    found = list(rows.order_by("pk")[: limit + 1])
    return found[:limit], found[limit - 1].uuid if len(found) > limit else None


def _limit_of(request: ApiRequest) -> int:
    typed = request.query_params.get("limit", str(USUAL))
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4 and 1 <= int(typed) <= MOST):
        raise _wrong("limit", "invalid", _("Ask for %(low)d to %(high)d rows.") % {"low": 1, "high": MOST})
    return int(typed)


def uuid_of(request: ApiRequest, name: str) -> UUID | None:
    typed = request.query_params.get(name)
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise _wrong(name, "invalid", _("This is no UUID.")) from None


def moment_of(request: ApiRequest, name: str) -> datetime | None:
    """A moment with its time zone, such as 2026-11-19T15:00:00Z."""
    typed = request.query_params.get(name)
    if not typed:
        return None
    try:
        moment = parse_datetime(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not FIRST_YEAR <= moment.year < date.max.year:
        raise _wrong(name, "invalid", _("Write the moment as 2026-11-19T15:00:00Z."))
    return moment


def as_of_day(request: ApiRequest, time_zone: str) -> date | None:
    """The past day whose record is asked for; None is now. The school, in ``time_zone``, has had it."""
    typed = request.query_params.get("as_of")
    if not typed:
        return None
    today = school_day(time_zone)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if not day.year >= FIRST_YEAR or day > today:
        raise _wrong("as_of", "invalid", _("Write a day that has been, as 2026-10-31."))
    return day if day < today else None


def _wrong(field: str, code: str, sentence: str) -> ApiError:
    return ApiError(422, code, sentence, field)
