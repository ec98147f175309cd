"""What people wrote about a student, for whoever reads the page."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from lpm.lib.languages import SOURCE, language_name
from students.mastery.queries.words import Words

register = template.Library()

ROUTES = {
    "assessment": "mastery:comment-translate",
    "remark": "mastery:remark-translate",
    "request": "mastery:reply-translate",
}


@register.inclusion_tag("mastery/words.html")
def said(words: Words) -> dict[str, Any]:
    """The words in the language of the page, if somebody put them into it; else as they were written."""
    reads = get_language() or SOURCE
    return {
        "words": words,
        "translated": words.translated(reads),
        "foreign": "" if words.is_in(reads) else language_name(words.language),
    }


@register.filter
def translating(words: Words) -> str:
    """Where to put the words into another language."""
    return reverse(ROUTES[words.kind], args=[words.uuid])


@register.filter
def named(language: str) -> str:
    """The language by its name in the reader's."""
    return language_name(language)
