from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.access import TEACHING_ROLES
from lpm.people.enums import StaffRole
from lpm.people.forms.groups import SearchForm, SpanForm, StaffForm, SubstituteForm
from lpm.people.models import Group, Staffing, User
from lpm.people.policy import Action
from lpm.people.queries.groups import named_like, read_morning, staff_of_district, staff_of_school, substitutable
from lpm.people.services.groups import add_staff, assign_substitute, change_staff, withdraw_substitute
from lpm.people.services.roles import WrongDates
from lpm.people.views.door import PersonRequest, permits
from lpm.people.views.groups.group import PAGE_SIZE, attempt, managed_group, sentence, show_form


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def staffing_create(request: PersonRequest, group: UUID) -> HttpResponse:
    """Another teacher, or a co-teacher."""
    shown = managed_group(request, group)
    people = staff_of_school(shown.school, request.day)
    form = StaffForm(_saving(request), people=people, initial={"starts_on": request.day, **_typed(request)})
    if form.is_valid():
        data = form.cleaned_data
        who: dict[str, Any] = {
            "user": data["user"],
            "role": StaffRole(data["role"]),
            "actor": request.user,
            "day": request.day,
        }
        if attempt(form, lambda: add_staff(group=shown, **who, **form.span())):
            messages.success(request, _("%(name)s is in the group now.") % {"name": data["user"].name})
            return redirect("people:group-show", group=shown.uuid)
    return show_form(request, "people/group_teachers.html", form, {"group": shown, **_found(request, people)})


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def staffing_change(request: PersonRequest, group: UUID, staffing: UUID) -> HttpResponse:
    """The days of a teacher or co-teacher."""
    shown = managed_group(request, group)
    row = _row_of(shown, staffing, TEACHING_ROLES)
    form = SpanForm(request.POST or None, initial={"starts_on": row.starts_on, "ends_on": row.ends_on})
    if form.is_valid():
        change: dict[str, Any] = {"staffing": row, "actor": request.user, "day": request.day, **form.span()}
        if attempt(form, lambda: change_staff(**change)):
            messages.success(request, _("The days are changed."))
            # Whoever ends their own days at once may not see the group any more.
            still = Group.objects.visible_to(request.user, Action.MANAGE_GROUP, request.day).filter(pk=shown.pk)
            return redirect("people:group-show", group=shown.uuid) if still.exists() else redirect("home:home")
    return show_form(request, "people/group_days.html", form, {"group": shown, "staffing": row, "name": row.user.name})


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def substitute_create(request: PersonRequest, group: UUID) -> HttpResponse:
    """Somebody stands in for the teachers of the groups named, on the days named."""
    shown = managed_group(request, group)
    people = staff_of_district(shown.district_id)
    groups = substitutable(shown, request.user, request.day)
    start = {"first_day": request.day, "last_day": request.day, "groups": [shown.uuid], **_typed(request)}
    form = SubstituteForm(
        _saving(request), people=people, groups=Group.objects.filter(pk__in=[row.pk for row in groups]), initial=start
    )
    if form.is_valid():
        data = form.cleaned_data
        who: dict[str, Any] = {
            "groups": list(data["groups"]),
            "user": data["user"],
            "actor": request.user,
            "day": request.day,
        }
        days: dict[str, Any] = {"first_day": data["first_day"], "last_day": data["last_day"]}
        if attempt(form, lambda: assign_substitute(**who, **days)):
            messages.success(request, _("%(name)s stands in on these days.") % {"name": data["user"].name})
            return redirect("people:group-show", group=shown.uuid)
    return show_form(request, "people/group_substitute.html", form, {"group": shown, **_found(request, people)})


@require_POST
@permits(Action.MANAGE_GROUP)
def substitute_withdraw(request: PersonRequest, group: UUID, substitution: UUID) -> HttpResponse:
    shown = managed_group(request, group)
    row = _row_of(shown, substitution, [StaffRole.SUBSTITUTE])
    try:
        withdraw_substitute(staffing=row, actor=request.user, day=request.day)
    except WrongDates as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("%(name)s does not stand in any more.") % {"name": row.user.name})
    return redirect("people:group-show", group=shown.uuid)


@require_GET
@permits(None)
def morning(request: PersonRequest) -> HttpResponse:
    """A substitute's day: the groups of today and no other, who is in them, and whom to ask."""
    return render(request, "people/morning.html", {"groups": read_morning(request.user, request.day)})


def _saving(request: PersonRequest) -> Any:
    return request.POST if request.POST.get("step") == "save" else None


def _typed(request: PersonRequest) -> dict[str, Any]:
    """What was typed beside a search, so that it is not lost."""
    said = {name: request.POST[name] for name in ("starts_on", "ends_on", "first_day", "last_day", "role")
            if name in request.POST}  # fmt: skip
    return said | ({"groups": request.POST.getlist("groups")} if "groups" in request.POST else {})


def _found(request: PersonRequest, people: Any) -> dict[str, Any]:
    search = SearchForm(request.POST or None)
    found: Page[User] = Paginator(named_like(people, search.words()), PAGE_SIZE).get_page(search.page_number())
    return {"search": search, "found": found, "picked": request.POST.get("user", "")}


def _row_of(group: Group, uuid: UUID, roles: Any) -> Staffing:
    rows = Staffing.objects.filter(group=group, role__in=roles).select_related("user", "group__school")
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row
