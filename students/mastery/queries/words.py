"""What people write about a student, in which language, and what others made of it in another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from students.mastery.models import Assessment, ReadyRequest, Remark, WordsTranslation

Row = Assessment | Remark | ReadyRequest
KINDS: dict[type, str] = {Assessment: "assessment", Remark: "remark", ReadyRequest: "request"}


@dataclass(frozen=True)
class Translated:
    """Words in another language, put so by a person."""

    text: str
    language: str
    translator: str


@dataclass(frozen=True)
class Words:
    """What somebody wrote: a comment on a mark, a remark, or an answer to a request (``kind``).

    ``language`` is "" where nobody knows it. ``translations`` holds the newest of each language.
    """

    text: str
    language: str
    kind: str
    uuid: UUID
    translations: tuple[Translated, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def is_in(self, language: str) -> bool:
        """Whether somebody who reads ``language`` needs no translation, as far as we know."""
        return not self.language or _same(self.language, language)

    def translated(self, language: str) -> Translated | None:
        """For somebody who reads ``language``; None where they need none, or there is none."""
        if self.is_in(language):
            return None
        return next((one for one in self.translations if _same(one.language, language)), None)


Translations = Mapping[tuple[str, int], tuple[Translated, ...]]


def _same(one: str, other: str) -> bool:
    """Spanish of Mexico is Spanish."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def read_translations(
    rows: Iterable[Row], until: datetime | None = None, at_once: Iterable[ReadyRequest] = ()
) -> Translations:
    """Of the rows' words, by kind and row; those written before ``until`` (None: all). In 1 query, none without words.

    A translation reaches its readers as the words do: pass the ``until`` of their sight, and which of the rows they
    read ``at_once``.
    """
    about: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if text_of(row):
            about[KINDS[type(row)]].append(row.pk)
    if not about:
        return {}
    wanted = Q(*((f"{kind}__in", pks) for kind, pks in about.items()), _connector=Q.OR)
    wanted &= Q() if until is None else Q(written_at__lt=until) | Q(request__in=[row.pk for row in at_once])
    found: dict[tuple[str, int], dict[str, Translated]] = defaultdict(dict)
    for one in WordsTranslation.objects.filter(wanted).select_related("translator").order_by("written_at", "pk"):
        found[_whose(one)][one.language] = Translated(one.text, one.language, one.translator.name)
    return {key: tuple(by_language.values()) for key, by_language in found.items()}


def _whose(one: WordsTranslation) -> tuple[str, int]:
    known = (("assessment", one.assessment_id), ("remark", one.remark_id), ("request", one.request_id))
    return next((kind, pk) for kind, pk in known if pk is not None)


def text_of(row: Row) -> str:
    if isinstance(row, Assessment):
        return row.comment
    return row.text if isinstance(row, Remark) else row.reply


def words_of(row: Row, translations: Translations) -> Words:
    kind = KINDS[type(row)]
    language = row.reply_language if isinstance(row, ReadyRequest) else row.language
    return Words(text_of(row), language, kind, row.uuid, translations.get((kind, row.pk), ()))


def words_as_dict(words: Words | None) -> dict[str, Any]:
    """For programs, beside the words themselves."""
    return {
        "language": (words.language or None) if words else None,
        "translations": [vars(one) for one in words.translations] if words else [],
    }
