"""The teachers' queue: who is ready to show what, and the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks
from students.mastery.enums import RequestState
from students.mastery.forms.showing import AnswerForm, ReturnForm
from students.mastery.models import ReadyRequest
from students.mastery.queries import read_guide
from students.mastery.queries.seen import sight_of
from students.mastery.queries.showing import group_choices, read_queue, read_readiness, show_on_scale
from students.mastery.queries.words import read_translations, words_of
from students.mastery.services import MarkRefused
from students.mastery.services.showing import answer_request, return_request


@require_GET
@permits(Action.RECORD_MARK)
def request_list(request: PersonRequest) -> HttpResponse:
    """Everybody who waits, over all groups of a teacher; showing sessions; what substitutes saw."""
    if not group_choices(request.user, request.day).exists():
        raise Http404
    queue = read_queue(request.user, request.day)
    named = [one.request.student for batch in queue.batches for one in batch.waiting]
    named += [one.mark.student for one in queue.offered]
    record_looks(request, [student.uuid for student in named], page="showing")
    return render(request, "mastery/showing_list.html", {"queue": queue})


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def request_answer(request: PersonRequest, ready: UUID) -> HttpResponse:
    """One student who waits: what they say, every try so far, and the scoring guide to answer with."""
    asked = _find(request, ready)
    form = AnswerForm(request.POST or None, initial={"uuid": uuid7()})
    if form.is_valid() and attempt(form, lambda: _answer(request, asked, form.cleaned_data)):
        messages.success(request, _("Saved. The student sees both levels side by side."))
        return redirect("mastery:request-answer", ready=asked.uuid)
    return _show(request, asked, form, ReturnForm())


@require_POST
@permits(Action.RECORD_MARK)
def request_return(request: PersonRequest, ready: UUID) -> HttpResponse:
    """Something comes first, in words."""
    asked = _find(request, ready)
    form = ReturnForm(request.POST)
    if form.is_valid() and attempt(
        form, lambda: return_request(request=asked, teacher=request.user, day=request.day, **form.cleaned_data)
    ):
        messages.success(request, _("Sent. The student reads what comes first."))
        return redirect("mastery:request-list")
    return _show(request, asked, AnswerForm(initial={"uuid": uuid7()}), form)


def attempt(form: Form, write: Callable[[], object]) -> bool:
    """Do ``write``; when it is refused, the form says why."""
    try:
        write()
    except MarkRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _answer(request: PersonRequest, asked: ReadyRequest, said: dict[str, Any]) -> None:
    answer_request(request=asked, teacher=request.user, day=request.day, **said)


def _find(request: PersonRequest, ready: UUID) -> ReadyRequest:
    rows = ReadyRequest.objects.exclude(state=RequestState.WITHDRAWN).select_related(
        "target__topic__area__framework__scale", "self_assessment", "answer", "answered_by", "session"
    )
    rows = rows.prefetch_related("target__guide", "target__topic__area__framework__scale__levels")
    found: ReadyRequest = get_permitted(request, rows, uuid=ready)
    found.student = Student.objects.named_for(request.user).select_related("school").get(pk=found.student_id)
    return found


def _show(request: PersonRequest, asked: ReadyRequest, answer: Form, back: Form) -> HttpResponse:
    record_looks(request, [asked.student.uuid], page="showing")
    sight = sight_of(request.user, asked.student, request.day, timezone.now())
    show_on_scale([asked], request.day)
    context = {
        "ready": asked,
        "student": asked.student,
        "target": asked.target,
        "readiness": read_readiness(asked.student, asked.target, sight),
        "guide": read_guide(asked.target, None),
        "reply": words_of(asked, read_translations([asked])),
        "answer_form": answer,
        "return_form": back,
    }
    status = 422 if answer.is_bound or back.is_bound else 200
    return render(request, "mastery/showing_answer.html", context, status=status)
