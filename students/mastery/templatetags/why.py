"""What the page of a level draws and counts."""

from __future__ import annotations

from babel.dates import format_skeleton
from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from lpm.lib import charts
from lpm.lib.levels import level_text
from students.mastery.queries import Why

register = template.Library()


@register.simple_tag
def why_chart(why: Why) -> SafeString:
    """The dated levels as dots, with what it comes to in words."""
    locale = (get_language() or "en").replace("-", "_")
    points = [
        (format_skeleton("MMMd", dot.performed_on, locale=locale), dot.level, dot.counts)
        for dot in why.dots
        if dot.level is not None
    ]
    scale = why.scale
    whole = (level for level in scale.levels() if level % 1 == 0)
    lines = sorted({scale.low, *whole, scale.proficient, scale.high})
    return charts.dots(points, found(why), levels=lines, goal=scale.proficient, width=420, height=180)


@register.filter
def found(why: Why) -> str:
    """The chart in a sentence."""
    return ngettext(
        "%(count)s piece of evidence counts. %(now)s",
        "%(count)s pieces of evidence count. %(now)s",
        why.counted_count,
    ) % {"count": why.counted_count, "now": _now(why)}


def _now(why: Why) -> str:
    if why.state.level is None:
        return gettext("There is no level yet.")
    return gettext("The level is %(level)s.") % {"level": level_text(why.state.level)}
