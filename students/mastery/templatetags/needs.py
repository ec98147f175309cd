"""What pages of other parts say of seminars; and how many of all stand where."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lpm.lib.levels import level_value
from lpm.people.models import Student
from students.mastery.queries.needs import Column
from students.mastery.queries.seminars import Offer, read_offers

register = template.Library()


@register.simple_tag(takes_context=True)
def seminars_of(context: dict[str, Any], student: Student) -> list[Offer]:
    """Where the student goes, and may go; in 2 queries."""
    return read_offers(student, context["request"].day, timezone.now())


@register.simple_tag
def share_bar(column: Column, total: int) -> SafeString:
    """How many of all are in the column, as a bar. The number stands beside it."""
    return format_html(
        '<svg class="share" viewBox="0 0 {} 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect data-l="{}" width="{}" height="4"/></svg>',
        max(total, 1),
        "none" if column.level is None else level_value(column.level)[0],
        len(column.people),
    )
