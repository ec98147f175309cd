"""One student on one target: the level and what it rests on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from curriculum.models import Scale, Target
from lpm.lib.dates import end_of_day, school_day
from lpm.lib.levels import level_text
from lpm.people.models import Student, User
from students.mastery.calculations import ScoreRow, State, compute_state
from students.mastery.calculations.follow import WITH_LEVELS
from students.mastery.calculations.state import COUNTED, standing
from students.mastery.models import Assessment, Judgement
from students.mastery.queries.routes import NO_ROUTES, read_routes
from students.mastery.queries.ways import measure_of, scale_range, ways_for


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
    """One student on one target, with the scoring guide and what the level rests on."""

    target: Target
    state: State
    guide: Guide
    evidence: list[Seen]
    my_mark: str | None


def read_target_record(student: Student, target: Target, viewer: User, day: date) -> TargetRecord:
    """Everything about one cell, recomputed from the logs, in 8 queries, 9 where other targets lead to it.

    ``my_mark`` is what could be undone.
    """
    ways = ways_for(student.school_id, day).on(measure_of(target))
    routes = read_routes([target.pk]) if target.has_forerunners else NO_ROUTES
    rows = _read_evidence(student, routes.with_sources([target.pk]))
    scores = [score_row(row) for row in rows]
    judged = Judgement.objects.of_students([student.pk])
    judged = judged.filter(target__in=routes.with_sources([target.pk], WITH_LEVELS))
    judgements = [row for _student, _target, row in judged.rows()]
    state = compute_state(scores, judgements, ways)
    counted = {row.id for row in standing(scores) if row.kind in COUNTED and row.level is not None}
    shown = sorted(
        (row for row in rows if row.pk in counted),
        key=lambda row: (row.performed_on, row.recorded_at, row.pk),
    )
    return TargetRecord(
        target=target,
        state=state,
        guide=read_guide(target, state.level),
        evidence=[_seen(row, row.level, target) for row in shown if row.level is not None],
        my_mark=_last_mark_of(
            viewer,
            [row for row in rows if row.target_id == target.pk],
            counted,
            _beginning_of_today(student),
        ),
    )


def _read_evidence(student: Student, target_ids: Collection[int]) -> list[Assessment]:
    rows = Assessment.objects.of_students([student.pk]).filter(target__in=target_ids)
    return list(rows.select_related("recorder", "target").order_by("recorded_at", "pk"))


def _seen(row: Assessment, level: Decimal, target: Target) -> Seen:
    recorder = row.recorder.name if row.recorder else ""
    return Seen(level, row.performed_on, recorder, row.target if row.target_id != target.pk else None)


def _beginning_of_today(student: Student) -> datetime:
    zone = student.school.time_zone
    return end_of_day(school_day(zone) - timedelta(days=1), zone)


def score_row(row: Assessment) -> ScoreRow:
    return ScoreRow(row.pk, row.kind, row.level, row.performed_on, row.recorded_at, row.voids_id, row.goal)


def _last_mark_of(viewer: User, rows: list[Assessment], counted: set[int], since: datetime) -> str | None:
    mine = [row for row in rows if row.pk in counted and row.recorder_id == viewer.pk and row.recorded_at >= since]
    return str(mine[-1].uuid) if mine else None


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
