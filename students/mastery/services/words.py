"""What somebody wrote about a student, put into another language by a person."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.models import Remark, WordsTranslation
from students.mastery.queries.words import Row, Words, words_of
from students.mastery.services.record import MarkRefused, NotAllowed, lock_permitted
from students.mastery.services.record.refused import reused

LONGEST = 2000


@transaction.atomic
def translate_words(*, uuid: UUID, row: Row, language: str, text: str, translator: User, day: date) -> WordsTranslation:
    """The words of ``row`` in another language; of several in one the newest counts. ``uuid`` makes sending it twice
    harmless.

    Raises MarkRefused: empty, too_long, no_such_language, same_language; NotAllowed.
    """
    text = text.strip()
    found = _find(row, translator, day)
    words = words_of(found, {})
    lock_permitted(translator, _whose(found), day, Action.TRANSLATE_WORDS)
    _check(words, language, text)
    new = WordsTranslation(
        uuid=uuid,
        district_id=found.district_id,
        student=found.student,
        language=language,
        text=text,
        translator=translator,
        **{words.kind: found},
    )
    known = WordsTranslation.objects.filter(uuid=uuid).first()
    if known is not None:
        return _same(known, new)
    new.save(force_insert=True)
    record_entry(
        actor_id=translator.pk,
        action="mastery.translate_words",
        subject_uuid=_whose(found).uuid,
        district_id=found.district_id,
        kind=words.kind,
        words=str(found.uuid),
        language=language,
    )
    return new


def _find(row: Row, translator: User, day: date) -> Row:
    """The row as it is now. Raises NotAllowed where there is nothing to translate, or not for this person."""
    rows: Any = type(row).objects.visible_to(translator, Action.TRANSLATE_WORDS, day)
    found: Row | None = rows.filter(pk=row.pk).select_related(*_to_student(row)).first()
    if found is None or not words_of(found, {}) or (isinstance(found, Remark) and hasattr(found, "voided_by")):
        raise NotAllowed("no_such_words", _("These words are not there any more, or not yours to translate."))
    return found


def _to_student(row: Row) -> tuple[str, ...]:
    return ("student__merged_into", "voided_by") if isinstance(row, Remark) else ("student__merged_into",)


def _whose(row: Row) -> Student:
    return row.student.merged_into or row.student


def _check(words: Words, language: str, text: str) -> None:
    if not text:
        raise MarkRefused("empty", _("Write a few words first."))
    if len(text) > LONGEST:
        raise MarkRefused("too_long", _("This is too long. Use at most %(n)s letters.") % {"n": LONGEST})
    if language not in dict(settings.LANGUAGES):
        raise MarkRefused("no_such_language", _("Choose one of the languages."))
    if words.language and words.is_in(language):
        raise MarkRefused("same_language", _("It is written in this language already."))


def _same(known: WordsTranslation, new: WordsTranslation) -> WordsTranslation:
    about = ("assessment_id", "remark_id", "request_id", "language", "text", "translator_id")
    if any(getattr(known, name) != getattr(new, name) for name in about):
        raise reused()
    return known
