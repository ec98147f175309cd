"""What first pages draw."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lpm.home.queries.wide import Share

register = template.Library()


@register.simple_tag
def share(value: Share, kind: str) -> SafeString:
    """A bar of 100 percent: solid as far as it is certain, paler as far as it may be; the numbers beside it.

    ``kind`` is met, heard or waits, and gives the colour.
    """
    return format_html(
        '<span class="share"><svg class="{}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="may" width="{}" height="10"/><rect class="sure" width="{}" height="10"/></svg>'
        "<small>{}</small></span>",
        kind,
        value.band.high,
        value.band.low,
        _("%(low)s to %(high)s") % {"low": value.low, "high": value.high},
    )
