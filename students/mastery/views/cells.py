"""What happens in the cells of a grid beside marks: news of others, accepting, remarks."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_GET, require_POST

from curriculum.models import Target
from lpm.lib.ids import uuid7
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks, visible
from students.mastery.enums import RemarkReason
from students.mastery.forms.grid import read_moment
from students.mastery.forms.marks import RemarkForm, RemarkUndoForm
from students.mastery.models import Judgement
from students.mastery.queries.grid import Standing, look_as_dict, read_changed, recency_of
from students.mastery.queries.remarks import read_remarks
from students.mastery.services import MarkRefused, NotAllowed, accept_agreeing, record_remark, take_back_remark
from students.mastery.views.axes import Axes, axes_of_group, axes_of_view
from students.mastery.views.grid import find_view
from students.mastery.views.marks import find_in_group, first_error, is_somebody_else, other_person, wants_json


@require_GET
@permits(Action.VIEW_GROUP)
def grid_changes(request: PersonRequest, group: UUID) -> HttpResponse:
    """The cells that anybody changed since the moment of ``since``, and the moment up to which that is."""
    return _changes(request, axes_of_group(request, group))


@require_GET
@permits(Action.VIEW_STAFF_NOTES)
def view_changes(request: PersonRequest, view: UUID) -> HttpResponse:
    return _changes(request, axes_of_view(request, find_view(request, view)))


def _changes(request: PersonRequest, axes: Axes) -> HttpResponse:
    since = read_moment(request.GET.get("since", "").replace(" ", "+"))
    now = timezone.now()
    if since is None:
        return JsonResponse({"now": now.isoformat(), "cells": []})
    standing = Standing(recency_days=recency_of(axes.school.pk, request.day))
    changed = read_changed(axes.students, axes.targets, since, standing.dues(request.day))
    if changed:
        record_looks(request, {student for student, _target, _look in changed}, page="grid")
    cells = [[student, target, look_as_dict(look)] for student, target, look in changed]
    return JsonResponse({"now": now.isoformat(), "cells": cells})


@require_POST
@permits(Action.RECORD_MARK)
def grid_accept(request: PersonRequest, group: UUID) -> HttpResponse:
    """Without scripts: accept the suggestions that the newest evidence agrees with, in all of the grid."""
    return _accept(request, axes_of_group(request, group), reverse("mastery:group-grid", args=[group]))


@require_POST
@permits(Action.RECORD_MARK)
def view_accept(request: PersonRequest, view: UUID) -> HttpResponse:
    return _accept(request, axes_of_view(request, find_view(request, view)), reverse("mastery:view-show", args=[view]))


def _accept(request: PersonRequest, axes: Axes, back: str) -> HttpResponse:
    seen_at = read_moment(request.POST.get("seen_at", ""))
    accepted, left = accept_agreeing(
        students=list(visible(request, Student.objects.filter(pk__in=axes.students.order_by().values("pk")))),
        targets=list(axes.targets),
        judge=request.user,
        day=request.day,
        seen_at=seen_at or _long_ago(),
    )
    said = [ngettext("%(n)s level accepted.", "%(n)s levels accepted.", accepted) % {"n": accepted}]
    if left:
        said.append(ngettext("%(n)s is left for a look.", "%(n)s are left for a look.", left) % {"n": left})
    messages.success(request, " ".join(said))
    query = {name: request.GET[name] for name in ("topic", "grade") if request.GET.get(name)}
    return redirect(f"{back}?{urlencode(query)}" if query else back)


def _long_ago() -> datetime:
    """Before everything: nothing was seen."""
    return datetime.min.replace(tzinfo=timezone.get_current_timezone())


@require_GET
@permits(Action.VIEW_STAFF_NOTES)
def remark_list(request: PersonRequest, group: UUID) -> HttpResponse:
    """What was said about one cell; a part of the picker, or a page of its own."""
    shown, student, target = _find_remarked(request, group)
    record_looks(request, [student.uuid], page="remarks")
    return _render_remarks(request, shown, student, target, HTTPStatus.OK)


def _find_remarked(request: PersonRequest, group: UUID) -> tuple[Group, Student, Target]:
    shown = get_permitted(request, Group.objects, uuid=group)
    return shown, *find_in_group(request, shown, request.GET)


def _render_remarks(
    request: PersonRequest, group: Group, student: Student, target: Target, status: HTTPStatus, sentence: str = ""
) -> HttpResponse:
    may_write = Student.objects.visible_to(request.user, Action.RECORD_MARK, request.day).filter(pk=student.pk).exists()
    context: dict[str, Any] = {
        "group": group,
        "student": student,
        "target": target,
        "remarks": read_remarks(student, target, request.user),
        "reasons": RemarkReason.choices,
        "may_write": may_write,
        "uuid": uuid7(),
        "undo_uuid": uuid7(),
        "sentence": sentence,
        "typed": request.POST,
    }
    return render(request, f"mastery/mark_remarks.html{'#remarks' if request.htmx else ''}", context, status=status)


@require_POST
@permits(Action.RECORD_MARK)
def remark_record(request: PersonRequest, group: UUID) -> HttpResponse:
    """Say something about a cell, or why a level was judged so."""
    form = RemarkForm(request.POST)
    shown = get_permitted(request, Group.objects, uuid=group)
    student, target = find_in_group(request, shown, form.data)
    if not form.is_valid():
        return _refuse(request, (shown, student, target), "invalid", first_error(form))
    data = form.cleaned_data
    if is_somebody_else(request, data["person"]):
        return JsonResponse({"code": "other_person", "sentence": other_person()}, status=HTTPStatus.FORBIDDEN)
    try:
        remark = record_remark(
            uuid=data["uuid"],
            student=student,
            target=target,
            author=request.user,
            day=request.day,
            reason=data["reason"],
            text=data["text"],
            language=get_language() or "",
            is_for_family=data["is_for_family"],
            judgement=_judgement(request, data["judgement"]),
        )
    except MarkRefused as refused:
        return _refuse(request, (shown, student, target), refused.code, str(refused))
    if wants_json(request):
        return JsonResponse({"uuid": str(remark.uuid)}, status=HTTPStatus.CREATED)
    return _back_to_cell(request, group)


def _judgement(request: PersonRequest, uuid: UUID | None) -> Judgement | None:
    """The judgement to explain; one that was taken back meanwhile is no matter."""
    if uuid is None:
        return None
    found: Judgement | None = visible(request, Judgement.objects).filter(uuid=uuid).first()
    return found


def _refuse(request: PersonRequest, cell: tuple[Group, Student, Target], code: str, sentence: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"code": code, "sentence": sentence}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _render_remarks(request, *cell, HTTPStatus.UNPROCESSABLE_ENTITY, sentence)


@require_POST
@permits(Action.RECORD_MARK)
def remark_undo(request: PersonRequest, group: UUID) -> HttpResponse:
    """Take back one's own remark."""
    get_permitted(request, Group.objects, uuid=group)
    form = RemarkUndoForm(request.POST)
    if not form.is_valid():
        return _said_no(request, group, "invalid", first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    if is_somebody_else(request, data["person"]):
        return _said_no(request, group, "other_person", other_person(), HTTPStatus.FORBIDDEN)
    try:
        take_back_remark(uuid=data["uuid"], remark_uuid=data["remark"], author=request.user, day=request.day)
    except NotAllowed as refused:
        return _said_no(request, group, refused.code, str(refused), HTTPStatus.NOT_FOUND)
    except MarkRefused as refused:
        return _said_no(request, group, refused.code, str(refused), HTTPStatus.UNPROCESSABLE_ENTITY)
    if wants_json(request):
        return JsonResponse({"uuid": str(data["uuid"])}, status=HTTPStatus.CREATED)
    return _back_to_cell(request, group)


def _said_no(request: PersonRequest, group: UUID, code: str, sentence: str, status: HTTPStatus) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"code": code, "sentence": sentence}, status=status)
    messages.error(request, sentence)
    return redirect("mastery:group-grid", group=group)


def _back_to_cell(request: PersonRequest, group: UUID) -> HttpResponse:
    cell = {name: request.POST.get(name, "") for name in ("student", "target")}
    if not all(cell.values()):
        return redirect("mastery:group-grid", group=group)
    return redirect(f"{reverse('mastery:remark-list', args=[group])}?{urlencode(cell)}")
