"""Where am I, what is next: for the student, and in plain words for the family."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from curriculum.models import Target, Topic
from curriculum.queries.words import Sentence, sentences_for_student
from lpm.lib.text import sort_key
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.home.queries import (
    Trail,
    find_left,
    find_places,
    read_areas,
    read_growth,
    read_left,
    read_meanings,
    read_trail,
)
from students.mastery.queries import (
    read_changes,
    read_changes_since,
    read_target_record,
    summarize,
    tells_suggestion,
)
from students.mastery.queries.pauses import is_strand
from students.mastery.views.seeing import Seeing, see
from students.mastery.views.strands import see_strands


@require_GET
@permits(Action.VIEW_STUDENT)
def student_path(request: PersonRequest, student: UUID) -> HttpResponse:
    """All areas and topics, and the place in each."""
    shown = _find_student(request, student, "path")
    seeing = see(request, shown)
    areas = read_areas(shown, seeing.sight)
    next_up = next(iter(find_places(areas)), None)
    context = {
        "student": shown,
        "seeing": seeing,
        "since": read_changes_since(shown, seeing.sight, seeing.now) if seeing.is_past else [],
        "areas": areas,
        "started": [area for area in areas if area.started],
        "ahead": [area for area in areas if area.not_started],
        "ahead_count": sum(len(area.not_started) for area in areas),
        "next_up": next_up,
        "left": read_left(next_up) if next_up else None,
        "sentences": _sentences(request, shown, [next_up.here] if next_up else []),
        "strands": see_strands(request, shown, seeing),
        "is_self": _is_self(request, shown),
    }
    return _render(request, "student_home/path.html", context, seeing)


@require_GET
@permits(Action.VIEW_STUDENT)
def student_topic(request: PersonRequest, student: UUID, topic: UUID) -> HttpResponse:
    """One topic: the trail with "you are here", and what each level of the present target looks like."""
    shown = _find_student(request, student, "topic")
    seeing = see(request, shown)
    topics = Topic.objects.used_by(shown.school_id).select_related("area__framework")
    chosen = get_object_or_404(topics, uuid=topic)
    if is_strand(chosen.area.domain):
        return redirect(f"{reverse('student:path', args=[shown.uuid])}{seeing.query}#strands")
    trail = read_trail(shown, chosen, seeing.sight)
    focus = _focus(request, chosen, trail)
    record = read_target_record(shown, focus, request.user, request.day, seeing.sight) if focus else None
    context = {
        "student": shown,
        "seeing": seeing,
        "topic": chosen,
        "trail": trail,
        "record": record,
        "left": find_left(record) if record else None,
        "growth": read_growth(record) if record else [],
        "tells_suggestion": tells_suggestion(record.state, seeing.sight) if record else False,
        "sentences": _sentences(request, shown, [focus, *(step.target for step in trail.after)]),
        "is_self": _is_self(request, shown),
    }
    return _render(request, "student_home/topic.html", context, seeing)


@require_GET
@permits(Action.VIEW_STUDENT)
def family_week(request: PersonRequest, student: UUID) -> HttpResponse:
    """A child's learning in plain words: what changed, what is next."""
    shown = _find_student(request, student, "family")
    seeing = see(request, shown)
    areas = read_areas(shown, seeing.sight)
    changes = read_changes(shown, seeing.sight)
    places = find_places(areas)
    context = {
        "student": shown,
        "seeing": seeing,
        "children": _children(request),
        "changes": changes,
        "summary": summarize(changes),
        "is_started": any(area.started for area in areas),
        "places": places,
        "sentences": _sentences(request, shown, [place.here for place in places]),
        "meanings": read_meanings(areas),
        "strands": see_strands(request, shown, seeing),
    }
    return _render(request, "student_home/family.html", context, seeing)


def _render(request: PersonRequest, template: str, context: dict[str, Any], seeing: Seeing) -> HttpResponse:
    """422 where a day was asked for that cannot be shown: the page is that of now, and says so."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if seeing.sentence else HTTPStatus.OK
    return render(request, template, context, status=status)


def _sentences(request: PersonRequest, student: Student, targets: Iterable[Target | None]) -> dict[int, Sentence]:
    """What the student reads on the targets: in the words of their class or school, or in the reader's language."""
    known = [target for target in targets if target]
    return sentences_for_student(student, known, day=request.day, language=get_language() or "en")


def _children(request: PersonRequest) -> list[Student]:
    """By the names that the family knows: the order tells nothing of another one."""
    children = visible(request, Student.objects.filter(guardianships__guardian=request.user))
    return sorted(children, key=lambda child: (sort_key(child.first_name), child.pk))


def _find_student(request: PersonRequest, student: UUID, page: str) -> Student:
    """The student, and a note in the audit that somebody else looked."""
    rows = Student.objects.select_related("school", "district", "user")
    shown: Student = get_permitted(request, rows, uuid=student)
    if not _is_self(request, shown):
        record_looks(request, [shown.uuid], page=page)
    return shown


def _is_self(request: PersonRequest, student: Student) -> bool:
    return student.user_id == request.user.pk


def _focus(request: PersonRequest, topic: Topic, trail: Trail) -> Target | None:
    """The target to show in full: the one asked for, else "here", else the last one met."""
    rows = Target.objects.filter(topic=topic).select_related("topic__area__framework__scale")
    rows = rows.prefetch_related("guide", "topic__area__framework__scale__levels")
    if asked := request.GET.get("target"):
        return get_object_or_404(rows, uuid=parse_uuid(asked))
    fallback = trail.here or (trail.steps[-1].target if trail.steps else None)
    return rows.get(pk=fallback.pk) if fallback else None
