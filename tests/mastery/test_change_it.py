"""What would change a level: whatever is said must come true when the method is run."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import METHODS, Onward, ScaleRange, suggest, what_would_change
from students.mastery.calculations.methods import suggest_exactly

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
levels = st.sampled_from(FIVE.levels())


def level_of(method, scores, **parameters):
    value = suggest_exactly(method, scores, scale=FIVE, **parameters)
    return None if value is None else FIVE.nearest(value)


@pytest.mark.parametrize(
    ("method", "parameters", "scores", "expected"),
    [
        ("decaying", {}, [2, 2.5], (1, 3, 3)),  # "one more piece at 3.0 makes this 3.0"
        ("decaying", {}, [], (1, 3, 3)),
        ("decaying", {}, [3], (1, 3.5, 3.5)),
        ("decaying", {}, [0, 0], (3, 3, 3)),  # 1.95, 2.63, 2.87
        ("most_recent", {}, [5, 1], (1, 3, 3)),
        ("mean", {}, [2.5, 2], (4, 3, 3)),
        ("mean", {}, [1, 1, 1, 1], (1, 3, 1.5)),  # five would not make it 3.0; this goes the right way
        ("mean", {}, [3] * 10, (4, 4, 3.5)),  # five at 3.5 change nothing
        ("mean", {}, [3] * 50, None),
        ("n_times", {}, [1, 1, 3], (2, 3, 3)),
        ("n_times", {"times": 2, "level": D(4)}, [3, 3], (2, 4, 4)),
        ("n_times", {"times": 6}, [], None),
        ("power_law", {}, [3], (2, 3, 3)),
        ("highest", {}, [5, 2], None),
    ],
)
def test_worked_examples(method, parameters, scores, expected):
    onward = what_would_change(method, [D(str(score)) for score in scores], scale=FIVE, **parameters)

    assert onward == (expected and Onward(expected[0], D(str(expected[1])), D(str(expected[2]))))


@given(st.sampled_from(list(METHODS)), st.lists(levels, max_size=6))
def test_what_is_said_comes_true_and_no_sooner(method, scores):
    onward = what_would_change(method, scores, scale=FIVE)
    now = level_of(method, scores)

    if onward is None:
        at_once = level_of(method, [*scores, FIVE.proficient])
        assert at_once is None or at_once <= max(now or FIVE.low, FIVE.proficient)
        return
    after = [level_of(method, [*scores, *[onward.at_level] * count]) for count in range(onward.count + 1)]
    assert after[-1] == onward.becomes
    assert all(level is None or level < onward.becomes for level in after[:-1])
    assert now is None or onward.becomes > now
    assert 1 <= onward.count <= 5
    assert onward.at_level >= FIVE.proficient


@given(st.sampled_from(list(METHODS)), st.lists(levels, min_size=1, max_size=4))
def test_below_proficient_the_proficient_level_is_asked_for_where_it_helps(method, scores):
    now = level_of(method, scores)
    onward = what_would_change(method, scores, scale=FIVE)
    helps = any(
        (level_of(method, [*scores, *[FIVE.proficient] * count]) or D(-1)) >= FIVE.proficient for count in range(1, 6)
    )

    if helps and (now is None or now < FIVE.proficient):
        assert onward is not None
        assert onward.at_level == FIVE.proficient
        assert onward.becomes >= FIVE.proficient


def test_what_cannot_be_run_is_refused():
    with pytest.raises(ValueError, match="unknown method"):
        what_would_change("average", [], scale=FIVE)
    with pytest.raises(ValueError, match="outside the scale"):
        what_would_change("mean", [D(6)], scale=FIVE)
    assert suggest("mean", [D(5)], scale=FIVE) == 5
