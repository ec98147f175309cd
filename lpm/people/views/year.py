"""Through the year: the next school year, transfers, arrivals, and handing over."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lpm.people.enums import OrganizationKind
from lpm.people.forms.year import HandoverForm, LookForm, PlaceForm, ReleaseForm, TakeInForm, WaysForm
from lpm.people.models import Organization, SchoolYear, Student, User
from lpm.people.policy import Action
from lpm.people.queries.year import (
    find_students,
    find_turn,
    is_elsewhere,
    read_arrival,
    read_hands,
    read_preview,
    years_to_begin,
)
from lpm.people.services.handover import CannotHandOver, HandedOver, candidates, groups_to_give, hand_over_staff
from lpm.people.services.roles import AboveActor, LastAdministrator
from lpm.people.services.transfers import CannotMove, release_student, take_in_student, transfer_student
from lpm.people.services.year import CannotBegin, RolledOver, roll_over, schools_to_send_to
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
TURNING = (OrganizationKind.DISTRICT, OrganizationKind.SCHOOL)


@require_GET
@permits(Action.ROLL_OVER)
def rollover(request: PersonRequest, organization: UUID) -> HttpResponse:
    """Which school year begins."""
    shown = _find_organization(request, organization)
    may_add = Organization.objects.visible_to(request.user, Action.MANAGE_ORGANIZATION, request.day)
    context = {
        "organization": shown,
        "years": years_to_begin(shown, request.day).select_related("organization"),
        "may_add": may_add.filter(pk=shown.pk).exists(),
    }
    return render(request, "people/rollover.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.ROLL_OVER)
def rollover_preview(request: PersonRequest, organization: UUID, next_year: UUID) -> HttpResponse:
    """What beginning the year would do; with "apply", do it. Any other button only looks again."""
    shown = _find_organization(request, organization)
    beginning = years_to_begin(shown, request.day).filter(uuid=next_year).first()
    if beginning is None:
        raise Http404
    asked = LookForm(request.POST or None).asked()
    schools = schools_to_send_to(shown, request.user, request.day)
    preview = read_preview(find_turn(shown, beginning), schools, asked["takes_rostered"])
    is_applying = "apply" in request.POST
    form = WaysForm(request.POST if is_applying else None, preview=preview, initial=request.POST.dict())
    if is_applying and form.is_valid():
        return _begin_year(request, shown, beginning, form, asked)
    waiting = preview.turn.waiting(asked["takes_rostered"])
    held = list(waiting.filter(uuid__in=asked["held"]).select_related("school").by_name())
    context = {
        "organization": shown,
        "preview": preview,
        "form": form,
        "asked": asked,
        "held": held,
        "found": [row for row in find_students(waiting, asked["find"]) if row not in held] if asked["find"] else [],
        "is_over": request.day >= preview.turn.last_day,
    }
    return render(request, "people/rollover_preview.html", context, status=UNPROCESSABLE if is_applying else None)


def _find_organization(request: PersonRequest, organization: UUID) -> Organization:
    found: Organization = get_permitted(request, Organization.objects.filter(kind__in=TURNING), uuid=organization)
    return found


def _begin_year(
    request: PersonRequest, organization: Organization, beginning: SchoolYear, form: WaysForm, asked: dict[str, Any]
) -> HttpResponse:
    try:
        done = roll_over(
            organization=organization,
            beginning=beginning,
            actor=request.user,
            day=request.day,
            ways=form.ways(),
            held=asked["held"],
            takes_rostered=asked["takes_rostered"],
        )
    except CannotBegin as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _said(done))
    return redirect("people:rollover-preview", organization=organization.uuid, next_year=beginning.uuid)


def _said(done: RolledOver) -> str:
    if done.is_nothing:
        return _("Nothing was left to do: the school year has begun.")
    up = ngettext("%(n)d student went one grade up.", "%(n)d students went one grade up.", done.moved_up)
    finished = ngettext("%(n)d student finished school.", "%(n)d students finished school.", done.finished)
    ended = ngettext("%(n)d enrollment ended.", "%(n)d enrollments ended.", done.enrollments)
    return " ".join(
        [
            _("The new school year has begun."),
            up % {"n": done.moved_up},
            finished % {"n": done.finished},
            ended % {"n": done.enrollments},
        ]
    )


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_transfer(request: PersonRequest, student: UUID) -> HttpResponse:
    """To another school of the district, or out of it, or back. The button says which of the forms was sent."""
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    schools = _schools_for(request, shown)
    place = PlaceForm(request.POST if "place" in request.POST else None, schools=schools, day=request.day)
    release = ReleaseForm(
        request.POST if "release" in request.POST else None, initial={"last_day": shown.left_on or request.day}
    )
    try:
        if place.is_bound and place.is_valid():
            transfer_student(student=shown, actor=request.user, day=request.day, **place.cleaned_data)
            messages.success(request, _("Moved. The groups of the school before end on the day before."))
            return redirect("people:student-arrival", student=student)
        if release.is_bound and release.is_valid():
            release_student(student=shown, actor=request.user, day=request.day, **release.cleaned_data)
            messages.success(request, _("Saved. The student’s record stays, and their family can go on reading it."))
            return redirect("people:student-transfer", student=student)
    except CannotMove as refused:
        (place if place.is_bound else release).add_error(None, str(refused))
    context = {"student": shown, "place": place, "release": release, "has_schools": schools.exists()}
    status = UNPROCESSABLE if request.method == "POST" else None
    return render(request, "people/transfer.html", context, status=status)


def _schools_for(request: PersonRequest, student: Student) -> Any:
    """Where the student may go: the schools of the district that the person looks after."""
    schools = visible(request, Organization.objects).filter(
        kind=OrganizationKind.SCHOOL, lineage__ancestor=student.district_id
    )
    return (schools if student.left_on else schools.exclude(pk=student.school_id)).by_name()


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_take_in(request: PersonRequest, organization: UUID) -> HttpResponse:
    """A student whom another school of the district has released comes to this one."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    shown = get_permitted(request, schools, uuid=organization)
    form = TakeInForm(request.POST or None, initial={"starts_on": request.day})
    is_held = False
    if form.is_valid():
        try:
            student = take_in_student(school=shown, actor=request.user, day=request.day, **form.cleaned_data)
        except CannotMove as refused:
            form.add_error(None, str(refused))
            who = {name: form.cleaned_data[name] for name in ("given_name", "family_name", "born_on")}
            is_held = is_elsewhere(shown, **who)
        else:
            messages.success(request, _("Taken in. What the student has shown so far came with them."))
            return redirect("people:student-arrival", student=student.uuid)
    context = {"organization": shown, "form": form, "is_held": is_held}
    status = UNPROCESSABLE if request.method == "POST" else None
    return render(request, "people/transfer_in.html", context, status=status)


@require_GET
@permits(Action.MANAGE_STUDENT)
def student_arrival(request: PersonRequest, student: UUID) -> HttpResponse:
    """What a student needs who has just come."""
    shown = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    context = {
        "student": shown,
        "arrival": read_arrival(shown, request.day),
        "may_record": Student.objects.visible_to(request.user, Action.RECORD_MARK, request.day)
        .filter(pk=shown.pk)
        .exists(),
    }
    return render(request, "people/arrival.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STAFF)
def handover(request: PersonRequest, user: UUID) -> HttpResponse:
    """Somebody leaves: who takes what they have in hand, and from when."""
    shown = get_permitted(request, User.objects.select_related("organization"), uuid=user)
    hands = read_hands(shown, request.day)
    form = HandoverForm(
        request.POST or None,
        hands=hands,
        people=list(candidates(shown, hands, request.day)),
        givable=groups_to_give(hands, request.user, request.day),
        initial={"last_day": request.day},
    )
    if form.is_valid() and (done := _hand_over(request, shown, form)) is not None:
        messages.success(request, _handed(done))
        return redirect("people:handover", user=user)
    context = {"person": shown, "hands": hands, "form": form}
    return render(request, "people/handover.html", context, status=UNPROCESSABLE if form.is_bound else None)


def _hand_over(request: PersonRequest, user: User, form: HandoverForm) -> HandedOver | None:
    try:
        return hand_over_staff(user=user, actor=request.user, day=request.day, **form.content())
    except CannotHandOver as refused:
        form.add_error(None, str(refused))
    except AboveActor:
        form.add_error(None, _("This person has a role that you cannot end. Ask your district’s administrator."))
    except LastAdministrator:
        form.add_error(None, _("Nobody else administers the district. Give the role to somebody else first."))
    return None


def _handed(done: HandedOver) -> str:
    if done.is_closed:
        return _("Handed over, and the account is closed.")
    return _("Handed over. The account closes when the last day is over.")
