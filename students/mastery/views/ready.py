"""A student's own side: where I think I am, what I am ready to show, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.models import Target, Topic
from curriculum.queries.words import sentences_for_student
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks, visible
from students.mastery.forms.showing import AskForm, SelfForm
from students.mastery.models import ReadyRequest
from students.mastery.queries import read_guide
from students.mastery.queries.pauses import is_strand
from students.mastery.queries.seen import Sight, sight_of
from students.mastery.queries.showing import read_asked, read_open, read_readiness, ready_limit
from students.mastery.services import MarkRefused
from students.mastery.services.showing import ask_to_show, assess_self, withdraw_request
from students.mastery.views.showing import attempt


@require_GET
@permits(Action.VIEW_STUDENT)
def ready_list(request: PersonRequest, student: UUID) -> HttpResponse:
    """What the student asked to show, and the answers: for the student, the family and the staff."""
    shown = _find_student(request, student)
    record_looks(request, [shown.uuid], page="ready")
    asked = read_asked(shown, _sight(request, shown))
    context = {
        "student": shown,
        "is_self": shown.user_id == request.user.pk,
        "open": [one for one in asked if one.is_open],
        "past": [one for one in asked if not one.is_open],
        "limit": ready_limit(shown, request.day),
    }
    return render(request, "mastery/ready_list.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.ASSESS_SELF)
def ready_ask(request: PersonRequest, student: UUID, target: UUID) -> HttpResponse:
    """I am ready to show this: what I did since the last try, and where I think I am."""
    shown = _find_student(request, student)
    chosen = _find_target(shown, target)
    if is_strand(chosen.topic.area.domain):
        raise Http404
    form = AskForm(request.POST or None, initial={"uuid": uuid7()})
    if form.is_valid():
        said = form.cleaned_data
        asking: dict[str, Any] = {"student": shown, "target": chosen, "actor": request.user, "day": request.day}
        if attempt(form, lambda: ask_to_show(**asking, **said)):
            messages.success(request, _("Your teachers know now that you are ready to show this."))
            return redirect(_topic_page(shown, chosen))
    asked = 0 if form.is_bound else len(read_open(shown))
    is_full = asked > 0 and asked >= ready_limit(shown, request.day)
    return _show(request, "mastery/ready_ask.html", shown, chosen, form, is_full=is_full)


@require_http_methods(["GET", "POST"])
@permits(Action.ASSESS_SELF)
def self_record(request: PersonRequest, student: UUID, target: UUID) -> HttpResponse:
    """Where I think I am, on the scoring guide that teachers use."""
    shown = _find_student(request, student)
    chosen = _find_target(shown, target)
    form = SelfForm(request.POST or None, initial={"uuid": uuid7()})
    if form.is_valid():
        said = form.cleaned_data
        own: dict[str, Any] = {"student": shown, "target": chosen, "actor": request.user, "day": request.day}
        if attempt(form, lambda: assess_self(**own, **said)):
            messages.success(request, _("Saved. Your teachers see it next to what they think."))
            return redirect(_topic_page(shown, chosen))
    return _show(request, "mastery/ready_self.html", shown, chosen, form)


@require_POST
@permits(Action.ASSESS_SELF)
def ready_withdraw(request: PersonRequest, student: UUID, ready: UUID) -> HttpResponse:
    """Take a request back."""
    shown = _find_student(request, student)
    asked = visible(request, ReadyRequest.objects).select_related("student", "target")
    found = asked.filter(student=shown, uuid=ready).first()
    if found is None:
        raise Http404
    try:
        withdraw_request(request=found, actor=request.user, day=request.day)
        messages.success(request, _("Taken back. You can ask again whenever you like."))
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("mastery:ready-list", student=shown.uuid)


def _find_student(request: PersonRequest, student: UUID) -> Student:
    found: Student = get_permitted(request, Student.objects.select_related("school", "district"), uuid=student)
    return found


def _sight(request: PersonRequest, student: Student) -> Sight:
    return sight_of(request.user, student, request.day, timezone.now())


def _find_target(student: Student, target: UUID) -> Target:
    rows = Target.objects.current().filter(topic__in=Topic.objects.used_by(student.school_id))
    rows = rows.select_related("topic__area__framework__scale")
    found = rows.prefetch_related("guide", "topic__area__framework__scale__levels").filter(uuid=target).first()
    if found is None:
        raise Http404
    return found


def _topic_page(student: Student, target: Target) -> str:
    address = reverse("student:topic", kwargs={"student": student.uuid, "topic": target.topic.uuid})
    return f"{address}?{urlencode({'target': str(target.uuid)})}#target"


def _show(
    request: PersonRequest, template: str, student: Student, target: Target, form: Form, **more: Any
) -> HttpResponse:
    words = sentences_for_student(student, [target], day=request.day, language=get_language() or "en")
    context = {
        "student": student,
        "target": target,
        "sentences": words,
        "guide": read_guide(target, None),
        "readiness": read_readiness(student, target, _sight(request, student)),
        "form": form,
        "back": _topic_page(student, target),
        **more,
    }
    return render(request, template, context, status=422 if form.is_bound else 200)
