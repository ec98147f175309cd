"""The weekly letter: a guardian's own on a page, and on paper for homes without e-mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from lpm.lib.text import sort_key
from lpm.people.enums import Audience
from lpm.people.models import Group, Organization, Student
from lpm.people.policy import Action, Relation
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks, visible
from students.letters.queries import (
    PARTS_NEEDED,
    Home,
    Letter,
    homes_to_print,
    read_learning,
    students_with_letters,
    write_letters,
)

SHEETS_AT_ONCE = 60


@require_GET
@permits(Action.VIEW_STUDENT)
def letter_mine(request: PersonRequest) -> HttpResponse:
    """This week's letter about one's own children, as of now."""
    guarded = Student.objects.visible_to(request.user, request.action, request.day, through=[Relation.GUARDIAN])
    rows = students_with_letters(guarded.select_related("school"), request.day)
    children = sorted(rows, key=lambda child: (sort_key(child.first_name_for(Audience.FAMILY)), child.pk))
    if not children:
        raise Http404
    record_looks(request, [child.uuid for child in children], page="letter")
    [letter] = _write(request, [Home([request.user], get_language() or "en", children)])
    return render(request, "letters/mine.html", {"letter": letter})


@require_GET
@permits(Action.VIEW_GROUP)
def group_letters(request: PersonRequest, group: UUID) -> HttpResponse:
    """On paper, for the homes of a group without e-mail: for who teaches it, and who leads the school."""
    groups = Group.objects.visible_to(request.user, Action.VIEW_CONTACTS, request.day).select_related("school")
    shown: Group = get_permitted(request, groups.filter(school__parts__contains=PARTS_NEEDED), uuid=group)
    students = visible(request, Student.objects.enrolled_in(shown.pk, request.day))
    return _sheets(request, students, {"group": shown})


@require_GET
@permits(Action.VIEW_PROGRESS)
def school_letters(request: PersonRequest, school: UUID) -> HttpResponse:
    """On paper, for the homes of a school without e-mail: for who leads it."""
    places = Organization.objects.filter(parts__contains=PARTS_NEEDED)
    shown: Organization = get_permitted(request, places, uuid=school)
    students = visible(request, Student.objects.filter(school__lineage__ancestor=shown))
    return _sheets(request, students, {"school": shown})


def _sheets(request: PersonRequest, students: Any, context: dict[str, Any]) -> HttpResponse:
    """Of those whose record and whose guardians the person may see."""
    for action in (Action.VIEW_STUDENT, Action.VIEW_CONTACTS):
        seen = Student.objects.visible_to(request.user, action, request.day)
        students = students.filter(pk__in=seen.values("pk"))
    pks = set(students_with_letters(students, request.day).values_list("pk", flat=True))
    homes = homes_to_print(pks, request.day)
    page = Paginator(homes, SHEETS_AT_ONCE).get_page(request.GET.get("page", 1))
    letters = _write(request, list(page.object_list))
    record_looks(request, {part.student.uuid for letter in letters for part in letter.children}, page="letter")
    return render(request, "letters/sheets.html", {**context, "letters": letters, "page": page})


def _write(request: PersonRequest, homes: list[Home]) -> list[Letter]:
    children = {child.pk: child for home in homes for child in home.children}
    return write_letters(homes, read_learning(children.values(), request.day, timezone.now()), request.day)
