"""Coming in and going out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.forms import AuthenticationForm
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lpm.people.models import User
from lpm.people.services import record_failed_sign_in, record_sign_in, record_sign_out
from lpm.people.views import PersonRequest, parse_uuid

BACKEND = "lpm.people.adapters.PersonBackend"


class SignInForm(AuthenticationForm):
    error_messages = {  # noqa: RUF012 (Django's own form of it)
        "invalid_login": _("The name and the password do not fit together. Look at capital letters and try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Username")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.method == "GET" and "somebody_else" not in request.GET:
        return HttpResponseRedirect(_next(request))
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _enter(request, form.get_user())
    if form.non_field_errors():  # name and password were there, and did not fit
        record_failed_sign_in()
    context = {"form": form, "next": _next(request), "demo_people": demo_people()}
    return render(request, "home/sign_in.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click, as one of the demo people. The route exists in demo mode only, and the view asks again."""
    if not settings.DEMO:
        raise Http404
    person = get_object_or_404(demo_people(), uuid=parse_uuid(request.POST.get("person", "")))
    return _enter(request, person)


def demo_people() -> QuerySet[User]:
    """The people to try the demo school as; nobody in any other mode."""
    people = User.objects.filter(is_active=True).exclude(demo_caption="")
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


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    auth.login(request, user, backend=BACKEND)
    record_sign_in(user=user)
    return HttpResponseRedirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Where to go on: an address of this site, else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "home/csrf_failure.html", status=403)
