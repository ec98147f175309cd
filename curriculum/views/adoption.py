"""Which curricula an organization uses: its own, those from above, and what is on offer."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, FrameworkAdoption
from curriculum.queries.adoption import count_touched, read_adoptions, users_below
from curriculum.services import AdoptionRefused, adopt_framework, end_adoption
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible


@require_GET
@permits(Action.ADOPT_CURRICULUM)
def adoption_choose(request: PersonRequest) -> HttpResponse:
    """Where the person decides; straight on where that is one place."""
    organizations = list(visible(request, Organization.objects).from_the_top())
    if not organizations:
        raise Http404
    if len(organizations) == 1:
        return redirect("curriculum:adoption-list", organization=organizations[0].uuid)
    return render(request, "curriculum/adoption_choose.html", {"organizations": organizations})


@require_GET
@permits(Action.ADOPT_CURRICULUM)
def adoption_list(request: PersonRequest, organization: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    context = {
        "organization": shown,
        "adoptions": read_adoptions(shown),
        "is_consortium": shown.kind == OrganizationKind.CONSORTIUM,
    }
    return render(request, "curriculum/adoption.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.ADOPT_CURRICULUM)
def adoption_add(request: PersonRequest, organization: UUID, framework: UUID) -> HttpResponse:
    """What it means to use a framework, and the button that decides it."""
    taker = get_permitted(request, Organization.objects, uuid=organization)
    above = Organization.objects.filter(below__descendant=taker).values("pk")
    known = Framework.objects.filter(owner__in=above).exclude(status=FrameworkStatus.DRAFT)
    offered = get_object_or_404(known.select_related("owner"), uuid=framework)
    refusal = ""
    if request.method == "POST":
        try:
            adopt_framework(framework=offered, organization=taker, actor=request.user, day=request.day)
        except AdoptionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("It is in use from today on."))
            return redirect("curriculum:adoption-list", organization=taker.uuid)
    context = {
        "organization": taker,
        "framework": offered,
        "touched": count_touched(taker, request.day),
        "refusal": refusal,
    }
    return render(request, "curriculum/adoption_add.html", context, status=_status(refusal))


@require_http_methods(["GET", "POST"])
@permits(Action.ADOPT_CURRICULUM)
def adoption_end(request: PersonRequest, adoption: UUID) -> HttpResponse:
    """What it means to use a framework no more, and the button that decides it."""
    rows = FrameworkAdoption.objects.filter(organization__in=visible(request, Organization.objects).values("pk"))
    ended = get_object_or_404(rows.select_related("organization", "framework__owner"), uuid=adoption)
    refusal = ""
    if request.method == "POST":
        try:
            end_adoption(adoption=ended, actor=request.user, day=request.day)
        except AdoptionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("It is not in use any more. Nothing that was shown is lost."))
            return redirect("curriculum:adoption-list", organization=ended.organization.uuid)
    context = {
        "adoption": ended,
        "touched": count_touched(ended.organization, request.day),
        "users_below": users_below(ended.framework, ended.organization),
        "refusal": refusal,
    }
    return render(request, "curriculum/adoption_end.html", context, status=_status(refusal))


def _status(refusal: str) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
