"""What the office says a student is counted by. Shown to nobody else, and on no list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lpm.people.forms.demographics import NO, YES, DemographicsForm
from lpm.people.models import Demographics, Student
from lpm.people.policy import Action
from lpm.people.services.demographics import CountedBy, change_demographics
from lpm.people.views.door import PersonRequest, get_permitted, permits, record_looks

IN_WORDS = {True: YES, False: NO, None: ""}
IN_ROWS = {word: value for value, word in IN_WORDS.items()}


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_demographics(request: PersonRequest, student: UUID) -> HttpResponse:
    shown = get_permitted(request, Student.objects, uuid=student)
    record_looks(request, [shown.uuid], page="demographics")
    form = DemographicsForm(request.POST or None, initial=_initial(shown))
    if request.method == "POST" and form.is_valid():
        counted_by = CountedBy(**form.cleaned_data | {"is_hispanic": IN_ROWS[form.cleaned_data["is_hispanic"]]})
        change_demographics(student=shown, counted_by=counted_by, actor=request.user, day=request.day)
        messages.success(request, _("Saved."))
        return redirect("people:student-show", student=shown.uuid)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "people/student_demographics.html", {"student": shown, "form": form}, status=status)


def _initial(student: Student) -> dict[str, Any]:
    row = Demographics.objects.filter(student=student).first() or Demographics()
    values = {name: getattr(row, name) for name in ("sex", "races", "home_language", "programmes")}
    return values | {"is_hispanic": IN_WORDS[row.is_hispanic]}
