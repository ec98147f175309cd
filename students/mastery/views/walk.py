"""Walking the room with one target, and the sheet on paper with one to four, entered later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.models import Scale, Target, Topic
from lpm.lib.ids import uuid7
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.mastery.forms.walk import AbsentForm, SheetForm, Typed, WalkForm
from students.mastery.queries.walk import (
    Walk,
    find_walk_target,
    has_halves,
    read_noted,
    read_sent,
    read_walk,
    whole_levels,
)
from students.mastery.services import Deed, Item, MarkRefused, Outcome
from students.mastery.services.walk import Attendance, note_absences, record_walk
from students.mastery.views.marks import first_error, is_somebody_else, offers, open_for_marks, other_person

MOST_TARGETS = 4  # on a sheet


@dataclass(frozen=True)
class Route:
    """A walk through ``group`` on ``day``; ``targets`` are of one ``topic``, and none where no curriculum is in use."""

    group: Group
    day: date
    topic: Topic | None
    targets: list[Target]

    @property
    def scale(self) -> Scale | None:
        return self.topic.area.framework.scale if self.topic else None

    @property
    def query(self) -> str:
        return urlencode([("target", str(target.uuid)) for target in self.targets])


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def walk_show(request: PersonRequest, group: UUID) -> HttpResponse:
    """One target, a row for each student: what is tapped is saved at once. Without scripts, all at the end."""
    return _walk(request, find_route(request, group, 1), "walk")


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def walk_enter(request: PersonRequest, group: UUID) -> HttpResponse:
    """What was noted on a sheet, in the order of the sheet and dated with its day."""
    return _walk(request, find_route(request, group, MOST_TARGETS), "walk_enter")


@require_GET
@permits(Action.RECORD_MARK)
def walk_sheet(request: PersonRequest, group: UUID) -> HttpResponse:
    """The sheet, to print: the students in order, with boxes for the levels of each target."""
    route = find_route(request, group, MOST_TARGETS)
    return render(request, "mastery/walk_sheet.html", _context(request, route, _read(request, route)))


@require_POST
@permits(Action.RECORD_MARK)
def walk_absent(request: PersonRequest, group: UUID) -> HttpResponse:
    """Note that a student is absent, or after all is not; for the script."""
    shown = open_for_marks(request, group)
    form = AbsentForm(request.POST)
    if not form.is_valid():
        return _refuse("invalid", first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    if is_somebody_else(request, data["person"]):
        return _refuse("other_person", other_person(), HTTPStatus.FORBIDDEN)
    day = data["performed_on"] or request.day
    student = get_permitted(request, Student.objects.enrolled_in(shown.pk, day), uuid=data["student"])
    absent, present = ([student], []) if data["is_absent"] else ([], [student])
    attendance = Attendance(shown, day, absent, present, made_offline=data["made_offline"])
    try:
        note_absences(attendance=attendance, noter=request.user, day=request.day)
    except MarkRefused as refused:
        return _refuse(refused.code, str(refused), HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse({"uuid": str(data["uuid"]), "absent": data["is_absent"]})


def _refuse(code: str, sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": sentence}, status=status)


# --- which students, which targets


def find_route(request: PersonRequest, group: UUID, most: int) -> Route:
    """As the address says (``target``, several times; or ``topic``), else where the group was last."""
    shown = open_for_marks(request, group)
    day = SheetForm(request.GET).chosen_day(request.day) if most > 1 else request.day
    topics = Topic.objects.used_by(shown.school_id)
    targets = Target.objects.current().filter(topic__in=topics)
    first = _first_target(request, shown, targets)
    if first is None:
        return Route(shown, day, None, [])
    on_scales = topics.select_related("area__framework__scale").prefetch_related("area__framework__scale__levels")
    topic = on_scales.get(pk=first.topic_id)
    wanted = {parse_uuid(text) for text in request.GET.getlist("target")[:most]} or {first.uuid}
    return Route(shown, day, topic, [one for one in targets.filter(topic=topic).in_order() if one.uuid in wanted])


def _first_target(request: PersonRequest, group: Group, targets: Any) -> Target | None:
    if wanted := request.GET.get("target"):
        found: Target | None = targets.filter(uuid=parse_uuid(request.GET.getlist("target")[0])).first()
        if found is None:
            raise Http404
        return found
    if wanted := request.GET.get("topic"):
        targets = targets.filter(topic__uuid=parse_uuid(wanted))
    return find_walk_target(group, targets)


def _students(request: PersonRequest, route: Route) -> Any:
    return visible(request, Student.objects).enrolled_in(route.group.pk, route.day).by_name()


def _read(request: PersonRequest, route: Route) -> Walk:
    chosen = Target.objects.filter(pk__in=[target.pk for target in route.targets]).in_order()
    walk = read_walk(route.group, _students(request, route), chosen, route.day)
    record_looks(request, [row.uuid for row in walk.rows], page="walk")
    return walk


# --- a whole list at once


def _walk(request: PersonRequest, route: Route, page: str) -> HttpResponse:
    opened = {"opened_at": timezone.now()}  # before anything is read
    walk = _read(request, route)
    if request.method == "GET":
        return render(request, f"mastery/{page}.html", _context(request, route, walk, {"walk": str(uuid7())}) | opened)
    form = WalkForm(
        request.POST, students=[row.uuid for row in walk.rows], targets=[target.uuid for target in walk.targets]
    )
    problems = _save(request, route, form, walk) if form.is_valid() else _errors(form, walk)
    if not problems:
        return redirect(f"{request.path}?{_query(request, route)}")
    context = _context(request, route, walk, form.data) | {"problems": problems} | opened
    return render(request, f"mastery/{page}.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _query(request: PersonRequest, route: Route) -> str:
    return f"{route.query}&day={route.day}" if request.GET.get("day") else route.query


def _save(request: PersonRequest, route: Route, form: WalkForm, walk: Walk) -> list[str]:
    """The sentences of what was not saved; sending the form again does the rest, and nothing twice."""
    students = {str(student.uuid): student for student in _students(request, route)}
    targets = {str(target.uuid): target for target in route.targets}
    typed = form.levels()
    sent = read_sent(request.user, [uuid for one in typed for uuid in one.uuids])
    seen_at = form.cleaned_data["seen_at"]
    items = [
        _item(one, _identity(one, sent), students[one.student], targets[one.target], route, seen_at) for one in typed
    ]
    absent = {row.uuid for row in walk.rows if form.is_absent(row.uuid)}
    attendance = Attendance(
        group=route.group,
        on=route.day,
        absent=[student for uuid, student in students.items() if uuid in absent],
        present=[student for uuid, student in students.items() if uuid not in absent],
    )
    try:
        outcomes = record_walk(
            items=items, attendance=attendance, person=request.user, day=request.day, offers=offers(request)
        )
    except MarkRefused as refused:
        return [str(refused)]
    return _said(request, items, outcomes)


def _identity(typed: Typed, sent: Mapping[UUID, tuple[Decimal | None, bool]]) -> UUID:
    """That of the form's newest mark in the cell, when it is the same once more; else the next."""
    turns = sum(uuid in sent for uuid in typed.uuids)
    same = (typed.level, typed.deed == Deed.PRACTICE)
    if turns and sent[typed.uuids[turns - 1]] == same:
        return typed.uuids[turns - 1]
    return typed.uuids[min(turns, len(typed.uuids) - 1)]


def _item(typed: Typed, uuid: UUID, student: Student, target: Target, route: Route, seen_at: datetime | None) -> Item:
    return Item(
        uuid=uuid,
        deed=typed.deed,
        student=student,
        target=target,
        performed_on=route.day,
        level=typed.level,
        group=route.group,
        seen_at=seen_at,
    )


def _said(request: PersonRequest, items: list[Item], outcomes: list[Outcome]) -> list[str]:
    pairs = list(zip(items, outcomes, strict=True))
    saved = sum(outcome.refused is None for outcome in outcomes)
    if saved or not items:
        said = ngettext("%(n)s mark saved.", "%(n)s marks saved.", saved) if saved else _("Saved.")
        messages.success(request, said % {"n": saved} if saved else said)
    return [f"{item.student.name}: {outcome.refused}" for item, outcome in pairs if outcome.refused is not None]


def _errors(form: WalkForm, walk: Walk) -> list[str]:
    names = {row.uuid: row.name for row in walk.rows}
    found = []
    for field, errors in form.errors.items():
        name = names.get(field.split(".")[1]) if "." in field else None
        found.append(f"{name}: {errors[0]}" if name else str(errors[0]))
    return found


# --- what the pages show


def _context(
    request: PersonRequest, route: Route, walk: Walk, typed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    topics = Topic.objects.used_by(route.group.school_id).select_related("area").in_order()
    return {
        "group": route.group,
        "route": route,
        "topic": route.topic,
        "topics": topics,
        "choices": Target.objects.current().filter(topic=route.topic).in_order() if route.topic else [],
        "target": walk.targets[0] if walk.targets else None,
        "walk": walk,
        "scale": route.scale,
        "levels": whole_levels(route.scale) if route.scale else [],
        "has_halves": bool(route.scale and has_halves(route.scale)),
        "typed": typed or {},
        "noted": read_noted(request.user, route.targets, route.day) if typed else {},
        "offers": offers(request),
        "most_targets": MOST_TARGETS,
        "has_more": len(set(request.GET.getlist("target"))) > MOST_TARGETS,
        "addresses": _addresses(route.group),
    }


def _addresses(group: Group) -> dict[str, str]:
    routes = {"undo": "mastery:mark-undo", "batch": "mastery:marks-record", "absent": "mastery:walk-absent"}
    return {name: reverse(route, args=[group.uuid]) for name, route in routes.items()}
