"""Seminars: made from whoever needs the same, changed and cancelled by teachers, joined by students."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lpm.lib.ids import uuid7
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.queries.groups import schools_for_groups
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks
from students.mastery.forms.seminars import ASSIGNED, OPEN, NewSeminarForm, SeminarForm
from students.mastery.models import Seminar
from students.mastery.queries.needs import students_for
from students.mastery.queries.seminars import is_cancelled, read_comers, seminars_for
from students.mastery.services import MarkRefused
from students.mastery.services.seminars import (
    SeminarPlan,
    cancel_seminar,
    change_seminar,
    join_seminar,
    leave_seminar,
    make_seminar,
)
from students.mastery.views.needs import Question, ask
from students.mastery.views.showing import attempt

USUAL_HOUR = 9
SATURDAY = 5
MONDAY = date(2024, 1, 1)  # any would do
LONGEST_TITLE = 150


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def seminar_create(request: PersonRequest) -> HttpResponse:
    """When, where, and who comes. With ``step`` "choose" the form begins with a column or a selection of students."""
    question = ask(request, request.POST or request.GET)
    schools = schools_for_groups(request.user, request.day)
    is_answer = request.method == "POST" and request.POST.get("step") != "choose"
    meets_at = _next_morning()
    subject = question.topic.title if question.topic else ""
    form = NewSeminarForm(
        request.POST if is_answer else None,
        schools=schools,
        students=students_for(request.user, request.day),
        initial={
            "uuid": uuid7(),
            "school": schools.first(),
            "name": propose_name(subject, timezone.localdate(meets_at)),
            "meets_at": meets_at,
            "list": ASSIGNED,
        },
    )
    if form.is_valid() and attempt(form, lambda: _make(request, form, question)):
        messages.success(request, _("Made. The students see when and where, and nothing else."))
        return redirect("mastery:needs-show")
    listed, chosen = _candidates(request, question, is_answer=is_answer)
    record_looks(request, [student.uuid for student in listed], page="needs")
    context = {"form": form, "question": question, "listed": listed, "chosen": chosen, "schools": schools}
    return render(request, "mastery/seminar_new.html", context, status=_status(form))


def _make(request: PersonRequest, form: SeminarForm, question: Question) -> None:
    said = form.cleaned_data
    subject = question.topic.title if question.topic else ""
    make_seminar(
        uuid=said["uuid"],
        school=said["school"],
        plan=_plan(said, subject),
        students=list(said["students"]),
        target=question.target,
        maker=request.user,
        day=request.day,
    )


def _plan(said: dict[str, Any], subject: str) -> SeminarPlan:
    return SeminarPlan(
        name=_with_right_day(said["name"].strip(), subject, timezone.localdate(said["meets_at"])),
        meets_at=said["meets_at"],
        place=said["place"].strip(),
        is_open=said["list"] == OPEN,
        places=said["places"],
    )


def propose_name(subject: str, day: date) -> str:
    """What it is about and when: nothing of who comes, or why."""
    weekday = date_format(day, "l")
    if not subject:
        return _("Workshop, %(day)s") % {"day": weekday}
    short = Truncator(subject).chars(LONGEST_TITLE)
    return _("%(subject)s workshop, %(day)s") % {"subject": short, "day": weekday}


def _with_right_day(name: str, subject: str, day: date) -> str:
    """A name that was proposed for another day of the week is proposed again."""
    week = {propose_name(subject, MONDAY + timedelta(days=n)) for n in range(7)}
    return propose_name(subject, day) if name in week else name


def _candidates(request: PersonRequest, question: Question, *, is_answer: bool) -> tuple[list[Student], set[UUID]]:
    """The students to choose from, by name, and those who are chosen."""
    if not is_answer and (key := request.POST.get("column")):
        listed = question.read().of_column(key)
        return listed, {student.uuid for student in listed}
    chosen = {parse_uuid(text) for text in request.POST.getlist("students")}
    asked = chosen | {parse_uuid(text) for text in request.POST.getlist("listed")}
    return list(students_for(request.user, request.day).filter(uuid__in=asked)) if asked else [], chosen


def _next_morning() -> datetime:
    """On the next weekday."""
    day = timezone.localtime() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day.replace(hour=USUAL_HOUR, minute=0, second=0, microsecond=0)


def _status(form: SeminarForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def seminar_change(request: PersonRequest, seminar: UUID) -> HttpResponse:
    """Who comes; another name, time, place or list."""
    found = _find(request, seminar)
    initial = {
        "name": found.group.name,
        "meets_at": timezone.localtime(found.meets_at),
        "place": found.place,
        "places": found.places,
        "list": OPEN if found.is_open else ASSIGNED,
    }
    form = SeminarForm(request.POST or None, initial=initial)
    if form.is_valid() and attempt(form, lambda: _change(request, form, found)):
        messages.success(request, _("Changed. The students see it so now."))
        return redirect("mastery:seminar-change", seminar=found.uuid)
    comers = read_comers(found, request.user, request.day)
    record_looks(request, [student.uuid for student in comers], page="needs")
    context = {"form": form, "seminar": found, "comers": comers, "is_cancelled": is_cancelled(found)}
    return render(request, "mastery/seminar.html", context, status=_status(form))


def _change(request: PersonRequest, form: SeminarForm, found: Seminar) -> None:
    plan = _plan(form.cleaned_data, found.target.topic.title if found.target else "")
    change_seminar(seminar=found, plan=plan, actor=request.user, day=request.day)


@require_POST
@permits(Action.RECORD_MARK)
def seminar_cancel(request: PersonRequest, seminar: UUID) -> HttpResponse:
    """It does not take place."""
    found = _find(request, seminar)
    try:
        cancel_seminar(seminar=found, actor=request.user, day=request.day)
        messages.success(request, _("Cancelled. Whoever was to come sees that."))
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("mastery:needs-show")


def _find(request: PersonRequest, seminar: UUID) -> Seminar:
    rows = seminars_for(request.user, request.day).select_related("group__school", "target__topic")
    found: Seminar | None = rows.filter(uuid=seminar).first()
    if found is None:
        raise Http404
    return found


@require_POST
@permits(Action.ASSESS_SELF)
def seminar_join(request: PersonRequest, student: UUID, seminar: UUID) -> HttpResponse:
    """The student goes there, or (``step`` is "out") does not after all."""
    shown = get_permitted(request, Student.objects, uuid=student)
    found = Seminar.objects.filter(uuid=seminar, group__district=shown.district_id).first()
    if found is None:
        raise Http404
    leaves = request.POST.get("step") == "out"
    try:
        (leave_seminar if leaves else join_seminar)(seminar=found, student=shown, actor=request.user, day=request.day)
        messages.success(request, _("You are off the list.") if leaves else _("You are on the list."))
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("student:path", student=shown.uuid)
