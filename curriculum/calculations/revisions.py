"""What differs between two wordings, what something said before it changed, and a crosswalk as a drawing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Mark = Literal["same", "gone", "new"]
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST_COMPARED = 4_000  # words
MOST_PAIRS = 20_000  # of equal words, one in each text; the comparison may take them time and again


@dataclass(frozen=True)
class Piece:
    """Some words of a changed text: in both wordings, only in the old one, or only in the new one."""

    mark: Mark
    text: str


def compare_words(old: str, new: str) -> list[Piece]:
    """The two texts as one, word by word: same and gone make the old one, same and new the new one."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    if len(before) + len(after) > LONGEST_COMPARED or _pairs(before, after) > MOST_PAIRS:
        return _pieces([("gone", old), ("new", new)])
    pieces: list[Piece] = []
    gone = new = ""
    opcodes = SequenceMatcher(str.isspace, before, after, autojunk=False).get_opcodes()
    for place, (step, i, j, k, m) in enumerate(opcodes):
        is_last = place == len(opcodes) - 1
        if step == "equal" and (is_last or not (gone or new) or "".join(before[i:j]).strip()):
            pieces += _pieces([("gone", gone), ("new", new), ("same", "".join(before[i:j]))])
            gone = new = ""
        else:  # a space between two changes changes with them
            gone, new = gone + "".join(before[i:j]), new + "".join(after[k:m])
    return [*pieces, *_pieces([("gone", gone), ("new", new)])]


def _pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """How many pairs of equal words there are, one in each text, spaces apart."""
    counts = Counter(after)
    return sum(counts[word] for word in before if not word.isspace())


def _pieces(steps: Iterable[tuple[Mark, str]]) -> list[Piece]:
    return [Piece(mark, text) for mark, text in steps if text]


def rolled_back(values: Mapping[str, Any], befores: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of a row as they were: ``befores`` are what changes replaced, the latest change first.

    ``guide`` maps levels to words; a level with no words before was not there.
    """
    known = dict(values)
    for before in befores:
        guide = {**known.get("guide", {}), **before.get("guide", {})}
        known |= before
        if "guide" in known:
            known["guide"] = {level: words for level, words in guide.items() if words}
    return known


ROW = 44  # units of the drawing
NAME = 250
GAP = 180
PADDING = 8


@dataclass(frozen=True)
class Box:
    """A name in the drawing; x and y are the corner of its box, ``middle`` the height of its middle."""

    name: str
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + (ROW - PADDING) // 2

    @property
    def text_x(self) -> int:
        return self.x + PADDING

    @property
    def text_y(self) -> int:
        return self.middle + 5


@dataclass(frozen=True)
class Strand:
    """A curve from an old target to a new one. ``follows`` is what carries over: levels, evidence or nothing."""

    follows: str
    path: str


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    old: list[Box]
    new: list[Box]
    strands: list[Strand]
    name_width: int = NAME
    name_height: int = ROW - PADDING


def draw_crosswalk(rows: Sequence[tuple[str, str, str]], names: Mapping[str, str]) -> Drawing:
    """What was on the left, what is on the right, a strand for each of ``rows`` (old, new, what follows).

    ``names`` says what to write for old and new. In units of the drawing's own view box.
    """
    old = _column([row[0] for row in rows], names, 0)
    new = _column([row[1] for row in rows], names, NAME + GAP)
    strands = [Strand(follows, _curve(old[source], new[destination])) for source, destination, follows in rows]
    height = max(len(old), len(new)) * ROW
    return Drawing(NAME * 2 + GAP, height, list(old.values()), list(new.values()), strands)


def _column(keys: Iterable[str], names: Mapping[str, str], x: int) -> dict[str, Box]:
    return {key: Box(names[key], x, place * ROW) for place, key in enumerate(dict.fromkeys(keys))}


def _curve(start: Box, end: Box) -> str:
    x, half = start.x + NAME, GAP // 2
    return f"M{x} {start.middle}C{x + half} {start.middle} {x + half} {end.middle} {end.x} {end.middle}"
