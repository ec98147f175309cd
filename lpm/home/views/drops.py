"""Where the rosters of an organization are left, and what was taken from there."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lpm.home.forms import DropForm
from lpm.home.services import DropRefused, set_drop
from lpm.people.models import ImportRun, Organization, RosterDrop
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits

SHOWN_RUNS = 10
FIELDS = ("place", "host_key", "hour", "is_on", "applies_itself")


@require_http_methods(["GET", "POST"])
@permits(Action.IMPORT_ROSTER)
def drop_change(request: PersonRequest, organization: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    drop = RosterDrop.objects.filter(organization=shown).first()
    form = DropForm(request.POST or None, initial=_initial(drop))
    if request.method == "POST" and form.is_valid() and _is_set(request, shown, form):
        messages.success(request, _("Saved. Cairn looks there once a day."))
        return redirect("home:drop-change", organization=shown.uuid)
    context = {
        "organization": shown,
        "form": form,
        "drop": drop,
        "runs": ImportRun.objects.filter(drop=drop).order_by("-created_at", "-pk")[:SHOWN_RUNS] if drop else [],
        "public_key": _public_key(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "home/drop.html", context, status=status)


def _initial(drop: RosterDrop | None) -> dict[str, Any]:
    if drop is None:
        return {"hour": 3, "is_on": True, "applies_itself": True}
    return {name: getattr(drop, name) for name in FIELDS}


def _is_set(request: PersonRequest, organization: Organization, form: DropForm) -> bool:
    try:
        set_drop(organization=organization, actor=request.user, day=request.day, **form.cleaned_data)
    except DropRefused as refused:
        form.add_error("place", str(refused))
        return False
    return True


def _public_key() -> str:
    """What the other side must let in; "" when this installation has no key."""
    path = Path(f"{settings.ROSTER_SFTP_KEY}.pub") if settings.ROSTER_SFTP_KEY else None
    return path.read_text(encoding="utf-8").strip() if path and path.is_file() else ""
