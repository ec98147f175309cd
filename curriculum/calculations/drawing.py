"""The picture of a "comes before" graph as SVG: boxes that are links, and lines that lead down.

On pages colours come through the classes of curriculum.css; elsewhere through a palette of literal colours. No script,
no style. Everything passes through ``format_html``, which escapes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from curriculum.calculations.layers import Box, Layout, Line, Shape, lay_out

LETTER = 7.2  # pixels that a letter of 13 pixels takes up, on the wide side
LINE = 16  # from one line of text to the next
EDGE = 6  # from the edge of a box to its text
MARGIN = 3  # around the drawing, for outlines
TIP = 5  # half the width of the point of an arrow
SHAPES = {
    "narrow": Shape(2, box=136),
    "mid": Shape(4, box=136),
    "wide": Shape(6, box=136),
}


class Standing(StrEnum):
    PLAIN = "plain"
    HERE = "here"  # what the page is about
    ELSEWHERE = "elsewhere"  # of another topic


@dataclass(frozen=True)
class Node:
    """A target or topic to draw. ``title`` in full; the box shows what fits."""

    key: Hashable
    href: str
    title: str
    code: str = ""
    standing: Standing = Standing.PLAIN


@dataclass(frozen=True)
class Words:
    """What a picture is called and says, for those who do not see it; ``name`` makes its ids unique on a page."""

    name: str
    title: str
    description: str


Palette = Mapping[str, str]  # the classes "line", "tip", "box", "code", "words" to colours such as "#20302e"
Edges = Iterable[tuple[Hashable, Hashable]]


def pictures(nodes: Sequence[Node], edges: Edges, words: Words) -> dict[str, SafeString]:
    """The picture for a narrow, a middling and a wide window. Raises ValueError for a circle."""
    edges = list(edges)
    return {
        size: draw(nodes, edges, Words(f"{words.name}-{size}", words.title, words.description), shape=shape)
        for size, shape in SHAPES.items()
    }


def draw(
    nodes: Sequence[Node], edges: Edges, words: Words, *, shape: Shape, palette: Palette | None = None
) -> SafeString:
    """One picture, in pixels: text is 13 high at its natural size. Raises ValueError for a circle."""
    known = {node.key: node for node in nodes}
    layout = lay_out(list(known), edges, shape)
    width, height = round(layout.width + 2 * MARGIN), round(layout.height + 2 * MARGIN)
    return format_html(
        '<svg class="steps" width="{}" height="{}" viewBox="{} {} {} {}" role="group" aria-labelledby="{}" '
        'aria-describedby="{}"><title id="{}">{}</title><desc id="{}">{}</desc>{}{}</svg>',
        *(width, height, -MARGIN, -MARGIN, width, height),
        *(f"{words.name}-title", f"{words.name}-desc", f"{words.name}-title", words.title),
        *(f"{words.name}-desc", words.description),
        _lines(layout, palette or {}),
        format_html_join("", "{}", ((_box(box, known[box.node], shape, palette or {}),) for box in layout.boxes)),
    )


def _lines(layout: Layout[Hashable], palette: Palette) -> SafeString:
    ends = {line.end: line.points[-1] for line in layout.lines}
    return format_html(
        '<g class="lines" aria-hidden="true">{}{}</g>',
        format_html_join(
            "",
            '<path class="line" fill="none" d="{}"{}/>',
            ((_way(line), _colour("stroke", "line", palette)) for line in layout.lines),
        ),
        format_html_join(
            "",
            '<path class="tip" d="M{} {}l{} {}h{}z"{}/>',
            ((_n(x), _n(y), -TIP, -TIP - 2, 2 * TIP, _colour("fill", "tip", palette)) for x, y in ends.values()),
        ),
    )


def _way(line: Line[Hashable]) -> str:
    """Curves from row to row, straight where it passes one."""
    (x, y), *rest = line.points
    way = [f"M{_n(x)} {_n(y)}"]
    for place, (to_x, to_y) in enumerate(rest):
        if place % 2:  # through a row
            way.append(f"V{_n(to_y)}")
        else:
            middle = _n((y + to_y) / 2)
            way.append(f"C{_n(x)} {middle} {_n(to_x)} {middle} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(way)


def _box(box: Box[Hashable], node: Node, shape: Shape, palette: Palette) -> SafeString:
    said = f"{node.code} {node.title}".strip()
    return format_html(
        '<a href="{}" class="{}"><title>{}</title>'
        '<rect class="box" x="{}" y="{}" width="{}" height="{}" rx="8"{}/>{}</a>',
        *(node.href, node.standing.value, said),
        *(_n(box.x), _n(box.y), shape.box, shape.height, _colour("fill", "box", palette)),
        _texts(box, node, shape, palette),
    )


def _texts(box: Box[Hashable], node: Node, shape: Shape, palette: Palette) -> SafeString:
    letters, room = int((shape.box - 2 * EDGE) / LETTER), (shape.height - EDGE) // LINE
    lines = [("code", cut_from_front(node.code, letters))] if node.code else []
    lines += [("words", line) for line in in_lines(node.title, letters, room - len(lines))]
    first = box.y + (shape.height - LINE * len(lines)) / 2 + LINE - 4
    return format_html_join(
        "",
        '<text class="{}" x="{}" y="{}" text-anchor="middle"{}>{}</text>',
        (
            (name, _n(box.x + shape.box / 2), _n(first + LINE * n), _colour("fill", name, palette), line)
            for n, (name, line) in enumerate(lines)
        ),
    )


def _colour(attribute: str, name: str, palette: Palette) -> SafeString:
    return format_html(' {}="{}"', attribute, palette[name]) if name in palette else SafeString("")


def _n(number: float) -> str:
    """A number as short as it can be written, to a tenth."""
    return f"{number:.1f}".removesuffix(".0")


def letters_wide(text: str) -> int:
    """How many letters wide the text is; those of Chinese, Japanese and Korean count as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def cut_from_front(code: str, letters: int) -> str:
    """The end of a long code, which is what tells codes apart: "…3.NF.A.1"."""
    while letters_wide(code) > letters:
        code = f"…{code.removeprefix('…')[1:]}"
    return code


def in_lines(text: str, letters: int, most: int) -> list[str]:
    """``text`` in at most ``most`` lines of ``letters``, broken between words where it can be; "…" where it is cut."""
    lines = [""]
    for word in _pieces(text, letters):
        if letters_wide(f"{lines[-1]} {word}".strip()) <= letters:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    if len(lines) <= most:
        return [line for line in lines if line]
    kept = lines[:most]
    while kept and letters_wide(kept[-1]) >= letters:
        kept[-1] = kept[-1][:-1]
    return [*kept[:-1], f"{kept[-1].rstrip(' ,;:')}…"] if kept else []


def _pieces(text: str, letters: int) -> Iterable[str]:
    """Words, those wider than a line in pieces."""
    for word in text.split():
        while letters_wide(word) > letters:
            end = next(n for n in range(1, len(word) + 1) if letters_wide(word[: n + 1]) > letters)
            yield word[:end]
            word = word[end:]
        yield word
