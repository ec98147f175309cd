"""How pages print a curriculum."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import template
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Scale, Target

register = template.Library()

LONGEST_IN_A_LINE = 60
NAMED = {"KG": (0, gettext_lazy("Kindergarten")), "PK": (-1, gettext_lazy("Pre-kindergarten"))}


@register.filter
def named_on(value: Decimal | None, scale: Scale) -> str:
    """What the scale calls the level; without one, that there is no evidence yet."""
    return _("no evidence yet") if value is None else scale.name_of(value)


@register.filter
def briefly(target: Target) -> str:
    """The target in a line of a list: its title, or its code and the beginning of a long one."""
    if len(target.title) <= LONGEST_IN_A_LINE:
        return target.title
    return f"{target.code} {Truncator(target.title).chars(LONGEST_IN_A_LINE)}".strip()


@register.filter
def in_full(target: Target) -> str:
    """What ``briefly`` cuts, whole; "" when it cuts nothing."""
    return f"{target.code} {target.title}".strip() if len(target.title) > LONGEST_IN_A_LINE else ""


@register.filter
def grades_text(codes: Sequence[str]) -> str:
    """CEDS codes of grade levels in words, from early to late.

    ``["05"]`` is "Grade 5", ``["09", "10", "11"]`` "Grades 9 to 11", ``["KG", "01", "02"]`` "Kindergarten to Grade 2".
    """
    ranks = sorted({_rank(code) for code in codes if code in NAMED or code.isdecimal()})
    others = sorted({code for code in codes if code not in NAMED and not code.isdecimal()})
    if others or not ranks:
        return ", ".join([*map(_name, ranks), *others])
    if len(ranks) > 1 and ranks[-1] - ranks[0] == len(ranks) - 1:
        return _range(ranks[0], ranks[-1])
    if len(ranks) > 1 and ranks[0] > 0:
        return _("Grades %(list)s") % {"list": ", ".join(map(str, ranks))}
    return ", ".join(map(_name, ranks))


def _rank(code: str) -> int:
    """Where the grade stands: the number of the grade; 0 and less before the first."""
    return NAMED[code][0] if code in NAMED else int(code)


def _name(rank: int) -> str:
    early = {place: str(name) for place, name in NAMED.values()}
    return early.get(rank) or _("Grade %(number)s") % {"number": rank}


def _range(first: int, last: int) -> str:
    if first > 0:
        return _("Grades %(first)s to %(last)s") % {"first": first, "last": last}
    return _("%(first)s to %(last)s") % {"first": _name(first), "last": _name(last)}
