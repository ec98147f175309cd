"""How somebody wants to be told, and the links in letters that end them."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lpm.notices.calculations.words import stopped_words
from lpm.notices.enums import NoticeKind
from lpm.notices.forms import ChannelsForm
from lpm.notices.models import NoticePerson
from lpm.notices.queries.choices import choices_of, offered_channels, standing_of
from lpm.notices.services import choose_channels, resume_letters, stop_letters
from lpm.notices.services.choose import STOPPABLE
from lpm.people.views.door import PersonRequest, permits

SECRET = re.compile(r"[\w-]{1,64}", re.ASCII)


@require_http_methods(["GET", "POST"])
@permits(None)
def notice_settings(request: PersonRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        choose_channels(person=request.user, channels=form.channels(), **_said(form))
        messages.success(request, _("Kept. This holds from now on."))
        return redirect("notices:settings")
    return render(request, "notices/settings.html", {"form": form}, status=422 if form.is_bound else 200)


def _form(request: PersonRequest) -> ChannelsForm:
    standing = standing_of(request.user)
    return ChannelsForm(
        request.POST if request.method == "POST" else None,
        channels=choices_of(request.user, standing),
        offered=offered_channels(request.user),
        own=_own(request),
        has_letters=standing.is_guardian,
    )


def _own(request: PersonRequest) -> NoticePerson:
    return NoticePerson.objects.filter(person=request.user).first() or NoticePerson(person=request.user)


def _said(form: ChannelsForm) -> dict[str, Any]:
    """What is not asked of somebody stays as it was."""
    names = ("quiet_from", "quiet_until", "wants_email", "wants_letters", "phone")
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
