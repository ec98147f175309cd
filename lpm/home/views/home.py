"""Where a person begins: what each of their roles has to look at, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from lpm.home.middleware import PageRequest
from lpm.home.queries import (
    Places,
    children_of,
    find_reach,
    read_advising,
    read_office,
    read_privacy,
    read_runs,
    read_teaching,
    read_week,
    read_wide,
    read_writing,
    schools_of,
)
from lpm.people.models import Organization
from lpm.people.policy import Action, Relation
from lpm.people.queries.parts import waiting_for_pages
from lpm.people.views import PersonRequest, permits, record_looks
from students.threads.queries import count_unread

OFFICE = [Relation.OFFICE, Relation.ADMINISTRATOR]
TITLES: dict[str, str | Promise] = {
    "teaching": gettext_lazy("My groups"),
    "advising": gettext_lazy("My students"),
    "week": gettext_lazy("This week"),
    "wide": gettext_lazy("Schools side by side"),
    "office": gettext_lazy("The office"),
    "writing": gettext_lazy("Curriculum"),
    "privacy": gettext_lazy("Privacy"),
    "schools": gettext_lazy("My schools"),
    "children": gettext_lazy("My children"),
    "runs": gettext_lazy("Bring in a file"),
}


@dataclass(frozen=True)
class Part:
    """What one of somebody's roles has on their first page: ``desk`` is what the template of that name shows."""

    name: str
    desk: Any

    @property
    def title(self) -> str:
        return str(TITLES[self.name])

    @property
    def template(self) -> str:
        return f"home/parts/{self.name}.html"

    @property
    def sentence(self) -> str:
        return str(getattr(self.desk, "sentence", ""))

    @property
    def has_head(self) -> bool:
        """A teacher's begins with what waits, and has its heading further down."""
        return self.name != "teaching"


@require_GET
@permits(None)
def home(request: PersonRequest) -> HttpResponse:
    """To the one place of somebody who has one; else a page of all of theirs."""
    places = cast(PageRequest, request).places
    if _only(places, "student") and places.student:
        return redirect("student:path", student=places.student.uuid)
    if _only(places, "is_guardian") and (child := children_of(request.user, request.day).by_name().first()):
        return redirect("student:family", student=child.uuid)
    if _only(places) and (closed := waiting_for_pages(request.user, request.day).first()):
        return redirect("student:family", student=closed.uuid)  # which says so, and whom to ask
    context = {
        "places": places,
        "parts": list(_parts(request, places)),
        "unread": count_unread(request.user, request.day) if _writes(places) else 0,
    }
    return render(request, "home/home.html", context)


def _only(places: Places, *names: str) -> bool:
    """Whether somebody is these, and nothing else."""
    known = ("student", "is_guardian", "is_teacher", "is_leader", "may_import", "has_caseload")
    return {name for name in known if getattr(places, name)} == set(names)


def _writes(places: Places) -> bool:
    return places.is_teacher or places.has_caseload or places.has_messages


def _parts(request: PersonRequest, places: Places) -> Iterator[Part]:
    """In the order of who waits: students before schools, schools before papers. None without anything in it."""
    user, day, now = request.user, request.day, timezone.now()
    if places.is_teacher:
        yield Part("teaching", read_teaching(user, day))
    if places.is_teacher or places.has_caseload:
        yield from _advising(request)
    runs = read_runs(user, day, now) if places.may_import else None
    if places.is_leader:
        yield from _leading(request)
    if runs:
        yield Part("runs", runs)
    if writing := read_writing(user, day):
        yield Part("writing", writing)
    if places.is_guardian:
        yield Part("children", children_of(user, day).by_name())
    if runs is not None and not runs:
        yield Part("runs", runs)


def _advising(request: PersonRequest) -> Iterator[Part]:
    """Each line is of a student's record: the looks are noted."""
    advising = read_advising(request.user, request.day, timezone.now())
    if advising:
        request.action = Action.VIEW_STUDENT
        record_looks(request, [student.uuid for student in advising.seen], page="home")
        yield Part("advising", advising)


def _leading(request: PersonRequest) -> Iterator[Part]:
    """What hangs on roles over schools; a school stands in one part alone."""
    user, day, now = request.user, request.day, timezone.now()
    led = find_reach(user, Action.VIEW_PROGRESS, day)
    kept = find_reach(user, Action.MANAGE_STUDENT, day, OFFICE)
    if led.schools:
        week = read_week(user, led.schools, day, now)
        request.action = Action.VIEW_STUDENT
        record_looks(request, [wait.request.student.uuid for wait in week.long_waits], page="home")
        yield Part("week", week)
    if led.tops:
        yield Part("wide", read_wide(led))
    if kept:
        yield Part("office", read_office(user, kept, day, led))
    if privacy := read_privacy(user, day, now):
        yield Part("privacy", privacy)
    told = {school.pk for reach in (led, kept) for school in (*reach.schools, *reach.below)}
    schools = schools_of(Organization.objects.visible_to(user, Action.VIEW_SCHOOL, day)).exclude(pk__in=told)
    if not told or schools:
        yield Part("schools", schools)
