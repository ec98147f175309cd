"""What substitutes saw: accepted or set aside, several at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from lpm.people.policy import Action
from lpm.people.views import PersonRequest, permits, visible
from students.mastery.enums import AssessmentKind
from students.mastery.forms.showing import OfferedForm
from students.mastery.models import Assessment
from students.mastery.queries.showing import group_choices
from students.mastery.services import MarkRefused
from students.mastery.services.offered import Answers, accept_offered, set_aside_offered


@require_POST
@permits(Action.RECORD_MARK)
def offered_settle(request: PersonRequest) -> HttpResponse:
    """Accept what was chosen, or set it aside with a reason; then back to the queue, which says what came of it."""
    if not group_choices(request.user, request.day).exists():
        raise Http404
    offered = visible(request, Assessment.objects).filter(kind=AssessmentKind.OFFERED)
    form = OfferedForm(request.POST, marks=offered)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("mastery:request-list")
    try:
        _say(request, _settle(request, form))
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("mastery:request-list")


def _settle(request: PersonRequest, form: OfferedForm) -> Answers:
    said = form.cleaned_data
    marks = [mark.uuid for mark in said["marks"]]
    if request.POST.get("step") == "aside":
        return set_aside_offered(marks=marks, teacher=request.user, reason=said["reason"], day=request.day)
    return accept_offered(marks=marks, teacher=request.user, day=request.day, judges=said["judges"])


def _say(request: PersonRequest, answers: Answers) -> None:
    done = [answer for answer in answers if not isinstance(answer, MarkRefused)]
    if done:
        said = ngettext("%(n)s mark is settled.", "%(n)s marks are settled.", len(done))
        messages.success(request, said % {"n": len(done)})
    for sentence in dict.fromkeys(str(answer) for answer in answers if isinstance(answer, MarkRefused)):
        messages.error(request, sentence)
