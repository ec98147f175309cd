"""Where a student starts who comes during the year."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from curriculum.enums import Domain
from curriculum.models import Target, Topic
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks
from students.mastery.forms.entry import check_uuid, read_checks
from students.mastery.queries import read_entry, read_start_topics
from students.mastery.services import MarkRefused, QuickCheck, record_entry_point


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def entry_points(request: PersonRequest, student: UUID) -> HttpResponse:
    """Where a student starts who comes during the year: all topics, or the targets of one to choose from.

    Quick checks move the proposal while they are asked, and are recorded with the start alone.
    """
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    if request.method == "POST" and "look" not in request.POST:
        return _start_at(request, shown)
    record_looks(request, [shown.uuid], page="entry")
    wanted = request.POST.get("topic") or request.GET.get("topic")
    if wanted:
        return _show_topic(request, shown, get_object_or_404(_topics(shown), uuid=parse_uuid(wanted)))
    context = {"student": shown, "topic": None, "topics": read_start_topics(shown, _topics(shown))}
    return render(request, "mastery/entry.html", context)


def _topics(student: Student) -> Any:
    """Those of content: nobody starts further on in a habit."""
    topics = Topic.objects.used_by(student.school_id).filter(area__domain=Domain.CONTENT)
    return topics.select_related("area__framework__scale")


def _show_topic(request: PersonRequest, student: Student, topic: Topic, error: str = "") -> HttpResponse:
    checks = read_checks(request.POST)
    context = {
        "student": student,
        "topic": topic,
        "entry": read_entry(student, topic, topic.area.framework.scale, checks),
        "session": request.POST.get("session") or uuid7(),
        "error": error,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "mastery/entry.html", context, status=status)


def _start_at(request: PersonRequest, student: Student) -> HttpResponse:
    targets = Target.objects.current().filter(topic__in=_topics(student).values("pk"))
    rows = targets.select_related("topic__area__framework__scale")
    target = rows.filter(uuid=parse_uuid(request.POST.get("target", ""))).first()
    if target is None:
        raise Http404
    checks = _checks(read_checks(request.POST), rows.filter(topic=target.topic_id), request.POST.get("session", ""))
    try:
        record_entry_point(student=student, target=target, actor=request.user, day=request.day, checks=checks)
    except MarkRefused as refused:
        return _show_topic(request, student, target.topic, str(refused))
    messages.success(
        request, _("%(topic)s: starts at %(target)s.") % {"topic": target.topic.title, "target": target.title}
    )
    return redirect("mastery:entry-points", student=student.uuid)


def _checks(levels: dict[UUID, Decimal], targets: Any, session: str) -> list[QuickCheck]:
    """Those on targets of the topic; no query where nothing was asked."""
    if not levels:
        return []
    identity = parse_uuid(session)
    asked = targets.filter(uuid__in=list(levels))
    return [QuickCheck(check_uuid(identity, one.uuid), one, levels[one.uuid]) for one in asked]
