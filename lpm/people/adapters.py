"""How somebody proves who they are: our own people to django.contrib.auth and to allauth."""

from __future__ import annotations

import ipaddress
from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.dates import school_day
from lpm.people.middleware import ENDS_AT, LOW_RIGHTS, RULED_AT, SECOND_FACTOR_DUE
from lpm.people.models import User
from lpm.people.queries.sign_in import SECOND_FACTORS, has_second_factor, needs_second_factor, people_of_email
from lpm.people.queries.sign_in import session_rules as rules_of
from lpm.people.queries.stated import find_user
from lpm.people.services.sign_in import SeveralFit, find_by_password, record_sign_in_change
from lpm.people.services.start_letters import revoke_start_letters
from lpm.people.services.users import record_sign_in

log = structlog.get_logger(__name__)
OWN_DEVICE = "own_device"  # what was ticked before it is known who it is
NOWHERE = str(ipaddress.IPv4Address(0))  # where it is not known from where somebody comes


class PersonBackend(ModelBackend):
    """Password sign-in; loads a person together with where they belong, since every page needs both."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **kwargs: Any) -> User | None:
        if not username or not password:
            return None
        try:
            return find_by_password(name=username, password=password)
        except SeveralFit:
            return None

    def get_user(self, user_id: Any) -> User | None:
        user = find_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def day_of(user: User) -> Any:
    return school_day(user.organization.time_zone if user.organization else "UTC")


def client_address(request: HttpRequest) -> str:
    """Where a request comes from; the last trusted proxy says so (LPM_TRUSTED_PROXIES)."""
    try:
        return str(get_client_ip(request) or "")
    except ImproperlyConfigured:  # it came past the proxies
        return str(request.META.get("REMOTE_ADDR", ""))


def coarse(address: str) -> str:
    """The network that an address is in: the last eighth of it, or of version 6 all but the first 48 bits, is 0.

    NOWHERE for what is no address.
    """
    try:
        bits = 24 if ipaddress.ip_address(address).version == 4 else 48
    except ValueError:
        return NOWHERE
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That is not the code. Look at it again, or ask for a new one."),
        "incorrect_password": gettext_lazy("That is not your password. Look at capital letters and try again."),
        "too_many_login_attempts": gettext_lazy("That was not the code, three times. Ask for a new one."),
        "enter_current_password": gettext_lazy("That is not your password. Look at capital letters and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """The one place where a session begins, whichever way somebody came in."""
        own_device = bool(request.session.get(OWN_DEVICE))
        super().login(request, user)
        rules = rules_of(user, own_device=own_device, day=day_of(user))
        session = request.session
        for mark in (LOW_RIGHTS, SECOND_FACTOR_DUE, OWN_DEVICE):
            session.pop(mark, None)
        session[RULED_AT] = timezone.now().timestamp()
        session[ENDS_AT] = (timezone.now() + rules.lasts).timestamp()
        session.set_expiry(int(rules.lasts.total_seconds()) if rules.stays else 0)
        if rules.needs_second_factor and not has_second_factor(user):
            session[SECOND_FACTOR_DUE] = True
        UserSession.objects.create_from_request(request)
        record_sign_in(user=user)

    def get_client_ip(self, request: HttpRequest) -> str:
        """What is kept with a session: roughly where it was begun."""
        return coarse(client_address(request))

    def reauthenticate(self, user: User, password: str) -> bool:
        return user.check_password(password)

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])
        revoke_start_letters(user=user)
        record_sign_in_change(user=user, change="set_password")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("mfa_index")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return turned_away(request, _("This account is closed. Ask at your school."))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.warning("mail_not_sent", template=template_prefix, reason=type(error).__name__)
            sentence = _("The e-mail could not be sent just now. Try again in a while, or come in another way.")
            raise ImmediateHttpResponse(turned_away(self.request, sentence)) from error


def turned_away(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("home:sign-in")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "That is not the code. Look at it again; an app shows a new one every half minute."
        ),
        "cannot_delete_authenticator": gettext_lazy("Your school asks for a second step. Add another one first."),
    }

    def generate_authenticator_name(self, user: User, kind: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=kind).count()
        return _("Passkey {number}").format(number=count + 1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Cairn"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.name}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not needs_second_factor(user, day_of(user))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Google, Microsoft and the like vouch for people we know already; they make nobody, and we keep nothing of theirs
    but the number by which they know the person."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        sociallogin.claims = sociallogin.account.extra_data
        sociallogin.account.extra_data = {}
        return sociallogin.user

    def on_authentication_error(self, request: HttpRequest, provider: Any, error: Any = None, **more: Any) -> None:
        log.warning(
            "provider_refused", provider=provider.sub_id, error=str(error), cause=type(more["exception"]).__name__
        )
        sentence = _("You stopped before you were signed in with {provider}.")
        if error != AuthError.CANCELLED:
            sentence = _("Signing in with {provider} did not work this time. Try again, or come in another way.")
        raise ImmediateHttpResponse(turned_away(request, sentence.format(provider=provider.name)))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        provider = sociallogin.provider
        user = sociallogin.user if sociallogin.is_existing else None
        if sociallogin.state.get("process") != AuthProcess.LOGIN or not self._is_of_the_school(sociallogin):
            sentence = _(
                "This account of {provider} is not one of your school’s. Choose the one that the school gave you."
            )
            raise ImmediateHttpResponse(turned_away(request, sentence.format(provider=provider.name)))
        if user is None:
            user = self._find(request, sociallogin)
            sociallogin.connect(request, user)
            record_sign_in_change(user=user, change="connect_provider")
        elif not user.is_active:
            raise ImmediateHttpResponse(self._closed(request))

    def _find(self, request: HttpRequest, sociallogin: Any) -> User:
        """The one person of the address that the provider has verified."""
        provider, claims = sociallogin.provider, said(sociallogin)
        if not (claims.get("email_verified") is True or provider.app.settings["vouches_for_email"]):
            sentence = _("{provider} has not verified your e-mail address. Do that there, then come back.")
            raise ImmediateHttpResponse(turned_away(request, sentence.format(provider=provider.name)))
        people = people_of_email(claims["email"])
        if len(people) != 1:
            sentence = _("We know nobody by this account of {provider}. Ask at your school, or come in another way.")
            raise ImmediateHttpResponse(turned_away(request, sentence.format(provider=provider.name)))
        return people[0]

    def _is_of_the_school(self, sociallogin: Any) -> bool:
        """Signed for by the provider's tenant, and with an address in one of its domains."""
        settings, claims = sociallogin.provider.app.settings, said(sociallogin)
        both = sociallogin.claims
        same = both.get("userinfo", {}).get("sub") == both.get("id_token", {}).get("sub", claims.get("sub"))
        domain = str(claims.get("email", "")).rpartition("@")[2].lower()
        in_tenant = not settings["tenant"] or claims.get("tid") == settings["tenant"]
        return same and in_tenant and domain in settings["domains"]

    def _closed(self, request: HttpRequest) -> HttpResponse:
        return turned_away(request, _("This account is closed. Ask at your school."))


def said(sociallogin: Any) -> dict[str, Any]:
    """All claims of the provider about somebody, from the ID token and from its page about the person."""
    claims = sociallogin.claims
    return {**claims.get("id_token", {}), **claims.get("userinfo", {})}
