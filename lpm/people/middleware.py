"""What every page knows about the person asking: their school's day, its time zone, and their language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

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
        if user.is_authenticated and user.organization is not None:
            time_zone = user.organization.time_zone
            timezone.activate(time_zone)
            self._speak(request, user.language, user.organization)
        request.day = school_day(time_zone)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _speak(self, request: HttpRequest, chosen: str, organization: Organization) -> None:
        """The person's own language, then the one this browser chose, then the school's."""
        language = chosen or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or organization.language
        if translation.check_for_language(language):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
