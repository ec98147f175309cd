"""Taking a mark back: a row in each log that voids the mark's rows. What stood before it stands again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lpm.lib.dates import school_day
from lpm.people.models import Student, User
from lpm.people.policy import Action, Relation
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.services.derive import derive_cells
from students.mastery.services.record.append import append, judge, judgement_uuid, known_rows, take_known
from students.mastery.services.record.check import load_target, lock_permitted, moment_after
from students.mastery.services.record.marks import Recorded
from students.mastery.services.record.refused import MarkRefused, NotAllowed

SEEN_BY_TEACHERS = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.IMPORTED]
LONGEST = 500


@transaction.atomic
def undo_mark(*, uuid: UUID, recorder: User, mark_uuid: UUID, day: date) -> Recorded:
    """Take back a mark of one's own from today. ``uuid`` makes undoing twice harmless. Raises MarkRefused."""
    mark = _find(recorder, mark_uuid, Action.RECORD_MARK, day)
    zone = mark.student.school.time_zone
    if mark.recorder_id != recorder.pk or school_day(zone, mark.recorded_at) != school_day(zone):
        raise MarkRefused("not_yours_today", _("Only your own marks of today can be undone."))
    return _void(uuid, mark, recorder, Action.RECORD_MARK, day, "undone")


@transaction.atomic
def void_mark(*, uuid: UUID, voider: User, mark_uuid: UUID, reason: str, day: date) -> Recorded:
    """Take back what was recorded on any day, saying why: teachers their own, heads of the school anybody's.

    Raises MarkRefused: no_reason, not_yours, already_undone, no_such_mark.
    """
    reason = reason.strip()[:LONGEST]
    if not reason:
        raise MarkRefused("no_reason", _("Say in a few words why it is taken back."))
    mark = _find(voider, mark_uuid, Action.VOID_MARK, day)
    if mark.recorder_id != voider.pk and not _is_head(voider, mark.student, day):
        raise MarkRefused("not_yours", _("Only the person who recorded it, or the school’s leader, can take it back."))
    return _void(uuid, mark, voider, Action.VOID_MARK, day, reason)


def _is_head(person: User, student: Student, day: date) -> bool:
    heads = Student.objects.visible_to(person, Action.VOID_MARK, day, through={Relation.LEADER, Relation.ADMINISTRATOR})
    return heads.filter(pk=(student.merged_into or student).pk).exists()


def _find(person: User, mark_uuid: UUID, action: Action, day: date) -> Assessment:
    rows = Assessment.objects.visible_to(person, action, day)
    rows = rows.select_related("student__school", "student__merged_into__school")
    mark = rows.filter(uuid=mark_uuid, kind__in=SEEN_BY_TEACHERS).first()
    if mark is None:
        raise NotAllowed("no_such_mark", _("This mark is not there, or not yours to take back."))
    return mark


def _void(uuid: UUID, mark: Assessment, person: User, action: Action, day: date, reason: str) -> Recorded:
    student = mark.student.merged_into or mark.student
    lock_permitted(person, student, day, action)
    target = load_target(mark.target_id)
    void = Assessment(
        uuid=uuid,
        district_id=mark.district_id,
        student=mark.student,
        target=target,
        kind=AssessmentKind.VOID,
        recorder=person,
        performed_on=mark.performed_on,
        group_id=mark.group_id,
        voids=mark,
        reason=reason,
    )
    if is_new := not take_known(void, known_rows([uuid]).get(uuid)):
        if Assessment.objects.filter(voids=mark).exists():
            raise MarkRefused("already_undone", _("This mark was taken back before."))
        void.recorded_at = moment_after(student, [target])
        judged = Judgement.objects.filter(uuid=judgement_uuid(mark.uuid))
        append([void], [judge(void, JudgementKind.VOID, voids=judgement) for judgement in judged])
    states = derive_cells(
        students={student.pk: student}, targets={target.pk: target}, cells={(student.pk, target.pk)}, day=day
    )
    return Recorded(void, states[student.pk, target.pk], is_new)
