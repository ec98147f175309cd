"""Bringing in what was recorded some time ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from curriculum.models import Target
from lpm.lib.copying import copy_in, give_keys
from lpm.lib.ids import uuid7
from lpm.people.models import Group, Student, User
from students.mastery.enums import AssessmentKind, JudgementKind, RequestState
from students.mastery.models import Assessment, Judgement, ReadyRequest, Remark
from students.mastery.services.derive import rebuild_students
from students.mastery.services.record.append import judge
from students.mastery.services.record.check import check_date, check_level, load_targets_in_use
from students.mastery.services.record.refused import not_in_use

STUDENTS_AT_ONCE = 500


@dataclass(frozen=True)
class PastMark:
    """A mark that was made, and recorded, some time ago. ``judges``: the level of evidence was judged with it."""

    student: Student
    target: Target
    level: Decimal | None
    recorder: User
    group: Group | None
    performed_on: date
    recorded_at: datetime
    kind: AssessmentKind = AssessmentKind.SCORE
    judges: bool = True
    comment: str = ""
    language: str = ""
    uuid: UUID = field(default_factory=uuid7)

    @property
    def is_judged(self) -> bool:
        return self.judges and self.kind == AssessmentKind.SCORE


@dataclass(frozen=True)
class PastDecision:
    """A judgement without evidence and without a level: assumed at an entry point, or excused."""

    student: Student
    target: Target
    kind: JudgementKind
    judge: User
    recorded_at: datetime


@dataclass(frozen=True)
class PastRemark:
    """A word about a student on a target, for the staff unless ``is_for_family``."""

    student: Student
    target: Target
    author: User
    text: str
    language: str
    is_for_family: bool
    recorded_at: datetime


@dataclass(frozen=True)
class PastRequest:
    """A student asked to show something; ``answer`` is the mark with which a teacher answered."""

    student: Student
    target: Target
    done_since: str
    asked_at: datetime
    state: RequestState = RequestState.WAITING
    answered_by: User | None = None
    answered_at: datetime | None = None
    answer: PastMark | None = None
    reply: str = ""
    reply_language: str = ""


@transaction.atomic
def record_history(
    *,
    marks: Sequence[PastMark],
    day: date,
    decisions: Sequence[PastDecision] = (),
    remarks: Sequence[PastRemark] = (),
    requests: Sequence[PastRequest] = (),
) -> None:
    """Bring in what has the moment it was recorded at, all or none. Raises ``MarkRefused``.

    Everything derived about the students is made again, once.
    """
    students = {row.student.pk: row.student for rows in (marks, decisions, remarks, requests) for row in rows}
    _check(marks, [*decisions, *remarks, *requests], day)
    rows = {mark.uuid: _past_row(mark) for mark in marks}
    give_keys(list(rows.values()))
    judged = [judge(rows[mark.uuid], JudgementKind.SET) for mark in marks if mark.is_judged]
    copy_in(list(rows.values()))
    copy_in([*judged, *(_past_decision(decision) for decision in decisions)])
    copy_in([_past_remark(remark) for remark in remarks])
    copy_in([_past_request(request, rows) for request in requests])
    about = [students[pk] for pk in sorted(students)]
    for start in range(0, len(about), STUDENTS_AT_ONCE):
        rebuild_students(students=about[start : start + STUDENTS_AT_ONCE], day=day)


def _check(marks: Sequence[PastMark], others: Iterable[PastDecision | PastRemark | PastRequest], day: date) -> None:
    """Every target is in use at the school of its student; every level is on its scale, and no day to come."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for row in (*marks, *others):
        wanted[row.student.school_id].add(row.target.pk)
    targets = {school: load_targets_in_use(pks, school) for school, pks in wanted.items()}
    if any(pks - targets[school].keys() for school, pks in wanted.items()):
        raise not_in_use()
    for mark in marks:
        if mark.level is not None:
            check_level(mark.level, targets[mark.student.school_id][mark.target.pk])
        check_date(mark.performed_on, day)


def _past_row(mark: PastMark) -> Assessment:
    return Assessment(
        uuid=mark.uuid,
        district_id=mark.student.district_id,
        student=mark.student,
        target=mark.target,
        kind=mark.kind.value,
        level=mark.level,
        recorder=mark.recorder,
        group=mark.group,
        performed_on=mark.performed_on,
        recorded_at=mark.recorded_at,
        comment=mark.comment,
        language=mark.language,
    )


def _past_decision(decision: PastDecision) -> Judgement:
    return Judgement(
        district_id=decision.student.district_id,
        student=decision.student,
        target=decision.target,
        kind=decision.kind.value,
        judge=decision.judge,
        recorded_at=decision.recorded_at,
    )


def _past_remark(remark: PastRemark) -> Remark:
    return Remark(
        district_id=remark.student.district_id,
        student=remark.student,
        target=remark.target,
        text=remark.text,
        language=remark.language,
        is_for_family=remark.is_for_family,
        author=remark.author,
        recorded_at=remark.recorded_at,
    )


def _past_request(request: PastRequest, rows: Mapping[UUID, Assessment]) -> ReadyRequest:
    return ReadyRequest(
        district_id=request.student.district_id,
        student=request.student,
        target=request.target,
        state=request.state.value,
        done_since=request.done_since,
        asked_at=request.asked_at,
        answered_by=request.answered_by,
        answered_at=request.answered_at,
        answer=rows[request.answer.uuid] if request.answer else None,
        reply=request.reply,
        reply_language=request.reply_language,
    )
