"""``manage.py messages``: keeps the catalogues in step with the strings of code and templates.

Only Babel is needed, no gettext programs. A catalogue holds no dates and no line numbers, so that it changes
when a string does. ``make setup`` compiles those that are whole: a language is offered when its catalogue is compiled.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

from lpm.lib.languages import SOURCE, compiled

KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
TRANSLATORS = ["Translators"]
NOT_OURS = frozenset({"tests", "static", "staticfiles", "locale", "docs", "migrations", "__pycache__"})
PLACEHOLDER = re.compile(r"%\(\w+\)|%[sd]|\{\w*\}")
CHURN = re.compile(
    r'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator'
    r'|Language-Team|Generated-By): .*\\n"\n',
    re.MULTILINE,
)


class Command(BaseCommand):
    help = "Update the translation catalogues; --check fails where one is not whole, --compile compiles those that are."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django declares it so)

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="change nothing; exit 1 and name what is missing")
        what.add_argument("--compile", action="store_true", help="compile the whole ones, take away what was compiled")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            for language, path in catalogues():
                self._compile(language, path)
            return
        source = extract_all(settings.BASE_DIR)
        complaints: list[str] = []
        for language, path in catalogues():
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            updated = update(before, source, language)
            after = write(updated)
            where = path.relative_to(settings.BASE_DIR)
            if options["check"]:
                complaints += [f"{where}: {complaint}" for complaint in review(before, after, updated)]
            elif after != before:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(after, encoding="utf-8")
                self.stdout.write(f"{where}: {len(updated)} strings, {len([*unfinished(updated)])} to translate")
        if complaints:
            raise CommandError("\n".join(complaints))

    def _compile(self, language: str, path: Path) -> None:
        """A catalogue that is not whole is not compiled, and one compiled before is taken away."""
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        catalog = read_po(BytesIO(text.encode()), locale=language)
        left = [*complaints_of(catalog)] if text else ["there is no catalogue"]
        target = compiled(Path(settings.LOCALE_PATHS[0]), language)
        if left:
            target.unlink(missing_ok=True)
            self.stderr.write(f"{language} is not offered: {len(left)} to mend, such as {left[0]}")
            return
        out = BytesIO()
        write_mo(out, catalog)
        target.write_bytes(out.getvalue())


def catalogues() -> Iterator[tuple[str, Path]]:
    """Language and file of each catalogue; the language of the source needs none."""
    for language, _name in settings.CATALOGUES:
        if language != SOURCE:
            yield language, Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def extract_all(root: Path) -> Catalog:
    """Every string of the Python files and templates under ``root``."""
    catalog = Catalog()
    for path in sorted(sources(root)):
        text = path.read_text(encoding="utf-8")
        code = text if path.suffix == ".py" else as_python(text, str(path))
        where = [(path.relative_to(root).as_posix(), 0)]
        for _line, message, comments, context in extract(
            "python", BytesIO(code.encode()), KEYWORDS, TRANSLATORS, {"encoding": "utf-8"}
        ):
            catalog.add(message, locations=where, auto_comments=comments, context=context)
    return catalog


def sources(folder: Path, *, of_templates: bool = False) -> Iterator[Path]:
    """Python files anywhere, pages and texts in folders named templates."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from sources(path, of_templates=of_templates or path.name == "templates")
        elif path.suffix == ".py" or (of_templates and path.suffix in {".html", ".txt"}):
            yield path


def as_python(template: str, origin: str) -> str:
    """The template as Python that calls gettext, each line from its first column as Python wants it."""
    return "\n".join(line.lstrip() for line in templatize(template, origin=origin).splitlines())


def update(before: str, source: Catalog, language: str) -> Catalog:
    """The strings of ``source`` with the translations of ``before``; what is no longer used is dropped."""
    catalog = read_po(BytesIO(before.encode()), locale=language) if before else Catalog(locale=language)
    catalog.update(source, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.header_comment = ""
    catalog.fuzzy = False
    return catalog


def write(catalog: Catalog) -> str:
    out = BytesIO()
    write_po(out, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return CHURN.sub("", out.getvalue().decode())


def review(before: str, after: str, catalog: Catalog) -> Iterator[str]:
    """What keeps the catalogue from being in step and whole, a line each."""
    if before != after:
        yield "not in step with the code; run manage.py messages"
    yield from complaints_of(catalog)


def complaints_of(catalog: Catalog) -> Iterator[str]:
    """What keeps the catalogue from being whole, a line each."""
    for message in unfinished(catalog):
        yield f"{'fuzzy' if message.fuzzy else 'not translated'}: {sources_of(message)[0]!r}"
    for message in catalog:
        if not fits(message):
            yield f"the placeholders differ: {sources_of(message)[0]!r}"


def unfinished(catalog: Catalog) -> Iterator[Message]:
    for message in catalog:
        if message.id and (message.fuzzy or not all(translations_of(message))):
            yield message


def fits(message: Message) -> bool:
    """Whether each translation has the placeholders of one of the source's forms."""
    forms = [placeholders(source) for source in sources_of(message)]
    return all(not text or placeholders(text) in forms for text in translations_of(message) if message.id)


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def sources_of(message: Message) -> Sequence[str]:
    return [message.id] if isinstance(message.id, str) else message.id


def translations_of(message: Message) -> Sequence[str]:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return [text or "" for text in strings]
