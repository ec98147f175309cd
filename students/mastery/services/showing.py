"""Students say where they think they are, and that they are ready to show something; teachers answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.models import Target
from lpm.audit.services import record_entry
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import ReadyRequest
from students.mastery.queries.showing import group_of, ready_limit
from students.mastery.services.record import (
    MarkRefused,
    NotAllowed,
    Recorded,
    load_target_in_use,
    lock_permitted,
    record_mark,
)
from students.mastery.services.record.refused import reused
from students.mastery.services.record.words import language_of
from students.mastery.services.telling import tell_asked, tell_closed, tell_returned

LONGEST = 2000


class ShowingRefused(MarkRefused):
    """Nothing was changed; the text says why."""


class AnsweredMeanwhile(ShowingRefused):
    """Somebody else was first, or the student took the request back."""


def checked_words(text: str, missing: str) -> str:
    """``text`` without the space around it. Raises ShowingRefused: ``missing`` is what to say when nothing is left."""
    text = text.strip()
    if not text:
        raise ShowingRefused("empty", missing)
    if len(text) > LONGEST:
        raise ShowingRefused("too_long", _("This is too long. Use at most %(n)s letters.") % {"n": LONGEST})
    return text


# --- the student


def assess_self(
    *, uuid: UUID, student: Student, target: Target, level: Decimal | None, actor: User, day: date, words: str = ""
) -> Recorded:
    """The student's own word on where they are. It is kept and shown beside, and nothing is computed from it.

    Raises MarkRefused as ``record_mark`` does, and too_long.
    """
    if len(words := words.strip()) > LONGEST:
        raise ShowingRefused("too_long", _("This is too long. Use at most %(n)s letters.") % {"n": LONGEST})
    return record_mark(
        uuid=uuid,
        student=student,
        target=target,
        level=level,
        kind=AssessmentKind.SELF,
        comment=words,
        performed_on=day,
        recorder=actor,
        day=day,
    )


@transaction.atomic
def ask_to_show(
    *,
    uuid: UUID,
    student: Student,
    target: Target,
    done_since: str,
    actor: User,
    day: date,
    level: Decimal | None = None,
) -> ReadyRequest:
    """The student is ready to show it, and says what they did since the last try. ``uuid`` makes asking twice harmless.

    ``level`` is where they think they are. Raises MarkRefused: empty, too_long, already_asked, too_many, and what
    ``record_mark`` refuses.
    """
    done_since = checked_words(done_since, _("Say in a few words what you did. A teacher reads it."))
    lock_permitted(actor, student, day, Action.ASSESS_SELF)
    if (known := ReadyRequest.objects.filter(uuid=uuid).first()) is not None:
        return _same(known, student, target, done_since)
    load_target_in_use(target, student)
    _check_room(student, target, day)
    own = None
    if level is not None:
        own = assess_self(
            uuid=uuid5(uuid, "self"), student=student, target=target, level=level, actor=actor, day=day
        ).assessment
    ready = ReadyRequest.objects.create(
        uuid=uuid,
        district_id=student.district_id,
        student=student,
        target=target,
        self_assessment=own,
        done_since=done_since,
    )
    _record(ready, actor, "mastery.ask_to_show")
    tell_asked(ready, day)
    return ready


def _same(known: ReadyRequest, student: Student, target: Target, done_since: str) -> ReadyRequest:
    if (known.student_id, known.target_id, known.done_since) != (student.pk, target.pk, done_since):
        raise reused()
    return known


def _check_room(student: Student, target: Target, day: date) -> None:
    waiting = ReadyRequest.objects.filter(student=student, state=RequestState.WAITING)
    asked = set(waiting.values_list("target_id", flat=True))
    if target.pk in asked:
        raise ShowingRefused("already_asked", _("You have asked to show this already. Your teachers know."))
    limit = ready_limit(student, day)
    if len(asked) >= limit:
        said = ngettext(
            "You have %(n)s request open, as many as fit. Take it back or wait for the answer, then ask again.",
            "You have %(n)s requests open, as many as fit. Take one back or wait for an answer, then ask again.",
            len(asked),
        )
        raise ShowingRefused("too_many", said % {"n": len(asked)})


@transaction.atomic
def withdraw_request(*, request: ReadyRequest, actor: User, day: date) -> None:
    """The student takes their request back; doing it twice is harmless. Raises MarkRefused: answered."""
    lock_permitted(actor, request.student, day, Action.ASSESS_SELF)
    ready = _lock(request)
    if ready.state == RequestState.WITHDRAWN:
        return
    _check_waiting(ready)
    ready.state, ready.session = RequestState.WITHDRAWN, None
    ready.save(update_fields=["state", "session"])
    _record(ready, actor, "mastery.withdraw_request")
    tell_closed(ready, day)


# --- the teacher


@transaction.atomic
def answer_request(
    *, uuid: UUID, request: ReadyRequest, level: Decimal, teacher: User, day: date, reply: str = ""
) -> Recorded:
    """The student showed it: the level becomes evidence and the teacher's judgement. Earlier tries stay as they are.

    ``uuid`` is the mark's; answering twice with it is harmless. Raises AnsweredMeanwhile, and what ``record_mark``
    refuses.
    """
    student = request.student
    lock_permitted(teacher, student, day)
    ready = _lock(request)
    known = ready.answer if ready.answer is not None and ready.answer.uuid == uuid else None
    if known is None:
        _check_waiting(ready)
    recorded = record_mark(
        uuid=uuid,
        student=student,
        target=ready.target,
        level=level,
        group=known.group if known else group_of(student, teacher, day, ready.session),
        performed_on=known.performed_on if known else day,
        recorder=teacher,
        day=day,
    )
    if known is None:
        _close(ready, RequestState.ANSWERED, teacher, reply.strip()[:LONGEST], recorded)
        _record(ready, teacher, "mastery.answer_request")
        tell_closed(ready, day)  # the student, when the level is theirs to see
    return recorded


@transaction.atomic
def return_request(*, request: ReadyRequest, reply: str, teacher: User, day: date) -> None:
    """Something comes first: the teacher says what. Raises MarkRefused: empty, too_long; AnsweredMeanwhile."""
    reply = checked_words(reply, _("Say in a few words what comes first."))
    lock_permitted(teacher, request.student, day)
    ready = _lock(request)
    if ready.state == RequestState.RETURNED and ready.answered_by_id == teacher.pk and ready.reply == reply:
        return
    _check_waiting(ready)
    ready.session = None
    _close(ready, RequestState.RETURNED, teacher, reply)
    _record(ready, teacher, "mastery.return_request")
    tell_closed(ready, day)
    tell_returned(ready)


def _close(
    ready: ReadyRequest, state: RequestState, teacher: User, reply: str, recorded: Recorded | None = None
) -> None:
    ready.state, ready.reply = state, reply
    ready.reply_language = language_of(reply, teacher)
    ready.answered_by, ready.answered_at = teacher, timezone.now()
    if recorded is not None:
        ready.answer, ready.answered_at = recorded.assessment, recorded.assessment.recorded_at
    fields = ["state", "reply", "reply_language", "answered_by", "answered_at", "answer", "session"]
    ready.save(update_fields=fields)


def _lock(request: ReadyRequest) -> ReadyRequest:
    """The request as it is now; nobody else changes it until this transaction ends."""
    rows = ReadyRequest.objects.select_for_update(of=("self",))
    return rows.select_related("target", "answer__group", "answered_by", "session__group").get(pk=request.pk)


def _check_waiting(ready: ReadyRequest) -> None:
    if ready.state == RequestState.WITHDRAWN:
        raise AnsweredMeanwhile("withdrawn", _("The student has taken this request back."))
    if ready.state != RequestState.WAITING:
        name = ready.answered_by.name if ready.answered_by else ""
        raise AnsweredMeanwhile("answered", _("%(name)s has answered this request already.") % {"name": name})


def lock_waiting(actor: User, requests: Collection[ReadyRequest], day: date) -> list[ReadyRequest]:
    """The requests, locked, if each of them waits and the actor may answer it. Raises AnsweredMeanwhile, NotAllowed."""
    pks = {request.pk for request in requests}
    permitted = ReadyRequest.objects.visible_to(actor, Action.RECORD_MARK, day).filter(pk__in=pks)
    rows = list(permitted.select_for_update(of=("self",)).order_by("pk"))
    if len(rows) != len(pks):
        raise NotAllowed("not_allowed", _("You cannot record levels for one of these students."))
    if any(row.state != RequestState.WAITING for row in rows):
        raise AnsweredMeanwhile(
            "answered", _("One of these requests was answered or taken back meanwhile. Look again.")
        )
    return rows


def _record(ready: ReadyRequest, actor: User, action: str, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=ready.student.uuid,
        district_id=ready.district_id,
        request=str(ready.uuid),
        target=str(ready.target.uuid),
        **details,
    )
