"""Badges of a group, and coming in with one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import segno
from allauth.account.internal.stagekit import clear_login
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lpm.people.forms.sign_in import BadgeForm, StudentsForm
from lpm.people.middleware import ENDS_AT, LOW_RIGHTS
from lpm.people.models import Group
from lpm.people.policy import Action
from lpm.people.queries.sign_in import BadgeRow, badge_rows, badges_allowed
from lpm.people.services.badges import BadgeNotGood, BadgesNotAllowed, make_badges, revoke_badges, take_badge
from lpm.people.services.sign_in import count_failed_sign_in
from lpm.people.views.door import PersonRequest, get_permitted, permits
from lpm.people.views.engine import FROM_ADDRESS, Try, too_many

BACKEND = "lpm.people.adapters.PersonBackend"
LASTS = timedelta(minutes=60)


@permits(Action.MANAGE_GROUP)
@require_http_methods(["GET", "POST"])
def group_badges(request: PersonRequest, group: UUID) -> HttpResponse:
    """Who has a badge; sent, the sheet of new ones to print. It cannot be shown a second time."""
    place = _place(request, group)
    rows = badge_rows(place, request.user, request.day)
    if request.method == "GET":
        return _list(request, place, rows)
    form = _ticked(request, rows)
    if not form.is_valid():
        return _list(request, place, rows, form)
    try:
        made = make_badges(group=place, student_uuids=form.cleaned_data["student"], actor=request.user, day=request.day)
    except BadgesNotAllowed:
        return _list(request, place, rows)
    address = request.build_absolute_uri(reverse("people:badge-sign-in"))
    sheet = [{"badge": badge, "drawing": _drawing(f"{address}#{badge.code}")} for badge in made]
    return render(request, "people/badge_sheet.html", {"group": place, "sheet": sheet})


@permits(Action.MANAGE_GROUP)
@require_POST
def group_badges_revoke(request: PersonRequest, group: UUID) -> HttpResponse:
    place = _place(request, group)
    rows = badge_rows(place, request.user, request.day)
    form = _ticked(request, rows)
    if not form.is_valid():
        return _list(request, place, rows, form)
    revoke_badges(group=place, student_uuids=form.cleaned_data["student"], actor=request.user, day=request.day)
    messages.success(request, _("These badges open nothing any more."))
    return redirect("people:group-badges", group)


def _place(request: PersonRequest, group: UUID) -> Group:
    place: Group = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    return place


def _ticked(request: PersonRequest, rows: list[BadgeRow]) -> StudentsForm:
    return StudentsForm(request.POST, students=[str(row.student.uuid) for row in rows if row.has_account])


def _list(request: PersonRequest, group: Group, rows: list[BadgeRow], form: StudentsForm | None = None) -> HttpResponse:
    context = {
        "group": group,
        "rows": rows,
        "form": form,
        "are_allowed": badges_allowed(group.school_id, request.day),
        "count": sum(row.has_account for row in rows),
    }
    return render(request, "people/badges.html", context, status=200 if request.method == "GET" else 422)


def _drawing(address: str) -> SafeString:
    """The QR code of ``address``, as SVG without styles."""
    drawing = segno.make(address, error="m", micro=False)
    return mark_safe(drawing.svg_inline(scale=4, border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 (segno's own drawing)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def badge_sign_in(request: HttpRequest) -> HttpResponse:
    """The code stands behind the # of the address, which no server is told; a script sends it."""
    if request.method == "GET":
        return render(request, "people/badge.html")
    attempt = Try(request, (FROM_ADDRESS,))
    if not attempt.is_allowed():
        return too_many(request)
    form = BadgeForm(request.POST)
    try:
        badge = take_badge(code=form.cleaned_data["code"] if form.is_valid() else "")
    except BadgeNotGood:
        count_failed_sign_in()
        return render(request, "people/badge.html", {"is_wrong": True}, status=422)
    attempt.was_good()
    auth.logout(request)
    clear_login(request)
    auth.login(request, badge.user, backend=BACKEND)
    student = badge.user.student
    request.session[LOW_RIGHTS] = [str(badge.uuid), str(student.uuid)]
    request.session[ENDS_AT] = (timezone.now() + LASTS).timestamp()
    request.session.set_expiry(0)
    return redirect("student:path", student.uuid)
