from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lpm.people.access import TEACHING_ROLES
from lpm.people.enums import OrganizationKind, Part, StaffRole
from lpm.people.forms.groups import GroupForm
from lpm.people.models import Group, Organization
from lpm.people.policy import Action
from lpm.people.queries.groups import BEFORE, end_of_year, seats_of, staff_of, terms_of
from lpm.people.services.groups import (
    LONGEST_SUBSTITUTION,
    AlreadyThere,
    FromRoster,
    LastTeacher,
    NotStaff,
    NotTheirs,
    OtherDistrict,
    TooLong,
    change_group,
    create_group,
)
from lpm.people.services.roles import WrongDates
from lpm.people.views.door import PersonRequest, get_permitted, permits

PAGE_SIZE = 50
Refusal = (AlreadyThere, FromRoster, LastTeacher, NotStaff, NotTheirs, OtherDistrict, TooLong, WrongDates)


@require_http_methods(["GET", "POST"])
@permits(Action.CREATE_GROUP)
def group_create(request: PersonRequest, organization: UUID) -> HttpResponse:
    """A class, advisory or seminar of a school."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    school = get_permitted(request, schools, uuid=organization)
    initial = {"starts_on": request.day, "ends_on": end_of_year(school, request.day)}
    form = GroupForm(request.POST or None, terms=terms_of(school, request.day), initial=initial)
    if form.is_valid():
        made: list[Group] = []
        values = form.values()
        if attempt(
            form, lambda: made.append(create_group(school=school, actor=request.user, day=request.day, **values))
        ):
            messages.success(request, _("The group is made. Now put its students in."))
            return redirect("people:group-show", group=made[0].uuid)
    return show_form(request, "people/group_create.html", form, {"school": school})


@require_GET
@permits(Action.VIEW_GROUP)
def group_show(request: PersonRequest, group: UUID) -> HttpResponse:
    """Who learns and teaches in a group, and when; for those who change it, and for those who may only look."""
    rows = Group.objects.select_related("school")
    managed = rows.visible_to(request.user, Action.MANAGE_GROUP, request.day).filter(uuid=group).first()
    shown = managed or get_permitted(request, rows, uuid=group)
    seats = Paginator(seats_of(shown, request.user, request.day), PAGE_SIZE).get_page(request.GET.get("page"))
    opens = Group.objects.visible_to(request.user, Action.VIEW_GROUP, request.day).filter(pk=shown.pk)
    starts = Group.objects.visible_to(request.user, Action.MANAGE_STUDENT, request.day).filter(pk=shown.pk)
    substitutes = staff_of(shown, request.day, [StaffRole.SUBSTITUTE]).filter(place__lt=BEFORE) if managed else []
    context = {
        "group": shown,
        "may_manage": managed is not None,
        "may_open": opens.exists(),
        "has_letters": {Part.FAMILIES, Part.LETTERS} <= set(shown.school.parts),
        "may_start": managed is not None and starts.exists(),
        "seats": seats,
        "teachers": staff_of(shown, request.day, TEACHING_ROLES),
        "substitutes": substitutes,
    }
    return render(request, "people/group.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def group_change(request: PersonRequest, group: UUID) -> HttpResponse:
    shown = managed_group(request, group)
    initial: dict[str, Any] = {
        "kind": shown.kind,
        "name": shown.name,
        "starts_on": shown.starts_on,
        "ends_on": shown.ends_on,
    }
    initial["terms"] = list(shown.terms.values_list("uuid", flat=True))
    form = GroupForm(request.POST or None, terms=terms_of(shown.school, request.day, shown), initial=initial)
    if form.is_valid():
        values = form.values()
        if attempt(form, lambda: change_group(group=shown, actor=request.user, day=request.day, **values)):
            messages.success(request, _("The group is changed."))
            return redirect("people:group-show", group=shown.uuid)
    return show_form(request, "people/group_change.html", form, {"group": shown})


def managed_group(request: PersonRequest, uuid: UUID) -> Group:
    group: Group = get_permitted(request, Group.objects.select_related("school"), uuid=uuid)
    return group


def attempt(form: Form, change: Callable[[], object]) -> bool:
    """Whether the service did it; what it refuses becomes a sentence of the form."""
    try:
        change()
    except Refusal as refusal:
        form.add_error(None, sentence(refusal))
        return False
    return True


def show_form(request: PersonRequest, template: str, form: Form, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, template, {"form": form, **context}, status=status)


def sentence(refusal: Exception) -> str:
    """What a service refused, for the person who asked."""
    if isinstance(refusal, AlreadyThere):
        return ngettext(
            "One of them is in this group on some of these days already. Choose other days, or leave them out.",
            "%(n)s of them are in this group on some of these days already. Choose other days, or leave them out.",
            len(refusal.pks),
        ) % {"n": len(refusal.pks)}
    words = {
        FromRoster: _("This comes from the school’s roster, which would set it again. Change it there."),
        LastTeacher: _("Nobody would teach this group after that day. Add another teacher first, or ask the office."),
        NotStaff: _("Choose somebody from the list of staff."),
        NotTheirs: _("You can put in students you teach. For others, ask the school office."),
        OtherDistrict: _("A student of another district cannot be in this group."),
        TooLong: _("Somebody can stand in for up to %(n)s days at a time.") % {"n": LONGEST_SUBSTITUTION},
        WrongDates: _("The last day lies before the first, or is over. Look at the dates."),
    }
    return words[type(refusal)]
