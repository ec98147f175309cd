"""Rows of a "comes before" graph: which nodes hang together, which edges are needed, and the row of each node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def parted(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[tuple[list[N], list[tuple[N, N]]]]:
    """The nodes and edges of each part that hangs together, the largest first."""
    near = neighbours([*edges, *((end, start) for start, end in edges)])
    part_of: dict[N, N] = {}
    for first in nodes:
        waiting = [first] if first not in part_of else []
        while waiting:
            node = waiting.pop()
            if node not in part_of:
                part_of[node] = first
                waiting += near[node]
    parts: dict[N, tuple[list[N], list[tuple[N, N]]]] = {part_of[node]: ([], []) for node in nodes}
    for node in nodes:
        parts[part_of[node]][0].append(node)
    for edge in edges:
        parts[part_of[edge[0]]][1].append(edge)
    return sorted(parts.values(), key=lambda part: -len(part[0]))


def reduced(nodes: Sequence[N], edges: Iterable[tuple[N, N]]) -> list[tuple[N, N]]:
    """The edges without those that a longer path stands for. Raises ValueError for a circle."""
    number = {node: place for place, node in enumerate(nodes)}
    kept = list(dict.fromkeys(edge for edge in edges if edge[0] in number and edge[1] in number))
    after = neighbours(kept)
    reached: dict[N, int] = {}  # bits
    for node in reversed(_in_order(nodes, kept)):
        reached[node] = 0
        for following in after[node]:
            reached[node] |= reached[following] | 1 << number[following]

    def is_needed(start: N, end: N) -> bool:
        return not any(reached[way] >> number[end] & 1 for way in after[start] if way != end)

    return [edge for edge in kept if is_needed(*edge)]


def in_rows(nodes: Sequence[N], edges: Sequence[tuple[N, N]], across: int) -> dict[N, int]:
    """The row of each node: below all that come before it, near to what it leads to, at most ``across`` in a row."""
    after, before = neighbours(edges), neighbours((end, start) for start, end in edges)
    order = _in_order(nodes, edges)
    wanted: dict[N, int] = {}
    for node in order:
        wanted[node] = 1 + max((wanted[earlier] for earlier in before[node]), default=-1)
    wanted = _sunk(wanted, after, before, len(nodes))
    place = {node: n for n, node in enumerate(nodes)}
    waiting = {node: len(before[node]) for node in nodes}
    ready, rows, row = [node for node in nodes if not waiting[node]], dict[N, int](), 0
    while ready:
        ready.sort(key=lambda node: (wanted[node], place[node]))
        taken, ready = ready[:across], ready[across:]
        for node in taken:
            rows[node] = row
            for following in after[node]:
                waiting[following] -= 1
                if not waiting[following]:
                    ready.append(following)
        row += 1
    return _sunk(rows, after, before, across)


def _sunk(rows: dict[N, int], after: dict[N, list[N]], before: dict[N, list[N]], across: int) -> dict[N, int]:
    """Nodes move down to what they lead to, where there is room and it shortens more lines than it lengthens."""
    taken: defaultdict[int, int] = defaultdict(int)
    for row in rows.values():
        taken[row] += 1
    for node in sorted(rows, key=rows.__getitem__, reverse=True):
        if len(after[node]) <= len(before[node]):
            continue
        latest = min(rows[following] for following in after[node]) - 1
        free = (row for row in range(latest, rows[node], -1) if taken[row] < across)
        if (below := next(free, None)) is not None:
            taken[rows[node]] -= 1
            taken[below] += 1
            rows[node] = below
    numbers = {row: n for n, row in enumerate(sorted(set(rows.values())))}
    return {node: numbers[row] for node, row in rows.items()}


def neighbours(edges: Iterable[tuple[N, N]]) -> dict[N, list[N]]:
    onward: defaultdict[N, list[N]] = defaultdict(list)
    for start, end in edges:
        onward[start].append(end)
    return onward


def _in_order(nodes: Sequence[N], edges: Iterable[tuple[N, N]]) -> list[N]:
    """``nodes`` so that edges lead onward. Raises ValueError for a circle."""
    edges = list(edges)
    after, waiting = neighbours(edges), dict.fromkeys(nodes, 0)
    for _start, end in edges:
        waiting[end] += 1
    order = [node for node in nodes if not waiting[node]]
    for node in order:  # grows on the way
        for following in after[node]:
            waiting[following] -= 1
            if not waiting[following]:
                order.append(following)
    if len(order) < len(nodes):
        raise ValueError("the edges run in a circle")
    return order
