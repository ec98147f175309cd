"""Letters of a demonstration, which go nowhere."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lpm.notices.queries.caught import caught_names, read_caught

ON_A_PAGE = 30


@require_GET
def caught_list(request: HttpRequest) -> HttpResponse:
    _only_in_demo()
    page = Paginator(caught_names(), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/caught.html", {"page": page, "letters": read_caught(page.object_list)})


@require_GET
def caught_show(request: HttpRequest, letter: str) -> HttpResponse:
    _only_in_demo()
    if letter not in caught_names():
        raise Http404
    [shown] = read_caught([letter])
    return render(request, "notices/caught_letter.html", {"letter": shown})


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise Http404
