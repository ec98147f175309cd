"""What must hold of the methods for any scores, on any scale."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, localcontext
from fractions import Fraction
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import METHODS, ScaleRange
from students.mastery.calculations.methods import suggest_exactly

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
SCALES = [
    FIVE,
    ScaleRange(D(1), D(4), D(1), D(3)),
    ScaleRange(D(0), D(100), D(5), D(80)),
    ScaleRange(D(1), D(7), D("0.25"), D("4.5")),
]
FITS = {"power_law", "linear", "best_fit"}
ANY_ORDER = {"highest", "mean", "median", "n_times"}
AGREES_TO = D("1E-19")

levels = st.sampled_from(FIVE.levels())
records = st.lists(levels, min_size=1, max_size=15)
lasts = st.none() | st.integers(1, 20)
GIVEN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "median": {"last": lasts},
    "mode": {"last": lasts},
    "mean_last": {"last": lasts},
    "decaying": {"weight": st.integers(50, 99).map(lambda n: D(n) / 100)},
    "weighted_latest": {"weight": st.integers(1, 99).map(lambda n: D(n) / 100)},
    "n_times": {"times": st.integers(1, 10), "level": levels},
    "best_fit": {"least": st.integers(3, 10)},
}


@st.composite
def cases(draw, methods=tuple(METHODS)):
    """A method with parameters in their ranges, a scale, and scores on it."""
    method, scale = draw(st.sampled_from(methods)), draw(st.sampled_from(SCALES))
    values = {**GIVEN.get(method, {}), **({"level": st.sampled_from(scale.levels())} if method == "n_times" else {})}
    parameters = {name: draw(strategy) for name, strategy in values.items()}
    return method, parameters, scale, draw(st.lists(st.sampled_from(scale.levels()), max_size=12))


@given(cases())
def test_the_result_is_on_the_scale_or_there_is_none(case):
    method, parameters, scale, scores = case

    value = suggest_exactly(method, scores, scale=scale, **parameters)

    if method == "n_times":
        sufficient = sum(score >= parameters["level"] for score in scores) >= parameters["times"]
    else:
        sufficient = len(scores) >= (3 if method in {"linear", "power_law"} else 1)
    assert (value is not None) == sufficient
    assert value is None or scale.low <= value <= scale.high
    assert value is None or scale.holds(scale.nearest(value))


@given(cases([name for name in METHODS if name not in FITS]))
def test_without_a_fit_the_result_stays_within_the_scores(case):
    method, parameters, scale, scores = case

    value = suggest_exactly(method, scores, scale=scale, **parameters)

    assert value is None or min(scores) <= value <= max(scores)


@given(cases(), st.integers(1, 12))
def test_one_level_shown_again_and_again_is_the_result(case, count):
    method, parameters, scale, scores = case
    level = scores[0] if scores else scale.proficient

    assert suggest_exactly(method, [level] * count, scale=scale, **parameters) in {level, None}


@given(cases(sorted(ANY_ORDER)), st.randoms())
def test_order_does_not_matter_where_it_should_not(case, random):
    method, parameters, scale, scores = case
    parameters.pop("last", None)
    mixed = random.sample(scores, len(scores))

    assert suggest_exactly(method, scores, scale=scale, **parameters) == suggest_exactly(
        method, mixed, scale=scale, **parameters
    )


@pytest.mark.parametrize("method", sorted(METHODS.keys() - ANY_ORDER))
def test_order_matters_where_it_should(method):
    rising = [D(1), D(2), D(2), D(3), D(3), D(4)]

    assert suggest_exactly(method, rising, scale=FIVE) != suggest_exactly(method, rising[::-1], scale=FIVE)


@given(cases(["most_recent", "highest", "mean", "median", "mean_last", "decaying", "weighted_latest"]), st.data())
def test_a_higher_score_never_lowers_an_average(case, data):
    method, parameters, scale, scores = case
    scores = scores or [scale.low]
    place = data.draw(st.integers(0, len(scores) - 1))
    better = [scale.high if at == place else score for at, score in enumerate(scores)]

    before = suggest_exactly(method, scores, scale=scale, **parameters)
    after = suggest_exactly(method, better, scale=scale, **parameters)

    assert before is not None
    assert after is not None
    assert after >= before


@given(st.sampled_from(["median", "mode", "mean_last"]), records, records, st.integers(1, 10))
def test_only_the_last_count(method, earlier, later, last):
    newest = [*earlier, *later][-last:]

    value = suggest_exactly(method, [*earlier, *later], scale=FIVE, last=last)

    assert value == suggest_exactly(method, newest, scale=FIVE, last=100)


@given(records, lasts)
def test_mode_is_the_most_frequent_and_then_the_newest(scores, last):
    newest = scores[-last:] if last else scores
    most = max(Counter(newest).values())
    often = {level for level, count in Counter(newest).items() if count == most}

    value = suggest_exactly("mode", scores, scale=FIVE, last=last)

    assert value == next(score for score in reversed(scores) if score in often)


def fractions_of(method, scores, weight, least):
    """The same in fractions, from the definitions written out, without any recursion or means."""
    n, s = len(scores), [Fraction(score) for score in scores]
    w = Fraction(weight)
    if method == "mean":
        return sum(s) / n
    if method == "decaying":
        shares = [(1 - w) ** (n - 1)] + [w * (1 - w) ** (n - k) for k in range(2, n + 1)]
        return sum(share * score for share, score in zip(shares, s, strict=True))
    if method == "weighted_latest":
        return s[0] if n == 1 else w * s[-1] + (1 - w) * sum(s[:-1]) / (n - 1)
    weights = [Fraction(2 * (3 * k - n - 1), n * (n + 1)) for k in range(1, n + 1)]  # the line's value at n
    return sum(share * score for share, score in zip(weights, s, strict=True))


@given(
    st.sampled_from(["mean", "decaying", "weighted_latest", "linear"]),
    st.lists(levels, min_size=3, max_size=20),
    st.integers(50, 99),
)
def test_results_are_exact(method, scores, percent):
    weight = D(percent) / 100
    parameters = {"weight": weight} if METHODS[method].parameters else {}

    value = suggest_exactly(method, scores, scale=FIVE, **parameters)
    exact = min(max(fractions_of(method, scores, weight, 4), Fraction(0)), Fraction(5))

    assert value is not None
    assert abs(Fraction(value) - exact) < AGREES_TO


def power_law_by_products(scores, at):
    """a * at ** b to 50 digits from sums of products, another form of the same least squares."""
    n = len(scores)
    lns = [D(k).ln() for k in range(1, n + 1)]
    sx, sxx = sum(lns), sum(x * x for x in lns)
    sy = prod(scores, start=D(1)).ln()
    sxy = sum(x * y.ln() for x, y in zip(lns, scores, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return ((sy - slope * sx) / n).exp() * D(at) ** slope


@given(st.lists(levels.filter(bool), min_size=3, max_size=8))
def test_power_law_agrees_with_another_form_of_it(scores):
    value = suggest_exactly("power_law", scores, scale=FIVE)

    with localcontext() as context:
        context.prec = 50
        expected = min(power_law_by_products(scores, len(scores)), FIVE.high)
        assert value is not None
        assert abs(value - expected) < AGREES_TO


@given(st.lists(levels, min_size=3, max_size=8))
def test_a_score_of_nothing_makes_a_power_law_a_straight_line(scores):
    scores[1] = D(0)

    assert suggest_exactly("power_law", scores, scale=FIVE) == suggest_exactly("linear", scores, scale=FIVE)


def nearest_fit(scores):
    """The value at n of the nearest of the three, found in another way and to 50 digits."""
    n = len(scores)
    average = sum(scores) / n
    rise = sum((2 * k - n - 1) * score for k, score in enumerate(scores, 1)) * 6 / D(n * (n * n - 1))
    fits = [[average] * n, [average + rise * (2 * k - n - 1) / 2 for k in range(1, n + 1)]]
    if all(scores):
        fits.append([power_law_by_products(scores, k) for k in range(1, n + 1)])
    apart = [round(sum(abs(a - b) for a, b in zip(fit, scores, strict=True)), 30) for fit in fits]
    return fits[apart.index(min(apart))][-1]


@given(st.lists(levels, min_size=1, max_size=8), st.integers(3, 10))
def test_best_fit_is_the_nearest_of_three_or_the_mean_of_few(scores, least):
    value = suggest_exactly("best_fit", scores, scale=FIVE, least=least)

    with localcontext() as context:
        context.prec = 50
        expected = nearest_fit(scores) if len(scores) >= least else sum(scores) / len(scores)
        assert value is not None
        assert abs(value - min(max(expected, FIVE.low), FIVE.high)) < AGREES_TO


@given(st.lists(levels, min_size=10, max_size=12).map(lambda half: [*half, *half[::-1]]))
def test_what_neither_rises_nor_falls_is_its_mean(scores):
    assert suggest_exactly("linear", scores, scale=FIVE) == suggest_exactly("mean", scores, scale=FIVE)
