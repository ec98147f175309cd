"""What a browser needs to keep marks while the network is gone, and to send them as whoever made them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lpm.people.middleware import DatedRequest

ANY_GROUP = UUID(int=0)  # the script puts the group of the mark in its place
SENT_TO = {
    "mark": "mastery:mark-record",
    "undo": "mastery:mark-undo",
    "batch": "mastery:marks-record",
    "remark": "mastery:remark-record",
    "absent": "mastery:walk-absent",
}


@never_cache
@require_GET
def who(request: DatedRequest) -> JsonResponse:
    """Who is signed in here, by identifier alone, with what a script needs to send what waits for that person."""
    user = request.user
    return JsonResponse(
        {
            "person": str(user.uuid) if user.is_authenticated else None,
            "token": get_token(request),
            "day": request.day.isoformat(),
            "urls": {kind: reverse(route, args=[ANY_GROUP]) for kind, route in SENT_TO.items()},
        }
    )


@never_cache
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, since a worker answers for the addresses under its own alone."""
    return render(request, "home/worker.js", content_type="text/javascript")


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a page that cannot be reached. It is kept on the device, so it says nothing of anybody."""
    return render(request, "home/offline.html")
