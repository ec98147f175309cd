"""What somebody can work out who sees every number that is shown: of no few students anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.mastery.calculations.suppression import LEAST, ROOM, Band, Hidden, band_of, hide, hide_line, hide_members

Table = Mapping[int, Mapping[str, int]]
Edge = tuple[Hashable, Hashable]
BOTTOM, TOP = "bottom", "top"


def flows_of(table: Table) -> dict[Edge, int]:
    """The table as a network in which as much flows into each node as out: totals into schools, cells from schools
    to groups, totals out of groups."""
    flows: dict[Edge, int] = {}
    for school, row in table.items():
        for group, n in row.items():
            if n:
                flows[school, group] = n
                flows[TOP, school] = flows.get((TOP, school), 0) + n
                flows[group, BOTTOM] = flows.get((group, BOTTOM), 0) + n
    return flows


def is_shown(edge: Edge, hidden: Hidden) -> bool:
    match edge:
        case ("top", int(school)):
            return school not in hidden.schools
        case (str(group), "bottom"):
            return group not in hidden.groups
        case (int(school), str(group)):
            return not hidden.hides(school, group)
    raise AssertionError(edge)


def most_possible(edge: Edge, flows: Mapping[Edge, int], hidden: Hidden) -> int:
    """The most that can stand in a hidden place of any table that looks the same in all that is shown: exact, for it
    is the largest flow that can go round through the edge. Nobody doubts that there is somebody in it."""
    rest: dict[Hashable, dict[Hashable, int]] = {}
    for (start, end), n in flows.items():
        if not is_shown((start, end), hidden) and (start, end) != edge:
            rest.setdefault(start, {})[end] = 10**6
            rest.setdefault(end, {})[start] = n - 1
    start, end = edge
    more = 0
    while path := _path(end, start, rest):
        step = min(rest[a][b] for a, b in path)
        for a, b in path:
            rest[a][b] -= step
            rest[b][a] += step
        more += step
    return flows[edge] + more


def _path(start: Hashable, end: Hashable, rest: Mapping[Hashable, Mapping[Hashable, int]]) -> list[Edge]:
    came: dict[Hashable, Hashable] = {start: start}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for there, room in rest.get(here, {}).items():
            if room > 0 and there not in came:
                came[there] = here
                queue.append(there)
    path: list[Edge] = []
    while end in came and end != start:
        path.append((came[end], end))
        end = came[end]
    return path


def cells_determined(table: Table, hidden: Hidden) -> set[Edge]:
    """Hidden places whose number follows from what is shown by adding and taking away alone: linear algebra."""
    flows = flows_of(table)
    unknown = [edge for edge in flows if not is_shown(edge, hidden)]
    nodes = {node for edge in flows for node in edge} - {TOP, BOTTOM}
    rows = [[Fraction((edge[1] == node) - (edge[0] == node)) for edge in unknown] for node in sorted(nodes, key=str)]
    rows.append([Fraction(edge[0] == TOP) for edge in unknown])  # the whole is known
    done = 0
    for column in range(len(unknown)):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for n in range(len(rows)):
            if n != done and (factor := rows[n][column]):
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[done], strict=True)]
        done += 1
    alone = [row for row in rows if sum(1 for value in row if value) == 1]
    return {unknown[next(n for n, value in enumerate(row) if value)] for row in alone}


def promised(edge: Edge, flows: Mapping[Edge, int], hidden: Hidden) -> int:
    """LEAST; or as many as there may be where nothing is shown but how large the schools are."""
    groups = frozenset(str(group) for group, end in flows if end == BOTTOM)
    return min(LEAST, most_possible(edge, flows, Hidden(hidden.schools, groups)))


small = st.integers(0, 30)
tables = st.integers(1, 4).flatmap(
    lambda groups: st.lists(
        st.lists(small, min_size=groups, max_size=groups).map(
            lambda row: {"abcd"[n]: value for n, value in enumerate(row) if value}
        ),
        min_size=1,
        max_size=5,
    ).map(lambda rows: dict(enumerate(rows)))
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_nobody_can_work_out_that_a_hidden_group_is_small(table):
    hidden = hide(table)
    flows = flows_of(table)
    few = [edge for edge, n in flows.items() if n < LEAST]

    assert not [edge for edge in few if is_shown(edge, hidden)]
    for edge in few:
        assert most_possible(edge, flows, hidden) >= promised(edge, flows, hidden), (edge, hidden)


@settings(max_examples=100, deadline=None)
@given(tables)
def test_adding_and_taking_away_gives_no_small_number(table):
    """Unless schools are so small that their sizes say it all."""
    hidden, flows = hide(table), flows_of(table)

    found = cells_determined(table, hidden)

    assert not [edge for edge in found if flows[edge] < LEAST and promised(edge, flows, hidden) >= LEAST]


@settings(max_examples=100, deadline=None)
@given(tables, st.data())
def test_of_groups_that_overlap_neither_those_in_one_nor_those_outside_are_few(table, data):
    sizes = {school: max(row.values(), default=0) + data.draw(small) for school, row in table.items()}

    for group, hidden in hide_members(table, sizes).items():
        inside = {school: row.get(group, 0) for school, row in table.items()}
        for school, n in inside.items():
            if n and not hidden.hides(school, group):
                assert n >= LEAST
                assert sizes[school] - n == 0 or sizes[school] - n >= LEAST
        if group not in hidden.groups:
            assert sum(inside.values()) >= LEAST


def test_what_it_takes_to_hide_one_small_group_at_one_school():
    """Four cells: two groups at two schools; a third group stays."""
    table = {1: {"en": 60, "es": 30, "so": 4}, 2: {"en": 50, "es": 20, "so": 15}, 3: {"en": 40, "es": 40, "so": 40}}

    hidden = hide(table)

    assert (hidden.schools, hidden.groups) == (frozenset(), frozenset())
    assert hidden.cells == {(1, "so"), (1, "es"), (2, "so"), (2, "es")}


def test_a_group_that_is_nowhere_else_is_hidden_with_another_everywhere():
    """Grade 9 is at one school alone, so that the total would tell it."""
    hidden = hide({1: {"08": 40, "09": 6}, 2: {"05": 30, "06": 35}})

    assert hidden.groups == {"08", "09"}
    assert hidden.cells == frozenset()


def test_small_schools_are_hidden_together_with_the_next():
    assert hide_line({"a": 4, "b": 12, "c": 80}) == {"a", "b"}
    assert hide_line({"a": 9, "b": 9, "c": 80}) == {"a", "b"}
    assert hide_line({"a": 10, "b": 12}) == frozenset()
    assert hide_line({"a": 3}) == {"a"}
    assert hide_line({"a": 0, "b": 30}) == frozenset()


def test_most_of_a_large_table_stays():
    table = {s: {"abcd"[n]: 30 + 7 * n + s for n in range(4)} | {"e": 3 if s % 10 == 0 else 25} for s in range(30)}

    hidden = hide(table)

    assert len(hidden.cells) <= 4 * 3
    assert (hidden.schools, hidden.groups) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("count", "total", "band"),
    [
        (0, 10, Band(0, 25)),
        (3, 12, Band(25, 50)),
        (12, 12, Band(75, 100)),
        (24, 24, Band(75, 100)),
        (20, 25, Band(80, 100)),
        (49, 50, Band(90, 100)),
        (30, 100, Band(30, 35)),
        (100, 165, Band(60, 64)),
        (199, 200, Band(96, 100)),
        (250, 499, Band(50, 52)),
        (500, 500, Band(99, 100)),
        (123, 1000, Band(12, 13)),
    ],
)
def test_a_share_is_told_as_a_band(count, total, band):
    assert band_of(count, total) == band


@given(st.integers(LEAST, 5000), st.data())
def test_a_band_holds_the_share_and_room_for_five_or_a_fourth(total, data):
    count = data.draw(st.integers(0, total))
    band = band_of(count, total)

    assert total * (band.high - band.low) >= 100 * min(ROOM, total / 4)
    assert band.low * total <= 100 * count <= band.high * total


ENDS = ((20, 20), (40, 10), (100, 5), (300, 2), (5000, 1))  # NCES 2011-603: students up to, percent at either end


@given(st.integers(LEAST, 5000))
def test_no_band_is_narrower_than_the_ends_that_are_asked_for_nor_wider_than_it_takes(total):
    asked = next(percent for most, percent in ENDS if total <= most)
    band = band_of(0, total)

    assert band.high >= asked
    assert band.high == 1 or total * band.high < 100 * 2 * ROOM


@given(st.lists(st.tuples(st.integers(LEAST, 400), st.integers(0, 100)), min_size=1, max_size=4), st.data())
def test_what_is_left_when_bands_are_taken_from_each_other_has_the_room_of_all(parts, data):
    """A district tells a band, and all its schools but one: what somebody works out of that one."""
    rest = data.draw(st.integers(1, LEAST - 1))
    did = data.draw(st.integers(0, rest))
    told = [(size, percent * size // 100) for size, percent in parts]
    whole = (rest + sum(size for size, _did in told), did + sum(count for _size, count in told))

    low, high = Fraction(0), Fraction(0)
    for (size, count), sign in [(whole, 1), *((one, -1) for one in told)]:
        band = band_of(count, size)
        ends = sorted(Fraction(sign * size * end, 100) for end in (band.low, band.high))
        low, high = low + ends[0], high + ends[1]

    assert low <= did <= high
    assert high - low >= (LEAST if min(size for size, _did in told) >= 4 * ROOM else LEAST / 2)
    if high - low >= LEAST:
        assert low <= 0 or high >= rest  # that none did, or that all did, stays open
