"""The page of what a person was told."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from lpm.notices.models import Notice
from lpm.notices.queries.centre import count_unread, read_page
from lpm.notices.services import read_notices
from lpm.people.views.door import PersonRequest, parse_uuid, permits


@require_GET
@permits(None)
def notice_list(request: PersonRequest) -> HttpResponse:
    page, days = read_page(request.user, request.day, request.GET.get("page", "1"))
    context = {"page": page, "days": days, "unread": count_unread(request.user, request.day)}
    return render(request, "notices/list.html", context)


@require_GET
@permits(None)
def notice_open(request: PersonRequest, notice: UUID) -> HttpResponse:
    """Where a notice leads; whoever follows it has read it."""
    shown = get_object_or_404(Notice.objects.of(request.user, request.day), uuid=notice)
    read_notices(person=request.user, day=request.day, uuids=[notice])
    return redirect(shown.path)


@require_POST
@permits(None)
def notice_read(request: PersonRequest) -> HttpResponse:
    """One that the form names, or all."""
    named = request.POST.get("notice", "")
    uuids = [parse_uuid(named)] if named else None
    read_notices(person=request.user, day=request.day, uuids=uuids)
    return redirect("notices:list")
