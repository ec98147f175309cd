"""What every page says to an operator whose session is open."""

from typing import Any

from django import template

from lpm.people.queries.privacy import find_open_session

register = template.Library()


@register.inclusion_tag("components/operator.html", takes_context=True)
def operator_banner(context: dict[str, Any]) -> dict[str, Any]:
    """One query for an operator, none for anybody else; on a page about nobody too (``user`` may be missing)."""
    return {"session": find_open_session(context.get("user"))}
