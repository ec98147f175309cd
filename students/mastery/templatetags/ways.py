"""Small drawings of how levels are made."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lpm.lib.levels import level_text
from students.mastery.calculations import ScaleRange

register = template.Library()

WIDTH, HEIGHT, EDGE = 120, 64, 10


@register.simple_tag
def pieces(scores: Sequence[Decimal], scale: ScaleRange) -> SafeString:
    """Pieces of work as dots from left to right, with the line of proficient."""
    title = _("Pieces of work, oldest first: %(levels)s") % {"levels": ", ".join(level_text(score) for score in scores)}
    room = (WIDTH - 2 * EDGE) / max(len(scores) - 1, 1)
    start = WIDTH / 2 if len(scores) == 1 else EDGE
    dots = ((f"{start + room * n:.1f}", f"{_height(score, scale):.1f}") for n, score in enumerate(scores))
    return format_html(
        '<svg class="pieces" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="goal" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        WIDTH,
        HEIGHT,
        title,
        WIDTH,
        f"{_height(scale.proficient, scale):.1f}",
        f"{_height(scale.proficient, scale):.1f}",
        format_html_join("", '<circle class="dot" cx="{}" cy="{}" r="6"/>', dots),
    )


def _height(level: Decimal, scale: ScaleRange) -> float:
    share = float((level - scale.low) / (scale.high - scale.low))
    return HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)
