"""Marks made in a grid: one at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from curriculum.models import Target, Topic
from lpm.lib.ids import uuid7
from lpm.lib.levels import level_text, level_value
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks
from students.mastery.forms.marks import MarkForm, UndoForm
from students.mastery.models import Assessment
from students.mastery.queries import (
    read_target_record,
)
from students.mastery.services import (
    IdentifierReused,
    MarkRefused,
    NotAllowed,
    Recorded,
    record_mark,
    undo_mark,
)

TYPED = "mark typed before signing in again"
TYPED_FOR = timedelta(days=1)


@require_GET
@permits(Action.RECORD_MARK)
def mark_form(request: PersonRequest, group: UUID) -> HttpResponse:
    """One student on one target: the scoring guide to choose from. The grid's picker is a part of it.

    A level, day and identity in the address were typed before signing in again; the form has them still.
    """
    cell = {name: request.GET.get(name, "") for name in ("student", "target")}
    asked = MarkForm({"uuid": uuid7(), **_typed_before(request), **cell})
    asked.is_valid()
    return _render_mark(request, group, asked, HTTPStatus.OK)


def _resume_mark(request: HttpRequest, group: UUID) -> str:
    """The form's address with what was typed, signed, so that a link made by somebody else fills in nothing."""
    cell = {name: request.POST.get(name, "") for name in ("student", "target")}
    typed = {name: request.POST.get(name, "") for name in ("level", "performed_on", "uuid")}
    query = {**cell, "typed": signing.dumps(typed, salt=TYPED, compress=True)}
    return f"{reverse('mastery:mark-form', args=[group])}?{urlencode(query)}"


def _typed_before(request: HttpRequest) -> dict[str, str]:
    try:
        typed: dict[str, str] = signing.loads(request.GET.get("typed", ""), salt=TYPED, max_age=TYPED_FOR)
    except signing.BadSignature:
        return {}
    return typed


@require_POST
@permits(Action.RECORD_MARK, resume=_resume_mark)
def mark_record(request: PersonRequest, group: UUID) -> HttpResponse:
    """Record one mark; JSON for the grid, a page for the plain form."""
    form = MarkForm(request.POST)
    shown, student, target = _find_cell(request, group, form)
    if not form.is_valid():
        return _refuse(request, group, form, "invalid", _first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    content = form.content(request.day)
    return _answer(
        request,
        group,
        form,
        lambda: record_mark(
            recorder=request.user, student=student, target=target, group=shown, day=request.day, **content
        ),
    )


@require_POST
@permits(Action.RECORD_MARK)
def mark_undo(request: PersonRequest, group: UUID) -> HttpResponse:
    """Take back one's own mark of today; JSON for the grid, back to the grid for the plain form."""
    get_permitted(request, Group.objects, uuid=group)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refuse(request, group, form, "invalid", _first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    return _answer(
        request,
        group,
        form,
        lambda: undo_mark(uuid=data["uuid"], mark_uuid=data["mark"], recorder=request.user, day=request.day),
    )


def _find_cell(request: PersonRequest, group: UUID, form: Form) -> tuple[Group, Student, Target]:
    """The group, student and target a form is about; 404 unless the student is in the group."""
    shown = get_permitted(request, Group.objects, uuid=group)
    students = Student.objects.enrolled_in(shown.pk, request.day).select_related("school")
    student = get_permitted(request, students, uuid=parse_uuid(str(form.data.get("student"))))
    targets = Target.objects.current().filter(topic__in=Topic.objects.used_by(shown.school_id))
    target = targets.filter(uuid=parse_uuid(str(form.data.get("target")))).first()
    if target is None:
        raise Http404
    return shown, student, target


def _render_mark(
    request: PersonRequest, group: UUID, form: MarkForm, status: HTTPStatus, sentence: str = ""
) -> HttpResponse:
    shown, student, target = _find_cell(request, group, form)
    record_looks(request, [student.uuid], page="mark")
    full = (
        Target.objects.select_related("topic__area__framework__scale")
        .prefetch_related("guide", "topic__area__framework__scale__levels")
        .get(pk=target.pk)
    )
    context = {
        "group": shown,
        "student": student,
        "record": read_target_record(student, full, request.user, request.day),
        "typed": form.data,
        "sentence": sentence,
        "day": request.day,
        "undo_uuid": uuid7(),
    }
    return render(request, f"mastery/mark.html{'#picker' if _is_script(request) else ''}", context, status=status)


def _answer(request: PersonRequest, group: UUID, form: Form, write: Callable[[], Recorded]) -> HttpResponse:
    """Do ``write`` and say what came of it, in the form the client asked for."""
    maker = form.cleaned_data["person"]
    if maker is not None and maker != request.user.uuid:
        sentence = _("Somebody else is signed in now. This mark waits for the person who made it.")
        return _refuse(request, group, form, "other_person", sentence, HTTPStatus.FORBIDDEN)
    try:
        recorded = write()
    except IdentifierReused as refused:
        return _refuse(request, group, form, refused.code, str(refused), HTTPStatus.CONFLICT)
    except NotAllowed as refused:
        return _refuse(request, group, form, refused.code, str(refused), HTTPStatus.NOT_FOUND)
    except MarkRefused as refused:
        return _refuse(request, group, form, refused.code, str(refused), HTTPStatus.UNPROCESSABLE_ENTITY)
    if _wants_json(request):
        return JsonResponse(_as_json(recorded), status=HTTPStatus.CREATED if recorded.is_new else HTTPStatus.OK)
    messages.success(request, _said(recorded.assessment))
    return redirect(f"{reverse('mastery:group-grid', args=[group])}?topic={recorded.assessment.target.topic.uuid}")


def _refuse(
    request: PersonRequest, group: UUID, form: Form, code: str, sentence: str, status: HTTPStatus
) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"code": code, "sentence": sentence}, status=status)
    if isinstance(form, MarkForm):
        return _render_mark(request, group, form, status, sentence)
    messages.error(request, sentence)
    return redirect("mastery:group-grid", group=group)


def _said(row: Assessment) -> str:
    words = {"student": row.student.name, "target": row.target.title, "level": level_text(row.level)}
    if row.level is None:
        return _("Taken back: %(student)s, %(target)s.") % words
    return _("Saved: %(student)s, %(target)s, %(level)s.") % words


def _as_json(recorded: Recorded) -> dict[str, Any]:
    state = recorded.state
    return {
        "uuid": str(recorded.assessment.uuid),
        "level": level_value(state.level) or None,
        "status": state.status,
        "confirmed": state.judged is not None,
        "flagged": state.is_flagged,
        "proficient": state.is_proficient,
    }


def _first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])


def _wants_json(request: PersonRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _is_script(request: PersonRequest) -> bool:
    """Whether a script asks for the part of the page that it shows in place."""
    return bool(request.htmx)
