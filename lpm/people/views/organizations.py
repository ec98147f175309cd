"""Organizations: the tree, one of them, and its calendar."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.enums import OrganizationKind, TermKind
from lpm.people.forms.organizations import ClosureForm, OrganizationForm, SpanForm, TermForm
from lpm.people.models import Closure, Organization, SchoolYear, Term
from lpm.people.policy import Action
from lpm.people.queries import calendar as times
from lpm.people.queries.organizations import count_people, may, rights_at, trees
from lpm.people.services import PARENT_KINDS, create_organization
from lpm.people.services.calendar import (
    OutsideYear,
    Overlaps,
    Span,
    TooLong,
    add_closures,
    add_school_year,
    add_term,
    change_closure,
    change_school_year,
    change_term,
    remove_closure,
)
from lpm.people.services.organizations import RosterOwns, change_organization
from lpm.people.services.roles import WrongDates
from lpm.people.services.settings import TooLate
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible

SENTENCES: dict[type[Exception], Any] = {
    RosterOwns: gettext_lazy("This comes from the roster, and is changed there."),
    WrongDates: gettext_lazy("The last day lies before the first."),
    TooLong: gettext_lazy("A school year has at most 400 days. Look at the two days again."),
    Overlaps: gettext_lazy("Some of these days are taken by another one of the same kind."),
    OutsideYear: gettext_lazy("Terms lie within their school year. Look at the first and the last day."),
    TooLate: gettext_lazy("Choose today or a day to come. What people could see on a past day has happened."),
}
REFUSALS = tuple(SENTENCES)
HUB = (
    Action.MANAGE_ORGANIZATION,
    Action.IMPORT_ROSTER,
    Action.EXPORT_ROSTER,
    Action.MANAGE_STUDENT,
    Action.ROLL_OVER,
    Action.VIEW_AUDIT,
)


def kinds_below(organization: Organization) -> list[OrganizationKind]:
    return [OrganizationKind(kind) for kind, above in PARENT_KINDS.items() if above == organization.kind]


@require_GET
@permits(Action.MANAGE_ORGANIZATION)
def organization_list(request: PersonRequest) -> HttpResponse:
    """What is under the organizations that the person administers, as trees."""
    branches = trees(visible(request, Organization.objects))
    if not branches:
        raise Http404
    return render(request, "people/organizations.html", {"branches": branches})


@require_GET
@permits(Action.VIEW_DIRECTORY)
def organization_show(request: PersonRequest, organization: UUID) -> HttpResponse:
    """The hub of one organization: who is there, what is below, and where to change it."""
    shown = get_permitted(request, Organization.objects.select_related("parent"), uuid=organization)
    context = {
        "organization": shown,
        "counts": count_people(shown, request.day),
        "below": visible(request, Organization.objects).filter(parent=shown).by_name(),
        "year": times.current_school_year(shown, request.day),
        "kinds_below": kinds_below(shown),
        "crumbs": way_to(request, shown)[:-1],
        "may": rights_at(request.user, shown, request.day, HUB),
    }
    return render(request, "people/organization.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def organization_add(request: PersonRequest, organization: UUID) -> HttpResponse:
    above = get_permitted(request, Organization.objects, uuid=organization)
    kinds = kinds_below(above)
    if not kinds:
        raise Http404
    form = OrganizationForm(request.POST or None, shown=above, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        data["kind"] = OrganizationKind(data["kind"])
        made = create_organization(parent=above, actor=request.user, day=request.day, **data)
        return redirect("people:organization-show", organization=made.uuid)
    title = _("New %(kind)s") % {"kind": kinds[0].label}
    return _form_page(request, above, form, title, _("Make it"))


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def organization_change(request: PersonRequest, organization: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    title = shown.name  # before the form is saved
    form = OrganizationForm(request.POST or None, shown=shown)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if is_done(form, lambda: change_organization(organization=shown, actor=request.user, day=request.day, **data)):
            return redirect("people:organization-show", organization=shown.uuid)
    return _form_page(request, shown, form, _("Change %(name)s") % {"name": title}, _("Save"))


def is_done(form: forms.Form, change: Any) -> bool:
    """Whether the service did it; else the form says why not."""
    try:
        change()
    except REFUSALS as refused:
        form.add_error(None, SENTENCES[type(refused)])
        return False
    return True


def _form_page(
    request: PersonRequest,
    organization: Organization,
    form: forms.Form,
    title: str,
    action: str,
    above: list[dict[str, str]] | None = None,
    **context: Any,
) -> HttpResponse:
    crumbs = [*way_to(request, organization), *(above or [])]
    context = {"form": form, "title": title, "action": action, "crumbs": crumbs, "back": crumbs[-1]["url"], **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "people/organization_form.html", context, status=status)


def way_to(request: PersonRequest, organization: Organization) -> list[dict[str, str]]:
    """The organizations above that the person may see, and this one. One query."""
    seen = Organization.objects.visible_to(request.user, Action.VIEW_DIRECTORY, request.day)
    way = seen.filter(below__descendant=organization).order_by("-below__depth")
    return [
        {"url": reverse("people:organization-show", kwargs={"organization": one.uuid}), "label": one.name}
        for one in way
    ]


# The calendar


@require_GET
@permits(Action.VIEW_DIRECTORY)
def calendar_show(request: PersonRequest, organization: UUID) -> HttpResponse:
    """A school year drawn month by month, its terms and the days without school. ``?year=`` is the one it ends in."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    years = times.school_years(shown)
    year = _chosen_year(request, years)
    context = {
        "organization": shown,
        "years": years,
        "year": year,
        "may_change": may(request.user, Action.MANAGE_ORGANIZATION, shown, request.day),
        "crumbs": way_to(request, shown),
        **(_drawn(request, shown, year) if year else {}),
    }
    return render(request, "people/calendar.html", context)


def _chosen_year(request: PersonRequest, years: list[SchoolYear]) -> SchoolYear | None:
    """The one asked for, or the one of today, or the next one to come, or the last."""
    asked = request.GET.get("year", "")
    for year in years:
        if asked == str(year.ends_in):
            return year
    coming = [year for year in years if year.ends_on >= request.day]
    return coming[-1] if coming else next(iter(years), None)


def _drawn(request: PersonRequest, organization: Organization, year: SchoolYear) -> dict[str, Any]:
    calendar, terms = times.calendar_of(organization), times.terms(year)
    named = [
        closure
        for closure in times.closures(organization)
        if closure.starts_on <= year.ends_on and closure.ends_on >= year.starts_on
    ]
    parts: list[SchoolYear | Term] = [year, *terms]
    edges = [edge for part in parts for edge in _edges(part)]
    return {
        "terms": terms,
        "closures": named,
        "months": times.draw_year(year, calendar, named, edges, request.day),
        "day_count": len(calendar.days(year.starts_on, year.ends_on)),
        "weekday_names": [str(name) for name in WEEKDAYS.values()],
    }


def _edges(part: SchoolYear | Term) -> list[times.Edge]:
    return [
        times.Edge(part.starts_on, _("%(title)s begins") % {"title": part.title}),
        times.Edge(part.ends_on, _("%(title)s ends") % {"title": part.title}),
    ]


def _calendar_crumb(organization: Organization) -> list[dict[str, str]]:
    url = reverse("people:calendar-show", kwargs={"organization": organization.uuid})
    return [{"url": url, "label": _("Calendar")}]


def _to_calendar(organization: Organization, day: Any) -> HttpResponse:
    """To the school year in which ``day`` may be seen."""
    year = times.current_school_year(organization, day)
    url = reverse("people:calendar-show", kwargs={"organization": organization.uuid})
    return redirect(f"{url}?year={year.ends_in}" if year else url)


def _span_of(form: SpanForm) -> Span:
    return Span(**{name: form.cleaned_data[name] for name in ("title", "starts_on", "ends_on")})


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def school_year_add(request: PersonRequest, organization: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    form = SpanForm(request.POST or None, initial=_next_year(shown, request))
    if request.method == "POST" and form.is_valid():
        span = _span_of(form)
        if is_done(form, lambda: add_school_year(organization=shown, span=span, actor=request.user, day=request.day)):
            return _to_calendar(shown, span.starts_on)
    return _form_page(request, shown, form, _("New school year"), _("Add"), _calendar_crumb(shown))


def _next_year(organization: Organization, request: PersonRequest) -> dict[str, Any]:
    """What the newest school year suggests for the one after it: the same weekdays, 52 weeks later."""
    for newest in times.school_years(organization)[:1]:
        begin, end = (day + timedelta(weeks=52) for day in (newest.starts_on, newest.ends_on))
        return {"title": f"{begin.year}–{end.year}", "starts_on": begin, "ends_on": end}
    return {}


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def school_year_change(request: PersonRequest, year: UUID) -> HttpResponse:
    organization = get_permitted(request, Organization.objects, school_years__uuid=year)
    shown = SchoolYear.objects.select_related("organization").get(uuid=year)
    form = SpanForm(request.POST or None, initial=_span_values(shown))
    if request.method == "POST" and form.is_valid():
        span = _span_of(form)
        if is_done(form, lambda: change_school_year(year=shown, span=span, actor=request.user, day=request.day)):
            return _to_calendar(organization, span.starts_on)
    return _form_page(
        request,
        organization,
        form,
        _("Change the school year"),
        _("Save"),
        _calendar_crumb(organization),
        from_roster=bool(shown.source_id),
    )


def _span_values(row: SchoolYear | Term | Closure) -> dict[str, Any]:
    return {"title": row.title, "starts_on": row.starts_on, "ends_on": row.ends_on}


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def term_add(request: PersonRequest, year: UUID) -> HttpResponse:
    organization = get_permitted(request, Organization.objects, school_years__uuid=year)
    within = SchoolYear.objects.select_related("organization").get(uuid=year)
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind, span = TermKind(form.cleaned_data["kind"]), _span_of(form)
        if is_done(form, lambda: add_term(year=within, kind=kind, span=span, actor=request.user, day=request.day)):
            return _to_calendar(organization, within.starts_on)
    title = _("New term in %(year)s") % {"year": within.title}
    return _form_page(request, organization, form, title, _("Add"), _calendar_crumb(organization))


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def term_change(request: PersonRequest, term: UUID) -> HttpResponse:
    organization = get_permitted(request, Organization.objects, school_years__terms__uuid=term)
    shown = Term.objects.select_related("school_year__organization").get(uuid=term)
    form = TermForm(request.POST or None, initial={"kind": shown.kind, **_span_values(shown)})
    if request.method == "POST" and form.is_valid():
        kind, span = TermKind(form.cleaned_data["kind"]), _span_of(form)
        if is_done(form, lambda: change_term(term=shown, kind=kind, span=span, actor=request.user, day=request.day)):
            return _to_calendar(organization, shown.starts_on)
    return _form_page(
        request,
        organization,
        form,
        _("Change the term"),
        _("Save"),
        _calendar_crumb(organization),
        from_roster=bool(shown.source_id),
    )


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def closure_add(request: PersonRequest, organization: UUID) -> HttpResponse:
    """One day without school, or a whole list of them."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    form = ClosureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        spans = [Span(line.title, line.starts_on, line.ends_on) for line in form.found()]
        if is_done(form, lambda: add_closures(organization=shown, spans=spans, actor=request.user, day=request.day)):
            said = ngettext("%(n)s closure is in the calendar.", "%(n)s closures are in the calendar.", len(spans))
            messages.success(request, said % {"n": len(spans)})
            return _to_calendar(shown, spans[0].starts_on)
    return _form_page(request, shown, form, _("Days without school"), _("Add"), _calendar_crumb(shown))


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_ORGANIZATION)
def closure_change(request: PersonRequest, closure: UUID) -> HttpResponse:
    organization = get_permitted(request, Organization.objects, closures__uuid=closure)
    shown = Closure.objects.select_related("organization").get(uuid=closure)
    form = SpanForm(request.POST or None, initial=_span_values(shown))
    if request.method == "POST" and form.is_valid():
        span = _span_of(form)
        if is_done(form, lambda: change_closure(closure=shown, span=span, actor=request.user, day=request.day)):
            return _to_calendar(organization, span.starts_on)
    return _form_page(
        request,
        organization,
        form,
        _("Change days without school"),
        _("Save"),
        _calendar_crumb(organization),
        remove=reverse("people:closure-remove", kwargs={"closure": shown.uuid}),
    )


@require_POST
@permits(Action.MANAGE_ORGANIZATION)
def closure_remove(request: PersonRequest, closure: UUID) -> HttpResponse:
    organization = get_permitted(request, Organization.objects, closures__uuid=closure)
    shown = Closure.objects.select_related("organization").get(uuid=closure)
    day = shown.starts_on
    remove_closure(closure=shown, actor=request.user, day=request.day)
    messages.success(request, _("There is school on these days again."))
    return _to_calendar(organization, day)
