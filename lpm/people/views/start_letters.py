"""Letters with which people set their first password: for one of the staff, a student, the students of a group."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lpm.people.forms.sign_in import StartLettersForm
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from lpm.people.queries.staff import staff
from lpm.people.queries.start_letters import StartRow, start_rows
from lpm.people.services.roles import AboveActor
from lpm.people.services.start_letters import StartLetters, make_start_letters
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible
from lpm.people.views.staff import ABOVE_ACTOR


@require_POST
@permits(Action.MANAGE_STAFF)
def start_letter(request: PersonRequest, member: UUID) -> HttpResponse:
    """For one of the staff."""
    person: User = get_permitted(request, staff(User.objects.all()), uuid=member)
    back = reverse("people:user-show", args=[person.uuid])
    return _one(request, person, back, person.name)


@require_POST
@permits(Action.MANAGE_STUDENT)
def student_start_letter(request: PersonRequest, student: UUID) -> HttpResponse:
    shown = get_permitted(request, Student.objects.select_related("user"), uuid=student)
    back = reverse("people:student-show", args=[shown.uuid])
    if shown.user is None:
        messages.info(request, _("Give the student a sign-in first."))
        return redirect(back)
    return _one(request, shown.user, back, shown.name)


def _one(request: PersonRequest, person: User, back: str, name: str) -> HttpResponse:
    try:
        made = make_start_letters(users=[person], actor=request.user, day=request.day, anew="anew" in request.POST)
    except AboveActor:
        messages.error(request, ABOVE_ACTOR)
        return redirect(back)
    if not made.letters:
        messages.info(request, _("No letter was made: there is a password already, or the account is closed."))
        return redirect(back)
    return _print(request, made, {person.pk: name}, back, name)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def group_start_letters(request: PersonRequest, group: UUID) -> HttpResponse:
    """Who has a password; sent, the letters of those who were ticked. They cannot be shown a second time."""
    place: Group = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    students = Student.objects.enrolled_in(place.pk, request.day)
    rows = start_rows(visible(request, students).select_related("user").by_name(), request.day)
    users = {str(row.student.uuid): row.student.user for row in rows if row.can_have}
    form = StartLettersForm(request.POST if request.method == "POST" else None, students=list(users))
    if form.is_valid():
        chosen = [users[student] for student in form.cleaned_data["student"]]
        made = make_start_letters(users=chosen, actor=request.user, day=request.day, anew=form.cleaned_data["anew"])
        if made.letters:
            names = {row.student.user_id: row.student.name for row in rows}
            return _print(request, made, names, reverse("people:group-start-letters", args=[place.uuid]), place.name)
        form.add_error(None, _("No letter was made: those whom you ticked have a password already."))
    return _list(request, place, rows, form)


def _list(request: PersonRequest, group: Group, rows: list[StartRow], form: StartLettersForm) -> HttpResponse:
    context = {"group": group, "rows": rows, "form": form, "count": sum(row.can_have for row in rows)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "people/start_letters.html", context, status=status)


def _print(request: PersonRequest, made: StartLetters, names: dict[int, str], back: str, label: str) -> HttpResponse:
    """``names`` by user, as they are known at the school."""
    address = request.build_absolute_uri(reverse("people:start"))
    sheet: list[dict[str, Any]] = [
        {
            "letter": letter,
            "name": names[letter.user.pk],
            "parts": letter.code.split("-"),
            "square": _square(f"{address}#{letter.code}"),
            "language": letter.user.language or (letter.user.organization and letter.user.organization.language),
        }
        for letter in made.letters
    ]
    context = {"made": made, "sheet": sheet, "address": address, "crumbs": [{"url": back, "label": label}]}
    return render(request, "people/start_letter_sheet.html", context)


def _square(address: str) -> SafeString:
    """The code stands in the fragment, which a browser keeps to itself."""
    square = segno.make(address, error="m", micro=False)
    drawing = square.svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawing)  # noqa: S308 (segno's own drawing)
