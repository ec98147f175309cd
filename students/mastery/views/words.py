"""Putting what somebody wrote about a student into another language."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks
from students.mastery.forms.words import TranslationForm
from students.mastery.models import Assessment, ReadyRequest, Remark
from students.mastery.queries.words import Row, read_translations, words_of
from students.mastery.services.words import translate_words
from students.mastery.views.showing import attempt


@require_http_methods(["GET", "POST"])
@permits(Action.TRANSLATE_WORDS)
def comment_translate(request: PersonRequest, commented: UUID) -> HttpResponse:
    return _translate(request, _find(request, Assessment.objects.exclude(comment=""), commented))


@require_http_methods(["GET", "POST"])
@permits(Action.TRANSLATE_WORDS)
def remark_translate(request: PersonRequest, remark: UUID) -> HttpResponse:
    standing = Remark.objects.exclude(text="").filter(voids=None, voided_by=None)
    return _translate(request, _find(request, standing, remark))


@require_http_methods(["GET", "POST"])
@permits(Action.TRANSLATE_WORDS)
def reply_translate(request: PersonRequest, reply: UUID) -> HttpResponse:
    return _translate(request, _find(request, ReadyRequest.objects.exclude(reply=""), reply))


def _find(request: PersonRequest, rows: Any, uuid: UUID) -> Row:
    """The row, with the student as this reader knows them. Whoever only reads the words is told that."""
    read = rows.visible_to(request.user, Action.VIEW_STAFF_NOTES, request.day)
    row: Row | None = read.select_related("student", "target__topic__area__framework").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    row.student = get_permitted(request, Student.objects, pk=row.student.merged_into_id or row.student_id)
    return row


def _translate(request: PersonRequest, row: Row) -> HttpResponse:
    """The words, and a form for them in another language; afterwards back to why the student has the level."""
    record_looks(request, [row.student.uuid], page="words")
    words = words_of(row, read_translations([row]))
    form = TranslationForm(request.POST or None, words=words, initial={"uuid": uuid7()})
    back = reverse("mastery:why-show", args=[row.student.uuid, row.target.uuid])
    if form.is_valid() and attempt(
        form, lambda: translate_words(row=row, translator=request.user, day=request.day, **form.cleaned_data)
    ):
        messages.success(request, _("Saved. Whoever reads that language reads your words, and can see the others."))
        return redirect(back)
    context = {"words": words, "student": row.student, "target": row.target, "form": form, "back": back}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "mastery/words_translate.html", context, status=status)
