"""Why a student has a level."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from curriculum.queries.words import sentences_for_student
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks
from students.mastery.queries import find_target, read_why
from students.mastery.queries.mine import voidable
from students.mastery.views.seeing import see


@require_GET
@permits(Action.VIEW_STUDENT)
def why_show(request: PersonRequest, student: UUID, target: UUID) -> HttpResponse:
    """Everything that one number rests on, for whoever sees it; a part of a page for a script that asks."""
    shown = get_permitted(request, Student.objects.select_related("school", "district", "user"), uuid=student)
    is_self = shown.user_id == request.user.pk
    if not is_self:
        record_looks(request, [shown.uuid], page="why")
    asked = find_target(target, shown.school_id)
    if asked is None:
        raise Http404
    seeing = see(request, shown)
    may_translate = seeing.sight.is_staff and _may_translate(request, shown)
    may_void = seeing.sight.is_staff and not seeing.is_past
    context = {
        "voidable": voidable(shown, request.user, request.day) if may_void else set(),
        "may_translate": may_translate,
        "why": read_why(shown, asked, seeing.sight),
        "student": shown,
        "seeing": seeing,
        "sentences": sentences_for_student(shown, [asked], day=request.day, language=get_language() or "en"),
        "is_self": is_self,
    }
    page = f"mastery/why.html{'#why' if request.htmx and not request.htmx.boosted else ''}"
    return render(request, page, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if seeing.sentence else HTTPStatus.OK)


def _may_translate(request: PersonRequest, student: Student) -> bool:
    mine = Student.objects.visible_to(request.user, Action.TRANSLATE_WORDS, request.day)
    return bool(mine.filter(pk=student.pk).exists())
