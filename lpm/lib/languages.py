"""Which languages Cairn speaks, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from django.utils import translation

SOURCE = "en"  # in which the strings of code and templates are written


def offered(known: Iterable[tuple[str, str]], folder: Path) -> list[tuple[str, str]]:
    """Those of the languages in which every sentence can be said: the source, and each with a compiled catalogue.

    ``manage.py messages --compile`` makes one of a catalogue that is whole, and takes it away where it is not.
    """
    return [(code, name) for code, name in known if code == SOURCE or compiled(folder, code).exists()]


def compiled(folder: Path, code: str) -> Path:
    return folder / code / "LC_MESSAGES" / "django.mo"


def supported(language: str) -> str | None:
    """The offered language that ``language`` asks for, such as es for es-MX; None when there is none."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return None


def spoken(*wanted: str) -> str:
    """The first of the languages that is offered; the source where none is."""
    return next(filter(None, map(supported, wanted)), SOURCE)


def language_name(code: str) -> str:
    """What people who read this page call the language, as in the middle of a sentence; its code where unknown."""
    try:
        return Locale.parse(code, sep="-").get_display_name(translation.get_language() or SOURCE) or code
    except (UnknownLocaleError, ValueError):
        return code
