"""Layers: where the boxes and lines of a "comes before" graph lie, after Sugiyama, Tagawa and Toda (1981).

Rows run from top to bottom, and every line leads down. A row holds at most ``across`` boxes; a line that passes a row
on its way keeps a strip of its own there, so that no line runs through a box. All lines of one box that go further
than the next row share their strips. All sizes are in pixels. Nothing is random: the same graph lies the same way.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Generic

from curriculum.calculations.rows import N, in_rows, neighbours, parted, reduced

Point = tuple[float, float]

SWEEPS = 10
PULL = {0: 1.0, 1: 2.0, 2: 8.0}  # how strongly a line wants to be straight, by how many of its ends are strips


@dataclass(frozen=True)
class Shape:
    """``across`` boxes in a row, each ``box`` wide and ``height`` high, ``gap`` apart; ``channel`` between rows.

    ``strip`` is the width that a passing line takes up.
    """

    across: int
    box: int = 132
    height: int = 66
    gap: int = 12
    channel: int = 40
    strip: int = 12

    @property
    def width(self) -> int:
        return self.across * (self.box + self.gap) - self.gap


@dataclass(frozen=True)
class Box(Generic[N]):
    """A node at its place; ``x`` and ``y`` are its upper left corner."""

    node: N
    row: int
    x: float
    y: float


@dataclass(frozen=True)
class Line(Generic[N]):
    """From the foot of ``start`` to the head of ``end``; between, pairs of points where it enters and leaves a row."""

    start: N
    end: N
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout(Generic[N]):
    boxes: tuple[Box[N], ...]
    lines: tuple[Line[N], ...]
    width: float
    height: float
    crossings: int


@dataclass
class _Item(Generic[N]):
    """A box, or the strip (``node`` is None) of a line that passes the row."""

    row: int
    width: int
    node: N | None = None
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    center: float = 0.0


@dataclass
class _Drawing(Generic[N]):
    """``rows`` hold numbers of items from left to right; ``lines`` the numbers that each line passes."""

    items: list[_Item[N]]
    rows: list[list[int]]
    lines: dict[tuple[N, N], list[int]]


def lay_out(nodes: Sequence[N], edges: Iterable[tuple[N, N]], shape: Shape) -> Layout[N]:
    """The places of ``nodes`` and of the edges that no other path stands for. Raises ValueError for a circle."""
    needed = reduced(nodes, edges)
    return _beside([_lay_out(*part, shape) for part in parted(nodes, needed)], shape)


def _lay_out(nodes: Sequence[N], edges: Sequence[tuple[N, N]], shape: Shape) -> Layout[N]:
    """One part, in which everything hangs together."""
    drawing = _with_strips(nodes, edges, in_rows(nodes, edges, shape.across), shape)
    _untangle(drawing)
    return _laid_out(drawing, shape, _place(drawing, shape))


def _beside(parts: Sequence[Layout[N]], shape: Shape) -> Layout[N]:
    """The parts from left to right, as many in one band as there is room for, the bands one below the other."""
    boxes: list[Box[N]] = []
    lines: list[Line[N]] = []
    x = y = depth = width = 0.0
    for part in parts:
        if x and x + part.width > shape.width:
            x, y, depth = 0.0, y + depth + shape.channel, 0.0
        boxes += [replace(box, x=box.x + x, y=box.y + y) for box in part.boxes]
        lines += [replace(line, points=tuple((a + x, b + y) for a, b in line.points)) for line in part.lines]
        width, depth = max(width, x + part.width), max(depth, part.height)
        x += part.width + shape.gap
    return Layout(tuple(boxes), tuple(lines), width, y + depth, sum(part.crossings for part in parts))


def _with_strips(nodes: Sequence[N], edges: Sequence[tuple[N, N]], row_of: dict[N, int], shape: Shape) -> _Drawing[N]:
    """Boxes, and a strip in every row that a line passes; the lines of one box share theirs."""
    items = [_Item(row_of[node], shape.box, node) for node in nodes]
    number = {node: n for n, node in enumerate(nodes)}
    lines: dict[tuple[N, N], list[int]] = {}
    for start, ends in neighbours(edges).items():
        chain = [number[start]]
        for row in range(row_of[start] + 1, max(row_of[end] for end in ends)):
            items.append(_Item(row, shape.strip))
            chain.append(len(items) - 1)
            _link(items, chain[-2], chain[-1])
        for end in ends:
            carrier = row_of[end] - row_of[start] - 1
            _link(items, chain[carrier], number[end])
            lines[start, end] = [*chain[: carrier + 1], number[end]]
    rows: list[list[int]] = [[] for _ in range(1 + max(row_of.values(), default=-1))]
    for n, item in enumerate(items):
        rows[item.row].append(n)
    return _Drawing(items, rows, lines)


def _link(items: list[_Item[N]], upper: int, lower: int) -> None:
    items[upper].below.append(lower)
    items[lower].above.append(upper)


def _untangle(drawing: _Drawing[N]) -> None:
    """Order each row by where its neighbours stand, down and up again; the order with the fewest crossings stays."""
    starts = [[list(row) for row in drawing.rows], _as_walked(drawing)]
    best, fewest = starts[0], _crossings(drawing)
    for drawing.rows in starts:
        for sweep in range(SWEEPS):
            _sweep(drawing, is_down=sweep % 2 == 0)
            while _swap(drawing):
                pass
            if (count := _crossings(drawing)) < fewest:
                best, fewest = [list(row) for row in drawing.rows], count
            if not fewest:
                break
    drawing.rows = best


def _as_walked(drawing: _Drawing[N]) -> list[list[int]]:
    """Each row in the order in which a walk along the lines, as deep as it goes, comes by."""
    rows: list[list[int]] = [[] for _ in drawing.rows]
    seen: set[int] = set()
    for first in (n for row in drawing.rows for n in row):
        waiting = [first]
        while waiting:
            n = waiting.pop()
            if n not in seen:
                seen.add(n)
                rows[drawing.items[n].row].append(n)
                waiting += [*drawing.items[n].above[::-1], *drawing.items[n].below[::-1]]
    return rows


def _sweep(drawing: _Drawing[N], *, is_down: bool) -> None:
    rows = drawing.rows if is_down else drawing.rows[::-1]
    for fixed, row in pairwise(rows):
        at = {n: place for place, n in enumerate(fixed)}
        own = {n: place for place, n in enumerate(row)}

        def middle(n: int, at: dict[int, int] = at, own: dict[int, int] = own) -> float:
            near = drawing.items[n].above if is_down else drawing.items[n].below
            return sum(at[other] for other in near) / len(near) if near else float(own[n])

        row.sort(key=middle)


def _swap(drawing: _Drawing[N]) -> bool:
    """Neighbours change places where that saves crossings; whether any did."""
    is_better = False
    at = {n: place for row in drawing.rows for place, n in enumerate(row)}
    for row in drawing.rows:
        for place in range(len(row) - 1):
            left, right = row[place], row[place + 1]
            if _between(drawing, right, left, at) < _between(drawing, left, right, at):
                row[place], row[place + 1] = right, left
                at[left], at[right] = place + 1, place
                is_better = True
    return is_better


def _between(drawing: _Drawing[N], left: int, right: int, at: dict[int, int]) -> int:
    """Crossings of the lines of two neighbours when ``left`` stands left."""
    one, other = drawing.items[left], drawing.items[right]
    return sum(
        at[a] > at[b]
        for mine, theirs in ((one.above, other.above), (one.below, other.below))
        for a in mine
        for b in theirs
    )


def _crossings(drawing: _Drawing[N]) -> int:
    at = {n: place for row in drawing.rows for place, n in enumerate(row)}
    total = 0
    for row in drawing.rows:
        seen: list[int] = []
        for n in row:
            ends = [at[other] for other in drawing.items[n].below]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _place(drawing: _Drawing[N], shape: Shape) -> float:
    """Give each item its center, near the middle of its neighbours; returns the width of the drawing."""
    offsets = [_offsets(drawing, row, shape) for row in drawing.rows]
    ends = [
        row_offsets[-1] + drawing.items[row[-1]].width / 2
        for row, row_offsets in zip(drawing.rows, offsets, strict=True)
    ]
    width = max(ends, default=0.0)
    for row, row_offsets, end in zip(drawing.rows, offsets, ends, strict=True):
        for n, offset in zip(row, row_offsets, strict=True):
            drawing.items[n].center = offset + (width - end) / 2
    places = list(zip(drawing.rows, offsets, strict=True))
    for _sweep_number in range(SWEEPS):
        for row, row_offsets in [*places, *places[::-1]]:
            _pull(drawing, row, row_offsets, width)
    return width


def _offsets(drawing: _Drawing[N], row: Sequence[int], shape: Shape) -> list[float]:
    """The centers of a row that stands as far left, and as close together, as it can."""
    offsets: list[float] = []
    for place, n in enumerate(row):
        item = drawing.items[n]
        if not place:
            offsets.append(item.width / 2)
        else:
            beside = drawing.items[row[place - 1]]
            gap = 0 if item.node is None and beside.node is None else shape.gap
            offsets.append(offsets[-1] + (beside.width + item.width) / 2 + gap)
    return offsets


def _pull(drawing: _Drawing[N], row: Sequence[int], offsets: Sequence[float], width: float) -> None:
    """Move a row to where its neighbours want it, in order and no closer than it may: least squares, exactly."""
    wishes = []
    for n, offset in zip(row, offsets, strict=True):
        wish, weight = _wish(drawing, drawing.items[n])
        wishes.append((wish - offset, weight))
    room = width - offsets[-1] - drawing.items[row[-1]].width / 2
    for n, offset, shift in zip(row, offsets, _rising(wishes), strict=True):
        drawing.items[n].center = offset + min(max(shift, 0.0), room)


def _wish(drawing: _Drawing[N], item: _Item[N]) -> tuple[float, float]:
    total = weight = 0.0
    for other in [*item.above, *item.below]:
        pull = PULL[(item.node is None) + (drawing.items[other].node is None)]
        total += pull * drawing.items[other].center
        weight += pull
    return (total / weight, weight) if weight else (item.center, 1.0)


def _rising(wishes: Sequence[tuple[float, float]]) -> list[float]:
    """The values that never fall and lie closest to the wishes (value, weight): pool adjacent violators."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in wishes:
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (last, heavy, count), (first, heavy_before, count_before) = pools.pop(), pools.pop()
            both = heavy + heavy_before
            pools.append(((last * heavy + first * heavy_before) / both, both, count + count_before))
    return [value for value, _weight, count in pools for _ in range(count)]


def _laid_out(drawing: _Drawing[N], shape: Shape, width: float) -> Layout[N]:
    step = shape.height + shape.channel
    boxes = [
        Box(item.node, item.row, round(item.center - item.width / 2, 1), float(item.row * step))
        for row in drawing.rows
        for item in (drawing.items[n] for n in row)
        if item.node is not None
    ]
    lines = [
        Line(start, end, tuple(_points([drawing.items[n] for n in way], shape)))
        for (start, end), way in drawing.lines.items()
    ]
    height = max(len(drawing.rows) * step - shape.channel, 0)
    return Layout(tuple(boxes), tuple(lines), round(width, 1), float(height), _crossings(drawing))


def _points(way: Sequence[_Item[N]], shape: Shape) -> Iterable[Point]:
    step = shape.height + shape.channel
    for n, item in enumerate(way):
        x = round(item.center, 1)
        if n:
            yield x, float(item.row * step)
        if n < len(way) - 1:
            yield x, float(item.row * step + shape.height)
