"""Words with HTML in them, as CASE servers write them, into plain text. No database, no files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

INLINE = "a|abbr|b|big|cite|code|del|em|font|i|img|ins|mark|q|s|small|span|strike|strong|sub|sup|tt|u|wbr"
BLOCK = (
    "article|aside|blockquote|br|center|dd|div|dl|dt|figcaption|figure|footer|h1|h2|h3|h4|h5|h6|header|hr|li|ol|p|pre|"
    "section|table|tbody|td|tfoot|th|thead|tr|ul"
)
BREAKS = frozenset(BLOCK.split("|"))
BETWEEN_CELLS = {"td", "th"}
RAISED = dict(
    zip("0123456789+-−=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
MARKS = {"sup": ("^", RAISED), "sub": ("_", LOWERED)}
# A tag has a name we know, and values for its attributes: "a<b and c>d" is mathematics.
TAG = rf"</?(?:{INLINE}|{BLOCK})(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))*\s*/?>"
NO_TAG = re.compile(rf"<(?!{TAG.removeprefix('<')}|!--.{{0,2000}}?-->)", re.IGNORECASE | re.DOTALL)
NO_ENTITY = re.compile(r"&(?!(?:[a-z][a-z0-9]*|#[0-9]+|#x[0-9a-f]+);)", re.IGNORECASE)


def plain(words: str) -> str:
    """``words`` without tags: breaks become new lines, ``x<sup>2</sup>`` becomes x², entities what they stand for.

    A "<" that begins no tag we know is a mathematical sign and stays, and so does an "&" that begins no entity.
    Text without either comes back as it is. Source: HTML, as the Markdown and HTML of CASE 1.1 statements use it.
    """
    if "<" not in words and "&" not in words:
        return words
    reader = _Reader()
    reader.feed(NO_TAG.sub("&lt;", NO_ENTITY.sub("&amp;", words)))
    reader.close()
    return reader.read()


class _Reader(HTMLParser):
    """Gathers the text; what is raised or lowered waits until that part ends. A mark in a mark is its sign alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._mark = ""
        self._marked: list[str] = []

    def handle_data(self, data: str) -> None:
        (self._marked if self._mark else self._parts).append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in MARKS:
            self._break_at(tag)
        elif self._mark:
            self.handle_data(MARKS[tag][0])
        else:
            self._mark = tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_at(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in MARKS:
            self._break_at(tag)
        elif tag == self._mark:
            self._end_mark()

    def read(self) -> str:
        if self._mark:
            self._end_mark()
        return "".join(self._parts)

    def _break_at(self, tag: str) -> None:
        if tag in BREAKS:
            self.handle_data(" " if tag in BETWEEN_CELLS else "\n")

    def _end_mark(self) -> None:
        self._parts.append(_marked("".join(self._marked).strip(), *MARKS[self._mark]))
        self._mark, self._marked = "", []


def _marked(words: str, sign: str, characters: Mapping[str, str]) -> str:
    """The words raised or lowered, where Unicode has every character of them; else behind a sign."""
    if all(character in characters for character in words):
        return "".join(characters[character] for character in words)
    return f"{sign}{words}" if len(words) == 1 else f"{sign}({words})"
