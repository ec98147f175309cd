"""The teacher's grid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from curriculum.models import Target, Topic
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.mastery.queries import (
    Grid,
    find_topic,
    read_grid,
)

CELL_NAME = re.compile(r"(\d{1,5})\.(\d{1,5})")  # row.column of a cell, counted from 0


@dataclass(frozen=True)
class OpenGrid:
    group: Group
    topics: Any
    topic: Topic | None
    grid: Grid


@require_GET
@permits(Action.VIEW_GROUP)
def group_grid(request: PersonRequest, group: UUID) -> HttpResponse:
    """Students by the targets of one topic."""
    shown = _open_grid(request, group)
    record_looks(request, [row.uuid for row in shown.grid.rows], page="grid")
    context = {
        "group": shown.group,
        "topics": shown.topics.in_order(),
        "topic": shown.topic,
        "grid": shown.grid,
        "scale": shown.topic.area.framework.scale if shown.topic else None,
        "may_record": Group.objects.visible_to(request.user, Action.RECORD_MARK, request.day)
        .filter(pk=shown.group.pk)
        .exists(),
    }
    return render(request, f"mastery/grid.html{'#grid' if request.htmx else ''}", context)


@require_GET
@permits(Action.RECORD_MARK)
def cell_pick(request: PersonRequest, group: UUID) -> HttpResponse:
    """Without scripts, a cell of the grid is a button named ``row.column``: go to the page of its mark."""
    shown = _open_grid(request, group)
    cell = next((match for name in request.GET if (match := CELL_NAME.fullmatch(name))), None)
    if cell is None or shown.grid.fingerprint != request.GET.get("axes"):
        messages.info(request, _("The class list or the targets have changed. Choose the cell again."))
        return redirect("mastery:group-grid", group=group)
    row, column = int(cell[1]), int(cell[2])
    if row >= len(shown.grid.rows) or column >= len(shown.grid.targets):
        raise Http404
    return redirect(_mark_address(group, shown.grid.rows[row].uuid, shown.grid.targets[column].uuid))


def _open_grid(request: PersonRequest, group: UUID) -> OpenGrid:
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    topics = Topic.objects.used_by(shown.school_id)
    on_scales = topics.select_related("area__framework__scale").prefetch_related("area__framework__scale__levels")
    topic = _chosen_topic(request, shown, on_scales)
    students = visible(request, Student.objects).enrolled_in(shown.pk, request.day).by_name()
    targets = Target.objects.filter(topic=topic).current().in_order()
    return OpenGrid(shown, topics.select_related("area"), topic, read_grid(students, targets))


def _chosen_topic(request: PersonRequest, group: Group, topics: Any) -> Topic | None:
    wanted = request.GET.get("topic")
    if not wanted:
        return find_topic(group, topics)
    topic: Topic | None = topics.filter(uuid=parse_uuid(wanted)).first()
    if topic is None:
        raise Http404
    return topic


def _mark_address(group: UUID, student: str, target: str) -> str:
    return f"{reverse('mastery:mark-form', args=[group])}?{urlencode({'student': student, 'target': target})}"
