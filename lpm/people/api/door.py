"""The door of every address of the API: it takes one method, names its action, and fetches only through that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from lpm.lib.limits import take
from lpm.people.models import ApiToken
from lpm.people.policy import Action
from lpm.people.views.door import PersonRequest

TIMES, SECONDS = 600, 60  # for each token, and for each person's own pages


class ApiRequest(PersonRequest):
    """What a view of the API is handed; ``auth`` is the token, None for a session."""

    auth: ApiToken | None
    data: Any
    query_params: QueryDict


View = Callable[..., Response]


def endpoint(method: str, action: Action | None) -> Callable[[View], Any]:
    """The view does ``action``; ``None`` is for what is about nobody but the person asking."""

    def decorate(view: View) -> Any:
        @wraps(view)
        def acting(request: Any, **named: Any) -> Response:
            request.action = action
            return view(request, **named)

        answered: Any = api_view([method])(acting)

        @wraps(answered)
        def private(request: HttpRequest, **named: Any) -> HttpResponseBase:
            response: HttpResponseBase = answered(request, **named)
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Authorization", "Cookie"])
            return response

        marked: Any = private
        marked.permits = action
        return marked

    return decorate


class SignedIn(BasePermission):
    """Somebody, who sent no token that may only read to write something."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            raise NotAuthenticated
        token = request.auth
        if isinstance(token, ApiToken) and not token.may_write and request.method not in SAFE_METHODS:
            raise PermissionDenied(code="token_only_reads")
        return True


class NotTooOften(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        token = request.auth
        whose = f"token:{token.pk}" if isinstance(token, ApiToken) else f"person:{request.user.pk}"
        return take(f"api:{whose}", times=TIMES, seconds=SECONDS)

    def wait(self) -> float:
        return SECONDS
