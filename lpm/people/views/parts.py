"""Which parts of Cairn a school has turned on, and what somebody is told whose part has not begun."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lpm.people.enums import Part
from lpm.people.forms.parts import ABOVE, HERE, PartsForm
from lpm.people.models import Organization, Student
from lpm.people.policy import Action
from lpm.people.queries.organizations import own_settings
from lpm.people.queries.parts import parts_in_force, planned_parts, read_touched, waiting_for_pages
from lpm.people.services.settings import TooLate, change_settings
from lpm.people.views.door import PersonRequest, get_permitted, permits
from lpm.people.views.organizations import SENTENCES, way_to

P = ParamSpec("P")
View = Callable[Concatenate[PersonRequest, UUID, P], HttpResponse]


def says_when_closed(view: View[P]) -> View[P]:
    """The page of a student, which tells them or their guardian so where the school has not opened it yet."""

    @wraps(view)
    def shown(request: PersonRequest, student: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, student, *args, **kwargs)
        except Http404:
            closed: Student | None = waiting_for_pages(request.user, request.day).filter(uuid=student).first()
            if closed is None:
                raise
            is_self = closed.user_id == request.user.pk
            other = Part.FAMILIES if is_self else Part.STUDENTS
            context = {"student": closed, "is_self": is_self, "is_shared": other in closed.school.parts}
            return render(request, "people/not_open.html", context)

    return cast(View[P], shown)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def parts_change(request: PersonRequest, organization: UUID) -> HttpResponse:
    """What is on, what comes, and a form to turn parts on or off; first it says whom that touches."""
    shown = get_permitted(request, Organization.objects.select_related("parent"), uuid=organization)
    now = parts_in_force(shown, request.day)
    above = shown.parent.name if shown.parent else ""
    form = PartsForm(request.POST or None, above=above, initial=_begin(request, shown, now.value))
    touched = None
    if form.is_valid():
        values, valid_from = form.values(), form.cleaned_data["valid_from"]
        if valid_from < request.day:
            form.add_error("valid_from", SENTENCES[TooLate])
        elif form.cleaned_data["is_sure"]:
            change_settings(
                organization=shown,
                valid_from=valid_from,
                values={"parts": values},
                actor=request.user,
                day=request.day,
            )
            messages.success(request, _("It is decided. Each part is on or off from its day on."))
            return redirect("people:parts-change", organization=shown.uuid)
        else:
            touched = read_touched(shown, values, valid_from)
    context: dict[str, Any] = {
        "organization": shown,
        "form": form,
        "now": now,
        "parts": [(part, part in now.value) for part in Part],
        "planned": [(row, _labels(row.parts)) for row in planned_parts(shown, request.day)],
        "touched": touched,
        "crumbs": way_to(request, shown),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "people/parts.html", context, status=status)


def _begin(request: PersonRequest, organization: Organization, now: list[str]) -> dict[str, Any]:
    own = own_settings(organization, request.day)
    decides = own is not None and own.parts is not None
    who = HERE if decides or organization.parent is None else ABOVE
    return {"valid_from": request.day, "who": who, "parts": now}


def _labels(parts: Any) -> list[Any] | None:
    return None if parts is None else [part.label for part in Part if part in parts]
