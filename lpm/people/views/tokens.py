"""The tokens of programs that somebody lets in, in their own name."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.forms.tokens import TokenForm
from lpm.people.models import ApiToken
from lpm.people.services.tokens import MOST, TooManyTokens, make_token, revoke_token
from lpm.people.views.door import PersonRequest, permits


@permits(None)
@require_GET
def token_list(request: PersonRequest) -> HttpResponse:
    """One's own tokens that are not revoked, the newest first; in 1 query."""
    rows = ApiToken.objects.filter(user=request.user, revoked_at=None).order_by("-made_at", "-pk")
    tokens = [{"token": row, "is_over": row.expires_on < request.day} for row in rows]
    return render(request, "people/tokens.html", {"tokens": tokens})


@permits(None)
@require_http_methods(["GET", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def token_create(request: PersonRequest) -> HttpResponse:
    """The password is asked for again: a token outlives the evening at a computer that others use too.

    The token itself is on the page that answers, and on no other.
    """
    form = TokenForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _form(request, form)
    try:
        made = make_token(user=request.user, day=request.day, **form.cleaned_data)
    except TooManyTokens:
        form.add_error(None, _("You have %(n)s tokens already. Revoke one that you no longer need.") % {"n": MOST})
        return _form(request, form)
    return render(request, "people/token_made.html", {"token": made.row, "text": made.text})


def _form(request: PersonRequest, form: TokenForm) -> HttpResponse:
    status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "people/token_new.html", {"form": form}, status=status)


@permits(None)
@require_POST
def token_revoke(request: PersonRequest, token: UUID) -> HttpResponse:
    row = get_object_or_404(ApiToken, uuid=token, user=request.user)
    revoke_token(token=row, user=request.user)
    messages.success(request, _("This token opens nothing any more."))
    return redirect("people:token-list")
