"""Messages on other pages."""

from __future__ import annotations

from typing import Any

from django import template

from lpm.lib.languages import language_name
from students.threads.queries import count_unread

register = template.Library()


@register.inclusion_tag("threads/card.html", takes_context=True)
def messages_card(context: dict[str, Any]) -> dict[str, Any]:
    """How many threads have something new for who looks, with the way there; in 1 query."""
    request = context["request"]
    return {"unread_count": count_unread(request.user, request.day)}


register.filter("language_name", language_name)
