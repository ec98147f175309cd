"""Coming in and going out."""

from __future__ import annotations

from typing import Any

import requests
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import perform_login
from allauth.socialaccount.adapter import get_adapter as get_provider_adapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django import forms
from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.adapters import OWN_DEVICE, turned_away
from lpm.people.forms.sign_in import SignInForm
from lpm.people.models import User
from lpm.people.services.sign_in import SeveralFit, count_failed_sign_in, find_by_password
from lpm.people.services.users import record_sign_out
from lpm.people.views.door import PersonRequest, parse_uuid
from lpm.people.views.engine import PASSWORD_LIMITS, Try


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.method == "GET":
        if request.user.is_authenticated and "somebody_else" not in request.GET:
            return HttpResponseRedirect(_next(request))
        return _gate(request, SignInForm(), 200)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _gate(request, form, 422)
    attempt = Try(request, PASSWORD_LIMITS)
    if not attempt.is_allowed():
        form.add_error(None, _("That was often. Wait five minutes, then try again, or come in another way."))
        return _gate(request, form, 429)
    try:
        user = _found(form)
    except ValidationError as error:
        count_failed_sign_in()
        form.add_error(None, error)
        return _gate(request, form, 422)
    attempt.was_good()
    return _go_on(request, user, own_device=form.cleaned_data["own_device"])


def _found(form: SignInForm) -> User:
    try:
        user = find_by_password(name=form.cleaned_data["username"].strip(), password=form.cleaned_data["password"])
    except SeveralFit:
        raise ValidationError(
            _("Two people have this name and this password. Use your e-mail address instead of the name.")
        ) from None
    if user is None:
        raise ValidationError(
            _("The name and the password do not fit together. Look at capital letters and try again.")
        )
    return user


def _go_on(request: HttpRequest, user: User, *, own_device: bool) -> HttpResponse:
    """In, or to the second step."""
    if request.user.is_authenticated:
        auth.logout(request)
    request.session[OWN_DEVICE] = own_device
    record_authentication(request, user, method="password", reauthenticated=True)
    response: HttpResponse = perform_login(request, user, redirect_url=_next(request))
    return response


def _gate(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    """The page of all ways in. Whoever comes back to it has given up the way they were on."""
    if not request.user.is_authenticated:
        clear_login(request)
    context = {
        "form": form,
        "next": _next(request),
        "demo_people": demo_people(),
        "has_email": settings.HAS_EMAIL,
        "providers": get_provider_adapter().list_providers(request),
    }
    return render(request, "home/sign_in.html", context, status=status)


@require_GET
def provider_begin(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to Google, Microsoft or another provider; what it is like there is theirs to say."""
    request.session.pop(OWN_DEVICE, None)
    return _with_provider(openid_connect.login, request, provider_id)


@require_GET
def provider_return(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _with_provider(openid_connect.callback, request, provider_id)


def _with_provider(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        response: HttpResponseBase = view(request, provider_id)
    except requests.RequestException:
        return turned_away(
            request, _("The other sign-in does not answer. Try again in a while, or come in another way.")
        )
    return response


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click, as one of the demo people. The route exists in demo mode only, and the view asks again."""
    if not settings.DEMO:
        raise Http404
    person = get_object_or_404(demo_people(), uuid=parse_uuid(request.POST.get("person", "")))
    get_adapter(request).login(request, person)
    return HttpResponseRedirect(_next(request))


def demo_people() -> QuerySet[User]:
    """The people to try the demo school as; nobody in any other mode."""
    people = User.objects.filter(is_active=True).exclude(demo_caption="").select_related("organization")
    return people.order_by("pk") if settings.DEMO else people.none()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        record_sign_out(user=request.user)
    auth.logout(request)
    return redirect("home:sign-in")


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


@require_POST
def language_choose(request: PersonRequest) -> HttpResponse:
    """Keep the language in this browser, and for the person who is signed in."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(_next(request))
    if form.is_valid():
        language = form.cleaned_data["language"]
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86400,
            samesite="Lax",
            secure=settings.HTTPS,
        )
        translation.activate(language)
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


def _next(request: HttpRequest) -> str:
    """Where to go on: an address of this site, else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "home/csrf_failure.html", status=403)
