"""What every page knows about the person asking: their school's day, its time zone, and their language.

And what must be said of every page: that a shared computer keeps no copy of it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from lpm.lib.dates import school_day
from lpm.people.models import Organization

Respond = Callable[[HttpRequest], HttpResponseBase]


class PersonMiddleware:
    """Sets ``request.day``, the school's day. After sign-in; undone for the next request by the first line."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        timezone.deactivate()
        time_zone = "UTC"
        user = request.user
        if user.is_authenticated:
            self._speak(request, user.language, user.organization)
            if user.organization is not None:
                time_zone = user.organization.time_zone
                timezone.activate(time_zone)
        request.day = school_day(time_zone)  # type: ignore[attr-defined]
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


def supported(language: str) -> str | None:
    """The language of Cairn that ``language`` asks for, such as es for es-MX; None when there is none."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return None
