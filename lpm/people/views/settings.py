"""What an organization has decided, from which day on."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lpm.people.forms.organizations import LABELS, SettingsForm
from lpm.people.models import Organization, PeopleSettings
from lpm.people.policy import Action
from lpm.people.queries.organizations import Setting, own_settings, planned_settings, settings_in_force
from lpm.people.services.settings import change_settings
from lpm.people.views.door import PersonRequest, get_permitted, permits
from lpm.people.views.organizations import is_done, way_to


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def settings_change(request: PersonRequest, organization: UUID) -> HttpResponse:
    """What is in force, from which organization and since when; and a form to decide from a day on."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    planned = planned_settings(shown, request.day, list(LABELS))
    form = SettingsForm(request.POST or None, initial=_begin(request, shown, planned))
    if request.method == "POST" and form.is_valid():
        fields = {"valid_from": form.cleaned_data["valid_from"], "values": form.values()}
        if is_done(form, lambda: change_settings(organization=shown, actor=request.user, day=request.day, **fields)):
            messages.success(request, _("It is decided. Each setting holds from its day on."))
            return redirect("people:settings-change", organization=shown.uuid)
    context = {
        "organization": shown,
        "form": form,
        "rows": [_row(setting) for field, setting in settings_in_force(shown, request.day).items() if field in LABELS],
        "planned": [(row, _said(row)) for row in planned],
        "crumbs": way_to(request, shown),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "people/settings.html", context, status=status)


def _begin(request: PersonRequest, organization: Organization, planned: Sequence[PeopleSettings]) -> dict[str, Any]:
    """What the organization says today; where a planned day is asked for, what it says from then on."""
    asked = request.GET.get("from")
    own = [row for row in planned if row.organization_id == organization.pk and row.valid_from.isoformat() == asked]
    row = own[0] if own else own_settings(organization, request.day)
    typed = {name: _typed(getattr(row, name)) for name in LABELS} if row else {}
    return {"valid_from": own[0].valid_from if own else request.day, **typed}


def _typed(value: Any) -> Any:
    """A choice of a form is text."""
    return str(value).lower() if isinstance(value, bool) else value


def _row(setting: Setting) -> dict[str, Any]:
    return {"label": LABELS[setting.field], "words": in_words(setting.value), "setting": setting}


def _said(row: Any) -> list[tuple[Any, str]]:
    return [(label, in_words(value)) for name, label in LABELS.items() if (value := getattr(row, name)) is not None]


def in_words(value: Any) -> str:
    """A value of a setting, to read."""
    if value is None:
        return _("not decided")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(WEEKDAYS[day]) for day in sorted(value))
    return str(value)
