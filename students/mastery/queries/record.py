"""One student on one target: the level and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from curriculum.models import Scale, Target
from lpm.lib.dates import end_of_day, school_day
from lpm.lib.levels import level_text
from lpm.people.models import Student, User
from students.mastery.calculations import JudgementRow, ScoreRow, State, compute_state
from students.mastery.calculations.follow import WITH_LEVELS
from students.mastery.calculations.state import counted_of, standing
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries.routes import NO_ROUTES, read_routes
from students.mastery.queries.seen import Reader, SeenCell, Sight
from students.mastery.queries.ways import WaysBook, measure_of, scale_range, ways_for


@dataclass(frozen=True)
class Seen:
    """One piece of evidence as it is shown: the level, the day, by whom.

    ``shown_on`` is the target it was shown on, where that is another one, which ended in a revision.
    """

    level: Decimal
    performed_on: date
    recorder: str
    shown_on: Target | None


@dataclass(frozen=True)
class Choice:
    """One level of a picker or a scoring guide. ``is_half`` lies between two described levels."""

    level: Decimal
    description: str
    name: str
    is_half: bool
    is_current: bool


@dataclass(frozen=True)
class Guide:
    """A scoring guide, highest level first; ``is_own`` is False for the general words of the scale."""

    choices: list[Choice]
    is_own: bool


@dataclass(frozen=True)
class TargetRecord:
    """One student on one target, with the scoring guide and what the level rests on; beside it what counts nowhere:
    the student's own last word, and practice checks, the newest first."""

    target: Target
    state: State
    guide: Guide
    evidence: list[Seen]
    my_mark: str | None
    own_word: Seen | None = None
    practice: tuple[Seen, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One student on one target as a reader sees it: the evidence that stands there, oldest first, the judgements
    that stand, and what they make. ``counted`` are the ids of the rows that a method computes with."""

    evidence: list[Assessment]
    judgements: list[Judgement]
    seen: SeenCell
    book: WaysBook
    counted: frozenset[int]


def read_cell(student: Student, target: Target, sight: Sight) -> Cell:
    """In 7 queries, 8 where other targets lead to this one. Rows of targets that ended stand where they count."""
    book = ways_for(student.school_id, sight.day, sight.before)
    routes = read_routes([target.pk], sight.before) if target.has_forerunners else NO_ROUTES
    assessments = Assessment.objects.of_students([student.pk]).filter(sight.assessments())
    assessments = assessments.filter(target__in=routes.with_sources([target.pk]))
    judged = Judgement.objects.of_students([student.pk]).filter(sight.judgements())
    judged = judged.filter(target__in=routes.with_sources([target.pk], WITH_LEVELS))
    rows = list(assessments.select_related("recorder", "target").order_by("recorded_at", "pk"))
    judgements = list(judged.select_related("judge", "unseen__judge").order_by("recorded_at", "pk"))
    ways = book.on(measure_of(target))
    logs = sight.released(([score_row(row) for row in rows], [judgement_row(row) for row in judgements]), ways)
    seen = SeenCell(logs, ways, compute_state(*logs, ways))
    evidence = standing(logs[0])
    stands = {row.id for row in evidence}
    decided = {row.id for row in standing(logs[1])}
    return Cell(
        evidence=sorted(
            (row for row in rows if row.pk in stands), key=lambda row: (row.performed_on, row.recorded_at, row.pk)
        ),
        judgements=[row for row in judgements if row.pk in decided],
        seen=seen,
        book=book,
        counted=frozenset(row.id for row in counted_of(evidence)),
    )


def read_target_record(
    student: Student, target: Target, viewer: User, day: date, sight: Sight | None = None
) -> TargetRecord:
    """Everything about one cell, recomputed from the logs; see ``read_cell``.

    ``my_mark`` is what could be undone. Without a ``sight`` the reader is of the staff.
    """
    cell = read_cell(student, target, sight or Sight(Reader.STAFF, day))
    shown = [row for row in cell.evidence if row.pk in cell.counted]
    return TargetRecord(
        target=target,
        state=cell.seen.state,
        guide=read_guide(target, cell.seen.state.level),
        evidence=[_seen(row, row.level, target) for row in shown if row.level is not None],
        my_mark=_last_mark_of(
            viewer,
            [row for row in shown if row.target_id == target.pk],
            _beginning_of_today(student),
        ),
        own_word=next(iter(_beside(cell, target, AssessmentKind.SELF)), None),
        practice=tuple(_beside(cell, target, AssessmentKind.PRACTICE)),
    )


def _beside(cell: Cell, target: Target, kind: AssessmentKind) -> list[Seen]:
    rows = [row for row in reversed(cell.evidence) if row.kind == kind]
    return [_seen(row, row.level, target) for row in rows if row.level is not None]


def _seen(row: Assessment, level: Decimal, target: Target) -> Seen:
    recorder = row.recorder.name if row.recorder else ""
    return Seen(level, row.performed_on, recorder, row.target if row.target_id != target.pk else None)


def _beginning_of_today(student: Student) -> datetime:
    zone = student.school.time_zone
    return end_of_day(school_day(zone) - timedelta(days=1), zone)


def score_row(row: Assessment) -> ScoreRow:
    return ScoreRow(row.pk, row.kind, row.level, row.performed_on, row.recorded_at, row.voids_id, row.goal)


def judgement_row(row: Judgement) -> JudgementRow:
    return JudgementRow(row.pk, row.kind, row.level, row.recorded_at, row.voids_id, row.unseen_id)


def _last_mark_of(viewer: User, counted: list[Assessment], since: datetime) -> str | None:
    mine = [row for row in counted if row.recorder_id == viewer.pk and row.recorded_at >= since]
    newest = max(mine, key=lambda row: (row.recorded_at, row.pk), default=None)
    return str(newest.uuid) if newest else None


def read_guide(target: Target, current: Decimal | None) -> Guide:
    """The target's own scoring guide, or the general words of its scale when it has none."""
    scale = target.topic.area.framework.scale
    general = {level.value: level for level in scale.levels.all()}
    own = {level.value: level.description for level in target.guide.all()}
    words = own or {value: level.said_description for value, level in general.items()}
    choices = [
        Choice(
            level=level,
            description=words.get(level) or _between(level, scale),
            name=general[level].said_name if level in general else "",
            is_half=level not in words,
            is_current=level == current,
        )
        for level in reversed(scale_range(scale).levels())
    ]
    return Guide(choices, is_own=bool(own))


def _between(level: Decimal, scale: Scale) -> str:
    above = level_text(level + scale.step)
    if level - scale.step <= scale.low:
        return _("A small part of %(above)s") % {"above": above}
    return _("All of %(below)s, and part of %(above)s") % {"below": level_text(level - scale.step), "above": above}
