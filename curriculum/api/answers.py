"""How the CASE binding answers: JSON, and errors as imsx_StatusInfo."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

VERSION_OF = {"v1p0": "1.0", "v1p1": "1.1"}
OLDER_CODES = {"invalid_uuid": "invaliduuid", "unauthorised_request": "unauthorisedrequest"}  # as 1.0 spells them

Answer = Callable[..., HttpResponse]


class CaseError(Exception):
    """``code`` is an imsx_codeMinorFieldValue, as 1.1 spells it; the text is for who made the request."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code = status, code


def unknown_object() -> CaseError:
    return CaseError(HTTPStatus.NOT_FOUND, "unknownobject", _("There is nothing here with this identifier."))


def answers_case(view: Answer) -> Answer:
    """The view reads CASE: GET and HEAD only; ``version`` of the address ("v1p1") becomes "1.1"."""

    @wraps(view)
    def answered(request: HttpRequest, version: str, **named: Any) -> HttpResponse:
        told = VERSION_OF.get(version, "1.1")
        try:
            if version not in VERSION_OF:
                raise unknown_object()
            if request.method not in {"GET", "HEAD"}:
                raise CaseError(HTTPStatus.METHOD_NOT_ALLOWED, "forbidden", _("CASE is only read here, by GET."))
            response = view(request, version=told, **named)
        except CaseError as error:
            response = _refusal(error, told)
        if not request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-cache"  # kept, but asked for again
        return response

    return answered


def _refusal(error: CaseError, version: str) -> HttpResponse:
    code = OLDER_CODES.get(error.code, error.code) if version == "1.0" else error.code
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": code}
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": str(error),
        "imsx_codeMinor": {"imsx_codeMinorField": [field]},
    }
    response = JsonResponse(body, status=error.status)
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = "GET, HEAD"
    return response
