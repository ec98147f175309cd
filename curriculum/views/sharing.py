"""A curriculum for other systems: its addresses by CASE, the files to download, and whether the world may read it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from curriculum.exports import VERSIONS, export_package
from curriculum.models import Framework
from curriculum.services.sharing import SharingRefused, share_framework
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits

ADDRESSES = {"1.1": "v1p1", "1.0": "v1p0"}


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_share(request: PersonRequest, framework: UUID) -> HttpResponse:
    """Where other systems read the curriculum; who publishes it may open it to the world."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    mine = Framework.objects.visible_to(request.user, Action.PUBLISH_CURRICULUM, request.day)
    context = {
        "framework": shown,
        "addresses": [(version, _address(request, shown, place)) for version, place in ADDRESSES.items()],
        "may_open": mine.filter(pk=shown.pk).exists(),
    }
    return render(request, "curriculum/sharing.html", context)


def _address(request: PersonRequest, framework: Framework, version: str) -> str:
    named = {"version": version, "kind": "CFPackages", "identifier": framework.case_identifier}
    return request.build_absolute_uri(reverse("curriculum:case-object-show", kwargs=named))


@require_POST
@permits(Action.PUBLISH_CURRICULUM)
def framework_open(request: PersonRequest, framework: UUID) -> HttpResponse:
    shown = get_permitted(request, Framework.objects, uuid=framework)
    is_open = request.POST.get("is_open") == "yes"
    try:
        share_framework(framework=shown, is_open=is_open, actor=request.user, day=request.day)
    except SharingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Everybody can read it now.") if is_open else _("It is closed to the world again."))
    return redirect("curriculum:framework-share", framework=framework)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_download(request: PersonRequest, framework: UUID, edition: str) -> HttpResponse:
    """The whole curriculum as a CASE package; ``edition`` is the version of CASE."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    if edition not in VERSIONS:
        raise Http404
    export = export_package(shown, edition, server=request.build_absolute_uri("/").rstrip("/"))
    response = JsonResponse(export.value, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = slugify(shown.title)[:60] or "curriculum"
    response["Content-Disposition"] = f'attachment; filename="{name}-case-{edition}.json"'
    return response
