"""Showing sessions: planned from the queue, with a list of who comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.lib.ids import uuid7
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, parse_uuid, permits, record_looks, visible
from students.mastery.enums import RequestState
from students.mastery.forms.showing import RequestsForm, SessionForm
from students.mastery.models import ReadyRequest, ShowingSession
from students.mastery.queries.showing import group_choices, read_coming, read_waiting, sessions_for
from students.mastery.services import MarkRefused
from students.mastery.services.sessions import cancel_session, plan_session, seat_requests, unseat_request
from students.mastery.views.showing import attempt

USUAL_PLACES = 8
USUAL_HOUR = 9


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def session_create(request: PersonRequest) -> HttpResponse:
    """When, where, how many places, and who of those who wait comes."""
    groups = group_choices(request.user, request.day)
    if not groups.exists():
        raise Http404
    chosen = [str(parse_uuid(text)) for text in (request.POST or request.GET).getlist("requests")]
    form = SessionForm(
        request.POST or None,
        groups=groups,
        requests=_waiting(request),
        initial={"uuid": uuid7(), "starts_at": _tomorrow(), "places": max(USUAL_PLACES, len(chosen))},
    )
    if form.is_valid() and attempt(form, lambda: _plan(request, form)):
        messages.success(request, _("Planned. The students see when and where."))
        return redirect("mastery:request-list")
    waiting = read_waiting(request.user, request.day)
    record_looks(request, [one.request.student.uuid for one in waiting], page="showing")
    context = {"form": form, "waiting": waiting, "chosen": chosen}
    return render(request, "mastery/showing_plan.html", context, status=422 if form.is_bound else 200)


def _plan(request: PersonRequest, form: SessionForm) -> None:
    plan: dict[str, Any] = {**form.cleaned_data, "requests": list(form.cleaned_data["requests"])}
    plan_session(host=request.user, day=request.day, **plan)


def _waiting(request: PersonRequest) -> Any:
    return visible(request, ReadyRequest.objects).filter(state=RequestState.WAITING)


def _tomorrow() -> datetime:
    return (timezone.localtime() + timedelta(days=1)).replace(hour=USUAL_HOUR, minute=0, second=0, microsecond=0)


@require_GET
@permits(Action.RECORD_MARK)
def session_show(request: PersonRequest, showing: UUID) -> HttpResponse:
    """Who comes, and who could come too."""
    session = _find(request, showing)
    coming = read_coming(session, request.user, request.day)
    waiting = read_waiting(request.user, request.day)
    others = [one for one in waiting if one.request.session_id != session.pk]
    seen = [*(ready.student.uuid for ready in coming), *(one.request.student.uuid for one in others)]
    record_looks(request, seen, page="showing")
    context = {
        "session": session,
        "coming": coming,
        "others": others,
        "free": session.places - session.requests.count(),
    }
    return render(request, "mastery/showing_session.html", context)


@require_POST
@permits(Action.RECORD_MARK)
def session_seat(request: PersonRequest, showing: UUID) -> HttpResponse:
    """Some come too, or (``step`` is "out") one does not come."""
    session = _find(request, showing)
    form = RequestsForm(request.POST, requests=_waiting(request))
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["requests"])))
        return redirect("mastery:session-show", showing=session.uuid)
    chosen = list(form.cleaned_data["requests"])
    who: dict[str, Any] = {"session": session, "actor": request.user, "day": request.day}
    try:
        if request.POST.get("step") == "out":
            unseat_request(request=chosen[0], **who)
        else:
            seat_requests(requests=chosen, **who)
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("mastery:session-show", showing=session.uuid)


@require_POST
@permits(Action.RECORD_MARK)
def session_cancel(request: PersonRequest, showing: UUID) -> HttpResponse:
    """It does not take place; those who were to come wait on."""
    session = _find(request, showing)
    count = cancel_session(session=session, actor=request.user, day=request.day)
    said = ngettext("Cancelled. %(n)s student waits on.", "Cancelled. %(n)s students wait on.", count)
    messages.success(request, said % {"n": count})
    return redirect("mastery:request-list")


def _find(request: PersonRequest, showing: UUID) -> ShowingSession:
    found: ShowingSession | None = sessions_for(request.user, request.day).filter(uuid=showing).first()
    if found is None:
        raise Http404
    return found
