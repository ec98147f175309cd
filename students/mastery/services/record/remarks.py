"""What is said about a level, in one tap or in words."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.models import Judgement, Remark
from students.mastery.services.record.check import load_target_in_use, lock_permitted
from students.mastery.services.record.refused import MarkRefused, NotAllowed, reused
from students.mastery.services.record.words import language_of

LONGEST = 2000


@transaction.atomic
def record_remark(
    *,
    uuid: UUID,
    student: Student,
    target: Target,
    author: User,
    day: date,
    reason: str = "",
    text: str = "",
    language: str = "",
    is_for_family: bool = False,
    judgement: Judgement | None = None,
) -> Remark:
    """Say something about a cell, or why a level was judged so. ``uuid`` makes sending it twice harmless.

    ``language`` is that of the text; "": the author's. Raises MarkRefused: empty, too_long, and what ``record_mark``
    refuses.
    """
    text = text.strip()
    if not text and not reason:
        raise MarkRefused("empty", _("Write a few words first."))
    if len(text) > LONGEST:
        raise MarkRefused("too_long", _("This is too long. Use at most %(n)s letters.") % {"n": LONGEST})
    lock_permitted(author, student, day)
    if judgement is not None and (judgement.student_id, judgement.target_id) != (student.pk, target.pk):
        raise NotAllowed("other_cell", _("This judgement is about something else."))
    load_target_in_use(target, student)
    return _append(
        Remark(
            uuid=uuid,
            district_id=student.district_id,
            student=student,
            target=target,
            judgement=judgement,
            reason=reason,
            text=text,
            language=language_of(text, author, language),
            is_for_family=is_for_family,
            author=author,
        )
    )


@transaction.atomic
def take_back_remark(*, uuid: UUID, remark_uuid: UUID, author: User, day: date) -> Remark:
    """One's own remark says nothing any more; that it was there stays in the log. Raises MarkRefused."""
    remarks = Remark.objects.visible_to(author, Action.RECORD_MARK, day).select_related("student__merged_into")
    remark = remarks.filter(uuid=remark_uuid, author=author, voids__isnull=True).first()
    if remark is None:
        raise NotAllowed("no_such_remark", _("This is not there, or not yours to take back."))
    lock_permitted(author, remark.student.merged_into or remark.student, day)
    void = Remark(
        uuid=uuid,
        district_id=remark.district_id,
        student=remark.student,
        target_id=remark.target_id,
        author=author,
        voids=remark,
    )
    if Remark.objects.filter(voids=remark).exclude(uuid=uuid).exists():
        raise MarkRefused("already_undone", _("This was taken back before."))
    return _append(void)


def _append(remark: Remark) -> Remark:
    known = Remark.objects.filter(uuid=remark.uuid).first()
    if known is None:
        remark.save(force_insert=True)
        return remark
    same = ("student_id", "target_id", "author_id", "reason", "text", "voids_id")
    if any(getattr(known, name) != getattr(remark, name) for name in same):
        raise reused()
    return known
