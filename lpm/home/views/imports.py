"""Bringing in a curriculum or a roster: upload, look, apply."""

from __future__ import annotations

import csv
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.imports import read_rules
from lpm.home.forms import ImportForm, MappingForm
from lpm.home.services import BRINGING_IN, EndsNotAccepted, NotReady, apply_import, choose_mapping, start_import
from lpm.lib.progress import read_progress
from lpm.people.enums import ImportKind, ImportState
from lpm.people.models import ImportRun, Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible

SHOWN_RUNS = 50


@require_http_methods(["GET", "POST"])
@permits(Action.RUN_IMPORT)
def import_list(request: PersonRequest) -> HttpResponse:
    """The form to bring in a file, and what was brought in before."""
    form = ImportForm(request.POST or None, request.FILES or None, organizations=_organizations(request))
    if not form.organizations:
        raise Http404
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        file = data["file"]
        run = start_import(
            kind=ImportKind(data["kind"]),
            organization=data["organization"],
            started_by=request.user,
            data=file.read() if file else b"",
            file_name=file.name if file else "",
            url=data["url"],
        )
        return redirect("home:import-show", run=run.uuid)
    runs = visible(request, ImportRun.objects).select_related("organization", "started_by").defer("report")
    context = {"form": form, "runs": runs.order_by("-created_at", "-pk")[:SHOWN_RUNS]}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "home/imports.html", context, status=status)


@require_GET
@permits(Action.RUN_IMPORT)
def import_show(request: PersonRequest, run: UUID) -> HttpResponse:
    """How far an import is, and what it would change or did. The page asks again while a worker is at it."""
    shown = get_permitted(request, ImportRun.objects.select_related("organization", "started_by"), uuid=run)
    context = {"run": shown, "progress": read_progress(str(shown.uuid)), "mapping": _mapping(shown)}
    return render(request, f"home/import.html{'#run' if request.htmx else ''}", context)


@require_POST
@permits(Action.RUN_IMPORT)
def import_apply(request: PersonRequest, run: UUID) -> HttpResponse:
    shown = get_permitted(request, ImportRun.objects, uuid=run)
    try:
        apply_import(run=shown, actor=request.user, accepts_ends="accepts_ends" in request.POST)
    except EndsNotAccepted:
        messages.error(
            request, _("So much would end that you have to say first that it is meant. Nothing was changed.")
        )
    except NotReady:
        messages.error(
            request,
            _("This file cannot be applied. Look at what is written below, mend it, and send it again."),
        )
    return redirect("home:import-show", run=shown.uuid)


@require_POST
@permits(Action.RUN_IMPORT)
def import_map(request: PersonRequest, run: UUID) -> HttpResponse:
    """What each sort of item becomes, said anew; the file is checked once more."""
    shown = get_permitted(request, ImportRun.objects.select_related("organization", "started_by"), uuid=run)
    form = _mapping(shown, request.POST)
    if form is not None and not form.is_valid():
        context = {"run": shown, "progress": 0, "mapping": form}
        return render(request, "home/import.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        choose_mapping(run=shown, rules=form.rules() if form else {}, actor=request.user)
    except NotReady:
        messages.error(request, _("What becomes of this file cannot be changed now. Look how it stands."))
    return redirect("home:import-show", run=shown.uuid)


def _mapping(run: ImportRun, data: QueryDict | None = None) -> MappingForm | None:
    """The form of a checked curriculum; None for all else."""
    sorts = run.report.get("sorts")
    if not sorts or run.state != ImportState.CHECKED:
        return None
    return MappingForm(data, sorts=sorts, before=read_rules(run.choices.get("rules", [])))


@require_GET
@permits(Action.RUN_IMPORT)
def import_left_out(request: PersonRequest, run: UUID) -> HttpResponse:
    """The rows that are left out, as a table for whoever mends them: file, line, column, sentence."""
    shown = get_permitted(request, ImportRun.objects, uuid=run)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-left-out.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["file", "line", "column", "sentence"])
    for problem in shown.report.get("left_out", []):
        writer.writerow([problem["file"], problem["line"] or "", problem["column"], problem["sentence"]])
    return response


def _organizations(request: PersonRequest) -> dict[ImportKind, object]:
    rows = Organization.objects
    return {kind: rows.visible_to(request.user, action, request.day) for kind, action in BRINGING_IN.items()}
