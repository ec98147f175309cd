"""How all are doing, in counts: for those who lead a school, a district or a consortium."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from curriculum.exports.spreadsheet import CSV, XLSX
from lpm.lib.progress import read_progress
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits
from students.mastery.calculations.progress import HEARD_DAYS, LEARNED_DAYS, WAITING_DAYS
from students.mastery.calculations.suppression import LEAST
from students.mastery.exports.progress import progress_book, progress_lines, progress_rules, progress_table
from students.mastery.queries.progress import read_standing
from students.mastery.services.progress import ask_for_count, job_of, record_export


@require_GET
@permits(Action.VIEW_PROGRESS)
def progress_show(request: PersonRequest, organization: UUID) -> HttpResponse:
    """What is true of all, then by group; while a count is under way the page asks how far it is."""
    place = _place(request, organization)
    percent = read_progress(job_of(place))
    if request.htmx and not request.htmx.boosted:
        return _how_far(request, place, percent)
    context: dict[str, Any] = {
        "place": place,
        "standing": read_standing(place),
        "percent": _under_way(percent),
        "least": LEAST,
        "learned_days": LEARNED_DAYS,
        "heard_days": HEARD_DAYS,
        "waiting_days": WAITING_DAYS,
    }
    return render(request, "mastery/progress.html", context)


def _place(request: PersonRequest, uuid: UUID) -> Organization:
    """Teams are counted in their school."""
    places = Organization.objects.exclude(kind=OrganizationKind.TEAM).select_related("parent")
    found: Organization = get_permitted(request, places, uuid=uuid)
    return found


def _under_way(percent: int) -> int | None:
    return percent if 0 < percent < 100 else None


def _how_far(request: PersonRequest, place: Organization, percent: int) -> HttpResponse:
    if _under_way(percent) is None:
        return HttpResponseClientRefresh()
    return render(request, "mastery/progress_counting.html", {"place": place, "percent": percent})


@require_POST
@permits(Action.VIEW_PROGRESS)
def progress_count(request: PersonRequest, organization: UUID) -> HttpResponse:
    """Have it counted anew."""
    place = _place(request, organization)
    ask_for_count(organization=place, actor=request.user, day=request.day)
    messages.success(request, _("It is being counted."))
    return redirect("mastery:progress-show", organization=place.uuid)


@require_GET
@permits(Action.VIEW_PROGRESS)
def progress_export(request: PersonRequest, organization: UUID) -> HttpResponse:
    """What the page shows, as a spreadsheet: an .xlsx, with ``?as=csv`` a .csv."""
    place = _place(request, organization)
    standing = read_standing(place)
    lines = progress_lines(standing, place.name)
    record_export(organization=place, actor=request.user, day=request.day, row_count=len(lines) - 1)
    lines += progress_rules(standing)
    is_csv = request.GET.get("as") == "csv"
    content = progress_table(lines) if is_csv else progress_book(lines)
    response = HttpResponse(content, content_type=CSV if is_csv else XLSX)
    response["Content-Disposition"] = f'attachment; filename="progress-{request.day}.{"csv" if is_csv else "xlsx"}"'
    return response
