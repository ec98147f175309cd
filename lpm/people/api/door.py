"""The door of every address of the API: it takes one method, names its action, and fetches only through that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import QueryDict
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from lpm.lib.limits import take
from lpm.people.api.authentication import PageAuthentication, TokenAuthentication
from lpm.people.api.errors import respond_to
from lpm.people.api.parsing import JsonAlways, StrictJson
from lpm.people.models import ApiToken
from lpm.people.policy import Action
from lpm.people.views.door import PersonRequest

TIMES, SECONDS = 600, 60  # for each token, and for each person's own pages


class ApiRequest(PersonRequest):
    """What a view of the API is handed; ``auth`` is the token, None for a session."""

    auth: ApiToken | None
    data: Any
    query_params: QueryDict


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


View = Callable[..., Response]


class Endpoint(APIView):
    """What every address has in common; nothing of it is left to settings."""

    authentication_classes = (TokenAuthentication, PageAuthentication)
    permission_classes = (SignedIn,)
    throttle_classes = (NotTooOften,)
    parser_classes = (StrictJson,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonAlways

    def get_exception_handler(self) -> Any:
        return respond_to

    def finalize_response(self, request: Request, response: Any, *args: Any, **named: Any) -> Any:
        final = super().finalize_response(request, response, *args, **named)
        patch_cache_control(final, private=True, no_store=True)
        patch_vary_headers(final, ["Authorization", "Cookie"])
        return final


def endpoint(method: str, action: Action | None) -> Callable[[View], Any]:
    """The view does ``action``; ``None`` is for what is about nobody but the person asking."""

    def decorate(view: View) -> Any:
        @wraps(view)
        def acting(self: Endpoint, request: Any, **named: Any) -> Response:
            request.action = action
            return view(request, **named)

        name = method.lower()
        made: Any = type(view.__name__, (Endpoint,), {name: acting, "http_method_names": [name]})
        answered = made.as_view()
        answered.permits = action
        return answered

    return decorate
