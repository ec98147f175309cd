"""The worked examples of the specification, and what must hold for any scores."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import (
    METHODS,
    ScaleRange,
    check_parameters,
    explain,
    prepare,
    round_half_away,
    suggest,
)
from students.mastery.calculations.methods import suggest_exactly

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
levels = st.integers(0, 10).map(lambda n: D(n) / 2)
weights = st.integers(50, 99).map(lambda n: D(n) / 100)


EXAMPLES = [
    ("weighted_latest", {}, [1, 2, 3, 4, 5], "4.13"),
    ("weighted_latest", {}, [2], "2.00"),
    ("weighted_latest", {"weight": D("0.01")}, [1, 2, 5], "1.54"),
    ("decaying", {}, [1, 2, 3, 4, 5], "4.47"),
    ("decaying", {}, [2, 3, 4], "3.53"),
    ("decaying", {}, [2.5], "2.50"),
    ("n_times", {}, [4, 5, 1, 3, 2, 3], "3.75"),
    ("n_times", {"times": 1}, [1, 2], None),
    ("n_times", {"times": 1}, [1, 2, 3], "3.00"),
    ("n_times", {"times": 2, "level": D("4.5")}, [4, 5, 4, 4.5], "4.75"),
    ("power_law", {}, [3, 3, 1, 3], "1.90"),
    ("power_law", {}, [1, 3, 5], "5.00"),  # 5.15, held to the scale
    ("power_law", {}, [0, 2, 4], "4.00"),  # a 0 has no logarithm: the straight line
    ("power_law", {}, [2, 3], None),
    ("linear", {}, [5, 4, 0, 0], "0.00"),  # -0.60, held to the scale
    ("linear", {}, [2, 3], None),
    ("mode", {}, [1, 2, 3, 3, 4], "3.00"),
    ("mode", {}, [2, 2, 3, 3, 1], "3.00"),
    ("mode", {}, [3, 2, 2, 3], "3.00"),
    ("mode", {"last": 3}, [4, 4, 1, 2, 1], "1.00"),
    ("median", {}, [5, 1, 3], "3.00"),
    ("median", {}, [5, 1, 2, 2.5], "2.25"),
    ("median", {"last": 2}, [5, 1, 2], "1.50"),
    ("median", {"last": 9}, [5, 1, 2], "2.00"),
    ("mean", {}, [1, 2, 2], "1.67"),
    ("mean_last", {}, [0, 3, 4, 4], "3.67"),
    ("mean_last", {}, [3, 4], "3.50"),
    ("mean_last", {"last": 1}, [0, 3, 4], "4.00"),
    ("highest", {}, [1, 4, 2], "4.00"),
    ("most_recent", {}, [1, 4, 2], "2.00"),
    ("best_fit", {}, [1, 2, 2.5, 3, 3], "3.38"),
    ("best_fit", {}, [2, 2.5, 3, 4], "3.85"),
    ("best_fit", {}, [2, 3, 4], "3.00"),
    ("best_fit", {"least": 3}, [2, 3, 4], "4.00"),
    ("best_fit", {}, [3, 3, 3, 3], "3.00"),
    ("best_fit", {}, [0, 1, 2, 4], "3.70"),
    ("best_fit", {}, [0, 0.5, 1, 0.5], "0.50"),  # the line, 0.80, is exactly as near as the mean
]


@pytest.mark.parametrize(("method", "parameters", "scores", "expected"), EXAMPLES)
def test_worked_examples(method, parameters, scores, expected):
    value = suggest(method, [D(str(score)) for score in scores], scale=FIVE, **parameters)

    assert value == (None if expected is None else D(expected))
    assert value is None or value.as_tuple().exponent == -2


def test_every_method_has_a_worked_example():
    assert {example[0] for example in EXAMPLES} == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_without_scores_every_method_is_insufficient(method):
    assert suggest(method, [], scale=FIVE) is None


@given(st.lists(levels, min_size=1, max_size=10), levels, weights)
def test_decaying_moves_towards_the_newest_score(scores, newest, weight):
    before = suggest("decaying", scores, scale=FIVE, weight=weight)
    after = suggest("decaying", [*scores, newest], scale=FIVE, weight=weight)

    assert before is not None
    assert after is not None
    assert abs(newest - after) <= abs(newest - before)


@pytest.mark.parametrize(
    ("method", "parameters", "message"),
    [
        ("average", {}, "unknown method 'average'; there are best_fit, decaying"),
        ("decaying", {"last": 3}, "decaying has no parameter last$"),
        ("decaying", {"weight": D("0.49")}, "weight of decaying must be from 0.50 to 0.99, not 0.49"),
        ("decaying", {"weight": D("1.00")}, "weight of decaying must be from 0.50 to 0.99, not 1.00"),
        ("decaying", {"weight": 0.65}, "weight of decaying must be a number, not 0.65"),
        ("decaying", {"weight": D("NaN")}, "weight of decaying must be a number"),
        ("weighted_latest", {"weight": D(0)}, "weight of weighted_latest must be from 0.01 to 0.99, not 0"),
        ("mean_last", {"last": 0}, "last of mean_last must be from 1 to 100, not 0"),
        ("median", {"last": D("2.5")}, "last of median must be a whole number, not 2.5"),
        ("mode", {"last": 101}, "last of mode must be from 1 to 100"),
        ("n_times", {"times": 11}, "times of n_times must be from 1 to 10, not 11"),
        ("n_times", {"level": D("3.2")}, "level of n_times must be a level of the scale, not 3.2"),
        ("n_times", {"level": D("5.5")}, "level of n_times must be a level of the scale, not 5.5"),
        ("best_fit", {"least": 2}, "least of best_fit must be from 3 to 10, not 2"),
    ],
)
def test_suggest_refuses_what_it_does_not_know(method, parameters, message):
    with pytest.raises(ValueError, match=message):
        suggest(method, [D(1)], scale=FIVE, **parameters)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("score", [D("-0.5"), D("5.5"), D("NaN"), D("Infinity")])
def test_no_method_takes_a_score_off_the_scale(method, score):
    with pytest.raises(ValueError, match="outside the scale 0 to 5"):
        suggest(method, [D(3), score], scale=FIVE)


def test_parameters_left_out_or_none_are_the_defaults():
    assert check_parameters("decaying", {}) == {"weight": D("0.65")}
    assert check_parameters("mean_last", {"last": None}) == {"last": 3}
    assert check_parameters("median", {}) == {"last": None}
    assert check_parameters("n_times", {"times": D("2.0")}, scale=FIVE) == {"times": 2, "level": D(3)}
    assert check_parameters("n_times", {}) == {"times": 3, "level": None}
    assert check_parameters("best_fit", {}) == {"least": 4}


def test_whole_numbers_are_ints():
    assert type(check_parameters("n_times", {"times": D("2.0")})["times"]) is int


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


def test_the_precision_of_the_caller_does_not_matter():
    calculate = prepare("decaying", FIVE, weight=D("0.61"))

    with localcontext() as context:
        context.prec = 3
        value = calculate([D(1), D(2), D("4.5")])

    assert value == D("3.3729")


def test_what_is_exactly_half_is_not_lost_in_a_last_digit():
    value = suggest_exactly("power_law", [D("4.25")] * 7, scale=FIVE)  # by way of logarithms, 4.2499...96

    assert value == D("4.25")
    assert FIVE.nearest(value) == D("4.5")


def test_a_method_says_how_many_scores_it_needs():
    needed = {name: method.least_scores(check_parameters(name, {})) for name, method in METHODS.items()}

    assert {name: count for name, count in needed.items() if count > 1} == {"n_times": 3, "power_law": 3, "linear": 3}
    assert METHODS["n_times"].least_scores(check_parameters("n_times", {"times": 7})) == 7


def test_every_method_can_be_offered():
    assert all(method.version >= 1 and method.name for method in METHODS.values())
    assert all(parameter.label for method in METHODS.values() for parameter in method.parameters.values())
    assert len({method.name for method in METHODS.values()}) == 12


@pytest.mark.parametrize(
    ("method", "parameters", "sentence"),
    [
        ("most_recent", {}, "Only the newest piece of work counts."),
        ("highest", {}, "Only the best piece of work counts."),
        ("mean", {}, "All pieces of work count the same: the level is their average."),
        ("median", {}, "With all pieces of work in order from lowest to highest, the one in the middle counts."),
        ("median", {"last": 1}, "Only the newest piece of work counts."),
        (
            "median",
            {"last": 5},
            "With the newest 5 pieces of work in order from lowest to highest, the one in the middle counts.",
        ),
        ("mode", {}, "The level shown most often counts; of two shown equally often, the newer one."),
        (
            "mode",
            {"last": 4},
            "The level shown most often in the newest 4 pieces of work counts; of two shown equally often, "
            "the newer one.",
        ),
        ("mean_last", {}, "The newest 3 pieces of work count the same: the level is their average."),
        ("decaying", {}, "The newest piece of work counts 65%, and older work counts less and less."),
        (
            "decaying",
            {"weight": D("0.70")},
            "The newest piece of work counts 70%, and older work counts less and less.",
        ),
        (
            "weighted_latest",
            {},
            "The newest piece of work counts 65%, and all earlier work shares the other 35% evenly.",
        ),
        ("n_times", {}, "Once 3 pieces of work are proficient, the average of all that are proficient counts."),
        (
            "n_times",
            {"times": 1, "level": D(4)},
            "Once 1 piece of work shows 4.0 or more, the average of all that do counts.",
        ),
        (
            "power_law",
            {},
            "A curve is drawn as close as it can be to all pieces of work in order, and where it ends counts.",
        ),
        (
            "linear",
            {},
            "A straight line is drawn as close as it can be to all pieces of work in order, and where it ends counts.",
        ),
        (
            "best_fit",
            {},
            "Up to 3 pieces of work their average counts; with more, where the line or curve closest to all of them "
            "ends.",
        ),
    ],
)
def test_every_method_is_said_in_one_sentence(method, parameters, sentence):
    assert explain(method, **parameters) == sentence


@pytest.mark.parametrize(("method", "parameters"), [("average", {}), ("mean", {"last": 3}), ("mode", {"last": 0})])
def test_what_cannot_be_chosen_is_not_explained(method, parameters):
    with pytest.raises(ValueError, match=method):
        explain(method, **parameters)
