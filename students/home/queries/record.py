"""What a page about one student reads of the record: all of it together, each log once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from curriculum.enums import Domain
from curriculum.models import Target
from curriculum.querysets import TargetQuerySet
from lpm.people.models import Student
from students.mastery.calculations import Logs, State
from students.mastery.models import MasteryState
from students.mastery.queries import Change, Sight, measure_of, read_routes, ways_for
from students.mastery.queries.changes import change_of
from students.mastery.queries.routes import NO_ROUTES
from students.mastery.queries.seen import SeenCell, read_seen_logs, seen_cells, stored_state
from students.mastery.queries.strands import Strand, strand_targets, strands_from
from students.mastery.queries.ways import WaysBook


@dataclass(frozen=True)
class Record:
    """A student's record as a reader sees it: the state on every target, habits and reasoning, and the ``changes`` of
    content that are new to the reader since a moment, newest first (none where nobody asked)."""

    states: Mapping[int, State]
    strands: Sequence[Strand]
    changes: Sequence[Change] = ()


def read_record(student: Student, sight: Sight, since: datetime | None = None) -> Record:
    """The logs are read where they have to be: for habits, for what is newer than ``since``, and for what the reader
    sees otherwise than it is stored. In at most 8 queries, and 1 more where what was shown on other targets counts."""
    since = sight.known_until(since) if since else None
    strands = list(strand_targets(student.school_id).prefetch_related(None))
    ready, wanted = _stored(student, sight, since, strands)
    targets, logs = _logs(student, sight, strands, wanted)
    book = ways_for(student.school_id, sight.day, sight.before) if logs else WaysBook()
    cells = seen_cells(logs, book, sight, {pk: measure_of(targets[pk]) for pk in logs})
    changes = _changes(logs, targets, cells, since, sight) if since else []
    named = [*strands, *(change.target for change in changes)]
    prefetch_related_objects(named, "topic__area__framework__scale__levels")
    return Record(
        states={**{pk: cell.state for pk, cell in cells.items()}, **ready},
        strands=strands_from(student, strands, cells, sight),
        changes=changes,
    )


def _stored(
    student: Student, sight: Sight, since: datetime | None, strands: Sequence[Target]
) -> tuple[dict[int, State], set[int] | None]:
    """The states that the reader sees as they are stored, and the targets whose rows are read; None: all of them."""
    if sight.before:
        return {}, None
    rows = list(MasteryState.objects.filter(student=student))
    ready = {row.target_id: stored_state(row) for row in rows if sight.is_ready(row)}
    wanted = {row.target_id for row in rows if row.target_id not in ready or _is_news(row.changed_at, since)}
    return ready, wanted.union(target.pk for target in strands)


def _is_news(moment: datetime | None, since: datetime | None) -> bool:
    return since is not None and moment is not None and moment >= since


def _logs(
    student: Student, sight: Sight, strands: Sequence[Target], wanted: set[int] | None
) -> tuple[dict[int, Target], dict[int, Logs]]:
    """The targets of content, and the strands as they are now, with the rows that count there."""
    targets = {target.pk: target for target in strands}
    if wanted is None:
        logs = read_seen_logs(student, sight)
        targets |= {row.pk: row for row in content_targets(logs)}
        return targets, {pk: rows for pk, rows in logs.items() if pk in targets}
    targets |= {row.pk: row for row in content_targets(wanted)}
    routes = None if any(target.has_forerunners for target in targets.values()) else NO_ROUTES
    return targets, read_seen_logs(student, sight, targets, routes=routes) if targets else {}


def _changes(
    logs: Mapping[int, Logs],
    targets: Mapping[int, Target],
    cells: Mapping[int, SeenCell],
    since: datetime,
    sight: Sight,
) -> list[Change]:
    """A curriculum that changed is no news of the student: what was shown on a target that ended is told of those on
    which it counts now. Nor are habits, which are told apart."""
    news = [pk for pk, rows in logs.items() if any(_is_news(row.recorded_at, since) for log in rows for row in log)]
    content = [targets[pk] for pk in news if targets[pk].topic.area.domain == Domain.CONTENT]
    found = (change_of(target, logs[target.pk], since, cells[target.pk].ways, sight) for target in content)
    changes = [change for change in found if change is not None]
    gone = _moved([change.target for change in changes if change.target.retired_on], sight)
    kept = [change for change in changes if change.target.pk not in gone]
    return sorted(kept, key=lambda change: (change.on, change.target.pk), reverse=True)


def content_targets(target_ids: Collection[int]) -> TargetQuerySet[Target]:
    """Those of content, with their scales."""
    rows = Target.objects.filter(pk__in=target_ids, topic__area__domain=Domain.CONTENT)
    return rows.select_related("topic__area__framework__scale")


def _moved(ended: Sequence[Target], sight: Sight) -> set[int]:
    """Those of the ended targets whose rows count elsewhere now."""
    routes = read_routes([target.pk for target in ended], sight.before)
    return {target.pk for target in ended if routes.onward(target.pk)}
