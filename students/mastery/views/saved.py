"""Saved views of the grid: any targets, any students, under a name."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.models import Target, Topic
from lpm.people.models import Group, Organization, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits
from students.mastery.forms.views import ViewForm, initial_of
from students.mastery.models import GridView
from students.mastery.queries.views import views_for
from students.mastery.services import ViewRefused, change_view, create_view, delete_view


@require_GET
@permits(None)
def view_list(request: PersonRequest) -> HttpResponse:
    """One's own views, and those that one's schools give."""
    views = list(views_for(request.user, request.day))
    context = {
        "own": [view for view in views if view.owner_id is not None],
        "given": [view for view in views if view.owner_id is None],
        "groups": Group.objects.visible_to(request.user, Action.RECORD_MARK, request.day).by_name(),
        "shared_in": set(_sharing(request).values_list("pk", flat=True)),
    }
    return render(request, "mastery/views.html", context)


def _sharing(request: PersonRequest) -> Any:
    return Organization.objects.visible_to(request.user, Action.SHARE_VIEW, request.day)


@require_http_methods(["GET", "POST"])
@permits(Action.VIEW_GROUP)
def view_create(request: PersonRequest, group: UUID) -> HttpResponse:
    """A new view, begun from a group: of its students, and of its school's curriculum."""
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    asked = {"groups": [shown.uuid], "topics": request.GET.getlist("topic")}
    form = _form(request, shown.school, may_share=True, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            view = create_view(
                person=request.user,
                school=shown.school,
                content=form.content(),
                day=request.day,
                is_for_school=form.is_for_the_school,
            )
        except ViewRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s is kept.") % {"name": view.name})
            return redirect("mastery:view-show", view=view.uuid)
    return _render_form(request, form, {"group": shown})


@require_http_methods(["GET", "POST"])
@permits(Action.VIEW_GROUP)
def view_change(request: PersonRequest, view: UUID) -> HttpResponse:
    shown = _find_mine(request, view)
    form = _form(
        request, shown.school, may_share=False, initial=initial_of(shown), is_for_school=shown.owner_id is None
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_view(view=shown, person=request.user, content=form.content(), day=request.day)
        except ViewRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("mastery:view-show", view=shown.uuid)
    return _render_form(request, form, {"view": shown})


@require_POST
@permits(Action.VIEW_GROUP)
def view_delete(request: PersonRequest, view: UUID) -> HttpResponse:
    shown = _find_mine(request, view)
    delete_view(view=shown, person=request.user, day=request.day)
    messages.success(request, _("%(name)s is removed. Nothing that was recorded is gone.") % {"name": shown.name})
    return redirect("mastery:view-list")


def _find_mine(request: PersonRequest, view: UUID) -> GridView:
    """A view that the person may change: their own, or one of a school to which they may give views."""
    shown: GridView | None = views_for(request.user, request.day).filter(uuid=view).first()
    if shown is None or (shown.owner_id is None and not _sharing(request).filter(pk=shown.school_id).exists()):
        raise Http404
    return shown


def _form(
    request: PersonRequest,
    school: Organization,
    *,
    may_share: bool,
    initial: dict[str, Any],
    is_for_school: bool = False,
) -> ViewForm:
    person, day = request.user, request.day
    topics = Topic.objects.used_by(school.pk)
    students = Student.objects.visible_to(person, Action.VIEW_STAFF_NOTES, day).filter(school=school)
    choices = {
        "groups": Group.objects.visible_to(person, Action.VIEW_GROUP, day).filter(school=school).by_name(),
        "students": students.named_for(person).by_name(),
        "topics": topics.select_related("area").in_order(),
    }
    return ViewForm(
        request.POST or None,
        choices=choices,
        targets=Target.objects.current().filter(topic__in=topics),
        may_share=may_share and _sharing(request).filter(pk=school.pk).exists(),
        is_of_school=is_for_school,
        initial=initial,
    )


def _render_form(request: PersonRequest, form: ViewForm, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "mastery/view_form.html", {"form": form, **context}, status=status)
