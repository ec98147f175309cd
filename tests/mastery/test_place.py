"""Counts, and "you are here"."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import Step, count_targets, find_place
from students.mastery.enums import MasteryStatus

LEVEL, EXCUSED, ASSUMED = MasteryStatus.LEVEL, MasteryStatus.EXCUSED, MasteryStatus.ASSUMED


def met(target):
    return Step(target, LEVEL, is_proficient=True)


def under_way(target):
    return Step(target, LEVEL)


def test_each_target_is_counted_once():
    steps = [met(1), under_way(2), Step(3), Step(4, EXCUSED), Step(5, ASSUMED), Step(6, MasteryStatus.NO_EVIDENCE)]

    counts = count_targets(steps)

    assert (counts.target_count, counts.proficient_count, counts.under_way_count, counts.aside_count) == (6, 1, 1, 2)


def test_here_is_the_first_open_target():
    assert find_place([met(1), under_way(2), Step(3)], {2: {1}, 3: {2}}, {1}) == 2


def test_here_is_past_the_entry_point():
    assert find_place([Step(1, ASSUMED), Step(2, EXCUSED), Step(3)], {3: {2}}, {1, 2}) == 3


def test_a_target_whose_prerequisite_is_open_waits():
    assert find_place([met(1), Step(2), Step(3)], {2: {9}, 3: {1}}, {1}) == 3


def test_without_a_ready_target_the_first_open_one_is_here():
    assert find_place([Step(1), Step(2)], {1: {9}, 2: {9}}, set()) == 1


def test_with_everything_met_nothing_is_here():
    assert find_place([met(1), met(2)], {}, {1, 2}) is None
    assert find_place([], {}, set()) is None


statuses = st.sampled_from([Step(0), Step(0, EXCUSED), Step(0, ASSUMED), met(0), under_way(0)])


@given(st.lists(statuses, max_size=10), st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_here_is_always_open_and_there_unless_all_is_behind(kinds, edges):
    steps = [Step(n, kind.status, kind.is_proficient) for n, kind in enumerate(kinds)]
    requires = {target: {before for t, before in edges if t == target} for target, _ in edges}
    behind = {step.target_id for step in steps if step.is_behind_them}

    here = find_place(steps, requires, behind)

    opened = {step.target_id for step in steps} - behind
    assert (here in opened) if opened else here is None
