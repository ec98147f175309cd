"""Pages for early readers: one thing at a time, in pictures and words that are read aloud; and who gets them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from curriculum.models import Target, Topic
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits
from lpm.people.views.parts import says_when_closed
from students.home.forms import PagesForm, WantForm
from students.home.queries import (
    Thing,
    find_places,
    read_areas,
    read_done,
    read_news,
    read_record,
    read_things,
    start_of_week,
)
from students.home.services import PagesRefused, choose_pages
from students.home.views.looking import find_student, is_self, sentences
from students.mastery.models import ReadyRequest
from students.mastery.services import MarkRefused
from students.mastery.services.showing import ask_to_show
from students.mastery.views.seeing import Seeing, see


@require_GET
@permits(Action.VIEW_STUDENT)
@says_when_closed
def early_page(request: PersonRequest, student: UUID) -> HttpResponse:
    """A child's page as the child sees it, for whoever may see the child's record."""
    shown = find_student(request, student, "path")
    return show_early(request, shown, see(request, shown))


def show_early(request: PersonRequest, student: Student, seeing: Seeing) -> HttpResponse:
    """One thing to work on, the one that is asked for or the newest; what teachers said; what the child can do.

    Always of today: a past day is for the other pages.
    """
    since = start_of_week(seeing.now.day, student.school.time_zone, days=14)
    record = read_record(student, seeing.now)
    areas = read_areas(student, seeing.now, record.states)
    things = read_things(find_places(areas))
    news, coming = read_news(student, [], seeing.now, since)
    place = _place(request, things)
    thing = things[place] if things else None
    done = read_done(record.states)
    waiting = coming.about(thing.target if thing else None)
    context = {
        "student": student,
        "is_self": is_self(request, student),
        "thing": thing,
        "other": things[(place + 1) % len(things)] if len(things) > 1 else None,
        "waiting": waiting,
        "shows_at": _shows_at(waiting),
        "told": next((said for one in news for said in one.said if said.words), None),
        "done": done,
        "sentences": sentences(request, student, [*(thing.target for thing in things), *done]),
        "has_curriculum": bool(areas),
        "new_uuid": uuid7(),
    }
    return render(request, "student_home/early.html", context)


def _shows_at(waiting: ReadyRequest | None) -> datetime | None:
    """When the child shows it, where a day of the week says that: within the next six days."""
    at = waiting.session.starts_at if waiting and waiting.session else None
    return at if at and timedelta() < at - timezone.now() < timedelta(days=6) else None


def _place(request: PersonRequest, things: Sequence[Thing]) -> int:
    """Which of the things the address asks for; the first one where it asks for none, or for one that is done."""
    asked = request.GET.get("topic", "")
    return next((n for n, thing in enumerate(things) if str(thing.place.topic.uuid) == asked), 0)


@require_POST
@permits(Action.ASSESS_SELF)
def early_want(request: PersonRequest, student: UUID, target: UUID) -> HttpResponse:
    """In one tap: I want to show this."""
    shown = get_permitted(request, Student.objects.select_related("school", "district"), uuid=student)
    chosen = _find_target(shown, target)
    form = WantForm(request.POST)
    if not form.is_valid():
        raise Http404
    said = {"done_since": _("I want to show this."), "uuid": form.cleaned_data["uuid"]}
    try:
        ask_to_show(student=shown, target=chosen, actor=request.user, day=request.day, **said)
        messages.success(request, _("Your teacher knows now."))
    except MarkRefused:
        messages.info(request, _("Tell your teacher. They will help you."))
    query = urlencode({"topic": str(chosen.topic.uuid)})
    return redirect(f"{reverse('student:path', args=[shown.uuid])}?{query}")


def _find_target(student: Student, target: UUID) -> Target:
    topics = Topic.objects.used_by(student.school_id)
    found = Target.objects.current().filter(topic__in=topics, uuid=target).select_related("topic__area").first()
    if found is None:
        raise Http404
    return found


@require_POST
@permits(Action.CHOOSE_PAGES)
def pages_choose(request: PersonRequest, student: UUID) -> HttpResponse:
    """Pages for early readers, or those for all."""
    shown = get_permitted(request, Student.objects, uuid=student)
    form = PagesForm(request.POST)
    form.full_clean()
    try:
        choose_pages(student=shown, actor=request.user, day=request.day, **form.cleaned_data)
        messages.success(request, _("Saved. The student has these pages from now on."))
    except PagesRefused as refused:
        messages.error(request, str(refused))
    return redirect("people:student-show", student=shown.uuid)
