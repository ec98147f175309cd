"""Where a student starts who comes during the year."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from curriculum.models import Target, Topic
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks
from students.mastery.queries import (
    read_entry_steps,
    read_start_topics,
)
from students.mastery.services import (
    record_entry_point,
)


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def entry_points(request: PersonRequest, student: UUID) -> HttpResponse:
    """Where a student starts who comes during the year: all topics, or the targets of one to choose from."""
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    if request.method == "POST":
        return _start_at(request, shown)
    record_looks(request, [shown.uuid], page="entry")
    topics = Topic.objects.used_by(shown.school_id).select_related("area__framework")
    wanted = request.GET.get("topic")
    topic = topics.filter(uuid=parse_uuid(wanted)).first() if wanted else None
    if wanted and topic is None:
        raise Http404
    context: dict[str, Any] = {"student": shown, "topic": topic}
    if topic is None:
        context["topics"] = read_start_topics(shown, topics)
    else:
        context["steps"] = read_entry_steps(shown, topic)
    return render(request, "mastery/entry.html", context)


def _start_at(request: PersonRequest, student: Student) -> HttpResponse:
    targets = Target.objects.current().filter(topic__in=Topic.objects.used_by(student.school_id))
    target = targets.filter(uuid=parse_uuid(request.POST.get("target", ""))).select_related("topic").first()
    if target is None:
        raise Http404
    record_entry_point(student=student, target=target, actor=request.user, day=request.day)
    messages.success(
        request, _("%(topic)s: starts at %(target)s.") % {"topic": target.topic.title, "target": target.title}
    )
    return redirect("mastery:entry-points", student=student.uuid)
