"""The teacher's grid: of a group, or of a saved view."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lpm.lib.grades import GRADES
from lpm.people.access import in_force
from lpm.people.enums import StaffRole
from lpm.people.models import Group, User
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, permits, record_looks
from students.mastery.enums import GridFilter, GridMode
from students.mastery.models import GridView
from students.mastery.queries.views import MOST_ROWS, views_for
from students.mastery.views.axes import (
    Axes,
    asked_standing,
    axes_of_group,
    axes_of_view,
    chosen_filter,
    chosen_mode,
    find_deed,
    grades_of,
    read_shown,
    scale_of,
)

CELL_NAME = re.compile(r"(\d{1,5})\.(\d{1,5})")  # row.column of a cell, counted from 0
AXES = ("topic", "grade")  # parameters of an address that decide about students and targets


@require_GET
@permits(Action.VIEW_GROUP)
def group_grid(request: PersonRequest, group: UUID) -> HttpResponse:
    """Students by the targets of one topic."""
    return _render_grid(request, axes_of_group(request, group))


@require_GET
@permits(Action.VIEW_STAFF_NOTES)
def view_show(request: PersonRequest, view: UUID) -> HttpResponse:
    """The grid of a saved view: any students by any targets."""
    return _render_grid(request, axes_of_view(request, find_view(request, view)))


def find_view(request: PersonRequest, view: UUID) -> GridView:
    shown: GridView | None = views_for(request.user, request.day).filter(uuid=view).first()
    if shown is None:
        raise Http404
    return shown


def _render_grid(request: PersonRequest, axes: Axes) -> HttpResponse:
    opened_at = timezone.now()  # before anything is read: what changes meanwhile comes with the first changes
    asked = asked_standing(request, axes)
    grid = read_shown(request, axes, asked.standing)
    record_looks(request, [row.uuid for row in grid.rows], page="grid")
    views = list(views_for(request.user, request.day))
    deed = "" if asked.standing.is_past else find_deed(request, axes)
    context = {
        "axes": axes,
        "group": axes.group,
        "view": axes.view,
        "topics": axes.topics,
        "topic": axes.topic,
        "grid": grid,
        "asked": asked,
        "scale": scale_of(axes),
        "mode": chosen_mode(request, axes, views),
        "modes": GridMode.choices,
        "chosen": chosen_filter(request, axes),
        "filters": GridFilter.choices,
        "grades": [(grade, GRADES[grade]) for grade in grades_of(axes)],
        "grade": request.GET.get("grade", ""),
        "views": views,
        "may_record": bool(deed),
        "offers": deed == "offer",
        "teachers": _teachers(request, axes) if deed == "offer" else [],
        "is_cut": len(grid.rows) == MOST_ROWS,
        "addresses": addresses_of(request, axes, grid.rows),
        "opened_at": opened_at,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if asked.sentence else HTTPStatus.OK
    return render(request, f"mastery/grid.html{'#grid' if request.htmx else ''}", context, status=status)


def _teachers(request: PersonRequest, axes: Axes) -> list[str]:
    """Who accepts what a substitute notes."""
    there = Q(staffing__group=axes.group, staffing__role__in=(StaffRole.TEACHER, StaffRole.CO_TEACHER))
    people = User.objects.filter(there & in_force(request.day, "staffing__"), is_active=True)
    return [person.name for person in people.distinct().order_by("family_name", "given_name", "pk")]


def addresses_of(request: PersonRequest, axes: Axes, rows: list[Any]) -> dict[str, str]:
    """Where the page and its script send what is done in the grid."""
    group = axes.group.uuid if axes.group else next((row.group for row in rows if row.group), "")
    asked = {name: request.GET[name] for name in AXES if request.GET.get(name)}
    if axes.topic is not None:
        asked["topic"] = str(axes.topic.uuid)
    query = f"?{urlencode(asked)}" if asked else ""
    own = {"group": axes.group.uuid} if axes.group else {"view": axes.view.uuid if axes.view else ""}
    kind = "grid" if axes.group else "view"
    here = {
        "group": str(group),
        "pick": reverse("mastery:cell-pick" if axes.group else "mastery:view-pick", kwargs=own),
        "changes": reverse(f"mastery:{kind}-changes", kwargs=own) + query,
        "accept": reverse(f"mastery:{kind}-accept", kwargs=own) + query,
    }
    return here | (_marking_addresses(group) if group else {})


def _marking_addresses(group: UUID | str) -> dict[str, str]:
    routes = {
        "mark": "mastery:mark-record",
        "undo": "mastery:mark-undo",
        "form": "mastery:mark-form",
        "batch": "mastery:marks-record",
        "remark": "mastery:remark-record",
        "remarkUndo": "mastery:remark-undo",
        "remarks": "mastery:remark-list",
    }
    return {name: reverse(route, args=[group]) for name, route in routes.items()}


@require_GET
@permits(Action.RECORD_MARK)
def cell_pick(request: PersonRequest, group: UUID) -> HttpResponse:
    """Without scripts, a cell of the grid is a button named ``row.column``: go to the page of its mark."""
    if Group.objects.visible_to(request.user, Action.OFFER_MARK, request.day).filter(uuid=group).exists():
        request.action = Action.OFFER_MARK
    return _pick(request, axes_of_group(request, group), reverse("mastery:group-grid", args=[group]))


@require_GET
@permits(Action.VIEW_STAFF_NOTES)
def view_pick(request: PersonRequest, view: UUID) -> HttpResponse:
    """As ``cell_pick``, in a saved view."""
    shown = find_view(request, view)
    return _pick(request, axes_of_view(request, shown), reverse("mastery:view-show", args=[view]))


def _pick(request: PersonRequest, axes: Axes, back: str) -> HttpResponse:
    grid = read_shown(request, axes)
    cell = next((match for name in request.GET if (match := CELL_NAME.fullmatch(name))), None)
    if cell is None or grid.fingerprint != request.GET.get("axes"):
        messages.info(request, _("The class list or the targets have changed. Choose the cell again."))
        return redirect(back)
    row, column = int(cell[1]), int(cell[2])
    if row >= len(grid.rows) or column >= len(grid.targets):
        raise Http404
    group = axes.group.uuid if axes.group else grid.rows[row].group
    if not group:
        raise Http404
    query = urlencode({"student": grid.rows[row].uuid, "target": grid.targets[column].uuid})
    return redirect(f"{reverse('mastery:mark-form', args=[group])}?{query}")
