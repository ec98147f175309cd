"""What comes before what, in a topic, an area or a whole framework."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from curriculum.calculations.circles import closing
from curriculum.models import ContentArea, Framework, Prerequisite, Target, Topic

MOST_DRAWN = 120  # targets in one picture; of more, topics are drawn
MOST_WITH_OTHERS = 60  # targets in the picture of a topic; with more, those of other topics are left out

Edge = tuple[int, int]  # keys: what comes before, what comes after


@dataclass(frozen=True)
class Graph:
    """``nodes`` that some edge touches, ``alone`` those that none does. Edges of parts are those of their whole.

    ``elsewhere`` are the keys of targets that belong to another topic and stand right before or after one of it.
    """

    nodes: list[Target]
    edges: list[Edge]
    alone: list[Target]
    elsewhere: frozenset[int] = frozenset()


@dataclass(frozen=True)
class TopicGraph:
    """Topics instead of targets. ``left_out`` counts the edges that run against the others."""

    nodes: list[Topic]
    edges: list[Edge]
    alone: list[Topic]
    left_out: int


def read_topic_graph(topic: Topic) -> Graph:
    """The topic's targets with those of other topics that come right before or after; in 3 queries."""
    inside = list(Target.objects.filter(topic=topic).current().in_order())
    of_topic = Q(target__topic=topic) | Q(required__topic=topic)
    edges = _edges(of_topic, topic.area.framework)
    keys = {target.pk for target in inside}
    edges = [edge for edge in edges if keys.intersection(edge)]
    others = {pk for edge in edges for pk in edge} - keys
    if len(keys) + len(others) > MOST_WITH_OTHERS:
        return _graph(inside, edges)
    outside = list(_in_order(Target.objects.current().filter(pk__in=others).select_related("topic")))
    return _graph([*inside, *outside], edges, frozenset(others))


def read_graph(within: ContentArea | Framework) -> Graph:
    """All targets of an area or framework, and the edges between them; in 2 queries."""
    if isinstance(within, Framework):
        framework, inside, edges = within, Q(topic__area__framework=within), Q()
    else:
        framework, inside = within.framework, Q(topic__area=within)
        edges = Q(target__topic__area=within, required__topic__area=within)
    targets = _in_order(Target.objects.current().filter(inside).select_related("topic"))
    return _graph(list(targets), _edges(edges, framework))


def _in_order(targets: QuerySet[Target]) -> QuerySet[Target]:
    return targets.order_by("topic__area__position", "topic__position", "topic_id", "position", "pk")


def _edges(within: Q, framework: Framework) -> list[Edge]:
    rows = Prerequisite.objects.filter(
        within, target__topic__area__framework=framework, required__topic__area__framework=framework
    )
    before, after = Coalesce("required__part_of", "required"), Coalesce("target__part_of", "target")
    edges = rows.order_by("pk").values_list(before, after)
    return list(dict.fromkeys((start, end) for start, end in edges if start != end))


def _graph(targets: list[Target], edges: list[Edge], elsewhere: frozenset[int] = frozenset()) -> Graph:
    """Wholes whose parts need each other would run in a circle; what closes one is left out."""
    keys = {target.pk for target in targets}
    edges = [edge for edge in edges if keys.issuperset(edge)]
    against = set(closing(edges))
    edges = [edge for edge in edges if edge not in against]
    touched = {pk for edge in edges for pk in edge}
    return Graph(
        nodes=[target for target in targets if target.pk in touched],
        edges=edges,
        alone=[target for target in targets if target.pk not in touched and target.pk not in elsewhere],
        elsewhere=elsewhere & touched,
    )


def by_topic(graph: Graph) -> TopicGraph:
    """The same graph with one node for each topic."""
    topics = {target.topic_id: target.topic for target in [*graph.nodes, *graph.alone]}
    topic_of = {target.pk: target.topic_id for target in graph.nodes}
    edges = dict.fromkeys((topic_of[start], topic_of[end]) for start, end in graph.edges)
    across = [edge for edge in edges if edge[0] != edge[1]]
    against = set(closing(across))
    kept = [edge for edge in across if edge not in against]
    touched = {pk for edge in kept for pk in edge}
    return TopicGraph(
        nodes=[topic for topic in topics.values() if topic.pk in touched],
        edges=kept,
        alone=[topic for topic in topics.values() if topic.pk not in touched],
        left_out=len(against),
    )
