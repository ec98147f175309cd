"""Whose page it is, and who looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from curriculum.models import Target
from curriculum.queries.words import Sentence, sentences_for_student
from lpm.lib.text import sort_key
from lpm.people.models import Student
from lpm.people.policy import Relation
from lpm.people.views import PersonRequest, get_permitted, record_looks
from students.mastery.views.seeing import Seeing


def find_student(request: PersonRequest, student: UUID, page: str = "") -> Student:
    """The student, and a note in the audit that somebody else looked at the ``page``, where it is named."""
    rows = Student.objects.select_related("school", "district", "user")
    shown: Student = get_permitted(request, rows, uuid=student)
    if page and not is_self(request, shown):
        record_looks(request, [shown.uuid], page=page)
    return shown


def is_self(request: PersonRequest, student: Student) -> bool:
    return student.user_id == request.user.pk


def children_of(request: PersonRequest) -> list[Student]:
    """Whom somebody sees as a guardian, by the names that the family knows: the order tells nothing of another one."""
    guarded = Student.objects.visible_to(request.user, request.action, request.day, through=[Relation.GUARDIAN])
    rows = guarded.named_for(request.user).select_related("school")
    return sorted(rows, key=lambda child: (sort_key(child.first_name), child.pk))


def sentences(request: PersonRequest, student: Student, targets: Iterable[Target | None]) -> dict[int, Sentence]:
    """What the student reads on the targets: in the words of their class or school, or in the reader's language."""
    known = [target for target in targets if target]
    return sentences_for_student(student, known, day=request.day, language=get_language() or "en")


def show(request: PersonRequest, template: str, context: dict[str, Any], seeing: Seeing) -> HttpResponse:
    """422 where a day was asked for that cannot be shown: the page is that of now, and says so."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if seeing.sentence else HTTPStatus.OK
    return render(request, template, context, status=status)
