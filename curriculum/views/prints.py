"""The curriculum on the wall: posters, cards with a scoring guide, and squares that a camera opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import segno
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from curriculum.models import Target, Topic
from curriculum.queries.reading import Poster, language_of, languages_of, read_guide, read_posters
from curriculum.views.reading import ABOVE_TARGET, reader
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits

CARDS = 160  # twenty sheets at once; each takes a while to draw


def _square(request: PersonRequest, target: Target) -> SafeString:
    """The address of the target's page as a QR code, SVG without styles."""
    address = request.build_absolute_uri(reverse("curriculum:target-show", kwargs={"target": target.uuid}))
    square = segno.make(address, error="m", micro=False)
    return mark_safe(  # noqa: S308 (made by segno from an address of our own)
        square.svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr", lineclass=None)
    )


def _posters(request: PersonRequest, targets: Iterable[Target]) -> list[Poster]:
    """In the words of the school that the reader belongs to."""
    return read_posters(targets, request.user.organization, reader())


def _path(topic: Topic) -> QuerySet[Target]:
    return Target.objects.filter(topic=topic).current().in_order()


@require_GET
@permits(Action.VIEW_CURRICULUM)
def topic_poster(request: PersonRequest, topic: UUID) -> HttpResponse:
    """The whole path of a topic, large."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework"), uuid=topic)
    context = {"topic": shown, "posters": _posters(request, _path(shown))}
    return render(request, "curriculum/print_topic.html", context)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def topic_cards(request: PersonRequest, topic: UUID) -> HttpResponse:
    """A card for each target to cut out, eight to a page."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework"), uuid=topic)
    page = Paginator(_path(shown), CARDS).get_page(request.GET.get("page"))
    posters = _posters(request, list(page.object_list))
    cards = [{"poster": row, "square": _square(request, row.target)} for row in posters]
    return render(request, "curriculum/print_cards.html", {"topic": shown, "cards": cards, "page": page})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def target_card(request: PersonRequest, target: UUID) -> HttpResponse:
    """One target with its scoring guide on a sheet."""
    shown = get_permitted(request, Target.objects.select_related(*ABOVE_TARGET), uuid=target)
    return render(request, "curriculum/print_target.html", _card(request, shown))


def _card(request: PersonRequest, target: Target) -> dict[str, Any]:
    framework = target.topic.area.framework
    language = language_of(target, framework)
    rows = Target.objects.filter(pk=target.pk)
    return {
        "target": target,
        "poster": _posters(request, rows)[0],
        "language": language,
        "guide": read_guide(target, framework, language, languages_of(reader(), language)),
        "square": _square(request, target),
    }
