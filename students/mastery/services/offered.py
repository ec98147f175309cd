"""What a substitute saw: a teacher of the student makes it their own, or sets it aside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.calculations import State
from students.mastery.calculations.state import converted
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment
from students.mastery.queries import WaysBook, measure_of, score_row, ways_for
from students.mastery.services.derive import derive_cells
from students.mastery.services.record import MarkRefused, NotAllowed, Recorded
from students.mastery.services.record.append import append, judge, known_rows
from students.mastery.services.record.check import load_targets_in_use, lock_all_permitted, moment_after_all
from students.mastery.services.record.refused import not_in_use
from students.mastery.services.record.take_back import LONGEST
from students.mastery.services.record.words import language_of

Answers = list[Recorded | MarkRefused]
Settle = Callable[[Assessment], Assessment]


@transaction.atomic
def accept_offered(*, marks: Collection[UUID], teacher: User, day: date, judges: bool = True) -> Answers:
    """Each mark becomes the teacher's own, of the day on which it was seen; with an answer for each.

    ``judges``: the level is the teacher's judgement too; else it is evidence only. What the teacher accepted before
    is answered as it is; what somebody else settled meanwhile is refused. Always the same number of queries.
    """
    desk = _open(marks, teacher, day)

    def accept(offered: Assessment) -> Assessment:
        if offered.target_id not in desk.in_use[desk.student_of(offered).school_id]:
            raise not_in_use()
        row = _row(offered, teacher, AssessmentKind.SCORE, comment=_("Seen by a substitute, accepted by a teacher."))
        row.level, row.goal = desk.levels_now(offered)
        return row

    return _settle(desk, accept, judges=judges)


@transaction.atomic
def set_aside_offered(*, marks: Collection[UUID], teacher: User, reason: str, day: date) -> Answers:
    """The marks do not count, and the log says why; with an answer for each. Raises MarkRefused: no_reason."""
    reason = reason.strip()[:LONGEST]
    if not reason:
        raise MarkRefused("no_reason", _("Say in a few words why it is set aside."))
    desk = _open(marks, teacher, day)
    return _settle(desk, lambda offered: _row(offered, teacher, AssessmentKind.VOID, reason=reason), judges=False)


@dataclass(frozen=True)
class _Desk:
    """The marks asked about that the teacher may settle, with everything to settle them by; their students locked."""

    asked: list[UUID]
    offered: Mapping[UUID, Assessment]
    in_use: Mapping[int, Mapping[int, Target]]  # by school
    books: Mapping[int, WaysBook]  # by school
    settled: Mapping[int, Assessment]  # what voids a mark, by the mark
    known: Mapping[UUID, Assessment]
    day: date

    @staticmethod
    def student_of(offered: Assessment) -> Student:
        return offered.student.merged_into or offered.student

    def levels_now(self, offered: Assessment) -> tuple[Decimal | None, Decimal | None]:
        """Level and goal on the scale in force, which may be another one than that on which it was seen."""
        ways = self.books[self.student_of(offered).school_id].on(measure_of(offered.target))
        [row] = converted([score_row(offered)], ways)
        return row.level, row.goal


def _open(marks: Collection[UUID], teacher: User, day: date) -> _Desk:
    asked = list(dict.fromkeys(marks))
    rows = Assessment.objects.visible_to(teacher, Action.RECORD_MARK, day)
    rows = rows.filter(uuid__in=asked, kind=AssessmentKind.OFFERED)
    found = list(rows.select_related("student__merged_into", "target__topic__area__framework__scale"))
    students = {(row.student.merged_into or row.student).pk for row in found}
    locked = lock_all_permitted(teacher, students, day, Action.RECORD_MARK)
    offered = {row.uuid: row for row in found if (row.student.merged_into or row.student).pk in locked}
    schools = {_Desk.student_of(row).school_id for row in offered.values()}
    targets = {row.target_id for row in offered.values()}
    return _Desk(
        asked=asked,
        offered=offered,
        in_use={school: load_targets_in_use(targets, school) for school in schools},
        books={school: ways_for(school, day) for school in schools},
        settled={row.voids_id: row for row in Assessment.objects.filter(voids__in=offered.values()) if row.voids_id},
        known=known_rows(_settled_uuid(uuid) for uuid in offered),
        day=day,
    )


def _settled_uuid(offered: UUID) -> UUID:
    """The identity of the row that settles an offered mark: there is one."""
    return uuid5(offered, "settled")


def _row(offered: Assessment, teacher: User, kind: AssessmentKind, comment: str = "", reason: str = "") -> Assessment:
    return Assessment(
        uuid=_settled_uuid(offered.uuid),
        district_id=offered.district_id,
        student=offered.student,
        target=offered.target,
        kind=kind,
        goal=offered.goal,
        accommodations=offered.accommodations,
        recorder=teacher,
        performed_on=offered.performed_on,
        group_id=offered.group_id,
        comment=comment,
        language=language_of(comment, teacher),
        voids=offered,
        reason=reason,
    )


def _settle(desk: _Desk, make: Settle, *, judges: bool) -> Answers:
    rows: dict[UUID, Assessment] = {}
    refused: dict[UUID, MarkRefused] = {}
    for uuid in desk.asked:
        try:
            rows[uuid] = _make(desk, uuid, make)
        except MarkRefused as error:
            refused[uuid] = error
    fresh = [uuid for uuid, row in rows.items() if row.pk is None]
    states = _write([rows[uuid] for uuid in fresh], desk, rows, judges=judges)
    return [
        refused.get(uuid)
        or Recorded(
            rows[uuid], states[desk.student_of(desk.offered[uuid]).pk, desk.offered[uuid].target_id], uuid in fresh
        )
        for uuid in desk.asked
    ]


def _make(desk: _Desk, uuid: UUID, make: Settle) -> Assessment:
    if uuid not in desk.offered:
        raise NotAllowed("no_such_mark", _("This mark is not there, or not yours to settle."))
    offered = desk.offered[uuid]
    row = make(offered)
    settled = desk.settled.get(offered.pk) or desk.known.get(row.uuid)
    if settled is None:
        return row
    if (settled.kind, settled.recorder_id) != (row.kind, row.recorder_id):
        raise MarkRefused("settled", _("Somebody has settled this mark already."))
    return settled


def _write(
    fresh: list[Assessment], desk: _Desk, rows: Mapping[UUID, Assessment], *, judges: bool
) -> dict[tuple[int, int], State]:
    touched = [desk.offered[uuid] for uuid in rows]
    targets = {row.target_id: row.target for row in touched}
    students = {desk.student_of(row).pk: desk.student_of(row) for row in touched}
    if fresh:
        at = moment_after_all(set(students), targets.values())
        for later, row in enumerate(fresh):
            row.recorded_at = at + timedelta(microseconds=later)
        append(fresh, [judge(row, JudgementKind.SET) for row in fresh] if judges else [])
    cells = {(desk.student_of(row).pk, row.target_id) for row in touched}
    return derive_cells(students=students, targets=targets, cells=cells, day=desk.day)
