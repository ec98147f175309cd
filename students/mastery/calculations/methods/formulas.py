"""The methods themselves: scores, oldest first and at least one, to an exact value.

Called inside ``EXACTLY``. Values of fitted lines and curves are not yet held to the scale: ``prepare`` does that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache

EXACTLY = Context(prec=28)  # digits kept inside a calculation; mastery levels need 12 at least
SETTLED = Decimal("1E-20")  # results and fits agree to this: what is exactly half must not fall for a last digit
ZERO = Decimal(0)
LINE_LEAST = 3  # scores; two would fit any line

Scores = Sequence[Decimal]
Line = tuple[Decimal, Decimal]  # its value at 0, and how much it rises for each 1


def most_recent(scores: Scores) -> Decimal:
    return scores[-1]


def highest(scores: Scores) -> Decimal:
    return max(scores)


def mean(scores: Scores) -> Decimal:
    return sum(scores, ZERO) / len(scores)


def median(scores: Scores, *, last: int | None) -> Decimal:
    """The middle one of the last ``last`` (None: of all); of an even count, the mean of the middle two."""
    ordered = sorted(_newest(scores, last))
    upper = len(ordered) // 2
    return ordered[upper] if len(ordered) % 2 else (ordered[upper - 1] + ordered[upper]) / 2


def mode(scores: Scores, *, last: int | None) -> Decimal:
    """The most frequent of the last ``last`` (None: of all); of equally frequent ones, that which came last."""
    newest = _newest(scores, last)
    counts = Counter(newest)
    return max(reversed(newest), key=counts.__getitem__)


def mean_last(scores: Scores, *, last: int) -> Decimal:
    return mean(_newest(scores, last))


def _newest(scores: Scores, last: int | None) -> Scores:
    return scores if last is None else scores[-last:]


def decaying(scores: Scores, *, weight: Decimal) -> Decimal:
    """d1 = s1, then dk = (1 - weight) * d(k-1) + weight * sk: the newest score counts ``weight``."""
    value = scores[0]
    for score in scores[1:]:
        value = (1 - weight) * value + weight * score
    return value


def weighted_latest(scores: Scores, *, weight: Decimal) -> Decimal:
    """weight * sn + (1 - weight) * mean(s1 ... s(n-1)); the only score as it is."""
    before = len(scores) - 1
    if not before:
        return scores[0]
    return (weight * before * scores[-1] + (1 - weight) * sum(scores[:-1], ZERO)) / before


def n_times(scores: Scores, *, times: int, level: Decimal) -> Decimal | None:
    """The mean of all scores at ``level`` or above; None while these are fewer than ``times``."""
    reached = [score for score in scores if score >= level]
    return None if len(reached) < times else mean(reached)


def linear(scores: Scores) -> Decimal:
    """Least squares on 1 ... n, at n."""
    return _straight(scores)[-1]


def power_law(scores: Scores) -> Decimal:
    """Marzano's a * n ** b: least squares of ln y on ln x, x = 1 ... n. With a score of 0, ``linear``."""
    if min(scores) <= 0:
        return linear(scores)
    start, slope = _log_line(scores)
    return (start + slope * _ln(Decimal(len(scores)))).exp()


def best_fit(scores: Scores, *, least: int) -> Decimal:
    """Of mean, linear and power law that with the smallest sum of distances from the scores, at n.

    Of equally near ones the first of these; fewer scores than ``least``: their mean.
    """
    average = mean(scores)
    if len(scores) < least:
        return average
    fits = [[average] * len(scores), _straight(scores)]
    if min(scores) > 0:
        fits.append(_curve(scores))
    return min(fits, key=lambda fit: _distance(fit, scores))[-1]


def _straight(scores: Scores) -> list[Decimal]:
    """The values at 1 ... n of the line nearest to the scores."""
    start, slope = _line([Decimal(n) for n in range(1, len(scores) + 1)], scores)
    return [start + slope * n for n in range(1, len(scores) + 1)]


def _curve(scores: Scores) -> list[Decimal]:
    """The values at 1 ... n of the power law nearest to the scores, all above 0."""
    start, slope = _log_line(scores)
    return [(start + slope * _ln(Decimal(n))).exp() for n in range(1, len(scores) + 1)]


def _log_line(scores: Scores) -> Line:
    return _line([_ln(Decimal(n)) for n in range(1, len(scores) + 1)], [_ln(score) for score in scores])


def _line(xs: Sequence[Decimal], ys: Sequence[Decimal]) -> Line:
    """Ordinary least squares: slope = covariance / variance, through the two means."""
    x_mean, y_mean = mean(xs), mean(ys)
    apart = [x - x_mean for x in xs]
    covariance = sum((dx * (y - y_mean) for dx, y in zip(apart, ys, strict=True)), ZERO)
    slope = covariance / sum((dx * dx for dx in apart), ZERO)
    return y_mean - slope * x_mean, slope


def _distance(fit: Scores, scores: Scores) -> Decimal:
    distance = sum((abs(there - score) for there, score in zip(fit, scores, strict=True)), ZERO)
    return distance.quantize(SETTLED)


@lru_cache(maxsize=1024)  # levels and counts are few, logarithms slow
def _ln(value: Decimal) -> Decimal:
    return EXACTLY.ln(value)
