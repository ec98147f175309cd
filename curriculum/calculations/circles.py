"""Circles in graphs of "comes before" and "is part of". Linear in the number of edges; no recursion."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
Edge = tuple[str, str]  # from, to


def circle(edges: Sequence[tuple[N, N]]) -> list[N]:
    """One circle, its first node again at the end; empty if there is none."""
    core = _core(edges)
    if not core:
        return []
    onward = {start: end for start, end in reversed(edges) if start in core and end in core}
    walk = {next(start for start, _ in edges if start in core): 0}
    node = next(iter(walk))
    while (node := onward[node]) not in walk:
        walk[node] = len(walk)
    return [*list(walk)[walk[node] :], node]


def closing(edges: Sequence[tuple[N, N]], standing: Sequence[tuple[N, N]] = ()) -> list[tuple[N, N]]:
    """The edges to leave out so that the rest, with all of ``standing`` (free of circles), has no circle.

    Deterministic: within a circle the nodes keep the order of the standing edges, then of their appearance,
    and what runs against that order is left out.
    """
    core = _core([*standing, *edges])
    rank = _ranks(edges, [edge for edge in standing if core.issuperset(edge)], core)
    return [edge for edge in edges if core.issuperset(edge) and rank[edge[0]] >= rank[edge[1]]]


def _core(edges: Sequence[tuple[N, N]]) -> set[N]:
    """The nodes that lie on a circle, or between two circles."""
    nodes = {node for edge in edges for node in edge}
    return _peeled(edges, _peeled([(end, start) for start, end in edges], nodes))


def _peeled(edges: Sequence[tuple[N, N]], nodes: set[N]) -> set[N]:
    """What is left of ``nodes`` when those that nothing leads to are taken away, again and again."""
    return nodes - set(_in_order(edges, nodes))


def _in_order(edges: Iterable[tuple[N, N]], nodes: Iterable[N]) -> list[N]:
    """``nodes`` so that edges lead onward; nodes on a circle, and behind one, are missing (Kahn 1962)."""
    nodes = dict.fromkeys(nodes)
    onward: defaultdict[N, list[N]] = defaultdict(list)
    waiting: Counter[N] = Counter()
    for start, end in edges:
        if start in nodes and end in nodes:
            onward[start].append(end)
            waiting[end] += 1
    ready = deque(node for node in nodes if not waiting[node])
    order = []
    while ready:
        order.append(node := ready.popleft())
        for following in onward[node]:
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    return order


def _ranks(edges: Sequence[tuple[N, N]], standing: Sequence[tuple[N, N]], core: set[N]) -> dict[N, int]:
    nodes = dict.fromkeys(node for edge in [*edges, *standing] for node in edge if node in core)
    in_order = dict.fromkeys([*_in_order(standing, nodes), *nodes])  # all, even if standing has a circle
    return {node: rank for rank, node in enumerate(in_order)}
