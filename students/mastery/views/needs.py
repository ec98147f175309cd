"""Who needs this today, and nobody forgotten: over all groups of a teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from curriculum.models import Target, Topic
from lpm.people.models import Group
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, parse_uuid, permits, record_looks
from students.mastery.queries.forgotten import read_forgotten
from students.mastery.queries.grid.rows import QUIET_DAYS
from students.mastery.queries.needs import Needs, groups_for, read_needs, students_for, topics_for, usual_topic
from students.mastery.queries.seminars import read_seminars

SHARED = "shared"


@dataclass(frozen=True)
class Question:
    """Of whom, and on what. ``scope`` is "" (all groups), SHARED, or a group; without a target the whole topic."""

    groups: list[Any]
    scope: str
    students: Any
    topics: Any
    topic: Topic | None
    target: Target | None

    @property
    def has_shared(self) -> bool:
        """Whether some of the groups are taught together with colleagues, and some are not."""
        return len({bool(group.is_shared) for group in self.groups}) > 1

    def read(self) -> Needs:
        return read_needs(self.students, self.topic, self.target) if self.topic else Needs([])


@require_GET
@permits(Action.RECORD_MARK)
def needs_show(request: PersonRequest) -> HttpResponse:
    """The students of the groups by level on a target, or by their place in a topic."""
    question = ask(request, request.GET)
    needs = question.read()
    record_looks(request, [person.student.uuid for person in needs.people], page="needs")
    targets = Target.objects.filter(topic=question.topic).current().in_order().select_related("topic__area__framework")
    context = {
        "question": question,
        "needs": needs,
        "total": len(needs.people),
        "topics": question.topics.in_order(),
        "targets": targets,
        "seminars": read_seminars(request.user, request.day),
    }
    return render(request, "mastery/needs.html", context)


@require_GET
@permits(Action.RECORD_MARK)
def forgotten_list(request: PersonRequest) -> HttpResponse:
    """Whom I have not heard from. That a student stands on it is nobody else's business: the audit says no more than
    of the page before."""
    _groups(request)
    rows = read_forgotten(request.user, request.day)
    record_looks(request, [row.student.uuid for row in rows], page="needs")
    return render(request, "mastery/needs_forgotten.html", {"rows": rows, "quiet_days": QUIET_DAYS})


def ask(request: PersonRequest, said: Any) -> Question:
    """What ``said`` (an address or a form) asks; 404 where it names what the person does not teach."""
    groups = _groups(request)
    scope = said.get("group", "")
    topics = topics_for(groups)
    target = _find_target(said, topics)
    topic = target.topic if target else _find_topic(request, said, topics)
    chosen = None if not scope else _chosen(groups, scope)
    return Question(groups, scope, students_for(request.user, request.day, chosen), topics, topic, target)


def _groups(request: PersonRequest) -> list[Any]:
    """404 for whoever records nowhere."""
    if not Group.objects.any_visible_to(request.user, Action.RECORD_MARK, request.day):
        raise Http404
    return list(groups_for(request.user, request.day))


def _chosen(groups: list[Any], scope: str) -> list[Group]:
    if scope == SHARED:
        return [group for group in groups if group.is_shared]
    wanted = parse_uuid(scope)
    chosen = [group for group in groups if group.uuid == wanted]
    if not chosen:
        raise Http404
    return chosen


def _find_target(said: Any, topics: Any) -> Target | None:
    if not said.get("target"):
        return None
    rows = Target.objects.current().filter(topic__in=topics.order_by().values("pk"))
    found: Target = get_object_or_404(rows.select_related("topic__area__framework"), uuid=parse_uuid(said["target"]))
    return found


def _find_topic(request: PersonRequest, said: Any, topics: Any) -> Topic | None:
    if not said.get("topic"):
        return usual_topic(request.user, topics)
    found: Topic = get_object_or_404(topics, uuid=parse_uuid(said["topic"]))
    return found
