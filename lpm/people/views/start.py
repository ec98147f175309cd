"""Somebody without a password comes in with the code of a start letter, and sets one."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import perform_login
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lpm.lib.limits import give_back, take
from lpm.people.adapters import client_address
from lpm.people.forms.guardians import CodeForm
from lpm.people.forms.sign_in import FirstPasswordForm
from lpm.people.models import Badge, User
from lpm.people.queries.start_letters import find_letter
from lpm.people.services.sign_in import count_failed_sign_in
from lpm.people.services.start_letters import LetterSpent, use_start_letter

KEY = "starting"
MINUTES_TO_START = 30
TRIES, TRIES_SECONDS = 60, 10 * 60  # wrong codes of one address: a class types its letters at once


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The code. One that is wrong, used, replaced or over gets the same answer."""
    form = CodeForm(request.POST or None)
    status = _try_code(request, form) if request.method == "POST" else 200
    if status == 302:
        return redirect("people:start-password")
    return render(request, "people/start.html", {"form": form}, status=status)


def _try_code(request: HttpRequest, form: CodeForm) -> int:
    """The status of the answer. Only what opens nothing counts as a try."""
    if not form.is_valid():
        return 422
    address = f"start:{client_address(request)}"
    if not take(address, times=TRIES, seconds=TRIES_SECONDS):
        form.add_error(None, _("Too many codes were tried from here. Wait 10 minutes, then try again."))
        return 429
    letter = find_letter(code=form.cleaned_data["code"])
    if letter is None:
        count_failed_sign_in()
        form.add_error("code", _sorry())
        return 422
    give_back(address)
    request.session[KEY] = {"letter": str(letter.uuid), "at": int(time.time())}
    return 302


def _sorry() -> str:
    return _(
        "This code does not open anything. Look at the letter again. A code is good for 30 days and can be used once. "
        "The office of the school makes a new one for you."
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def start_password(request: HttpRequest) -> HttpResponse:
    """Whose letter it is, and the password they want."""
    letter = _letter(request)
    if letter is None:
        return _back(request)
    form = FirstPasswordForm(request.POST or None, user=letter.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = use_start_letter(letter=letter, password=form.cleaned_data["password"])
        except LetterSpent:
            return _back(request)
        return _come_in(request, user)
    context = {"form": form, "person": letter.user}
    return render(request, "people/start_password.html", context, status=422 if request.method == "POST" else 200)


def _letter(request: HttpRequest) -> Badge | None:
    """The letter whose code was typed in this browser, for half an hour."""
    kept = request.session.get(KEY) or {}
    if kept.get("at", 0) < time.time() - MINUTES_TO_START * 60:
        return None
    return find_letter(uuid=kept["letter"])


def _back(request: HttpRequest) -> HttpResponse:
    """To the form for the code, with the sentence of every code that opens nothing if one was typed before."""
    if request.session.pop(KEY, None):
        messages.error(request, _sorry())
    return redirect("people:start")


def _come_in(request: HttpRequest, user: User) -> HttpResponse:
    """In, or to the second step of somebody who has one: a letter stands for the password alone."""
    auth.logout(request)
    clear_login(request)
    words = _("Welcome. From now on you sign in as %(name)s with your password.") % {"name": user.username}
    messages.success(request, words)
    record_authentication(request, user, method="password", reauthenticated=True)
    response: HttpResponse = perform_login(request, user, redirect_url=resolve_url("home:home"))
    return response
