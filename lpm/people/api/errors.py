"""What went wrong: one form for everything, {"code", "sentence", "field"}."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

WHOLE = "non_field_errors"
WRONG_FORM = gettext_lazy("This is not in the form that is asked for.")
SENTENCES: dict[str, str | Promise] = {
    "required": gettext_lazy("This is missing."),
    "null": gettext_lazy("This is missing."),
    "blank": gettext_lazy("This is empty."),
    "unknown_field": gettext_lazy("There is no such field."),
    "invalid_choice": gettext_lazy("This is none of the choices."),
    "max_length": gettext_lazy("This is too long."),
    "max_digits": gettext_lazy("A level is a number such as 2.5."),
    "max_decimal_places": gettext_lazy("A level is a number such as 2.5."),
    "max_whole_digits": gettext_lazy("A level is a number such as 2.5."),
    "not_authenticated": gettext_lazy("Send a token in the header Authorization, or sign in."),
    "parse_error": gettext_lazy("This is no JSON that we can read."),
    "unsupported_media_type": gettext_lazy("Send JSON, with the header Content-Type: application/json."),
    "method_not_allowed": gettext_lazy("This address does not take that method."),
    "throttled": gettext_lazy("Too many requests. Wait a minute, then go on."),
    "csrf": gettext_lazy("Send the CSRF token of the page with this."),
    "token_only_reads": gettext_lazy("This token only reads. Make one that may also record."),
    "permission_denied": gettext_lazy("You cannot do this."),
    "not_found": gettext_lazy("There is nothing here for you."),
}


class ApiError(exceptions.APIException):
    """Refused with ``status``; ``field`` names what was wrong with the request."""

    def __init__(self, status: int, code: str, sentence: str, field: str = "") -> None:
        super().__init__(sentence, code)
        self.status_code, self.field = status, field


def respond_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """None for what nobody foresaw, which is a 500 and is logged."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return Response(_problem(error), status=_status(error), headers=_headers(error))


def _problem(error: exceptions.APIException) -> dict[str, str]:
    if isinstance(error, exceptions.ValidationError):
        return first_problem(error.detail)
    if isinstance(error, ApiError):
        return problem(str(error.get_codes()), str(error.detail), error.field)
    code = str(error.get_codes())
    return problem(code, str(SENTENCES.get(code, error.detail)))


def problem(code: str, sentence: str, field: str = "") -> dict[str, str]:
    return {"code": code, "sentence": sentence, **({"field": field} if field else {})}


def first_problem(detail: Any, path: tuple[str, ...] = ()) -> dict[str, str]:
    """The first thing that is wrong with what was sent, and where: "accommodations.0"."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return first_problem(inner, path if name == WHOLE else (*path, str(name)))
    if isinstance(detail, list):
        return first_problem(detail[0], path)
    code = str(getattr(detail, "code", "invalid"))
    return problem(code, str(SENTENCES.get(code, WRONG_FORM)), ".".join(path))


def _status(error: exceptions.APIException) -> int:
    return status.HTTP_422_UNPROCESSABLE_ENTITY if isinstance(error, exceptions.ValidationError) else error.status_code


def _headers(error: exceptions.APIException) -> dict[str, str]:
    """What tells a program how to go on."""
    headers = {}
    if said := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = said
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def too_large() -> ApiError:
    return ApiError(413, "too_large", _("This is too much at once. Send it in several requests."))
