"""Writing the record. The logs are their own audit: each row says who, what and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Framework, Target
from lpm.lib.dates import school_day
from lpm.lib.levels import level_text
from lpm.people.models import Group, Student, User
from lpm.people.policy import Action
from students.mastery.calculations import State
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import NO_ROUTES, read_routes, scale_range
from students.mastery.services.derive import derive_cell, rebuild_students

BATCH = 2000
YEARS_BACK = 25


class MarkRefused(Exception):
    """The mark was not recorded. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotAllowed(MarkRefused):
    """The person may not record for this student, or not on this target."""


class IdentifierReused(MarkRefused):
    """The UUID is in the record already, with other content."""


@dataclass(frozen=True)
class Recorded:
    """A mark that is in the record; ``is_new`` is False when the same mark had arrived before."""

    assessment: Assessment
    state: State
    is_new: bool


@transaction.atomic
def record_mark(
    *,
    uuid: UUID,
    recorder: User,
    student: Student,
    target: Target,
    level: Decimal,
    performed_on: date,
    day: date,
    group: Group | None = None,
    made_offline: bool = False,
) -> Recorded:
    """A level typed in the grid: evidence and the teacher's judgement together, one row in each log.

    ``uuid`` comes from whoever sends the mark; sending it again changes nothing. ``day`` is the school's day;
    a mark made offline may carry the next one, since the device's clock decided. Raises ``MarkRefused``.
    """
    lock_permitted(recorder, student, day)
    target = load_target_in_use(target, student)
    _check_level(level, target)
    _check_date(performed_on, day + timedelta(days=1) if made_offline else day)
    assessment = Assessment(
        uuid=uuid,
        district_id=student.district_id,
        student=student,
        target=target,
        level=level,
        recorder=recorder,
        performed_on=performed_on,
        group=group,
    )
    if is_new := not _is_recorded(assessment):
        assessment.recorded_at = moment_after(student, [target])
        _append(assessment, _judge(assessment, JudgementKind.SET))
    return Recorded(assessment, derive_cell(student=student, target=target, day=day), is_new)


@transaction.atomic
def undo_mark(*, uuid: UUID, recorder: User, mark_uuid: UUID, day: date) -> Recorded:
    """Take back a mark of one's own from today: a row in each log that voids the mark's rows.

    What stood before the mark stands again. ``uuid`` makes undoing twice harmless. Raises ``MarkRefused``.
    """
    mark = _own_mark_of_today(recorder, mark_uuid, day)
    student = mark.student.merged_into or mark.student
    lock_permitted(recorder, student, day)
    target = _load_target(mark.target_id)
    void = Assessment(
        uuid=uuid,
        district_id=mark.district_id,
        student=mark.student,
        target=target,
        kind=AssessmentKind.VOID,
        recorder=recorder,
        performed_on=mark.performed_on,
        group_id=mark.group_id,
        voids=mark,
        reason="undone",
    )
    if is_new := not _is_recorded(void):
        _check_not_voided(mark)
        void.recorded_at = moment_after(student, [target])
        judgements = Judgement.objects.filter(uuid=judgement_uuid(mark.uuid))
        _append(void, *[_judge(void, JudgementKind.VOID, voids=judgement) for judgement in judgements])
    return Recorded(void, derive_cell(student=student, target=target, day=day), is_new)


@dataclass(frozen=True)
class PastMark:
    """A mark that was made, and recorded, some time ago."""

    student: Student
    target: Target
    level: Decimal
    recorder: User
    group: Group | None
    performed_on: date
    recorded_at: datetime


@transaction.atomic
def record_history(*, marks: Sequence[PastMark], day: date) -> None:
    """Bring in marks with the moment they were recorded at, all or none. Raises ``MarkRefused``.

    Everything derived about their students is made again, once.
    """
    students = {mark.student.pk: mark.student for mark in marks}
    pairs = {(mark.target.pk, mark.student.school_id): mark for mark in marks}
    targets = {key[0]: load_target_in_use(mark.target, mark.student) for key, mark in pairs.items()}
    for mark in marks:
        _check_level(mark.level, targets[mark.target.pk])
        _check_date(mark.performed_on, day)
    rows = [_past_row(mark) for mark in marks]
    Assessment.objects.bulk_create(rows, batch_size=BATCH)
    Judgement.objects.bulk_create([_judge(row, JudgementKind.SET) for row in rows], batch_size=BATCH)
    rebuild_students(students=list(students.values()), day=day)


def _past_row(mark: PastMark) -> Assessment:
    return Assessment(
        district_id=mark.student.district_id,
        student=mark.student,
        target=mark.target,
        level=mark.level,
        recorder=mark.recorder,
        group=mark.group,
        performed_on=mark.performed_on,
        recorded_at=mark.recorded_at,
    )


def judgement_uuid(mark_uuid: UUID) -> UUID:
    """The identity of the judgement that was written together with a mark."""
    return uuid5(mark_uuid, "judgement")


def _judge(assessment: Assessment, kind: JudgementKind, voids: Judgement | None = None) -> Judgement:
    return Judgement(
        uuid=judgement_uuid(assessment.uuid),
        district_id=assessment.district_id,
        student=assessment.student,
        target=assessment.target,
        kind=kind,
        level=assessment.level,
        judge=assessment.recorder,
        recorded_at=assessment.recorded_at,
        based_on=assessment,
        voids=voids,
    )


def lock_permitted(recorder: User, student: Student, day: date) -> None:
    """Take the student's lock, so that marks on one student are written one after the other."""
    permitted = Student.objects.visible_to(recorder, Action.RECORD_MARK, day).filter(pk=student.pk)
    if not permitted.select_for_update(no_key=True, of=("self",)).exists():
        raise NotAllowed("not_allowed", _("You cannot record levels for this student."))


def _load_target(target_id: int) -> Target:
    return Target.objects.select_related("topic__area__framework__scale").get(pk=target_id)


def load_target_in_use(target: Target, student: Student) -> Target:
    """The target with its scale, if the student's school uses its framework."""
    frameworks = Framework.objects.used_by(student.school_id)
    if not Target.objects.current().filter(pk=target.pk, topic__area__framework__in=frameworks).exists():
        raise NotAllowed("target_not_in_use", _("The student’s school does not use this learning target."))
    return _load_target(target.pk)


def _check_level(level: Decimal, target: Target) -> None:
    scale = scale_range(target.topic.area.framework.scale)
    if not scale.holds(level):
        raise MarkRefused(
            "level_off_scale",
            _("%(level)s is not a level here. Levels go from %(low)s to %(high)s in steps of %(step)s.")
            % {
                "level": level_text(level),
                "low": level_text(scale.low),
                "high": level_text(scale.high),
                "step": level_text(scale.step),
            },
        )


def _check_date(performed_on: date, latest: date) -> None:
    if performed_on > latest:
        raise MarkRefused("future_date", _("A level cannot be dated in the future. Choose today or an earlier day."))
    if performed_on.year < latest.year - YEARS_BACK:
        raise MarkRefused("too_long_ago", _("This day is too long ago. Write the year with four digits."))


def _is_recorded(row: Assessment) -> bool:
    """Whether the very same row is in the log; raises when the UUID is there with other content."""
    known = Assessment.objects.filter(uuid=row.uuid).first()
    if known is None:
        return False
    same = (
        "student_id",
        "target_id",
        "kind",
        "level",
        "recorder_id",
        "performed_on",
        "group_id",
        "voids_id",
    )
    if any(getattr(known, name) != getattr(row, name) for name in same):
        raise _reused()
    row.pk, row.recorded_at = known.pk, known.recorded_at
    return True


def moment_after(student: Student, targets: Collection[Target]) -> datetime:
    """Now, and after everything judged that counts on the targets, also when another server's clock is ahead."""
    ids = [target.pk for target in targets]
    routes = read_routes(ids) if any(target.has_forerunners for target in targets) else NO_ROUTES
    judged = Judgement.objects.of_students([student.pk]).filter(target__in=routes.with_sources(ids))
    newest = judged.aggregate(at=Max("recorded_at"))["at"]
    now = timezone.now()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def _append(*rows: Assessment | Judgement) -> None:
    try:
        with transaction.atomic():
            for row in rows:
                row.save(force_insert=True)
    except IntegrityError as error:  # the same UUID, at the same moment, for another student
        if "uuid" in str(error):
            raise _reused() from error
        raise


def _reused() -> IdentifierReused:
    return IdentifierReused(
        "uuid_reused",
        _("This mark was sent before with other content. Nothing was changed."),
    )


def _own_mark_of_today(recorder: User, mark_uuid: UUID, day: date) -> Assessment:
    mark = (
        Assessment.objects.visible_to(recorder, Action.RECORD_MARK, day)
        .select_related("student__school", "student__merged_into__school")
        .filter(uuid=mark_uuid, kind=AssessmentKind.SCORE)
        .first()
    )
    if mark is None:
        raise NotAllowed("no_such_mark", _("This mark is not there, or not yours to take back."))
    zone = mark.student.school.time_zone
    if mark.recorder_id != recorder.pk or school_day(zone, mark.recorded_at) != school_day(zone):
        raise MarkRefused("not_yours_today", _("Only your own marks of today can be undone."))
    return mark


def _check_not_voided(mark: Assessment) -> None:
    if Assessment.objects.filter(voids=mark).exists():
        raise MarkRefused("already_undone", _("This mark was taken back before."))
