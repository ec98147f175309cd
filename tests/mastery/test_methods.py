"""The worked examples of the specification, and what must hold for any scores."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import METHODS, ScaleRange, round_half_away, suggest

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
levels = st.integers(0, 10).map(lambda n: D(n) / 2)
weights = st.integers(50, 99).map(lambda n: D(n) / 100)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([1, 2, 3, 4, 5], "4.47"), ([2, 3, 4], "3.53"), ([2.5], "2.50")],
)
def test_decaying_worked_examples(scores, expected):
    assert suggest("decaying", [D(str(score)) for score in scores], scale=FIVE) == D(expected)


def test_suggest_without_scores_is_insufficient():
    assert suggest("decaying", [], scale=FIVE) is None


@given(st.lists(levels, min_size=1, max_size=30), weights)
def test_decaying_stays_within_the_scores(scores, weight):
    value = suggest("decaying", scores, scale=FIVE, weight=weight)

    assert value is not None
    assert min(scores) <= value <= max(scores)
    assert value == value.quantize(D("0.01"))


@given(st.lists(levels, min_size=1, max_size=10), levels, weights)
def test_decaying_moves_towards_the_newest_score(scores, newest, weight):
    before = suggest("decaying", scores, scale=FIVE, weight=weight)
    after = suggest("decaying", [*scores, newest], scale=FIVE, weight=weight)

    assert before is not None
    assert after is not None
    assert abs(newest - after) <= abs(newest - before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "average"}, "unknown method 'average'"),
        ({"method": "decaying", "last": D(3)}, "no parameter last"),
        ({"method": "decaying", "weight": D("0.49")}, "weight of decaying must be from 0.50 to 0.99"),
        ({"method": "decaying", "weight": D("1.00")}, "weight of decaying must be from 0.50 to 0.99"),
    ],
)
def test_suggest_refuses_what_it_does_not_know(arguments, message):
    with pytest.raises(ValueError, match=message):
        suggest(scores=[D(1)], scale=FIVE, **arguments)


@pytest.mark.parametrize("score", [D("-0.5"), D("5.5")])
def test_suggest_refuses_a_score_off_the_scale(score):
    with pytest.raises(ValueError, match="outside the scale"):
        suggest("decaying", [score], scale=FIVE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2.25", "2.5"), ("2.75", "3.0"), ("2.2499999", "2.0"), ("2.74", "2.5"), ("0.25", "0.5"), ("-0.25", "-0.5")],
)
def test_halves_round_away_from_zero(value, expected):
    assert round_half_away(D(value), D("0.5")) == D(expected)


def test_scale_holds_its_steps_only():
    assert FIVE.holds(D("3.5"))
    assert not FIVE.holds(D("3.4"))
    assert not FIVE.holds(D("5.5"))
    assert FIVE.levels()[:3] == [D(0), D("0.5"), D(1)]
    assert len(FIVE.levels()) == 11


def test_every_method_has_a_version():
    assert all(method.version >= 1 for method in METHODS.values())
