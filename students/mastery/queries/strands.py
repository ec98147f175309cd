"""Habits and reasoning of one student: in words, apart from every level of content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from curriculum.enums import Domain
from curriculum.models import ContentArea, Scale, Target, Topic
from lpm.lib.levels import level_text
from lpm.people.models import Student
from students.mastery.calculations import ScoreRow
from students.mastery.calculations.state import converted, counted_of, in_order, standing
from students.mastery.enums import AssessmentKind, MasteryStatus
from students.mastery.queries.pauses import Pauses, read_pauses
from students.mastery.queries.seen import SeenCell, Sight, read_seen_cells
from students.mastery.queries.ways import scale_range

MOST_BARS = 4
TOP, WIDTH, GAP = 18, Decimal("5.5"), 8  # of the drawing, in its own units


@dataclass(frozen=True)
class Rating:
    """What was seen on a day: ``words`` is what the scale calls it."""

    words: str
    on: date


@dataclass(frozen=True)
class Bar:
    """A rating as it is drawn, oldest first; the newest is filled."""

    x: int
    y: Decimal
    height: Decimal
    is_newest: bool


@dataclass(frozen=True)
class StrandLine:
    """One target of a strand. ``words`` is how it is called now, "" before anybody said anything; ``own`` is what the
    student says, never part of the other. ``is_excused``: it is not asked of the student."""

    target: Target
    words: str
    bars: Sequence[Bar]
    ratings: Sequence[Rating]
    own: Rating | None
    is_excused: bool = False


@dataclass(frozen=True)
class Strand:
    """``title`` is the area's. ``is_paused``: off by the student's plan; ``lines`` is then empty."""

    area: ContentArea
    lines: Sequence[StrandLine]
    is_paused: bool = False


def strand_targets(school_id: int) -> Any:
    """The targets of habits and reasoning that the school uses, strand by strand, with their scales."""
    topics = Topic.objects.used_by(school_id).exclude(area__domain=Domain.CONTENT)
    rows = Target.objects.current().filter(topic__in=topics.values("pk"))
    rows = rows.select_related("topic__area__framework__scale")
    return rows.prefetch_related("topic__area__framework__scale__levels").order_by(
        "topic__area__domain", "topic__area__framework_id", "topic__area__position", "topic__area_id",
        "topic__position", "topic_id", "position", "pk",
    )  # fmt: skip


def read_strands(student: Student, sight: Sight) -> list[Strand]:
    """As the reader sees them. 1 query where the school has no strands, else 8."""
    targets = list(strand_targets(student.school_id))
    cells = read_seen_cells(student, sight, [target.pk for target in targets]) if targets else {}
    return strands_from(student, targets, cells, sight)


def strands_from(
    student: Student, targets: Sequence[Target], cells: Mapping[int, SeenCell], sight: Sight
) -> list[Strand]:
    """Of the targets of ``strand_targets``, as the reader sees them in ``cells``; 1 query, none without targets.

    What is off by plan is left out for the student and the family: for them nothing is missing. The staff reads that
    it is off.
    """
    if not targets:
        return []
    pauses = read_pauses([student.pk])
    strands = [_strand(student, list(rows), cells, pauses, sight) for rows in _by_area(targets)]
    return [strand for strand in strands if sight.is_staff or not strand.is_paused]


def _by_area(targets: Iterable[Target]) -> Iterable[Iterable[Target]]:
    return (rows for _area, rows in groupby(targets, lambda target: target.topic.area_id))


def _strand(
    student: Student, targets: list[Target], cells: Mapping[int, SeenCell], pauses: Pauses, sight: Sight
) -> Strand:
    area = targets[0].topic.area
    if pauses.holds(student.pk, area.pk, sight.day):
        return Strand(area, [], is_paused=True)
    scale = area.framework.scale
    return Strand(area, [_line(target, cells.get(target.pk), scale) for target in targets])


def _line(target: Target, cell: SeenCell | None, scale: Scale) -> StrandLine:
    if cell is None:
        return StrandLine(target, "", [], [], None)
    rows = in_order(converted(standing(cell.logs[0]), cell.ways), cell.ways)
    newest = counted_of(rows)[-MOST_BARS:]
    own = [row for row in rows if row.kind == AssessmentKind.SELF]
    level = cell.state.level
    return StrandLine(
        target,
        words_of(level, scale) if level is not None else "",
        _bars(newest, scale),
        [rating for row in newest if (rating := _rating(row, scale))],
        _rating(max(own, key=lambda row: row.recorded_at), scale) if own else None,
        is_excused=cell.state.status == MasteryStatus.EXCUSED,
    )


def _rating(row: ScoreRow, scale: Scale) -> Rating | None:
    return Rating(words_of(row.level, scale), row.performed_on) if row.level is not None else None


def _bars(rows: Sequence[ScoreRow], scale: Scale) -> list[Bar]:
    heights = [_height(row.level, scale) for row in rows if row.level is not None]
    last = len(heights) - 1
    left = MOST_BARS - len(heights)  # the newest always stands at the words
    return [Bar((left + n) * GAP, TOP - height, height, n == last) for n, height in enumerate(heights)]


def _height(level: Decimal, scale: Scale) -> Decimal:
    """The lowest level is a bar too."""
    share = (level - scale.low) / (scale.high - scale.low)
    return (4 + share * (TOP - 4)).quantize(Decimal("0.1"))


def words_of(level: Decimal, scale: Scale) -> str:
    """What the scale calls a level; between two of its words, both; in figures where it has no words for it."""
    names = {named.value: named.said_name for named in scale.levels.all() if named.said_name}
    if level in names:
        return names[level]
    below, above = (
        max((v for v in names if v < level), default=None),
        min((v for v in names if v > level), default=None),
    )
    if below is None or above is None or not scale_range(scale).holds(level):
        return level_text(level)
    return _("%(below)s to %(above)s") % {"below": names[below], "above": names[above]}


def strands_of(school_id: int) -> list[ContentArea]:
    """The strands of the school; 1 query."""
    areas = ContentArea.objects.filter(topics__in=Topic.objects.used_by(school_id).values("pk"))
    areas = areas.exclude(domain=Domain.CONTENT).select_related("framework").distinct()
    return list(areas.order_by("domain", "framework_id", "position", "pk"))
