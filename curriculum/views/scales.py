"""Scales: the levels an organization judges by, what they are called, and which one a draft uses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from curriculum.forms.scales import NUMBERS, READY_MADE, ChooseScaleForm, NewScaleForm, ScaleForm, ready_made
from curriculum.models import Framework
from curriculum.queries.scales import scales_of
from curriculum.queries.writing import scales_within
from curriculum.services.scales import Named, change_scale, choose_scale, create_scale
from curriculum.views.writing import attempt, show_form
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible


@require_GET
@permits(Action.ADOPT_CURRICULUM)
def scale_list(request: PersonRequest) -> HttpResponse:
    owners = visible(request, Organization.objects)
    if not owners.exists():
        raise Http404
    context = {"scales": scales_of(owners.values("pk")), "ready_made": READY_MADE.items()}
    return render(request, "curriculum/scales.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.ADOPT_CURRICULUM)
def scale_create(request: PersonRequest) -> HttpResponse:
    """``?from=`` names a ready-made one to begin with."""
    owners = visible(request, Organization.objects).from_the_top()
    if not owners.exists():
        raise Http404
    initial = ready_made(request.GET.get("from", ""))
    form = NewScaleForm(request.POST or None, initial=initial, owners=owners)
    if request.POST.get("step_to") == "look":
        return _look(request, form, {})
    who: dict[str, Any] = {"actor": request.user, "day": request.day}
    if form.is_valid():
        data = {"owner": form.cleaned_data["owner"], "name": form.cleaned_data["name"]}
        said = {**data, "numbers": form.numbers(), "levels": form.levels()}
        if attempt(form, lambda: create_scale(**said, **who)):
            messages.success(request, _("The scale is there to be chosen."))
            return redirect("curriculum:scale-list")
    return show_form(request, "curriculum/scale.html", form, {})


@require_http_methods(["GET", "POST"])
@permits(Action.ADOPT_CURRICULUM)
def scale_change(request: PersonRequest, scale: UUID) -> HttpResponse:
    rows = scales_of(visible(request, Organization.objects).values("pk"))
    shown = get_object_or_404(rows, uuid=scale)
    levels = {level.value: Named(level.name, level.description) for level in shown.levels.all()}
    initial = {"name": shown.name, "levels": levels, **{name: getattr(shown, name) for name in NUMBERS}}
    form = ScaleForm(request.POST or None, initial=initial, is_fixed=shown.published_count > 0)
    context = {"scale": shown}
    if request.POST.get("step_to") == "look":
        return _look(request, form, context)
    who: dict[str, Any] = {"scale": shown, "actor": request.user, "day": request.day}
    if form.is_valid():
        said = {"name": form.cleaned_data["name"], "numbers": form.numbers(), "levels": form.levels()}
        if attempt(form, lambda: change_scale(**said, **who)):
            messages.success(request, _("Saved."))
            return redirect("curriculum:scale-list")
    return show_form(request, "curriculum/scale.html", form, context)


@require_http_methods(["GET", "POST"])
@permits(Action.PUBLISH_CURRICULUM)
def scale_choose(request: PersonRequest, framework: UUID) -> HttpResponse:
    """By which scale a draft is judged."""
    shown = get_permitted(request, Framework.objects.select_related("owner", "scale"), uuid=framework)
    scales = scales_within(Organization.objects.filter(pk=shown.owner_id))
    form = ChooseScaleForm(request.POST or None, scales=scales, initial={"scale": shown.scale.uuid})
    who: dict[str, Any] = {"framework": shown, "actor": request.user, "day": request.day}
    if form.is_valid() and attempt(form, lambda: choose_scale(scale=form.cleaned_data["scale"], **who)):
        messages.success(request, _("Saved."))
        return redirect("curriculum:framework-write", framework=framework)
    return show_form(request, "curriculum/scale_choose.html", form, {"framework": shown})


def _look(request: PersonRequest, form: ScaleForm, context: dict[str, Any]) -> HttpResponse:
    """How the levels would look; nothing is saved, and nothing is wrong yet."""
    form.is_valid()
    template = f"curriculum/scale.html{'#levels' if request.htmx else ''}"
    return render(request, template, {"form": form, **context}, status=HTTPStatus.OK)
