"""Each method in one sentence that a family can read, with the values chosen for it.

``level`` None stands for proficient: a district chooses a method for frameworks whose scales differ.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lpm.lib.levels import level_text


def most_recent() -> str:
    return _("Only the newest piece of work counts.")


def highest() -> str:
    return _("Only the best piece of work counts.")


def mean() -> str:
    return _("All pieces of work count the same: the level is their average.")


def median(*, last: int | None) -> str:
    if last is None:
        return _("With all pieces of work in order from lowest to highest, the one in the middle counts.")
    return ngettext(
        "Only the newest piece of work counts.",
        "With the newest %(count)s pieces of work in order from lowest to highest, the one in the middle counts.",
        last,
    ) % {"count": last}


def mode(*, last: int | None) -> str:
    if last is None:
        return _("The level shown most often counts; of two shown equally often, the newer one.")
    return ngettext(
        "Only the newest piece of work counts.",
        "The level shown most often in the newest %(count)s pieces of work counts; of two shown equally often, "
        "the newer one.",
        last,
    ) % {"count": last}


def mean_last(*, last: int) -> str:
    return ngettext(
        "Only the newest piece of work counts.",
        "The newest %(count)s pieces of work count the same: the level is their average.",
        last,
    ) % {"count": last}


def decaying(*, weight: Decimal) -> str:
    return _("The newest piece of work counts %(share)s%%, and older work counts less and less.") % {
        "share": _percent(weight)
    }


def weighted_latest(*, weight: Decimal) -> str:
    return _(
        "The newest piece of work counts %(share)s%%, and all earlier work shares the other %(rest)s%% evenly."
    ) % {
        "share": _percent(weight),
        "rest": _percent(1 - weight),
    }


def n_times(*, times: int, level: Decimal | None) -> str:
    if level is None:
        return ngettext(
            "Once %(count)s piece of work is proficient, the average of all that are proficient counts.",
            "Once %(count)s pieces of work are proficient, the average of all that are proficient counts.",
            times,
        ) % {"count": times}
    return ngettext(
        "Once %(count)s piece of work shows %(level)s or more, the average of all that do counts.",
        "Once %(count)s pieces of work show %(level)s or more, the average of all that do counts.",
        times,
    ) % {"count": times, "level": level_text(level)}


def power_law() -> str:
    return _("A curve is drawn as close as it can be to all pieces of work in order, and where it ends counts.")


def linear() -> str:
    return _("A straight line is drawn as close as it can be to all pieces of work in order, and where it ends counts.")


def best_fit(*, least: int) -> str:
    return _(
        "Up to %(count)s pieces of work their average counts; with more, where the line or curve closest to all of "
        "them ends."
    ) % {"count": least - 1}


def _percent(share: Decimal) -> str:
    """65 for 0.65: as many digits as it has."""
    return f"{(share * 100).normalize():f}"
