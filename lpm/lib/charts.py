"""Charts as SVG, from figures alone: no script, no canvas, colours through the classes of lpm.css.

Each function returns one ``<svg>``. Everything passes through ``format_html`` (which
escapes); nothing is marked safe by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TOP = 4  # of the scale
PROFICIENT = 3
MOST_STEPS = 12  # discs that fit side by side; the table under the chart has all
MOST_LABELS = 8


def ring(met: int, going: int, total: int, title: str) -> SafeString:
    """How many of ``total`` targets are met (solid) and under way (paler). ``title`` says it in words.

    The circle's length counts as 100, so that dashes are percentages.
    """
    whole = max(total, 1)
    shares = [("going", 100 * (met + going) / whole), ("met", 100 * met / whole)]
    arcs = format_html_join(
        "",
        '<circle class="{}" cx="50" cy="50" r="43" pathLength="100" stroke-dasharray="{} 100"/>',
        ((name, f"{min(share, 100):.1f}") for name, share in shares if share > 0),
    )
    return format_html(
        '<svg viewBox="0 0 100 100" role="img" aria-label="{}"><g transform="rotate(-90 50 50)">'
        '<circle class="track" cx="50" cy="50" r="43"/>{}</g>'
        '<text x="50" y="57" text-anchor="middle">{}</text></svg>',
        title,
        arcs,
        met,
    )


def steps(points: Sequence[tuple[str, Decimal]], title: str, *, width: int = 560, height: int = 170) -> SafeString:
    """The history of one target: (when, in words; level from 0 to 4) from left to right, with the 3.0 line.

    Only the last 12 points are drawn. ``title`` says the finding in words; a table belongs under the chart.
    """
    frame = _Frame(width, height, points[-MOST_STEPS:])
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        width,
        height,
        title,
        _scale(frame),
        _line(frame),
        _discs(frame),
        _dates(frame),
    )


def dots(
    points: Sequence[tuple[str, Decimal, bool]],
    title: str,
    *,
    levels: Sequence[Decimal],
    goal: Decimal,
    width: int = 560,
    height: int = 190,
) -> SafeString:
    """Pieces of evidence from left to right: (when, in words; level; whether it counts), on the lines of ``levels``.

    What does not count is drawn hollow and dashed. Only the last 12 are drawn. ``title`` says the finding in words; a
    list belongs under the chart.
    """
    shown = points[-MOST_STEPS:]
    frame = _Frame(width, height, [(when, level) for when, level, _counts in shown], min(levels), max(levels))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        width,
        height,
        title,
        _lines(frame, levels, goal),
        format_html_join(
            "",
            '<g value="{}" class="{}"><circle class="lv" cx="{}" cy="{}" r="15"/>'
            '<text class="lv" x="{}" y="{}" text-anchor="middle">{}</text></g>',
            (
                (f"{level:.1f}", "" if counts else "apart", x, y, x, y + 4.5, number_format(level, 1))
                for n, (_, level, counts) in enumerate(shown)
                for x, y in [(frame.x(n), frame.y(level))]
            ),
        ),
        _dates(frame),
    )


class _Frame:
    """Where a point or a level lies, in the units of the viewBox."""

    left = right = 30
    above, below = 16, 30

    def __init__(
        self,
        width: int,
        height: int,
        points: Sequence[tuple[str, Decimal]],
        low: Decimal | int = 0,
        high: Decimal | int = TOP,
    ) -> None:
        self.width, self.height, self.points, self.low, self.high = width, height, points, low, high

    def x(self, place: int) -> int:
        first, last = self.left + 12, self.width - self.right - 12
        if len(self.points) == 1:
            return (first + last) // 2
        return round(first + (last - first) * place / (len(self.points) - 1))

    def y(self, level: Decimal | int) -> int:
        room = self.height - self.above - self.below
        return round(self.height - self.below - room * float(level - self.low) / float(self.high - self.low))


def _scale(frame: _Frame) -> SafeString:
    return _lines(frame, range(TOP + 1), PROFICIENT)


def _lines(frame: _Frame, levels: Sequence[Decimal | int], goal: Decimal | int) -> SafeString:
    lines = format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        (
            ("goal" if level == goal else "axis", frame.left, frame.width - frame.right, y, y)
            for level in levels
            for y in [frame.y(level)]
        ),
    )
    numbers = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (frame.left - 9, frame.y(level) + 4, int(level) if level % 1 == 0 else number_format(level, 1))
            for level in levels
        ),
    )
    return lines + numbers


def _line(frame: _Frame) -> SafeString:
    places = " ".join(f"{frame.x(n)},{frame.y(level)}" for n, (_, level) in enumerate(frame.points))
    return format_html('<polyline class="actual" points="{}"/>', places)


def _discs(frame: _Frame) -> SafeString:
    return format_html_join(
        "",
        '<g value="{}"><circle class="lv" cx="{}" cy="{}" r="15"/>'
        '<text class="lv" x="{}" y="{}" text-anchor="middle">{}</text></g>',
        (
            (f"{level:.1f}", x, y, x, y + 4.5, number_format(level, 1))
            for n, (_, level) in enumerate(frame.points)
            for x, y in [(frame.x(n), frame.y(level))]
        ),
    )


def _dates(frame: _Frame) -> SafeString:
    """Under each disc, or under every other one (the last always) when they would touch."""
    every = 1 if len(frame.points) <= MOST_LABELS else 2
    last = len(frame.points) - 1
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((frame.x(n), frame.height - 8, when) for n, (when, _) in enumerate(frame.points) if (last - n) % every == 0),
    )


NAME_ROOM = 168  # for the name of a row of a strip
DAY_ROOM = 13
ROW_ROOM = 26
MOST_LETTERS = 24


def strip(rows: Mapping[str, Mapping[date, int]], last: date, weeks: int, title: str) -> SafeString:
    """A row for each name, a column for each day of the last ``weeks``: a dot where something was, larger for more.

    ``title`` says the finding in words; a table belongs under the chart.
    """
    first = last - timedelta(days=7 * weeks - 1)
    width, height = NAME_ROOM + 7 * weeks * DAY_ROOM + DAY_ROOM, ROW_ROOM * (len(rows) + 1) + 4
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        width,
        height,
        title,
        format_html_join("", "{}", ((_strip_row(n, *row, first, last, width),) for n, row in enumerate(rows.items()))),
        _strip_weeks(first, weeks, height),
    )


def _strip_row(number: int, name: str, counts: Mapping[date, int], first: date, last: date, width: int) -> SafeString:
    y = ROW_ROOM * number + ROW_ROOM // 2
    dots = (
        (NAME_ROOM + (day - first).days * DAY_ROOM + DAY_ROOM // 2, y, 3 if count < 3 else 5)
        for day, count in sorted(counts.items())
        if first <= day <= last and count
    )
    return format_html(
        '<text x="0" y="{}">{}</text><line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>{}',
        y + 4,
        name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…",
        NAME_ROOM,
        width,
        y,
        y,
        format_html_join("", '<circle class="dot" cx="{}" cy="{}" r="{}"/>', dots),
    )


def _strip_weeks(first: date, weeks: int, height: int) -> SafeString:
    """The first day of every third week, below."""
    days = (first + timedelta(days=7 * week) for week in range(0, weeks, 3))
    return format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((NAME_ROOM + (day - first).days * DAY_ROOM, height - 6, date_format(day, "MONTH_DAY_FORMAT")) for day in days),
    )
