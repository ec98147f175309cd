"""Finding a target by its code or by words."""

from __future__ import annotations

import json

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from curriculum.models import Framework
from curriculum.queries.search import MOST, MOST_LETTERS, find_targets, read_hits
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, permits, visible

ON_A_PAGE = 20


@require_GET
@permits(Action.VIEW_CURRICULUM)
def search(request: PersonRequest) -> HttpResponse:
    """As a page, or, while somebody types, only what was found."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:MOST_LETTERS]
    frameworks = list(visible(request, Framework.objects).values_list("pk", flat=True)) if text else []
    found = find_targets(frameworks, text)
    page = Paginator(found.pks, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "text": text,
        "query": urlencode({"q": text}),
        "page": page,
        "hits": read_hits(list(page.object_list), found.words),
        "count": len(found.pks),
        "is_cut": len(found.pks) >= MOST,
    }
    is_fragment = request.htmx and not request.htmx.boosted
    response = render(request, f"curriculum/search.html{'#found' if is_fragment else ''}", context)
    if is_fragment:
        said = ngettext("%(n)s target found", "%(n)s targets found", len(found.pks)) % {"n": len(found.pks)}
        response["HX-Trigger"] = json.dumps({"announce": said})
    patch_vary_headers(response, ["HX-Request"])
    return response
