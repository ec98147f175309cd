"""What a walk through the room leaves: evidence, and who was not there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from students.mastery.models import Absence
from students.mastery.services.batch import Item, Outcome, record_batch
from students.mastery.services.record.check import check_date
from students.mastery.services.record.refused import not_allowed


@dataclass(frozen=True)
class Attendance:
    """Who was seen to be absent from the group on a day, and who was not. Saying it again changes nothing."""

    group: Group
    on: date
    absent: Collection[Student] = ()
    present: Collection[Student] = ()
    made_offline: bool = False


@transaction.atomic
def record_walk(
    *, items: Sequence[Item], attendance: Attendance, person: User, day: date, offers: bool = False
) -> list[Outcome]:
    """All of one walk: ``items`` as ``record_batch`` does them, and who was absent. Raises MarkRefused."""
    note_absences(attendance=attendance, noter=person, day=day)
    return record_batch(items=items, person=person, day=day, offers=offers)


@transaction.atomic
def note_absences(*, attendance: Attendance, noter: User, day: date) -> None:
    """Note who is absent, and take back what is not so. Raises MarkRefused.

    For whoever records in the group, or notes what a teacher accepts; about students who are in it on that day.
    """
    check_date(attendance.on, day + timedelta(days=1) if attendance.made_offline else day)
    _check_allowed(attendance, noter, day)
    noted = Absence.objects.filter(group=attendance.group, day=attendance.on)
    known = set(noted.values_list("student", flat=True))
    new = [student for student in attendance.absent if student.pk not in known]
    gone = [student for student in attendance.present if student.pk in known]
    if not new and not gone:
        return
    Absence.objects.bulk_create([_absence(student, attendance, noter) for student in new], ignore_conflicts=True)
    noted.filter(student__in=gone).delete()
    record_entry(
        actor_id=noter.pk,
        action="mastery.note_absences",
        subject_uuid=attendance.group.uuid,
        district_id=attendance.group.district_id,
        day=attendance.on.isoformat(),
        absent=[str(student.uuid) for student in new],
        present=[str(student.uuid) for student in gone],
    )


def _check_allowed(attendance: Attendance, noter: User, day: date) -> None:
    about = {student.pk for student in [*attendance.absent, *attendance.present]}
    for action in (Action.RECORD_MARK, Action.OFFER_MARK):
        if not Group.objects.visible_to(noter, action, day).filter(pk=attendance.group.pk).exists():
            continue
        students = Student.objects.visible_to(noter, action, day).enrolled_in(attendance.group.pk, attendance.on)
        if students.filter(pk__in=about).count() == len(about):
            return
    raise not_allowed()


def _absence(student: Student, attendance: Attendance, noter: User) -> Absence:
    return Absence(
        district_id=student.district_id, student=student, group=attendance.group, day=attendance.on, noted_by=noter
    )
