"""What pages are made of: drawings, levels, names. Built into every template (settings.TEMPLATES)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from lpm.lib import charts
from lpm.lib.levels import Level, level_text, level_value

register = template.Library()

TONES = {"success": "pine", "info": "sky", "debug": "sky", "warning": "honey", "error": "clay"}
TONE_ICONS = {"pine": "check", "honey": "alert", "clay": "alert", "plum": "bulb"}


@register.simple_tag
def icon(name: str, tone: str = "") -> SafeString:
    """The icon ``name`` of icons.svg, beside a word or in a named button: it says nothing on its own."""
    toned = format_html(' data-tone="{}"', tone) if tone else ""
    return format_html('<svg class="icon" aria-hidden="true"{}>{}</svg>', toned, _use(f"i-{name}"))


@register.simple_tag
def tone_icon(tone: str = "") -> SafeString:
    """The icon that goes with the tone of a notice."""
    return icon(TONE_ICONS.get(tone, "help"))


@register.simple_tag
def queue_words() -> SafeString:
    """What a page says of marks that wait on this device; ``{n}`` is filled in there, a pair is for one and more."""
    return json_script(
        {
            "waiting": [
                ngettext(
                    "{n} mark on this device is not sent yet. It is sent as soon as that is possible.",
                    "{n} marks on this device are not sent yet. They are sent as soon as that is possible.",
                    n,
                )
                for n in (1, 2)
            ],
            "refused": [
                ngettext(
                    "{n} mark was not saved. Open the group to see why.",
                    "{n} marks were not saved. Open the group to see why.",
                    n,
                )
                for n in (1, 2)
            ],
            "conflict": [
                ngettext(
                    "{n} mark is saved beside another of a colleague. Open the group to see both.",
                    "{n} marks are saved beside others of a colleague. Open the group to see them.",
                    n,
                )
                for n in (1, 2)
            ],
            "sent": [
                ngettext(
                    "{n} mark that waited on this device is sent now.",
                    "{n} marks that waited on this device are sent now.",
                    n,
                )
                for n in (1, 2)
            ],
            "signOut": [
                ngettext(
                    "{n} mark is on this device alone. It is not sent yet.",
                    "{n} marks are on this device alone. They are not sent yet.",
                    n,
                )
                for n in (1, 2)
            ],
            "sending": gettext("Sending"),
            "notSent": [
                ngettext(
                    "{n} mark could not be sent now. You are still signed in.",
                    "{n} marks could not be sent now. You are still signed in.",
                    n,
                )
                for n in (1, 2)
            ],
            "kept": gettext("The server cannot be reached. This is the page as you saw it on {time}."),
        },
        "queue-words",
    )


@register.simple_tag
def art(name: str) -> SafeString:
    """The wide drawing of an activity."""
    return format_html('<svg viewBox="0 0 320 104" aria-hidden="true">{}</svg>', _use(f"art-{name}"))


@register.simple_tag
def scene(name: str) -> SafeString:
    """The drawing of an empty state: trail, box, class, cairn or cloud."""
    return format_html('<svg class="scene" viewBox="0 0 160 100" aria-hidden="true">{}</svg>', _use(f"scene-{name}"))


def _use(symbol: str) -> SafeString:
    return format_html('<use href="{}#{}"/>', static("img/icons.svg"), symbol)


for formatted in (level_value, level_text):
    register.filter(formatted.__name__, formatted)


@register.simple_tag
def level(value: Level, variant: str = "") -> SafeString:
    """A level to read. ``variant``: "lg", "bare" or "node" (on a trail)."""
    return format_html(
        '<data class="{}" value="{}">{}</data>',
        "node" if variant == "node" else f"level {variant}".strip(),
        level_value(value),
        level_text(value) or _nothing_yet("" if variant == "node" else "–"),
    )


def _nothing_yet(dash: str) -> SafeString:
    return format_html('<span aria-hidden="true">{}</span><span class="sr">{}</span>', dash, gettext("no evidence yet"))


@register.filter(expects_localtime=True)
def day_in_full(day: date) -> str:
    """The day with its weekday, as the reader's language puts them together."""
    return pgettext("a day", "%(weekday)s, %(day)s") % {"weekday": date_format(day, "l"), "day": date_format(day)}


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last name, without "Ms.": "Amara Diallo" is "AD"."""
    words = [word for word in name.split() if not word.endswith(".")] or name.split()
    if len(words) < 2:
        return "".join(words)[:2].upper()
    return (words[0][0] + words[-1][0]).upper()


@register.filter
def repeated_names(rows: Iterable[Any]) -> set[str]:
    """The names that more than one of the rows has."""
    return {name for name, count in Counter(row.name for row in rows).items() if count > 1}


@register.filter
def tone(level_tag: str) -> str:
    """The tone of a notice, from the level of a message."""
    return TONES.get(level_tag, "sky")


@register.simple_tag
def ring(met: int, going: int, total: int, title: str) -> SafeString:
    return charts.ring(met, going, total, title)


@register.simple_tag
def steps(points: Sequence[tuple[str, Decimal]], title: str, width: int = 560, height: int = 170) -> SafeString:
    return charts.steps(points, title, width=width, height=height)
