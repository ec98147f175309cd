"""How one comes in oneself: password, second step, and where one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import remove_authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lpm.people.middleware import SECOND_FACTOR_DUE
from lpm.people.queries.sign_in import sessions_of
from lpm.people.services.sign_in import end_sessions, record_sign_in_change
from lpm.people.views.door import PersonRequest, permits


@permits(None)
@require_GET
def account_show(request: PersonRequest) -> HttpResponse:
    """All about coming in, on one page. ``keys`` are passkeys, ``app`` an app that shows codes."""
    factors = Authenticator.objects.filter(user=request.user).order_by("pk")
    by_type: dict[str, list[Any]] = {kind: [] for kind in Authenticator.Type.values}
    for factor in factors:
        by_type[factor.type].append(factor)
    context = {
        "app": next(iter(by_type[Authenticator.Type.TOTP]), None),
        "keys": by_type[Authenticator.Type.WEBAUTHN],
        "codes": next(iter(by_type[Authenticator.Type.RECOVERY_CODES]), None),
        "is_due": SECOND_FACTOR_DUE in request.session,
        "has_password": request.user.has_usable_password(),
        "has_email": settings.HAS_EMAIL and bool(request.user.email),
    }
    return render(request, "people/account.html", context)


@permits(None)
@require_POST
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def key_remove(request: PersonRequest) -> HttpResponse:
    wanted = request.POST.get("key", "")
    keys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    key = get_object_or_404(keys, pk=int(wanted) if wanted.isdecimal() else 0)
    adapter = get_factor_adapter()
    if not adapter.can_delete_authenticator(key):
        messages.error(request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
    remove_authenticator(request, key)
    record_sign_in_change(user=request.user, change="remove_passkey")
    return redirect("mfa_index")


@permits(None)
@require_GET
def session_list(request: PersonRequest) -> HttpResponse:
    rows = [
        {"session": session, "device": device(session.user_agent), "is_here": session.is_current()}
        for session in sessions_of(request.user)
    ]
    others = [row for row in rows if not row["is_here"]]
    return render(request, "people/account_sessions.html", {"rows": rows, "others": others})


@permits(None)
@require_POST
def session_end(request: PersonRequest) -> HttpResponse:
    """One of one's own sessions, or all but this one."""
    wanted = request.POST.get("session", "")
    others = [session for session in sessions_of(request.user) if not session.is_current()]
    chosen = [session for session in others if wanted in ("", str(session.pk))]
    if chosen:
        end_sessions(user=request.user, sessions=chosen)
        messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


SYSTEMS = {"iPad": "iPad", "iPhone": "iPhone", "Android": "Android", "CrOS": "Chromebook", "Windows": "Windows",
           "Mac OS X": "Mac", "Linux": "Linux"}  # fmt: skip
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome",
            "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip


def device(user_agent: str) -> str:
    """What a browser says it is, in words: "Safari, iPad"."""
    parts = [next((name for mark, name in known.items() if mark in user_agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, parts)) or _("a browser we do not know")
