"""The five example students a district sees when it chooses a method."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from students.mastery.calculations import EXAMPLES, METHODS, Candidate, Made, ScaleRange, suggest, try_methods

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
SCALES = [
    FIVE,
    ScaleRange(D(0), D(4), D("0.5"), D(3)),
    ScaleRange(D(1), D(4), D(1), D(3)),
    ScaleRange(D(1), D(3), D(1), D(3)),
    ScaleRange(D(0), D(100), D(5), D(80)),
]


def test_five_students_on_a_scale():
    assert {str(example.name): [str(score) for score in example.scores(FIVE)] for example in EXAMPLES} == {
        "A steady climb": ["1.0", "1.5", "2.0", "2.5", "3.0"],
        "A late jump": ["1.0", "1.0", "1.0", "3.0", "4.0"],
        "A setback": ["2.0", "3.0", "4.0", "2.0"],
        "One piece only": ["3.0"],
        "Up and down": ["3.0", "1.0", "4.0", "2.0", "3.0"],
    }


@pytest.mark.parametrize("scale", SCALES)
def test_on_every_scale_they_show_what_their_names_say(scale):
    climb, jump, setback, once, restless = (example.scores(scale) for example in EXAMPLES)

    assert all(scale.holds(score) for scores in (climb, jump, setback, once, restless) for score in scores)
    assert climb == sorted(climb)
    assert climb[0] < climb[-1] == scale.proficient
    assert max(jump[:3]) < scale.proficient <= jump[3] <= jump[4]
    assert setback[-1] < scale.proficient <= setback[-2]
    assert once == [scale.proficient]
    assert [before > after for before, after in pairwise(restless)] == [True, False, True, False]


def test_a_row_says_what_a_choice_makes_of_each():
    candidates = [
        Candidate("decaying"),
        Candidate("n_times", {"times": 2}),
        Candidate("decaying", {"weight": D("0.5")}),
    ]

    rows = try_methods(FIVE, candidates)

    assert [row.candidate for row in rows] == candidates
    assert rows[0].made == (
        Made(D("2.73"), D("2.5"), False),
        Made(D("3.41"), D("3.5"), True),
        Made(D("2.53"), D("2.5"), False),
        Made(D("3.00"), D("3.0"), True),
        Made(D("2.80"), D("3.0"), True),
    )
    assert rows[1].made == (
        None,
        Made(D("3.50"), D("3.5"), True),
        Made(D("3.50"), D("3.5"), True),
        None,
        Made(D("3.33"), D("3.5"), True),
    )
    assert [made and str(made.value) for made in rows[2].made] == ["2.53", "3.00", "2.63", "3.00", "2.75"]


@pytest.mark.parametrize("scale", SCALES)
def test_without_choices_every_method_is_tried_as_it_comes(scale):
    rows = try_methods(scale)

    assert [row.candidate for row in rows] == [Candidate(name) for name in METHODS]
    for row in rows:
        values = [suggest(row.candidate.method, example.scores(scale), scale=scale) for example in EXAMPLES]
        assert [made and made.value for made in row.made] == values


def test_a_choice_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="weight of decaying"):
        try_methods(FIVE, [Candidate("mean"), Candidate("decaying", {"weight": D(1)})])
