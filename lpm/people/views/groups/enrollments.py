from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lpm.people.calculations.class_list import Found
from lpm.people.forms.groups import EnrollForm, ListForm, SearchForm, SpanForm, answered, chosen
from lpm.people.models import Enrollment
from lpm.people.policy import Action
from lpm.people.queries.groups import ClassList, enrollable, named_like, read_list, seats_of
from lpm.people.services.groups import change_enrollment, enroll_students, receive_class_list
from lpm.people.views.door import PersonRequest, permits
from lpm.people.views.groups.group import PAGE_SIZE, attempt, managed_group, show_form


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def enrollment_create(request: PersonRequest, group: UUID) -> HttpResponse:
    """Look for students, and put those chosen into the group."""
    shown = managed_group(request, group)
    students = enrollable(request.user, shown, request.day)
    search = SearchForm(request.POST or None)
    saving = request.POST if request.POST.get("step") == "save" else None
    typed = {name: request.POST[name] for name in ("starts_on", "ends_on") if name in request.POST}
    form = EnrollForm(saving, students=students, initial={"starts_on": request.day, **typed})
    if form.is_valid():
        picked = list(form.cleaned_data["students"])
        who: dict[str, Any] = {"students": picked, "actor": request.user, "day": request.day}
        if attempt(form, lambda: enroll_students(group=shown, **who, **form.span())):
            messages.success(request, _put_in(len(picked)))
            return redirect("people:group-show", group=shown.uuid)
    still = Q(ends_on__isnull=True) | Q(ends_on__gte=request.day)
    others = students.exclude(Exists(Enrollment.objects.filter(still, group=shown, student=OuterRef("pk"))))
    found = Paginator(named_like(others, search.words()), PAGE_SIZE).get_page(search.page_number())
    context = {"group": shown, "search": search, "found": found, "picked": request.POST.getlist("students")}
    return show_form(request, "people/group_students.html", form, context)


def _put_in(count: int) -> str:
    said = ngettext("%(n)s student is put in.", "%(n)s students are put in.", count)
    return said % {"n": count}


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def enrollment_change(request: PersonRequest, group: UUID, enrollment: UUID) -> HttpResponse:
    """Move a student's days in the group, or take them out after a last day."""
    shown = managed_group(request, group)
    seat = seats_of(shown, request.user, request.day).filter(uuid=enrollment).select_related("group").first()
    if seat is None:
        raise Http404
    form = SpanForm(request.POST or None, initial={"starts_on": seat.starts_on, "ends_on": seat.ends_on})
    if form.is_valid():
        change: dict[str, Any] = {"enrollment": seat, "actor": request.user, "day": request.day, **form.span()}
        if attempt(form, lambda: change_enrollment(**change)):
            messages.success(request, _("The days are changed."))
            return redirect("people:group-show", group=shown.uuid)
    context = {"group": shown, "seat": seat, "name": seat.student.name}
    return show_form(request, "people/group_days.html", form, context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_GROUP)
def list_paste(request: PersonRequest, group: UUID) -> HttpResponse:
    """A class list in three steps: paste, look at who is meant, save. Nothing is saved before the last."""
    shown = managed_group(request, group)
    if request.POST.get("step") == "again":
        form = ListForm(initial={name: request.POST.get(name) for name in ListForm.base_fields})
    else:
        form = ListForm(request.POST or None, initial={"starts_on": request.day, "ends_on": shown.ends_on})
    if not form.is_valid():
        return show_form(request, "people/group_paste.html", form, {"group": shown})
    read: dict[str, Any] = {"group": shown, "user": request.user, "day": request.day, **form.span()}
    listing = answered(read_list(text=form.cleaned_data["text"], **read), request.POST)
    students, newcomers = chosen(listing)
    if request.POST.get("step") == "save":
        _check_same(request, form, listing, any_chosen=bool(students or newcomers))
        rows: dict[str, Any] = {
            "student_ids": students,
            "newcomers": newcomers,
            "actor": request.user,
            "day": request.day,
        }
        if form.is_valid() and attempt(form, lambda: receive_class_list(group=shown, **rows, **form.span())):
            messages.success(request, _put_in(len(students) + len(newcomers)))
            return redirect("people:group-show", group=shown.uuid)
    context = {
        "group": shown,
        "form": form,
        "listing": listing,
        "matched": listing.having(Found.MATCHED),
        "there": listing.having(Found.THERE),
        "repeated": listing.having(Found.REPEATED),
    }
    return render(request, "people/group_preview.html", context, status=200 if form.is_valid() else 422)


def _check_same(request: PersonRequest, form: ListForm, listing: ClassList, *, any_chosen: bool) -> None:
    """What is saved is what was shown."""
    if request.POST.get("fingerprint") != listing.fingerprint:
        form.add_error(None, _("Something has changed since you looked: look at the lines again, then save."))
    elif not any_chosen:
        form.add_error(None, _("Nobody is chosen yet. Say for one line at least who is meant."))
