"""Habits and reasoning of one student, and what is off by the student's plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lpm.people.middleware import LOW_RIGHTS
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks, visible
from students.mastery.forms.strands import PauseForm
from students.mastery.models import StrandPause
from students.mastery.queries.pauses import pauses_of
from students.mastery.queries.strands import Strand, read_strands, strands_of
from students.mastery.services.strands import PauseRefused, pause_strand, resume_strand
from students.mastery.views.seeing import Seeing


@dataclass(frozen=True)
class StrandsSeen:
    """``may_pause``: the reader decides what is off. ``is_own``: the reader is the student, who ``may_say`` how they
    see it today, and not with a badge."""

    strands: Sequence[Strand]
    may_pause: bool
    is_own: bool
    may_say: bool


def see_strands(
    request: PersonRequest, student: Student, seeing: Seeing, strands: Sequence[Strand] | None = None
) -> StrandsSeen:
    """``strands`` are read where the page has not read them; 1 query where the school has none."""
    strands = read_strands(student, seeing.sight) if strands is None else strands
    is_own = student.user_id == request.user.pk
    return StrandsSeen(
        strands,
        may_pause=bool(strands) and seeing.sight.is_staff and _may_pause(request, student),
        is_own=is_own,
        may_say=is_own and not seeing.is_past and LOW_RIGHTS not in request.session,
    )


def _may_pause(request: PersonRequest, student: Student) -> bool:
    return Student.objects.allows(request.user, Action.PAUSE_STRAND, request.day, student)


@require_http_methods(["GET", "POST"])
@permits(Action.PAUSE_STRAND)
def strand_pauses(request: PersonRequest, student: UUID) -> HttpResponse:
    """What is off by plan for a student, and to have more of it off."""
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    areas = strands_of(shown.school_id)
    form = PauseForm(request.POST or None, areas=areas, initial={"starts_on": request.day})
    if form.is_valid() and _pause(request, shown, form):
        messages.success(request, _("It is off on these days. Nobody is asked for it, and nothing is missing."))
        return redirect("mastery:strand-pauses", student=shown.uuid)
    record_looks(request, [shown.uuid], page="strands")
    context = {"student": shown, "areas": areas, "form": form, "pauses": pauses_of(shown, request.day)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "mastery/strands_off.html", context, status=status)


def _pause(request: PersonRequest, student: Student, form: PauseForm) -> bool:
    try:
        pause_strand(student=student, actor=request.user, day=request.day, **form.cleaned_data)
    except PauseRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


@require_POST
@permits(Action.PAUSE_STRAND)
def strand_resume(request: PersonRequest, student: UUID, pause: UUID) -> HttpResponse:
    """Have it recorded again, from today on."""
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    found = visible(request, StrandPause.objects).select_related("student__merged_into").filter(uuid=pause).first()
    if found is None or shown not in (found.student, found.student.merged_into):
        raise Http404
    try:
        resume_strand(pause=found, actor=request.user, day=request.day)
        messages.success(request, _("It is recorded again from today on."))
    except PauseRefused as refused:
        messages.error(request, str(refused))
    return redirect("mastery:strand-pauses", student=shown.uuid)
