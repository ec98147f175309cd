"""Taking a mark back: a row in each log that voids the mark's rows. What stood before it stands again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.people.models import Student, User
from lpm.people.policy import Action
from students.mastery.calculations import Cell
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries.mine import is_head
from students.mastery.services.derive import derive_cells
from students.mastery.services.record.append import append, judge, judgement_uuid, known_rows, take_known
from students.mastery.services.record.check import load_targets, lock_all_permitted, lock_permitted, moment_after_all
from students.mastery.services.record.marks import ACTIONS, Recorded
from students.mastery.services.record.refused import MarkRefused, NotAllowed, not_allowed

SEEN_BY_TEACHERS = [AssessmentKind.SCORE, AssessmentKind.PRACTICE, AssessmentKind.IMPORTED]
LONGEST = 500


@dataclass(frozen=True)
class Undo:
    """A mark to take back: the one named, or one's own newest of today in ``cell``. Sending it twice is harmless."""

    uuid: UUID
    mark_uuid: UUID | None = None
    cell: Cell | None = None


def undo_mark(*, uuid: UUID, recorder: User, mark_uuid: UUID, day: date) -> Recorded:
    """Take back a mark of one's own from today. ``uuid`` makes undoing twice harmless. Raises MarkRefused."""
    [answer] = undo_marks(undos=[Undo(uuid, mark_uuid)], recorder=recorder, day=day)
    if isinstance(answer, MarkRefused):
        raise answer
    return answer


@transaction.atomic
def undo_marks(*, undos: Sequence[Undo], recorder: User, day: date) -> list[Recorded | MarkRefused]:
    """Take back marks of one's own from today, with an answer for each; the same number of queries for all.

    A substitute takes back what they offered.
    """
    found = _find_own(undos, recorder, day)
    voids: dict[int, _Void] = {}
    refusals: dict[int, MarkRefused] = {}
    for number, undo in enumerate(undos):
        mark = found.get(undo.uuid)
        if mark is None:
            refusals[number] = NotAllowed("no_such_mark", _("This mark is not there, or not yours to take back."))
        elif not _is_own_of_today(mark, recorder):
            refusals[number] = MarkRefused("not_yours_today", _("Only your own marks of today can be undone."))
        else:
            voids[number] = _Void(undo.uuid, mark, "undone")
    permitted = _lock_owners(voids.values(), recorder, day)
    answers = _void_all(voids, recorder, permitted, day)
    return [refusals.get(number) or answers[number] for number in range(len(undos))]


def _is_own_of_today(mark: Assessment, recorder: User) -> bool:
    zone = mark.student.school.time_zone
    return mark.recorder_id == recorder.pk and school_day(zone, mark.recorded_at) == school_day(zone)


def _find_own(undos: Sequence[Undo], recorder: User, day: date) -> dict[UUID, Assessment]:
    """The mark that each undo is about, by the undo's identity."""
    rows = Assessment.objects.visible_to(recorder, Action.RECORD_MARK, day).filter(kind__in=SEEN_BY_TEACHERS)
    offered = Assessment.objects.visible_to(recorder, Action.OFFER_MARK, day).filter(kind=AssessmentKind.OFFERED)
    rows = (rows | offered).select_related("student__school", "student__merged_into__school")
    sent = dict(Assessment.objects.filter(uuid__in=[undo.uuid for undo in undos]).values_list("uuid", "voids__uuid"))
    named = {undo.uuid: undo.mark_uuid or sent.get(undo.uuid) for undo in undos}
    by_uuid = {row.uuid: row for row in rows.filter(uuid__in=[uuid for uuid in named.values() if uuid])}
    newest = _newest_own(rows, [undo.cell for undo in undos if undo.cell and not named[undo.uuid]], recorder)
    found = {}
    for undo in undos:
        uuid = named[undo.uuid]
        mark = by_uuid.get(uuid) if uuid else newest.get(undo.cell or (0, 0))
        if mark is not None:
            found[undo.uuid] = mark
    return found


def _newest_own(rows: Any, cells: Collection[Cell], recorder: User) -> dict[Cell, Assessment]:
    """No query without cells."""
    if not cells:
        return {}
    since = timezone.now() - timedelta(days=1)
    students, targets = {student for student, _target in cells}, {target for _student, target in cells}
    mine = rows.filter(recorder=recorder, recorded_at__gte=since, student__in=students, target__in=targets)
    standing = mine.filter(voided_by=None).order_by("recorded_at", "pk")
    return {(row.student_id, row.target_id): row for row in standing if _is_own_of_today(row, recorder)}


@transaction.atomic
def void_mark(*, uuid: UUID, voider: User, mark_uuid: UUID, reason: str, day: date) -> Recorded:
    """Take back what was recorded on any day, saying why: teachers their own, heads of the school anybody's.

    Raises MarkRefused: no_reason, not_yours, already_undone, no_such_mark.
    """
    reason = reason.strip()[:LONGEST]
    if not reason:
        raise MarkRefused("no_reason", _("Say in a few words why it is taken back."))
    mark = _find(voider, mark_uuid, Action.VOID_MARK, day)
    if mark.recorder_id != voider.pk and not is_head(voider, mark.student.merged_into or mark.student, day):
        raise MarkRefused("not_yours", _("Only the person who recorded it, or the school’s leader, can take it back."))
    return _void(uuid, mark, voider, Action.VOID_MARK, day, reason)


def _find(person: User, mark_uuid: UUID, action: Action, day: date) -> Assessment:
    rows = Assessment.objects.visible_to(person, action, day)
    rows = rows.select_related("student__school", "student__merged_into__school")
    mark = rows.filter(uuid=mark_uuid, kind__in=SEEN_BY_TEACHERS).first()
    if mark is None:
        raise NotAllowed("no_such_mark", _("This mark is not there, or not yours to take back."))
    return mark


def _void(uuid: UUID, mark: Assessment, person: User, action: Action, day: date, reason: str) -> Recorded:
    void = _Void(uuid, mark, reason)
    lock_permitted(person, void.student, day, action)
    answer = _void_all({0: void}, person, {void.student.pk}, day)[0]
    if isinstance(answer, MarkRefused):
        raise answer
    return answer


@dataclass(frozen=True)
class _Void:
    """A mark to take back, found and checked."""

    uuid: UUID
    mark: Assessment
    reason: str

    @property
    def student(self) -> Student:
        return self.mark.student.merged_into or self.mark.student

    @property
    def cell(self) -> Cell:
        return self.student.pk, self.mark.target_id

    def takes(self, judgement: Judgement) -> bool:
        """What was judged with the mark; what became the level by itself since, which may rest on it. If it does not,
        it becomes the level again."""
        if judgement.kind != JudgementKind.AUTOMATIC:
            return judgement.uuid == judgement_uuid(self.mark.uuid)
        is_here = (judgement.student_id, judgement.target_id) == (self.mark.student_id, self.mark.target_id)
        return is_here and judgement.recorded_at >= self.mark.recorded_at

    def row(self, person: User) -> Assessment:
        return Assessment(
            uuid=self.uuid,
            district_id=self.mark.district_id,
            student=self.mark.student,
            target_id=self.mark.target_id,
            kind=AssessmentKind.VOID,
            recorder=person,
            performed_on=self.mark.performed_on,
            group_id=self.mark.group_id,
            language="",
            voids=self.mark,
            reason=self.reason,
        )


def _lock_owners(voids: Iterable[_Void], recorder: User, day: date) -> set[int]:
    """The students, locked, on whom ``recorder`` may still do with each mark what made it."""
    wanted: dict[Action, set[int]] = defaultdict(set)
    for void in voids:
        wanted[ACTIONS.get(AssessmentKind(void.mark.kind), Action.RECORD_MARK)].add(void.student.pk)
    return {pk for action, pks in wanted.items() for pk in lock_all_permitted(recorder, pks, day, action)}


def _void_all(
    voids: Mapping[int, _Void], person: User, permitted: Collection[int], day: date
) -> dict[int, Recorded | MarkRefused]:
    """Take each of them back. The students are locked."""
    targets = load_targets({void.mark.target_id for void in voids.values()})
    known = known_rows(void.uuid for void in voids.values())
    taken = set(
        Assessment.objects.filter(voids__in=[v.mark for v in voids.values()]).values_list("voids_id", flat=True)
    )
    rows: dict[int, Assessment] = {}
    answers: dict[int, Recorded | MarkRefused] = {}
    fresh: dict[int, _Void] = {}
    for number, void in voids.items():
        rows[number] = row = void.row(person)
        try:
            if void.student.pk not in permitted:
                raise not_allowed()
            if not take_known(row, known.get(void.uuid)):
                if void.mark.pk in taken:
                    raise MarkRefused("already_undone", _("This mark was taken back before."))
                fresh[number] = void
                known[void.uuid] = row
                taken.add(void.mark.pk)
        except MarkRefused as refused:
            answers[number] = refused
    _append_voids(fresh, rows, targets)
    states = derive_cells(
        students={void.student.pk: void.student for void in voids.values()},
        targets=targets,
        cells={void.cell for number, void in voids.items() if number not in answers},
        day=day,
    )
    return {
        number: answers.get(number) or Recorded(rows[number], states[void.cell], number in fresh)
        for number, void in voids.items()
    }


def _append_voids(fresh: Mapping[int, _Void], rows: Mapping[int, Assessment], targets: Mapping[int, Target]) -> None:
    if not fresh:
        return
    about = {void.mark.target_id for void in fresh.values()}
    at = moment_after_all({void.student.pk for void in fresh.values()}, [targets[pk] for pk in about])
    judged = _read_judged(fresh.values())
    judgements = []
    for later, (number, void) in enumerate(fresh.items()):
        rows[number].recorded_at = at + timedelta(microseconds=later)
        for judgement in [one for one in judged if void.takes(one)]:
            row = judge(rows[number], JudgementKind.VOID, voids=judgement)
            row.uuid = uuid5(row.uuid, str(judgement.uuid)) if judgement.kind == JudgementKind.AUTOMATIC else row.uuid
            judgements.append(row)
            judged.remove(judgement)
    append([rows[number] for number in fresh], judgements)


def _read_judged(voids: Collection[_Void]) -> list[Judgement]:
    """What was judged with the marks, and what became the level by itself in their cells; 1 query."""
    with_marks = Q(uuid__in=[judgement_uuid(void.mark.uuid) for void in voids])
    by_itself = Q(
        kind=JudgementKind.AUTOMATIC,
        student__in={void.student.pk for void in voids},
        target__in={void.mark.target_id for void in voids},
        voided_by=None,
    )
    return list(Judgement.objects.filter(with_marks | by_itself).order_by("pk"))
