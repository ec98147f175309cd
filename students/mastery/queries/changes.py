"""What changed on a student's record, as a reader sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from curriculum.enums import Domain
from curriculum.models import Target
from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import JudgementRow, Logs, ScoreRow, State, Ways, compute_state
from students.mastery.calculations.place import UNTOUCHED
from students.mastery.enums import AssessmentKind, JudgementKind, MasteryStatus
from students.mastery.queries.seen import SeenCell, Sight, read_seen_logs, seen_cells
from students.mastery.queries.ways import ways_for


@dataclass(frozen=True)
class Change:
    """A target on which the student's level is another than some time before."""

    target: Target
    before: Decimal | None
    now: Decimal
    was_proficient: bool
    is_proficient: bool
    on: date

    @property
    def is_up(self) -> bool:
        return self.before is None or self.now > self.before

    @property
    def is_first(self) -> bool:
        return self.before is None

    @property
    def is_newly_met(self) -> bool:
        return self.is_proficient and not self.was_proficient


@dataclass(frozen=True)
class Summary:
    """How many changes there are of each kind; each is counted once, in the first that fits."""

    met_count: int
    up_count: int
    first_count: int


def summarize(changes: Iterable[Change]) -> Summary:
    met, up, first = 0, 0, 0
    for change in changes:
        met += change.is_newly_met
        first += change.is_first and not change.is_newly_met
        up += change.is_up and not change.is_first and not change.is_newly_met
    return Summary(met, up, first)


def change_of(target: Target, logs: Logs, since: datetime, ways: Ways, sight: Sight) -> Change | None:
    """From before ``since`` to now, as the reader sees it; None where the level is the same."""
    before = compute_state(*sight.released(_recorded_before(logs, since), ways), ways)
    now = compute_state(*sight.released(logs, ways), ways)
    if now.level is None or now.level == before.level or now.last_performed_on is None:
        return None
    return Change(target, before.level, now.level, before.is_proficient, now.is_proficient, now.last_performed_on)


def _recorded_before(logs: Logs, moment: datetime) -> Logs:
    scores, judgements = logs
    return [row for row in scores if row.recorded_at < moment], [row for row in judgements if row.recorded_at < moment]


class Reason(StrEnum):
    """Why a level is another than it was."""

    EVIDENCE = "evidence"
    JUDGED = "judged"
    ASIDE = "aside"
    TAKEN_BACK = "taken_back"
    CURRICULUM = "curriculum"
    METHOD = "method"


@dataclass(frozen=True)
class ChangeSince:
    """A target that stands differently now than on a past day. None: there was, or is, nothing on it."""

    target: Target
    before: State
    now: State
    reasons: tuple[Reason, ...]

    @property
    def is_lower(self) -> bool:
        return self.before.level is not None and self.now.level is not None and self.now.level < self.before.level


NOTHING = State(MasteryStatus.NOT_STARTED)


def read_changes_since(student: Student, then: Sight, now: Sight) -> list[ChangeSince]:
    """What the reader sees now that was different on the day of ``then``, topic by topic; in some 17 queries."""
    moment = then.until or end_of_day(then.day, student.school.time_zone)
    logs_then, logs_now = read_seen_logs(student, then), read_seen_logs(student, now)
    cells_then = seen_cells(logs_then, ways_for(student.school_id, then.day, then.before), then)
    cells_now = seen_cells(logs_now, ways_for(student.school_id, now.day, now.before), now)
    changed = [
        pk for pk in cells_then.keys() | cells_now.keys() if _differ(_state(cells_then, pk), _state(cells_now, pk))
    ]
    targets = Target.objects.filter(pk__in=changed, topic__area__domain=Domain.CONTENT)
    targets = targets.select_related("topic__area__framework__scale")
    nothing: Logs = ([], [])
    return [
        ChangeSince(
            target,
            _state(cells_then, target.pk),
            _state(cells_now, target.pk),
            _reasons(
                logs_then.get(target.pk, nothing),
                logs_now.get(target.pk, nothing),
                cells_then.get(target.pk),
                cells_now.get(target.pk),
                moment,
            ),
        )
        for target in targets.order_by("topic__area__position", "topic__position", "topic_id", "position", "pk")
    ]


def _state(cells: Mapping[int, SeenCell], target: int) -> State:
    return cells[target].state if target in cells else NOTHING


def _differ(before: State, now: State) -> bool:
    if {before.status, now.status} <= UNTOUCHED:
        return False
    return (before.status, before.level) != (now.status, now.level)


def _reasons(
    then: Logs, now: Logs, cell_then: SeenCell | None, cell_now: SeenCell | None, moment: datetime
) -> tuple[Reason, ...]:
    """What happened to the rows since ``moment``, else to what is made of them."""
    scores, judgements = now
    reasons = [
        *_of_scores(row for row in scores if row.recorded_at >= moment),
        *_of_judgements(row for row in judgements if row.recorded_at >= moment),
    ]
    if _has_moved(then, now, moment):
        reasons.append(Reason.CURRICULUM)
    if cell_then and cell_now and cell_then.ways != cell_now.ways:
        reasons.append(Reason.METHOD)
    return tuple(dict.fromkeys(reasons))


def _has_moved(then: Logs, now: Logs, moment: datetime) -> bool:
    """Whether rows of that time count in another place now: they went to, or came from, a target that ended."""
    here, there = (
        {(type(row), row.id) for rows in logs for row in rows} for logs in (then, _recorded_before(now, moment))
    )
    return here != there


def _of_scores(rows: Iterable[ScoreRow]) -> list[Reason]:
    return [Reason.TAKEN_BACK if row.kind == AssessmentKind.VOID else Reason.EVIDENCE for row in rows]


SAID_BY = {
    JudgementKind.EXCUSED: Reason.ASIDE,
    JudgementKind.ASSUMED: Reason.ASIDE,
    JudgementKind.VOID: Reason.TAKEN_BACK,
}


def _of_judgements(rows: Iterable[JudgementRow]) -> list[Reason]:
    return [SAID_BY.get(JudgementKind(row.kind), Reason.JUDGED) for row in rows]
