"""Curricula to write: the list of them, a new one, publishing a draft, and who writes on one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.forms.writing import NewFrameworkForm, SearchForm, WriterForm
from curriculum.models import Framework
from curriculum.queries.writing import (
    nameable,
    read_readiness,
    scales_within,
    writers_of,
    written_frameworks,
)
from curriculum.services.edits import EditRefused
from curriculum.services.writing import create_framework, end_writer, name_writer, publish_framework
from curriculum.views.writing import attempt, bench, show_form
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.queries.groups import named_like
from lpm.people.views import PersonRequest, get_permitted, permits, visible

SHOWN = 20


@require_GET
@permits(Action.WRITE_CURRICULUM)
def draft_list(request: PersonRequest) -> HttpResponse:
    """The curricula that the person writes."""
    allowed = Organization.objects.visible_to(request.user, Action.PUBLISH_CURRICULUM, request.day)
    context = {"frameworks": written_frameworks(request.user, request.day), "may_create": allowed.exists()}
    return render(request, "curriculum/write_list.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.PUBLISH_CURRICULUM)
def framework_create(request: PersonRequest) -> HttpResponse:
    owners = visible(request, Organization.objects).from_the_top()
    if not owners:
        raise Http404
    organizations = Organization.objects.filter(pk__in=[owner.pk for owner in owners])
    form = NewFrameworkForm(request.POST or None, owners=owners, scales=scales_within(organizations))
    made: list[Framework] = []
    who: dict[str, Any] = {"actor": request.user, "day": request.day}
    if form.is_valid() and attempt(form, lambda: made.append(create_framework(**form.cleaned_data, **who))):
        messages.success(request, _("The draft is begun. Nobody sees it but those who write it."))
        return redirect("curriculum:framework-write", framework=made[0].uuid)
    return show_form(request, "curriculum/write_new.html", form, {})


@require_http_methods(["GET", "POST"])
@permits(Action.PUBLISH_CURRICULUM)
def framework_publish(request: PersonRequest, framework: UUID) -> HttpResponse:
    """What is in a draft, and what could still be written; then it is published."""
    workshop = bench(request, framework)
    shown = workshop.framework
    if request.method == "POST":
        try:
            publish_framework(framework=shown, actor=request.user, day=request.day)
        except EditRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("curriculum:framework-publish", framework=framework)
        messages.success(request, _("%(title)s is published.") % {"title": shown.title})
        return redirect("curriculum:framework-show", framework=framework)
    context = {"workshop": workshop, "ready": read_readiness(workshop)}
    return render(request, "curriculum/write_publish.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.PUBLISH_CURRICULUM)
def writer_list(request: PersonRequest, framework: UUID) -> HttpResponse:
    """Who writes on a curriculum beside its curriculum leads; naming one more. Names are kept out of addresses."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    people = nameable(shown, request.day)
    form = WriterForm(request.POST if request.POST.get("step") == "save" else None, people=people)
    if form.is_valid():
        data = form.cleaned_data
        who: dict[str, Any] = {"actor": request.user, "day": request.day}
        if attempt(form, lambda: name_writer(framework=shown, user=data["user"], ends_on=data["ends_on"], **who)):
            messages.success(request, _("%(name)s writes on it now.") % {"name": data["user"].name})
            return redirect("curriculum:writer-list", framework=framework)
    search = SearchForm(request.POST or None)
    words = str(search.cleaned_data.get("q") or "") if search.is_valid() else ""
    found = list(named_like(people.select_related("organization"), words)[: SHOWN + 1])
    context = {
        "framework": shown,
        "writers": writers_of(shown, request.day),
        "search": search,
        "found": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "picked": request.POST.get("user", ""),
    }
    return show_form(request, "curriculum/write_writers.html", form, context)


@require_POST
@permits(Action.PUBLISH_CURRICULUM)
def writer_end(request: PersonRequest, framework: UUID, writer: UUID) -> HttpResponse:
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    row = writers_of(shown, request.day).select_related("user", "framework__owner").filter(uuid=writer).first()
    if row is None:
        raise Http404
    end_writer(writer=row, actor=request.user, day=request.day)
    messages.success(request, _("%(name)s does not write on it any more.") % {"name": row.user.name})
    return redirect("curriculum:writer-list", framework=framework)
