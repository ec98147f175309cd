"""What every page knows about the person asking: their school's day, its time zone, and their language.

And what must be said of every page: that a shared computer keeps no copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from lpm.lib.dates import school_day
from lpm.lib.languages import supported
from lpm.people.access import remembered
from lpm.people.models import Organization, User
from lpm.people.queries.sign_in import badge_still_good, has_second_factor, session_rules

Respond = Callable[[Any], HttpResponseBase]

# What a session remembers of how it began; ``AccountAdapter.login`` and the sign-in by badge write it.
ENDS_AT = "ends_at"  # a timestamp
RULED_AT = "ruled_at"  # a timestamp: when it was last looked up by which rules it lasts
SECOND_FACTOR_DUE = "second_factor_due"
LOW_RIGHTS = "low_rights"  # the UUIDs of the badge and of the student

PUBLIC = {
    "home:sign-in", "home:sign-out", "home:set-language", "home:healthz", "home:readyz", "home:demo-sign-in",
    "home:manifest", "home:service-worker", "home:offline",  # the browser's own: they say nothing of anybody
}  # fmt: skip
SETTING_UP = {
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_set_password",
}  # fmt: skip
OWN_PAGES = {"student:path", "student:topic", "student:early"}
READING = {"curriculum:framework-list", "curriculum:framework-show", "curriculum:topic-show"}
BADGES = {"people:badge-sign-in"}
PAGES = {"GET", "HEAD"}
LOOK_AGAIN = 600  # seconds


class DatedRequest(HttpRequest):
    """``day`` is the school's day, for everybody else that of UTC."""

    day: date


class SignInMiddleware:
    """Ends a session when its time is over, and keeps those that may do less to what they are for."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and timezone.now().timestamp() > request.session.get(ENDS_AT, float("inf")):
            auth.logout(request)
        return self.get_response(request)

    def process_view(
        self, request: DatedRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        route = request.resolver_match.view_name if request.resolver_match else ""
        user = request.user
        if not user.is_authenticated or route in PUBLIC:
            return None
        if LOW_RIGHTS in request.session:
            return self._only_own_pages(request, route, kwargs)
        self._rule_again(request, user)
        if SECOND_FACTOR_DUE in request.session and route not in SETTING_UP:
            return self._to_second_factor(request, user)
        return None

    def _rule_again(self, request: DatedRequest, user: User) -> None:
        """Somebody may lead since they came in, or their school ask for a second factor since."""
        session, now = request.session, timezone.now().timestamp()
        if now - session.get(RULED_AT, now) < LOOK_AGAIN:
            return
        session[RULED_AT] = now
        own_device = not session.get_expire_at_browser_close()
        rules = session_rules(user, own_device=own_device, day=request.day)
        session[ENDS_AT] = min(session[ENDS_AT], now + rules.lasts.total_seconds())
        if own_device and not rules.stays:
            session.set_expiry(0)
        if rules.needs_second_factor:
            session[SECOND_FACTOR_DUE] = True

    def _to_second_factor(self, request: DatedRequest, user: User) -> HttpResponseBase | None:
        """Whoever must have a second factor reaches nothing before they do."""
        if has_second_factor(user):
            del request.session[SECOND_FACTOR_DUE]
            return None
        return redirect("mfa_index")

    def _only_own_pages(self, request: DatedRequest, route: str, kwargs: dict[str, Any]) -> HttpResponseBase | None:
        """What a badge opens: the student's own pages to read, and the curriculum. All else is for a password."""
        badge, student = request.session[LOW_RIGHTS]
        if not badge_still_good(badge, request.day):
            auth.logout(request)
            return None
        if route in BADGES:
            return None
        if route == "home:home":
            return redirect("student:path", student)
        own = route in OWN_PAGES and str(kwargs["student"]) == student
        if request.method not in PAGES or not (own or route in READING):
            raise PermissionDenied
        return None


class PersonMiddleware:
    """Sets ``request.day``, the school's day. After sign-in; undone for the next request by the first line."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: DatedRequest) -> HttpResponseBase:
        timezone.deactivate()
        time_zone = "UTC"
        user = request.user
        if user.is_authenticated:
            self._speak(request, user.language, user.organization)
            if user.organization is not None:
                time_zone = user.organization.time_zone
                timezone.activate(time_zone)
        request.day = school_day(time_zone)
        with remembered(in_haste=request.method not in PAGES):
            response = self.get_response(request)
        if user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["HX-Request"])  # a part of a page is not the page
        return response

    def _speak(self, request: HttpRequest, chosen: str, organization: Organization | None) -> None:
        """The person's own language, then the one this browser chose, then the school's."""
        in_browser = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        wanted = [chosen, in_browser, organization.language if organization else ""]
        if language := next(filter(None, map(supported, wanted)), None):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
