"""What a target said before revisions changed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from curriculum.calculations.revisions import rolled_back
from curriculum.enums import ChangeKind, RevisionStatus
from curriculum.models import Change, Revision, Target
from lpm.lib.dates import end_of_day, school_day

WORDS = ("code", "short_title", "statement", "i_can", "grades")


@dataclass(frozen=True)
class TargetWords:
    """``guide`` maps levels ("3.00") to words, the highest first.

    ``changed_on`` are the days of later changes, the latest first.
    """

    code: str
    short_title: str
    statement: str
    i_can: str
    grades: list[str]
    guide: dict[str, str]
    changed_on: list[date]


def words_as_of(target: Target, day: date) -> TargetWords | None:
    """What ``target`` said at the end of ``day``, where its framework's owner is; None when it had not begun.

    Needs ``topic__area__framework__owner``; 2 queries.
    """
    zone = target.topic.area.framework.owner.time_zone
    later = Change.objects.filter(
        subject_uuid=target.uuid,
        revision__status=RevisionStatus.PUBLISHED,
        revision__published_at__gte=end_of_day(day, zone),
    ).select_related("revision")
    changes = list(later.order_by("-revision__published_at", "-pk"))
    if any(change.kind == ChangeKind.ADDED for change in changes):
        return None
    now = {name: getattr(target, name) for name in WORDS}
    now["guide"] = {str(line.value): line.description for line in target.guide.all()}
    then = rolled_back(now, [change.before for change in changes])
    days = [school_day(zone, change.revision.published_at) for change in changes]
    guide = dict(sorted(then["guide"].items(), key=lambda line: Decimal(line[0]), reverse=True))
    return TargetWords(**{name: then[name] for name in WORDS}, guide=guide, changed_on=days)


def last_day_before_change(target: Target) -> date | None:
    """The last day on which ``target`` said something else, where its framework's owner is; None if there is none.

    Needs ``topic__area__framework__owner``; 1 query.
    """
    rows = Change.objects.filter(subject_uuid=target.uuid, revision__status=RevisionStatus.PUBLISHED)
    rows = rows.exclude(kind=ChangeKind.ADDED).order_by("-revision__published_at")
    moment = rows.values_list("revision__published_at", flat=True).first()
    zone = target.topic.area.framework.owner.time_zone
    return school_day(zone, moment) - timedelta(days=1) if moment else None


def changes_by_target(uuids: Collection[UUID], apart_from: Revision) -> dict[UUID, list[date]]:
    """The days on which other revisions changed the subjects, the latest first; by identity."""
    rows = Change.objects.filter(subject_uuid__in=uuids, revision__status=RevisionStatus.PUBLISHED)
    rows = rows.exclude(revision=apart_from).exclude(kind=ChangeKind.ADDED)
    if apart_from.published_at:
        rows = rows.filter(revision__published_at__lt=apart_from.published_at)
    days: defaultdict[UUID, list[date]] = defaultdict(list)
    zone = apart_from.framework.owner.time_zone
    moments = rows.order_by("-revision__published_at").values_list("subject_uuid", "revision__published_at")
    for uuid, moment in moments:
        days[uuid].append(school_day(zone, moment))
    return days
