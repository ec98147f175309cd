"""Shares that are told as bands: drawn, and in words."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from students.mastery.calculations.suppression import Band

register = template.Library()


@register.filter
def share(band: Band) -> str:
    """In words: "60–80%", "under 20%", "80% or more"."""
    if band.low == 0:
        return _("under {high}%").format(high=band.high)
    if band.high == 100:
        return _("{low}% or more").format(low=band.low)
    return _("{low}–{high}%").format(low=band.low, high=band.high)


@register.simple_tag
def bar(band: Band) -> SafeString:
    """Solid as far as the share goes for certain, paler as far as it may. The words stand beside it."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="may" width="{}" height="8"/>'
        '<rect class="sure" width="{}" height="8"/></svg>',
        band.high,
        band.low,
    )
