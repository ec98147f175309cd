"""A child's learning in plain words, and several children beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lpm.people.enums import Part
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.queries.parts import waiting_children
from lpm.people.views import PersonRequest, permits, record_looks
from lpm.people.views.parts import says_when_closed
from students.home.queries import (
    Week,
    find_places,
    read_areas,
    read_meanings,
    read_record,
    read_weeks,
    start_of_week,
    topics_in_use,
)
from students.home.views.looking import children_of, find_student, sentences, show
from students.letters.queries import gets_letters
from students.mastery.queries import Reader, summarize
from students.mastery.views.seeing import Seeing, see
from students.mastery.views.strands import see_strands


@require_GET
@permits(Action.VIEW_STUDENT)
@says_when_closed
def family_week(request: PersonRequest, student: UUID) -> HttpResponse:
    """A child's week: what changed, what is next, one thing to do at home; then the other children."""
    children = children_of(request)
    shown = next((child for child in children if child.uuid == student), None) or find_student(request, student)
    seeing = see(request, shown)
    others = [] if seeing.is_past else [child for child in children if child.pk != shown.pk]
    record_looks(request, [shown.uuid, *(child.uuid for child in others)], page="family")
    record = read_record(shown, seeing.sight, start_of_week(seeing.sight.day, shown.school.time_zone))
    areas = read_areas(shown, seeing.sight, record.states)
    places = find_places(areas)
    topics = topics_in_use(areas, record.strands)
    changes = [change for change in record.changes if change.target.topic_id in topics]
    context = {
        "student": shown,
        "seeing": seeing,
        "children": children,
        "changes": changes,
        "summary": summarize(changes),
        "is_started": any(area.started for area in areas),
        "last_on": max((place.last_on for area in areas for place in area.started if place.last_on), default=None),
        "places": places,
        "sentences": sentences(request, shown, [place.here for place in places]),
        "meanings": read_meanings(areas),
        "strands": see_strands(request, shown, seeing, record.strands),
        "others": _weeks(request, shown, others, seeing),
        "waiting": [] if seeing.is_past or not children else waiting_children(request.user, request.day),
        "may_write": shown in children and Part.MESSAGES in shown.school.parts,
        "has_letter": shown in children and gets_letters(shown, request.day) and not seeing.is_past,
    }
    return show(request, "student_home/family.html", context, seeing)


def _weeks(request: PersonRequest, shown: Student, others: Sequence[Student], seeing: Seeing) -> list[Week]:
    """Of the other children; of a past day there is that of one child alone."""
    known = {shown.school_id: seeing.now} if seeing.now.reader == Reader.FAMILY else {}
    return read_weeks(others, request.day, timezone.now(), known) if others else []


@require_GET
@permits(Action.VIEW_STUDENT)
def family_children(request: PersonRequest) -> HttpResponse:
    """All children of a guardian, a line each."""
    children = children_of(request)
    waiting = waiting_children(request.user, request.day)
    if waiting and not children:
        return redirect("student:family", student=waiting[0].uuid)  # which says so, and whom to ask
    record_looks(request, [child.uuid for child in children], page="family")
    weeks = read_weeks(children, request.day, timezone.now(), {})
    has_letter = any(gets_letters(child, request.day) for child in children)
    context = {"weeks": weeks, "children": children, "waiting": waiting, "has_letter": has_letter}
    return render(request, "student_home/children.html", context)
