"""In which language somebody writes."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language

from lpm.people.models import User


def language_of(text: str, writer: User, said: str = "") -> str:
    """The language of what ``writer`` wrote: the one that was ``said``, their own, or that of the page they wrote on.

    "" where there are no words.
    """
    if not text:
        return ""
    return said or writer.language or get_language() or settings.LANGUAGE_CODE
