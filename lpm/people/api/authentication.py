"""Who asks: a program with a token of its person, or a page of ours with their session."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from lpm.people.models import ApiToken, User
from lpm.people.services.tokens import TokenRefused, day_of, use_token

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer cairn_…``. Whoever sends one is that person, whatever cookies come with it."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        try:
            token = use_token(text=text.strip().decode(errors="replace"))
        except TokenRefused as refused:
            raise AuthenticationRefused(refused) from None
        asked: Any = request
        asked.day = day_of(token.user)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class AuthenticationRefused(AuthenticationFailed):
    def __init__(self, refused: TokenRefused) -> None:
        super().__init__(str(refused), refused.code)


class PageAuthentication(SessionAuthentication):
    """A session of the site; what writes carries its CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise PermissionDenied(code="csrf") from None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class PageScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    target_class = PageAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
