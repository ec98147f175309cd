"""Where the boxes and lines of a picture of steps lie."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.calculations.layers import Layout, Shape, lay_out
from curriculum.calculations.rows import in_rows, parted, reduced

SHAPE = Shape(3)
Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], Edges]:
    """Graphs without circles: edges lead from a smaller to a larger number."""
    nodes = list(range(draw(st.integers(1, 24))))
    pairs = list(combinations(nodes, 2))
    edges = draw(st.lists(st.sampled_from(pairs), max_size=50, unique=True)) if pairs else []
    return draw(st.permutations(nodes)), edges


def reach(edges: Edges) -> set[tuple[int, int]]:
    found = set(edges)
    while more := {(a, d) for a, b in found for c, d in edges if b == c} - found:
        found |= more
    return found


def overlapping(layout: Layout[int], shape: Shape) -> list[tuple[int, int]]:
    return [
        (one.node, other.node)
        for one, other in combinations(layout.boxes, 2)
        if abs(one.x - other.x) < shape.box and abs(one.y - other.y) < shape.height
    ]


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 6))
def test_every_line_leads_down_and_no_boxes_overlap(graph, across):
    nodes, edges = graph
    shape = Shape(across)
    layout = lay_out(nodes, edges, shape)
    at = {box.node: box for box in layout.boxes}
    assert set(at) == set(nodes)
    assert overlapping(layout, shape) == []
    for line in layout.lines:
        assert all(upper[1] < lower[1] for upper, lower in pairwise(line.points))
        (x, y), (to_x, to_y) = line.points[0], line.points[-1]
        assert [x, to_x] == pytest.approx([at[end].x + shape.box / 2 for end in (line.start, line.end)], abs=0.11)
        assert (y, to_y) == (at[line.start].y + shape.height, at[line.end].y)
    assert all(0 <= box.x <= layout.width - shape.box + 0.1 for box in layout.boxes)
    assert all(0 <= box.y <= layout.height - shape.height for box in layout.boxes)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_line_runs_through_a_box(graph):
    layout = lay_out(graph[0], graph[1], SHAPE)
    for line in layout.lines:
        for (x, top), (_x, bottom) in zip(line.points[1::2], line.points[2::2], strict=False):
            assert not [b for b in layout.boxes if b.x < x < b.x + SHAPE.box and b.y < bottom and b.y + 66 > top]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_the_lines_say_no_more_and_no_less_than_the_edges(graph):
    nodes, edges = graph
    drawn = [(line.start, line.end) for line in lay_out(nodes, edges, SHAPE).lines]
    assert set(drawn) <= set(edges)
    assert reach(drawn) == reach(edges)
    assert len(drawn) == len(set(drawn))


@settings(max_examples=30, deadline=None)
@given(graphs(), st.integers(1, 5))
def test_the_same_graph_lies_the_same_way_within_its_rows(graph, across):
    nodes, edges = graph
    assert lay_out(nodes, edges, SHAPE) == lay_out(nodes, edges, SHAPE)
    rows = in_rows(nodes, edges, across)
    assert all(rows[start] < rows[end] for start, end in edges)
    assert max(list(rows.values()).count(row) for row in rows.values()) <= across


def test_a_line_that_a_longer_way_stands_for_is_left_out():
    assert reduced("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("a", "d")]) == [("a", "b"), ("b", "c"), ("a", "d")]


def test_a_chain_stands_straight():
    layout = lay_out("abc", [("a", "b"), ("b", "c")], SHAPE)
    assert [(box.node, box.row, box.x) for box in layout.boxes] == [("a", 0, 0), ("b", 1, 0), ("c", 2, 0)]
    assert (layout.width, layout.height, layout.crossings) == (132, 3 * 66 + 2 * 40, 0)


def test_lines_that_cross_are_untangled():
    layout = lay_out("abxy", [("a", "y"), ("b", "x"), ("a", "x")], Shape(2))
    assert layout.crossings == 0


def test_what_cannot_be_untangled_is_counted():
    edges = [(a, b) for a in "abc" for b in "xyz"]
    assert lay_out("abcxyz", edges, SHAPE).crossings == 9  # of the complete graph, however it is drawn


def test_parts_that_do_not_hang_together_stand_beside_each_other_while_there_is_room():
    layout = lay_out("abcdef", [("a", "b"), ("c", "d"), ("e", "f")], Shape(2))
    assert {box.node: (box.x, box.y) for box in layout.boxes} == {
        "a": (0, 0),
        "b": (0, 106),
        "c": (144, 0),
        "d": (144, 106),
        "e": (0, 212),
        "f": (0, 318),
    }


def test_parts_are_found_the_largest_first():
    assert parted("abcde", [("a", "b"), ("c", "d"), ("d", "e")]) == [
        (["c", "d", "e"], [("c", "d"), ("d", "e")]),
        (["a", "b"], [("a", "b")]),
    ]


def test_nothing_to_draw_takes_no_room():
    layout: Layout[int] = lay_out([], [], SHAPE)
    assert (layout.boxes, layout.lines, layout.width, layout.height) == ((), (), 0, 0)


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        lay_out("ab", [("a", "b"), ("b", "a")], SHAPE)
