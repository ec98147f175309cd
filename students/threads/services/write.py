"""Beginning a thread, answering in it, and putting a message into another language."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib import limits
from lpm.notices.enums import NoticeKind
from lpm.notices.services import settle, tell
from lpm.people.models import Student, User
from students.threads.models import Message, MessageTranslation, Thread
from students.threads.queries import Other, find_others, may_both_write, students_written_about, subject_of

LONGEST = 4000
MOST_IN_AN_HOUR = 60
HOUR = 60 * 60


class MessageRefused(Exception):
    """Nothing was written. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotAllowed(MessageRefused):
    """One of the two may not, or no longer, write about the student."""


def _not_allowed() -> NotAllowed:
    return NotAllowed("not_allowed", _("You cannot write to this person about the student."))


@transaction.atomic
def begin_thread(
    *, uuid: UUID, student: Student, person: User, text: str, language: str, author: User, day: date
) -> Thread:
    """Write to ``person`` for the first time; where there is a thread already, in that one.

    Raises NotAllowed, and MessageRefused as ``send_message`` does.
    """
    other = _find_other(student, person, author, day)
    thread, is_new = _find_thread(student, other)
    send_message(uuid=uuid, thread=thread, text=text, language=language, author=author, day=day)
    if is_new:
        _record("threads.begin", thread, author)
    return thread


def _find_other(student: Student, person: User, author: User, day: date) -> Other:
    if not students_written_about(Student.objects.filter(pk=student.pk)).exists():
        raise _not_allowed()
    others = [one for one in find_others(student, author, day) if one.person.pk == person.pk]
    if not others:
        raise _not_allowed()
    return others[0]


def _find_thread(student: Student, other: Other) -> tuple[Thread, bool]:
    """That of the two, which may be one of a record that was merged; and whether it is new."""
    if other.thread is not None:
        return other.thread, False
    pair = {"student": student, "staff": other.staff, "guardian": other.guardian}
    return Thread.objects.get_or_create(**pair, defaults={"district_id": student.district_id})


@transaction.atomic
def send_message(*, uuid: UUID, thread: Thread, text: str, language: str, author: User, day: date) -> Message:
    """Say something in a thread, and have the other one told. Sent again with the same ``uuid`` it changes nothing.

    ``language`` is the one it is written in. Raises NotAllowed, and MessageRefused: empty, too_long, too_many, and
    uuid_reused for other words.
    """
    text = _checked(text, LONGEST)
    kept = Thread.objects.select_for_update(of=["self"]).filter(pk=thread.pk).select_related("staff", "guardian").get()
    allowed = Thread.objects.mine(author, day).turned_on().filter(pk=kept.pk)
    if not allowed.exists() or not may_both_write(kept, day):
        raise _not_allowed()
    if sent := Message.objects.filter(uuid=uuid).first():
        return _the_same(sent, kept, text, author)
    _check_rate(author)
    message = Message.objects.create(
        uuid=uuid, district_id=kept.district_id, thread=kept, author=author, text=text, language=language
    )
    _move_on(kept, message)
    _tell_other(kept, message)
    _record("threads.send", kept, author)
    return message


def _checked(text: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise MessageRefused("empty", _("Write a few words first."))
    if len(text) > longest:
        raise MessageRefused("too_long", _("This is too long. Use at most %(n)s letters.") % {"n": longest})
    return text


def _the_same(sent: Message, thread: Thread, text: str, author: User) -> Message:
    if (sent.thread_id, sent.author_id, sent.text) != (thread.pk, author.pk, text):
        raise MessageRefused("uuid_reused", _("This message was sent before with other words. Nothing was sent."))
    return sent


def _check_rate(author: User) -> None:
    if not limits.take(f"messages of {author.pk}", times=MOST_IN_AN_HOUR, seconds=HOUR):
        raise MessageRefused("too_many", _("You have sent many messages. Please wait a while, then send this one."))


def _move_on(thread: Thread, message: Message) -> None:
    """Whoever writes has read what was there."""
    read = "staff_read_at" if message.author_id == thread.staff_id else "family_read_at"
    thread.last_at = message.sent_at
    setattr(thread, read, message.sent_at)
    thread.save(update_fields=["last_at", read])


def _tell_other(thread: Thread, message: Message) -> None:
    other = thread.staff
    if message.author_id == thread.staff_id:
        family = thread.guardian or subject_of(thread).user
        assert family is not None  # else nobody could have written
        other = family
    path = reverse("threads:thread-show", args=[thread.uuid])
    key = f"{thread.uuid} {message.uuid}"
    told: dict[str, Any] = {"people": [other], "student": subject_of(thread), "path": path, "key": key}
    tell(kind=NoticeKind.MESSAGE, **told, **_writer(thread, message.author))


def _writer(thread: Thread, author: User) -> dict[str, Any]:
    """Whose name the notice says; that of the student is looked up by whoever reads it."""
    is_student = thread.guardian is None and author.pk != thread.staff_id
    return {} if is_student else {"writer": author.name}


def note_read(*, thread: Thread, reader: User) -> None:
    """Everything up to now was read by one of the two, who need not be told of it any more. A bookmark of theirs, and
    no entry in the audit."""
    read = "staff_read_at" if thread.staff_id == reader.pk else "family_read_at"
    Thread.objects.filter(pk=thread.pk).update(**{read: timezone.now()})
    settle(people=[reader], kind=NoticeKind.MESSAGE, begins=str(thread.uuid))


@transaction.atomic
def translate_message(*, message: Message, language: str, text: str, translator: User, day: date) -> MessageTranslation:
    """Put a message into another language; the newest of a language is shown, and said twice it is there once.

    Raises NotAllowed, and MessageRefused: empty, too_long, same_language.
    """
    text = _checked(text, 2 * LONGEST)
    thread = Thread.objects.translatable_by(translator, day).turned_on().filter(pk=message.thread_id).first()
    if thread is None:
        raise NotAllowed("not_allowed", _("You cannot translate this message."))
    if language == message.language or language not in dict(settings.CATALOGUES):
        raise MessageRefused("same_language", _("Choose another language than the message is written in."))
    newest = message.translations.filter(language=language).order_by("-written_at", "-pk").first()
    if newest is not None and newest.text == text:
        return newest
    row = MessageTranslation.objects.create(
        district_id=message.district_id, message=message, language=language, text=text, translator=translator
    )
    _record("threads.translate", thread, translator)
    return row


def _record(action: str, thread: Thread, actor: User) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=subject_of(thread).uuid,
        district_id=thread.district_id,
        thread=str(thread.uuid),
    )
