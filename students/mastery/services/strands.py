"""Strands of habits and reasoning that are off for a student for a while, as the student's plan says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from curriculum.models import ContentArea
from lpm.audit.services import record_entry
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.models import StrandPause
from students.mastery.queries.strands import strands_of
from students.mastery.services.record import lock_permitted
from students.mastery.services.record.refused import NotAllowed


class PauseRefused(Exception):
    """Nothing was changed. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@transaction.atomic
def pause_strand(
    *,
    student: Student,
    area: ContentArea,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    actor: User,
    day: date,
) -> StrandPause:
    """Off from ``starts_on`` to ``ends_on`` (None: until somebody resumes it). Raises PauseRefused: not_allowed,
    no_strand, ends_before, overlaps."""
    _lock(student, actor, day)
    if area.pk not in {strand.pk for strand in strands_of(student.school_id)}:
        raise PauseRefused("no_strand", _("The student’s school does not record this."))
    if ends_on is not None and ends_on < starts_on:
        raise PauseRefused("ends_before", _("The last day comes before the first. Change one of them."))
    if _overlapping(student, area, starts_on, ends_on).exists():
        raise PauseRefused("overlaps", _("It is off on some of these days already. Choose other days."))
    pause = StrandPause.objects.create(
        district_id=student.district_id,
        student=student,
        area=area,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        decided_by=actor,
    )
    last = ends_on.isoformat() if ends_on else None
    _note(pause, "mastery.pause_strand", actor, starts_on=starts_on.isoformat(), ends_on=last)
    return pause


def _overlapping(student: Student, area: ContentArea, first: date, last: date | None) -> Any:
    rows = StrandPause.objects.filter(Q(student=student) | Q(student__merged_into=student), area=area)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))
    return rows if last is None else rows.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=last))


@transaction.atomic
def resume_strand(*, pause: StrandPause, actor: User, day: date) -> None:
    """Recorded again from ``day`` on. One that has not been in force on any day before goes altogether.

    Raises PauseRefused: not_allowed, is_over.
    """
    student = pause.student.merged_into or pause.student
    _lock(student, actor, day)
    found = StrandPause.objects.select_related("student", "area").filter(pk=pause.pk).first()
    if found is None or (found.ends_on is not None and found.ends_on < day):
        raise PauseRefused("is_over", _("It is recorded again already."))
    _note(found, "mastery.resume_strand", actor)
    if found.starts_on is not None and found.starts_on >= day:
        found.delete()
        return
    found.ends_on = day - timedelta(days=1)
    found.save(update_fields=["ends_on"])


def _lock(student: Student, actor: User, day: date) -> None:
    try:
        lock_permitted(actor, student, day, Action.PAUSE_STRAND)
    except NotAllowed as refused:
        raise PauseRefused("not_allowed", _("You cannot decide this for this student.")) from refused


def _note(pause: StrandPause, action: str, actor: User, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=pause.student.uuid,
        district_id=pause.district_id,
        area=str(pause.area.uuid),
        **details,
    )
