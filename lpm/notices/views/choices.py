"""How somebody wants to be told, and the links in letters that end them."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from lpm.notices.calculations.words import stopped_words
from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.forms import ChannelsForm, CodeForm, NumberForm
from lpm.notices.models import NoticePerson
from lpm.notices.queries.choices import asked_for, choices_of, offered_channels, standing_of
from lpm.notices.services import (
    NumberRefused,
    ask_number,
    choose_channels,
    confirm_number,
    forget_number,
    resume_letters,
    stop_letters,
)
from lpm.notices.services.choose import STOPPABLE
from lpm.people.views.door import PersonRequest, permits

SECRET = re.compile(r"[\w-]{1,64}", re.ASCII)


@require_http_methods(["GET", "POST"])
@permits(None)
def notice_settings(request: PersonRequest) -> HttpResponse:
    own = _own(request)
    form = _form(request, own, request.POST if request.method == "POST" else None)
    if form.is_valid():
        choose_channels(person=request.user, channels=form.channels(), **_said(form))
        messages.success(request, _("Kept. This holds from now on."))
        return redirect("notices:settings")
    return _settings_page(request, own, form)


@require_POST
@permits(None)
def number_ask(request: PersonRequest) -> HttpResponse:
    """A code goes to the number."""
    _only_with_texts()
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            ask_number(person=request.user, number=form.cleaned_data["phone"])
        except NumberRefused as refused:
            form.add_error("phone", str(refused))
        else:
            return redirect("notices:settings")
    return _settings_page(request, _own(request), number_form=form)


@require_POST
@permits(None)
def number_confirm(request: PersonRequest) -> HttpResponse:
    _only_with_texts()
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            confirm_number(person=request.user, code=form.cleaned_data["code"])
        except NumberRefused as refused:
            form.add_error("code", str(refused))
        else:
            messages.success(request, _("This is your number now. Choose what comes to it."))
            return redirect("notices:settings")
    return _settings_page(request, _own(request), code_form=form)


@require_POST
@permits(None)
def number_forget(request: PersonRequest) -> HttpResponse:
    """The number, or the one to which a code was sent."""
    _only_with_texts()
    forget_number(person=request.user)
    messages.success(request, _("No text messages go to you."))
    return redirect("notices:settings")


def _only_with_texts() -> None:
    if not settings.SMS_URL:
        raise Http404


def _settings_page(
    request: PersonRequest,
    own: NoticePerson,
    form: ChannelsForm | None = None,
    number_form: NumberForm | None = None,
    code_form: CodeForm | None = None,
) -> HttpResponse:
    """With whichever form was sent and did not fit; the others as they are at first."""
    asked = asked_for(request.user).get("number", "")
    wrong = any(one is not None and one.is_bound for one in (form, number_form, code_form))
    context = {
        "form": form or _form(request, own),
        "has_texts": bool(settings.SMS_URL),
        "number": own.phone,
        "asked": asked,
        "number_form": number_form or NumberForm(initial={"phone": asked}),
        "code_form": code_form or CodeForm(),
    }
    return render(request, "notices/settings.html", context, status=422 if wrong else 200)


def _form(request: PersonRequest, own: NoticePerson, data: QueryDict | None = None) -> ChannelsForm:
    standing = standing_of(request.user)
    offered = offered_channels(request.user)
    return ChannelsForm(
        data,
        channels=choices_of(request.user, standing),
        offered=[one for one in offered if one != Channel.SMS or own.phone],
        own=own,
        has_letters=standing.is_guardian,
    )


def _own(request: PersonRequest) -> NoticePerson:
    return NoticePerson.objects.filter(person=request.user).first() or NoticePerson(person=request.user)


def _said(form: ChannelsForm) -> dict[str, Any]:
    """What is not asked of somebody stays as it was."""
    names = ("quiet_from", "quiet_until", "wants_email", "wants_letters")
    return {name: form.cleaned_data.get(name, form.initial[name]) for name in names}


@csrf_exempt  # a mail program posts here by itself (RFC 8058), without a page of ours
@require_http_methods(["GET", "POST"])
def letters_stop(request: HttpRequest, secret: str, what: str) -> HttpResponse:
    """Ends what a link in a letter named, for whoever has the letter; nobody need sign in."""
    if what not in STOPPABLE or not SECRET.fullmatch(secret):
        raise Http404
    owner = get_object_or_404(NoticePerson.objects.select_related("person"), secret=secret)
    context: dict[str, Any] = {"what": what, "secret": secret, "words": stopped_words(what), "state": "asked"}
    if request.method == "POST" and "undo" in request.POST:
        resume_letters(owner=owner, what=what, kinds=_kinds(request))
        context["state"] = "resumed"
    elif request.method == "POST":
        context |= {"kinds": stop_letters(owner=owner, what=what), "state": "stopped"}
    return render(request, "notices/stop.html", context)


def _kinds(request: HttpRequest) -> list[NoticeKind]:
    return [NoticeKind(kind) for kind in request.POST.getlist("kind") if kind in NoticeKind.values]
