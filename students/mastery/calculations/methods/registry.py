"""Every method there is: what it computes with, when it can, and how it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from students.mastery.calculations.methods import formulas, sentences
from students.mastery.calculations.methods.scale import ScaleRange

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Value = Decimal | int | None


@dataclass(frozen=True)
class Parameter:
    """What a method can be told. None (of a level: always) as default: all scores, or the proficient level."""

    default: Value
    low: Decimal = Decimal("-Infinity")
    high: Decimal = Decimal("Infinity")
    label: _StrPromise | str = ""
    is_whole: bool = False
    is_level: bool = False  # of the scale it is used on

    def checked(self, value: object, *, scale: ScaleRange | None = None) -> Value:
        """``value``, or the default for None; ValueError says what is wrong. A level is known by its ``scale``."""
        if value is None:
            return scale.proficient if self.is_level and scale else self.default
        if not isinstance(value, Decimal | int) or not Decimal(value).is_finite():
            raise ValueError(f"must be a number, not {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, not {value}")
        if self.is_whole and value % 1:
            raise ValueError(f"must be a whole number, not {value}")
        if self.is_level and scale and not scale.holds(Decimal(value)):
            raise ValueError(f"must be a level of the scale, not {value}")
        return int(value) if self.is_whole else Decimal(value)


@dataclass(frozen=True, eq=False)
class Method:
    """``calculate`` gives the exact value for the scores, oldest first; ``version`` grows when it would change.

    ``least``: scores it needs; ``least_from`` names the parameter that says so instead. ``is_fit``: a line or curve,
    which can leave the range of the scores, so its value is held to the scale.
    """

    calculate: Callable[..., Decimal | None]
    least: int = 1
    version: int = 1
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    name: _StrPromise | str = ""
    sentence: Callable[..., str] = str
    least_from: str = ""
    is_fit: bool = False

    def least_scores(self, values: Mapping[str, Value]) -> int:
        """Fewer scores than this are insufficient, whatever they are."""
        return int(values[self.least_from] or self.least) if self.least_from else self.least


def _weight(low: str) -> Parameter:
    return Parameter(Decimal("0.65"), Decimal(low), Decimal("0.99"), _("How much the newest piece of work counts"))


def _count(default: int | None, label: _StrPromise, *, low: int = 1, high: int) -> Parameter:
    return Parameter(default, Decimal(low), Decimal(high), label, is_whole=True)


def _last(default: int | None) -> Parameter:
    return _count(default, _("How many of the newest pieces of work count"), high=100)


METHODS: dict[str, Method] = {
    "most_recent": Method(formulas.most_recent, name=_("Latest"), sentence=sentences.most_recent),
    "highest": Method(formulas.highest, name=_("Highest"), sentence=sentences.highest),
    "mean": Method(formulas.mean, name=_("Mean"), sentence=sentences.mean),
    "median": Method(
        formulas.median,
        parameters={"last": _last(None)},
        name=_("Median"),
        sentence=sentences.median,
    ),
    "mode": Method(
        formulas.mode,
        parameters={"last": _last(None)},
        name=_("Most frequent level"),
        sentence=sentences.mode,
    ),
    "mean_last": Method(
        formulas.mean_last,
        parameters={"last": _last(3)},
        name=_("Mean of the latest"),
        sentence=sentences.mean_last,
    ),
    "decaying": Method(
        formulas.decaying,
        parameters={"weight": _weight("0.50")},
        name=_("Decaying average"),
        sentence=sentences.decaying,
    ),
    "weighted_latest": Method(
        formulas.weighted_latest,
        parameters={"weight": _weight("0.01")},
        name=_("Latest against all earlier"),
        sentence=sentences.weighted_latest,
    ),
    "n_times": Method(
        formulas.n_times,
        parameters={
            "times": _count(3, _("How many pieces of work must be at the level"), high=10),
            "level": Parameter(None, label=_("The level they must show"), is_level=True),
        },
        name=_("Several times at the level"),
        sentence=sentences.n_times,
        least_from="times",
    ),
    "power_law": Method(
        formulas.power_law,
        least=formulas.LINE_LEAST,
        name=_("Learning curve (power law)"),
        sentence=sentences.power_law,
        is_fit=True,
    ),
    "linear": Method(
        formulas.linear,
        least=formulas.LINE_LEAST,
        name=_("Straight line"),
        sentence=sentences.linear,
        is_fit=True,
    ),
    "best_fit": Method(
        formulas.best_fit,
        parameters={"least": _count(4, _("From how many pieces of work on a line is drawn"), low=3, high=10)},
        name=_("Best fit of mean, line and curve"),
        sentence=sentences.best_fit,
        is_fit=True,
    ),
}


def find_method(name: str) -> Method:
    """ValueError names what there is."""
    if name not in METHODS:
        raise ValueError(f"unknown method {name!r}; there are {', '.join(sorted(METHODS))}")
    return METHODS[name]


def check_parameters(
    name: str, given: Mapping[str, object] | Sequence[tuple[str, object]], *, scale: ScaleRange | None = None
) -> dict[str, Value]:
    """Every parameter of the method, those not given (or None) by default; ValueError says which is wrong, and why.

    Without a ``scale`` a level may be any number, and None stands for proficient.
    """
    method, given = find_method(name), dict(given)
    if unknown := given.keys() - method.parameters.keys():
        raise ValueError(f"{name} has no parameter {', '.join(sorted(unknown))}")
    values: dict[str, Value] = {}
    for key, parameter in method.parameters.items():
        try:
            values[key] = parameter.checked(given.get(key), scale=scale)
        except ValueError as error:
            raise ValueError(f"{key} of {name} {error}") from None
    return values
