"""What a browser needs to keep Cairn on a phone, to keep marks while the network is gone, and to send them as whoever
made them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lpm.people.middleware import DatedRequest

ANY_GROUP = UUID(int=0)  # the script puts the group of the mark in its place
PAPER = "#faf7f0"  # as --paper and --surface of lpm.css, in the light
SURFACE = "#fffefb"
ICONS = {"any": (192, 512), "maskable": (192, 512)}  # made by tests/icons.py
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


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone asks to put Cairn beside its apps. It says nothing of anybody."""
    content = {
        "id": "/",
        "name": _("Cairn: where I am, what is next"),
        "short_name": "Cairn",
        "description": _("What a student can do now, and what comes next: for students, families and schools."),
        "lang": get_language(),
        "start_url": reverse("home:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": SURFACE,
        "icons": [
            {
                "src": static(f"img/app/{purpose}-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for purpose, sizes in ICONS.items()
            for size in sizes
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")
