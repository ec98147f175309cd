"""The student's own first page, and one topic."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from curriculum.models import Target, Topic
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, parse_uuid, permits
from lpm.people.views.parts import says_when_closed
from students.home.queries import (
    AreaView,
    Record,
    Trail,
    find_left,
    find_places,
    read_areas,
    read_growth,
    read_left,
    read_news,
    read_record,
    read_trail,
    said_on,
    topics_in_use,
)
from students.home.views.early import show_early
from students.home.views.looking import find_student, is_self, sentences, show
from students.mastery.queries import read_changes_since, read_target_record, tells_suggestion
from students.mastery.queries.pauses import is_strand
from students.mastery.views.seeing import Seeing, see
from students.mastery.views.strands import see_strands

DAYS_BACK = 14  # what came back from teachers
MORNING_UNTIL, DAY_UNTIL = 12, 18  # o'clock


@require_GET
@permits(Action.VIEW_STUDENT)
@says_when_closed
def student_path(request: PersonRequest, student: UUID) -> HttpResponse:
    """Where I am, what is next, what came back; then all areas and topics. Early readers have a page of their own."""
    shown = find_student(request, student, "path")
    seeing = see(request, shown)
    if shown.is_early_reader and is_self(request, shown):
        return show_early(request, shown, seeing)
    since = None if seeing.is_past else timezone.now() - timedelta(days=DAYS_BACK)
    record = read_record(shown, seeing.sight, since)
    areas = read_areas(shown, seeing.sight, record.states)
    context = {
        "student": shown,
        "seeing": seeing,
        "is_self": is_self(request, shown),
        "greeting": _greeting(timezone.localtime()),
        "strands": see_strands(request, shown, seeing, record.strands),
        **_where(request, shown, areas),
        **_news(shown, seeing, record, since, topics_in_use(areas, record.strands)),
    }
    return show(request, "student_home/path.html", context, seeing)


def _where(request: PersonRequest, student: Student, areas: Sequence[AreaView]) -> dict[str, Any]:
    """The areas, and the place to go on at."""
    next_up = next(iter(find_places(areas)), None)
    return {
        "areas": areas,
        "started": [area for area in areas if area.started],
        "ahead": [area for area in areas if area.not_started],
        "ahead_count": sum(len(area.not_started) for area in areas),
        "next_up": next_up,
        "left": read_left(next_up) if next_up else None,
        "sentences": sentences(request, student, [next_up.here, next_up.after] if next_up else []),
    }


def _news(
    student: Student, seeing: Seeing, record: Record, since: datetime | None, topics: Collection[int]
) -> dict[str, Any]:
    """What came back and what is coming; of a past day, what changed since. In the ``topics``: others have no page."""
    if since is None:
        changes = read_changes_since(student, seeing.sight, seeing.now)
        return {"since": [change for change in changes if change.target.topic_id in topics]}
    news, coming = read_news(student, record.changes, seeing.sight, since)
    return {"news": [item for item in news if item.target.topic_id in topics], "coming": coming}


def _greeting(now: datetime) -> str:
    if now.hour < MORNING_UNTIL:
        return _("Good morning")
    return _("Good afternoon") if now.hour < DAY_UNTIL else _("Good evening")


@require_GET
@permits(Action.VIEW_STUDENT)
def student_topic(request: PersonRequest, student: UUID, topic: UUID) -> HttpResponse:
    """One topic: the trail with "you are here", and what each level of the present target looks like."""
    shown = find_student(request, student, "topic")
    seeing = see(request, shown)
    if shown.is_early_reader and is_self(request, shown):
        return redirect(f"{reverse('student:path', args=[shown.uuid])}?{urlencode({'topic': str(topic)})}")
    topics = Topic.objects.used_by(shown.school_id).select_related("area__framework__scale")
    chosen = get_object_or_404(topics, uuid=topic)
    if is_strand(chosen.area.domain):
        return redirect(f"{reverse('student:path', args=[shown.uuid])}{seeing.query}#strands")
    trail = read_trail(shown, chosen, seeing.sight)
    focus = _focus(request, chosen, trail)
    context = {
        "student": shown,
        "seeing": seeing,
        "topic": chosen,
        "trail": trail,
        "is_self": is_self(request, shown),
        "sentences": sentences(request, shown, [focus, *(step.target for step in trail.after)]),
        **(_on_target(request, shown, focus, seeing) if focus else {}),
    }
    return show(request, "student_home/topic.html", context, seeing)


def _on_target(request: PersonRequest, student: Student, target: Target, seeing: Seeing) -> dict[str, Any]:
    record = read_target_record(student, target, request.user, request.day, seeing.sight)
    return {
        "record": record,
        "left": find_left(record),
        "growth": read_growth(record),
        "said": said_on(student, target, seeing.sight),
        "tells_suggestion": tells_suggestion(record.state, seeing.sight),
    }


def _focus(request: PersonRequest, topic: Topic, trail: Trail) -> Target | None:
    """The target to show in full: the one asked for, else "here", else the last one met."""
    last = trail.steps[-1].target if trail.steps else None
    asked = request.GET.get("target")
    found = _asked(topic, trail, parse_uuid(asked)) if asked else trail.here or last
    prefetch_related_objects([found] if found else [], "guide", "topic__area__framework__scale__levels")
    return found


def _asked(topic: Topic, trail: Trail, asked: UUID) -> Target:
    """One of the trail, else any other of the topic: a part of a target, or one that ended."""
    known = next((step.target for step in (*trail.steps, *trail.ended) if step.target.uuid == asked), None)
    return known or get_object_or_404(
        Target.objects.select_related("topic__area__framework__scale"), uuid=asked, topic=topic
    )
