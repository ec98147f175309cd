"""A guardian comes in with the code of a letter.

The code stands in no address that a server writes down: it is typed, or comes in the fragment behind the address of
the printed square, which no browser sends.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lpm.lib.dates import school_day
from lpm.lib.limits import give_back, take
from lpm.people.adapters import client_address
from lpm.people.forms.guardians import AccountForm, CodeForm, ConfirmForm
from lpm.people.models import Invitation, Student, User
from lpm.people.queries.guardians import (
    family_names,
    find_code,
    find_invitation,
    find_known,
    open_invitations,
    read_opened,
)
from lpm.people.services.invitations import (
    CodeSpent,
    NameTaken,
    NothingOpens,
    NotKnown,
    join_anew,
    join_household,
    record_failed_code,
    take_over_account,
)
from lpm.people.views.door import PersonRequest, permits

log = structlog.get_logger(__name__)
KEY = "joining"
MINUTES_TO_JOIN = 30
TRIES, TRIES_SECONDS = 10, 10 * 60  # wrong codes of one address
ALARM, ALARM_SECONDS = 100, 60 * 60  # wrong codes of everybody


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def join(request: PersonRequest) -> HttpResponse:
    """The code. One that is wrong, used up, revoked or over gets the same answer."""
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _try_code(request, form)
    if status == 302:
        return redirect("people:join-confirm" if request.user.is_authenticated else "people:join-account")
    return render(request, "people/join.html", {"form": form}, status=status)


def _try_code(request: PersonRequest, form: CodeForm) -> int:
    """The status of the answer. Only what opens nothing counts as a try: families share an address."""
    if not form.is_valid():
        return 422
    address = f"join:{client_address(request)}"
    if not take(address, times=TRIES, seconds=TRIES_SECONDS):
        form.add_error(None, _("Too many codes were tried from here. Wait 10 minutes, then try again."))
        return 429
    invitation = find_code(form.cleaned_data["code"])
    if invitation is None or not _children(invitation):
        _note_failure()
        form.add_error("code", _sorry())
        return 422
    give_back(address)
    request.session[KEY] = {"invitation": str(invitation.uuid), "at": int(time.time())}
    return 302


def _sorry() -> str:
    return _(
        "This code does not open anything. Look at the letter again. Codes end after some weeks, and when everybody "
        "they are meant for has used them. The office of the school makes a new one for you."
    )


def _note_failure() -> None:
    is_many = not take("join:wrong", times=ALARM - 1, seconds=ALARM_SECONDS)
    is_alarm = is_many and take("join:alarm", times=1, seconds=ALARM_SECONDS)
    record_failed_code(is_alarm=is_alarm)
    if is_alarm:
        log.warning("join_codes_are_being_guessed", failures=ALARM, seconds=ALARM_SECONDS)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join_account(request: PersonRequest) -> HttpResponse:
    """Somebody without an account, or who has not signed in yet."""
    invitation, children = _invited(request)
    if invitation is None:
        return _back(request)
    if request.user.is_authenticated:
        return redirect("people:join-confirm")
    known = find_known(invitation.household, children, _day(invitation))
    form = AccountForm(request.POST or None, known=known, initial={"language": translation.get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            return _come_in(request, invitation, form)
        except NameTaken:
            form.add_error("username", _("Somebody has this name already. Choose another one, or sign in."))
        except (CodeSpent, NotKnown):
            return _back(request)
    context = {"form": form, "children": family_names(children)}
    return render(request, "people/join_account.html", context, status=422 if request.method == "POST" else 200)


def _come_in(request: PersonRequest, invitation: Invitation, form: AccountForm) -> HttpResponse:
    user = _make_account(invitation, form)
    get_adapter(request).login(request, user)
    request.session.pop(KEY, None)
    words = _("Welcome. From now on you sign in as %(name)s with your password.") % {"name": user.username}
    messages.success(request, words)
    return redirect("home:home")


def _make_account(invitation: Invitation, form: AccountForm) -> User:
    data = form.cleaned_data
    common: dict[str, Any] = {
        "invitation": invitation,
        "day": _day(invitation),
        **{name: data[name] for name in ("username", "password", "language", "relationship")},
    }
    if form.guardian:
        return take_over_account(guardian=form.guardian, **common)
    return join_anew(given_name=data["given_name"], family_name=data["family_name"], **common)


@require_http_methods(["GET", "POST"])
@permits(None)
def join_confirm(request: PersonRequest) -> HttpResponse:
    """Somebody who is signed in says what they are to the children."""
    invitation, children = _invited(request)
    if invitation is None:
        return _back(request)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _confirm(request, invitation, form)
    context = {"form": form, "children": family_names(children)}
    return render(request, "people/join_confirm.html", context, status=422 if request.method == "POST" else 200)


def _confirm(request: PersonRequest, invitation: Invitation, form: ConfirmForm) -> HttpResponse:
    try:
        join_household(invitation=invitation, user=request.user, day=_day(invitation), **form.cleaned_data)
    except CodeSpent:
        return _back(request)
    except NothingOpens:
        messages.error(request, _("This code opens nothing more for you. The office of the school can tell you why."))
    else:
        messages.success(request, _("Done. You see the learning of these children from now on."))
    request.session.pop(KEY, None)
    return redirect("home:home")


def _invited(request: PersonRequest) -> tuple[Invitation | None, list[Student]]:
    """What the code that was typed in this browser opens now, for half an hour."""
    kept = request.session.get(KEY) or {}
    if kept.get("at", 0) < time.time() - MINUTES_TO_JOIN * 60:
        return None, []
    invitation = find_invitation(uuid=kept["invitation"])
    children = _children(invitation) if invitation else []
    return (invitation, children) if children else (None, [])


def _children(invitation: Invitation) -> list[Student]:
    """Whom the invitation opens today, where the school is; nobody when it cannot be used any more."""
    day = _day(invitation)
    if not open_invitations(day).filter(pk=invitation.pk).exists():
        return []
    return read_opened([invitation.household_id], day).get(invitation.household_id, [])


def _day(invitation: Invitation) -> Any:
    return school_day(invitation.household.district.time_zone)


def _back(request: HttpRequest) -> HttpResponse:
    """To the form for the code, with the sentence of every code that opens nothing if one was typed before."""
    if request.session.pop(KEY, None):
        messages.error(request, _sorry())
    return redirect("people:join")
