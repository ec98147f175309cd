"""How pages print a curriculum."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def grades_text(codes: Sequence[str]) -> str:
    """CEDS codes of grade levels in words: ``["05"]`` is "Grade 5", ``["09", "10", "11"]`` "Grades 9 to 11"."""
    if not codes:
        return ""
    if not all(code.isdecimal() for code in codes):
        return _("Grades %(list)s") % {"list": ", ".join(code.removeprefix("0") for code in codes)}
    numbers = sorted({int(code) for code in codes})
    if len(numbers) == 1:
        return _("Grade %(number)s") % {"number": numbers[0]}
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return _("Grades %(first)s to %(last)s") % {"first": numbers[0], "last": numbers[-1]}
    return _("Grades %(list)s") % {"list": ", ".join(str(number) for number in numbers)}
