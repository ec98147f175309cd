"""One log line per request, the way around the site, and which answers are compressed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import structlog
from django.http import HttpRequest, HttpResponseBase, HttpResponseServerError
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from lpm.home.queries import Places, find_places
from lpm.lib.ids import uuid7
from lpm.lib.logs import route_of
from lpm.people.middleware import LOW_RIGHTS, DatedRequest
from lpm.people.models import User

log = structlog.get_logger(__name__)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What proxies make. Words are refused: anyone can send this header, and it is written to the log.
REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{16,64}")

# What lets somebody in stands on these, where an address says what stands beside it: docs/decisions/0046.
SECRETS = {"mfa_activate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "people:token-create"}
WORDS = re.compile(r"text/|application/[\w.+-]*json")


class CompressionMiddleware(GZipMiddleware):
    """Compresses words, save those whose length must tell nothing. A ZIP archive is small already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        match = request.resolver_match
        is_secret = match is not None and match.view_name in SECRETS
        if is_secret or not WORDS.match(response.headers.get("Content-Type", "")):
            return response
        return super().process_response(request, response)


class RequestLogMiddleware:
    """Logs method, route (the pattern), status and time; binds the request's id to every line meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = request_id_of(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.logged(request)
        response["X-Request-ID"] = request_id
        return response

    def logged(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.answered(request)
        log.info(
            "request",
            method=request.method if request.method in METHODS else "other",
            route=route_of(request),
            status=response.status_code,
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
        )
        return response

    def answered(self, request: HttpRequest) -> HttpResponseBase:
        """What escapes here made the error page fail as well; the web server would print it with its values."""
        try:
            return self.get_response(request)
        except Exception:
            log.exception("error_page_failed")
            return HttpResponseServerError()


def request_id_of(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid7().hex


class PageRequest(DatedRequest):
    """What every page says of the person who looks: ``places``, what is theirs, found once for a request; ``nav``,
    their parts of the site, ``page_role``, whom the page is for, ``my_name``, what they are called here, and
    ``unread``, how many notices are new to them."""

    places: Places
    nav: SimpleLazyObject[list[NavItem]]
    page_role: SimpleLazyObject[str]
    my_name: SimpleLazyObject[str]
    unread: SimpleLazyObject[int]


class NavigationMiddleware:
    """Makes a request a PageRequest. What is in it is worked out only when a page asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponseBase:
        places = cast(Places, SimpleLazyObject(lambda: find_places(cast(User, request.user), request.day)))
        request.places = places
        request.nav = SimpleLazyObject(lambda: list(navigation(request, places)))
        request.page_role = SimpleLazyObject(lambda: page_role(request, places))
        request.my_name = SimpleLazyObject(lambda: my_name(request, places))
        request.unread = SimpleLazyObject(lambda: places.unread if request.user.is_authenticated else 0)
        return self.get_response(request)


@dataclass(frozen=True)
class NavItem:
    url: str
    icon: str
    label: str
    is_current: bool


def navigation(request: HttpRequest, places: Places) -> Iterator[NavItem]:
    """The person's own parts of the site, in the order of what they come for."""
    if not request.user.is_authenticated:
        return
    staff = places.is_teacher or places.is_leader or places.may_import or places.has_caseload
    if places.student and places.has_pages:
        yield _item(request, "student:path", "map", _("My path"), student=places.student.uuid)
    elif not places.is_guardian and not staff:  # nothing is open: the first page says so, and whom to ask
        yield _item(request, "home:home", "home", _("Home"))
    if places.is_guardian and not staff:
        yield _item(request, "home:home", "home", _("What is new"), also="/family/")
    if staff:
        yield _item(request, "home:home", "grid", _("Home"), also="/groups/")
    is_badge = LOW_RIGHTS in request.session  # opens the student's own pages and the curriculum
    if places.has_messages and not is_badge:
        yield _item(request, "threads:thread-list", "chat", _("Messages"))
    yield _item(request, "curriculum:framework-list", "book", _("Curriculum"), also="/curriculum/")
    if is_badge:
        return
    if places.is_administrator:
        yield _item(request, "people:organization-list", "people", _("Schools"), also="/staff/")
    if places.may_import:
        yield _item(request, "home:import-list", "upload", _("Bring in"), also="/imports/")


def _item(request: HttpRequest, name: str, icon: str, label: str, also: str = "", **kwargs: object) -> NavItem:
    url = reverse(name, kwargs=kwargs)
    here = request.path == url or bool(also and request.path.startswith(also))
    return NavItem(url, icon, label, here or (url != "/" and request.path.startswith(url)))


def my_name(request: HttpRequest, places: Places) -> str:
    """A student is called here as at school, which need not be the name on the account."""
    if not request.user.is_authenticated:
        return ""
    return places.student.name if places.student else request.user.name


def page_role(request: HttpRequest, places: Places) -> str:
    """How dense and in whose words a page is: for staff, a student or a family."""
    if not request.user.is_authenticated:
        return "family"
    if places.is_teacher or places.has_caseload:
        return "teacher"
    if places.is_leader or places.may_import:
        return "admin"
    return "student" if places.student else "family"
