"""The door of every page: views name their action with ``permits`` and fetch only through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.middleware import HtmxDetails

from lpm.audit.services import record_views
from lpm.people.access import note_allowed
from lpm.people.models import Student, User
from lpm.people.policy import SEEING, Action

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request by somebody signed in: ``day`` is the school's day, ``action`` what the view lets them do."""

    user: User
    htmx: HtmxDetails
    day: date
    action: Action


View = Callable[Concatenate[Any, P], HttpResponseBase]


def permits(action: Action | None, resume: Callable[..., str] | None = None) -> Callable[[View[P]], View[P]]:
    """The view does ``action``, for somebody signed in; what it fetches must allow that.

    ``None`` is for pages about nobody but the person asking. ``resume`` makes the address at which to go on
    after signing in again, so that what was typed into a form is not lost.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                here = resume(request, *args, **kwargs) if resume else _address(request)
                return redirect_to_login(here)
            if action is not None:
                request.action = action
            return view(request, *args, **kwargs)

        marked: Any = guarded
        marked.permits = action
        return cast(View[P], marked)

    return decorate


def _address(request: HttpRequest) -> str:
    """Where to go on after signing in: this page, or home after a form that cannot be sent again."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else resolve_url(settings.LOGIN_REDIRECT_URL)


def visible(request: PersonRequest, rows: Any) -> Any:
    """The rows on which the person may do the view's action; students by the name that this reader knows."""
    shown = rows.visible_to(request.user, request.action, request.day)
    return shown.named_for(request.user) if issubclass(rows.model, Student) else shown


def get_permitted(request: PersonRequest, rows: Any, **lookup: Any) -> Any:
    """The one row of ``lookup`` on which the person may do the view's action.

    404 when they may not know that it exists, 403 when they may see it but not do this.
    """
    row = visible(request, rows).filter(**lookup).first()
    if row is not None:
        note_allowed(request.user.pk, request.action, request.day, type(row), row.pk)
        return row
    seeing = SEEING.get(request.action, {}).get(rows.model._meta.model_name)
    if seeing and rows.visible_to(request.user, seeing, request.day).filter(**lookup).exists():
        raise PermissionDenied
    raise Http404


def record_looks(request: PersonRequest, uuids: Iterable[UUID | str], page: str) -> None:
    """Note in the audit that the person looked at the records of the students, and what let them; in 2 queries.

    ``page`` is the kind of page. A student's own looks are nobody's business.
    """
    known = Student.objects.filter(uuid__in=list(uuids)).exclude(user=request.user)
    students: Any = known.with_relation(request.user, request.action, request.day)
    record_views(
        viewer_id=request.user.pk,
        students=[(row.uuid, row.district_id, row.relation) for row in students],
        page=page,
        day=request.day,
    )


def parse_uuid(text: str) -> UUID:
    """The UUID that an address carries as a parameter; 404 when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
