"""Reading the curriculum: made transparent to everyone who learns, teaches or parents by it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from curriculum.calculations.drawing import Node, Standing, Words, pictures
from curriculum.models import ContentArea, Framework, Revision, Target, Topic
from curriculum.queries.graphs import MOST_DRAWN, Edge, Graph, TopicGraph, by_topic, read_graph, read_topic_graph
from curriculum.queries.reading import (
    TargetPage,
    read_steps,
    read_target,
    read_topic_guide,
    read_translation,
)
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible

CURRENT = Q(targets__part_of__isnull=True, targets__retired_on__isnull=True)


def reader() -> str:
    return get_language() or "en"


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_list(request: PersonRequest) -> HttpResponse:
    frameworks = visible(request, Framework.objects).select_related("owner").by_title()
    return render(request, "curriculum/frameworks.html", {"frameworks": frameworks})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_show(request: PersonRequest, framework: UUID) -> HttpResponse:
    """The areas and topics of a framework."""
    frameworks = Framework.objects.select_related("owner").with_has_news(visible(request, Revision.objects))
    shown = get_permitted(request, frameworks, uuid=framework)
    topics = Topic.objects.in_use().annotate(target_count=Count("targets", filter=CURRENT)).in_order()
    areas = shown.areas.in_use().prefetch_related(Prefetch("topics", topics)).order_by("position", "pk")
    return render(request, "curriculum/framework.html", {"framework": shown, "areas": areas})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def area_show(request: PersonRequest, area: UUID) -> HttpResponse:
    """The topics of an area."""
    shown = get_permitted(request, ContentArea.objects.select_related("framework"), uuid=area)
    topics = shown.topics.in_use().annotate(target_count=Count("targets", filter=CURRENT)).in_order()
    return render(request, "curriculum/area.html", {"area": shown, "topics": topics})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def topic_show(request: PersonRequest, topic: UUID) -> HttpResponse:
    """A topic's targets along the progression, each with its scoring guide."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework"), uuid=topic)
    framework = shown.area.framework
    context = {
        "topic": shown,
        "said": read_translation(shown, framework, reader()),
        "guide": read_topic_guide(shown, framework.language),
        "steps": read_steps(shown, framework, reader()),
    }
    return render(request, "curriculum/topic.html", context)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def target_show(request: PersonRequest, target: UUID) -> HttpResponse:
    """All that belongs to a target, and what comes before and after it."""
    shown = get_permitted(request, Target.objects.select_related(*ABOVE_TARGET).with_has_changed(), uuid=target)
    organizations = visible(request, Organization.objects)
    page = read_target(shown, shown.topic.area.framework, reader(), organizations)
    return render(request, "curriculum/target.html", {"page": page, "drawings": _around(page)})


ABOVE_TARGET = ("topic__area__framework__scale", "part_of")


def _around(page: TargetPage) -> dict[str, SafeString]:
    """The target between what comes right before and right after it; empty where there is neither."""
    if not (page.requires or page.opens):
        return {}
    nodes = {target.pk: _node(target) for target in [*page.requires, *page.opens]}
    nodes[page.target.pk] = _node(page.target, Standing.HERE)
    edges = [(before.pk, page.target.pk) for before in page.requires]
    edges += [(page.target.pk, after.pk) for after in page.opens]
    description = _("%(before)s before it, %(after)s after it. The lists beside the picture name them all.")
    counts = {"before": len(page.requires), "after": len(page.opens)}
    words = Words("around", _("What comes before and after"), description % counts)
    return pictures(list(nodes.values()), edges, words)


def _node(target: Target, standing: Standing = Standing.PLAIN) -> Node:
    href = reverse("curriculum:target-show", kwargs={"target": target.uuid})
    return Node(target.pk, href, target.title, target.code, standing)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_steps(request: PersonRequest, framework: UUID) -> HttpResponse:
    """What comes before what in a framework; its topics, where its targets are too many for one picture."""
    shown = get_permitted(request, Framework.objects, uuid=framework)
    return _steps_page(request, shown.title, _way_to(shown), read_graph(shown))


@require_GET
@permits(Action.VIEW_CURRICULUM)
def area_steps(request: PersonRequest, area: UUID) -> HttpResponse:
    shown = get_permitted(request, ContentArea.objects.select_related("framework"), uuid=area)
    return _steps_page(request, shown.title, _way_to(shown.framework, shown), read_graph(shown))


@require_GET
@permits(Action.VIEW_CURRICULUM)
def topic_steps(request: PersonRequest, topic: UUID) -> HttpResponse:
    """With the targets of other topics that come right before or after."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework"), uuid=topic)
    way = _way_to(shown.area.framework, shown.area, shown)
    return _steps_page(request, shown.title, way, read_topic_graph(shown))


def _way_to(*rows: Framework | ContentArea | Topic) -> list[dict[str, str]]:
    """Crumbs from all curricula down to the last of ``rows``, each of which stands under the one before it."""
    kinds = {Framework: "framework", ContentArea: "area", Topic: "topic"}
    found = [{"url": reverse("curriculum:framework-list"), "label": _("Curriculum")}]
    for row in rows:
        kind = kinds[type(row)]
        found.append({"url": reverse(f"curriculum:{kind}-show", kwargs={kind: row.uuid}), "label": row.title})
    return found


def _steps_page(request: PersonRequest, title: str, crumbs: list[dict[str, str]], graph: Graph) -> HttpResponse:
    if len(graph.nodes) > MOST_DRAWN and not graph.elsewhere:
        return _topics_page(request, title, crumbs, by_topic(graph))
    nodes = [_node(row, Standing.ELSEWHERE if row.pk in graph.elsewhere else Standing.PLAIN) for row in graph.nodes]
    context = {
        "has_elsewhere": bool(graph.elsewhere),
        "alone": [_node(row) for row in graph.alone],
        **_drawn(title, nodes, graph.edges),
    }
    return render(request, "curriculum/steps.html", {"title": title, "crumbs": crumbs, **context})


def _topics_page(request: PersonRequest, title: str, crumbs: list[dict[str, str]], graph: TopicGraph) -> HttpResponse:
    context = {
        "is_of_topics": True,
        "left_out": graph.left_out,
        "alone": [_topic_node(row) for row in graph.alone],
        **_drawn(title, [_topic_node(row) for row in graph.nodes], graph.edges),
    }
    return render(request, "curriculum/steps.html", {"title": title, "crumbs": crumbs, **context})


def _topic_node(topic: Topic) -> Node:
    return Node(topic.pk, reverse("curriculum:topic-show", kwargs={"topic": topic.uuid}), topic.title, topic.code)


def _drawn(title: str, nodes: list[Node], edges: list[Edge]) -> dict[str, Any]:
    """The pictures, and the same as rows: each node with the nodes that come right before it."""
    known = {node.key: node for node in nodes}
    before: dict[Any, list[Node]] = {node.key: [] for node in nodes}
    for start, end in edges:
        before[end].append(known[start])
    description = _("%(boxes)s boxes and the lines between them, from above to below. The list under it says the same.")
    head = _("What comes before what: %(title)s") % {"title": title}
    words = Words("steps", head, description % {"boxes": len(nodes)})
    return {
        "drawings": pictures(nodes, edges, words) if nodes else {},
        "rows": [(known[key], earlier) for key, earlier in before.items()],
    }
