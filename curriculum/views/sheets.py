"""Curricula as spreadsheets: the template to fill, and what a framework holds in the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from curriculum.exports.spreadsheet import CSV, XLSX, Line, as_csv, as_xlsx, sheet_lines, template_lines
from curriculum.models import Framework
from curriculum.services import scale_for
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible


@require_GET
@permits(Action.IMPORT_CURRICULUM)
def sheet_template(request: PersonRequest) -> HttpResponse:
    """An .xlsx, with ``?as=csv`` a .csv; its levels are those of the scale where the person works."""
    owner = visible(request, Organization.objects).from_the_top().first()
    if owner is None:
        raise Http404
    return _download(request, template_lines(scale_for(owner)), "curriculum-template")


@require_GET
@permits(Action.WRITE_CURRICULUM)
def framework_sheet(request: PersonRequest, framework: UUID) -> HttpResponse:
    """All targets in use, in the columns of the template: to be changed and brought in again."""
    shown = get_permitted(request, Framework.objects.select_related("scale"), uuid=framework)
    return _download(request, sheet_lines(shown), slugify(shown.title)[:60] or "curriculum")


def _download(request: PersonRequest, lines: Sequence[Line], name: str) -> HttpResponse:
    is_csv = request.GET.get("as") == "csv"
    content = as_csv(lines) if is_csv else as_xlsx(lines)
    response = HttpResponse(content, content_type=CSV if is_csv else XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.{"csv" if is_csv else "xlsx"}"'
    return response
