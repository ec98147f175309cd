"""Pages of allauth as pages of ours, and how often a form may be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.account.internal.stagekit import clear_login, unstash_login
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from lpm.lib.limits import give_back, take
from lpm.people.adapters import OWN_DEVICE, client_address
from lpm.people.services.sign_in import count_failed_sign_in

Page = Callable[..., Any]


@dataclass(frozen=True)
class Limit:
    """At most ``times`` in ``seconds`` for each key that ``whose`` makes of a request ("" is never counted)."""

    action: str
    whose: Callable[[HttpRequest], str]
    times: int
    seconds: int = 300
    also_good: bool = False  # else what succeeds is given back


class Try:
    """One try of a request; what is counted is settled before the view changes who it is."""

    def __init__(self, request: HttpRequest, limits: tuple[Limit, ...]) -> None:
        self._keys = [(limit, whose) for limit in limits if (whose := limit.whose(request))]

    def is_allowed(self) -> bool:
        return all(take(_key(limit, whose), times=limit.times, seconds=limit.seconds) for limit, whose in self._keys)

    def was_good(self) -> None:
        for limit, whose in self._keys:
            if not limit.also_good:
                give_back(_key(limit, whose))


def _key(limit: Limit, whose: str) -> str:
    return f"{limit.action}:{whose}"


def typed(field: str) -> Callable[[HttpRequest], str]:
    return lambda request: request.POST.get(field, "").strip().lower()


def pending_person(request: HttpRequest) -> str:
    """Who has given a password and not yet the second step, or who is signed in."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    login = unstash_login(request, peek=True)
    return str(login.user.pk) if login and login.user else ""


def client(request: HttpRequest) -> str:
    """Whoever is signed in, else the address it comes from."""
    return f"person {request.user.pk}" if request.user.is_authenticated else client_address(request)


# A school of two thousand behind one address signs in within minutes, and some mistype.
FROM_ADDRESS = Limit("address", client, times=200)
OF_NAME = Limit("name", typed("username"), times=10)
PASSWORD_LIMITS = (FROM_ADDRESS, OF_NAME)
MAIL_LIMITS = (
    Limit("mail", typed("email"), times=3, also_good=True),
    Limit("mails", client, times=60, also_good=True),
)
CODE_LIMITS = (FROM_ADDRESS,)
STEP_LIMITS = (FROM_ADDRESS, Limit("step", pending_person, times=10))
AGAIN_LIMITS = (Limit("again", client, times=10),)
PASSKEY_LIMITS = (Limit("passkey", client, times=300, also_good=True),)


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "account/too_many.html", status=429)
    response["Retry-After"] = "300"
    return response


def engine(view: Page, limits: tuple[Limit, ...] = (), *, mails: bool = False, begins: bool = False) -> Page:
    """A page of allauth: GET and POST alone, 422 for a form that does not fit, not too often.

    ``mails``: not there where no e-mail can be sent. ``begins``: a way in, from its start; what
    was ticked about the device counts.
    """

    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if mails and not settings.HAS_EMAIL:
            raise Http404
        if begins and not request.user.is_authenticated:
            clear_login(request)
        if request.method == "GET":
            return view(request, *args, **kwargs)
        attempt = Try(request, limits)
        if not attempt.is_allowed():
            return too_many(request)
        if begins:
            request.session[OWN_DEVICE] = bool(request.POST.get(OWN_DEVICE))
        try:
            response = view(request, *args, **kwargs)
        except ReauthenticationRequired:
            attempt.was_good()
            raise
        if isinstance(response, HttpResponseRedirect):
            attempt.was_good()
        elif response.status_code == 200:
            response.status_code = 422
            if limits in (CODE_LIMITS, STEP_LIMITS) and not request.user.is_authenticated:
                count_failed_sign_in()
        return response

    return page
