"""Letters that invite families: for whom, and their print page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import segno
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lpm.people.forms.guardians import ChoiceForm, CodeLifeForm, HouseholdForm, LetterForm
from lpm.people.models import Group, Organization, Student
from lpm.people.policy import Action
from lpm.people.queries.guardians import choose_students, family_names, with_homes
from lpm.people.services.invitations import Batch, Letter, invite_household, make_invitations, revoke_invitations
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible
from lpm.people.views.guardians import PAGE, find_home, home_page, to_home


@require_GET
@permits(Action.MANAGE_STUDENT)
def invitation_choose(request: PersonRequest, school: UUID) -> HttpResponse:
    """For whom letters would be made."""
    shown: Organization = get_permitted(request, Organization.objects, uuid=school)
    form = ChoiceForm(request.GET, **_offered(request, shown))
    return _choose_page(request, shown, form, LetterForm(**_offered(request, shown)))


def _choose_page(
    request: PersonRequest, school: Organization, form: ChoiceForm, letters: LetterForm, status: int = 200
) -> HttpResponse:
    is_valid = form.is_valid()
    kept = [(name, value) for name, value in form.data.items() if name in form.fields]
    students = visible(request, Student.objects.all())
    chosen = choose_students(students, school, form.choice, request.day) if is_valid else students.none()
    context = {
        "school": school,
        "form": form,
        "letters": letters,
        "kept": kept,
        "query": urlencode(kept),
        "page": Paginator(with_homes(chosen), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "people/invitation_choose.html", context, status=status)


def _offered(request: PersonRequest, school: Organization) -> dict[str, Any]:
    """The groups and grades of a school, to choose from."""
    grades = Student.objects.unmerged().filter(school=school).exclude(grade="")
    return {
        "groups": Group.objects.filter(school=school).by_name(),
        "grades": sorted(set(grades.values_list("grade", flat=True))),
    }


@require_POST
@permits(Action.MANAGE_STUDENT)
def invitation_make(request: PersonRequest, school: UUID) -> HttpResponseBase:
    """The answer is the letters themselves: nothing keeps the codes, so that no page can show them again."""
    shown: Organization = get_permitted(request, Organization.objects, uuid=school)
    form = LetterForm(request.POST, **_offered(request, shown))
    if not form.is_valid():
        return _choose_page(request, shown, ChoiceForm(request.POST, **_offered(request, shown)), form, status=422)
    students = choose_students(visible(request, Student.objects.all()), shown, form.choice, request.day)
    made = make_invitations(
        school=shown,
        student_ids=list(students.values_list("pk", flat=True)),
        actor=request.user,
        day=request.day,
        **{name: form.cleaned_data[name] for name in ("is_together", "has_known", "places", "days")},
    )
    return _print(request, shown, made)


@require_POST
@permits(Action.MANAGE_STUDENT)
def household_invite(request: PersonRequest, household: UUID) -> HttpResponseBase:
    home = find_home(request, household)
    form = CodeLifeForm(request.POST)
    if not form.is_valid():
        return home_page(request, home, HouseholdForm(initial={"label": home.label}), status=422)
    made = invite_household(household=home, actor=request.user, day=request.day, **form.cleaned_data)
    child = visible(request, home.students.select_related("school")).by_name().first()
    return _print(request, child.school, made)


@require_POST
@permits(Action.MANAGE_STUDENT)
def invitation_revoke(request: PersonRequest, household: UUID) -> HttpResponse:
    home = find_home(request, household)
    count = revoke_invitations(household=home, actor=request.user, day=request.day)
    words = ngettext("%(count)s code is void now.", "%(count)s codes are void now.", count)
    messages.success(request, words % {"count": count})
    return to_home(home)


def _print(request: PersonRequest, school: Organization, made: Batch) -> HttpResponseBase:
    """The page comes letter by letter: a school of 1,500 homes is never held as one text."""
    mark = uuid4().hex
    context = {"school": school, "made": made, "mark": mark}
    head, tail = render_to_string("people/invitation_letters.html", context, request).split(mark)
    address = request.build_absolute_uri(reverse("people:join"))
    return StreamingHttpResponse(_letters(head, tail, school, made.letters, address))


def _letters(head: str, tail: str, school: Organization, letters: list[Letter], address: str) -> Iterator[str]:
    template = get_template("people/invitation_letter.html")
    yield head
    for letter in letters:
        language = _language(letter.household.language or school.language)
        with translation.override(language):
            yield template.render(_letter(letter, school, address) | {"language": language})
    yield tail


def _letter(letter: Letter, school: Organization, address: str) -> dict[str, Any]:
    """The square holds the code in the fragment, which a browser keeps to itself."""
    square = segno.make(f"{address}#{letter.code}", error="m", micro=False)
    return {
        "school": school,
        "children": [f"{name} {child.family_name}" for name, child in _named(letter)],
        "parts": letter.code.split("-"),
        "address": address,
        "square": square.svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr", lineclass=None),
        "expires_on": letter.expires_on,
    }


def _named(letter: Letter) -> Iterator[tuple[str, Student]]:
    return zip(family_names(letter.children), letter.children, strict=True)


def _language(wanted: str) -> str:
    try:
        return translation.get_supported_language_variant(wanted)
    except LookupError:
        return settings.LANGUAGE_CODE
