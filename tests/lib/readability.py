"""How hard a page is to read: the grade of a school in the United States at which one reads it with ease."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

INLINE = {"a", "abbr", "b", "bdi", "cite", "data", "em", "i", "mark", "q", "small", "span", "strong", "time", "u"}
SILENT = {"script", "style", "svg", "nav", "select", "textarea", "template"}
EMPTY = {"br", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}
SENTENCE_END = re.compile(r"(?<!\bMs\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<=[.!?:])[”’\")]*\s+(?=[A-Z“\"])")
WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:[’'-][A-Za-zÀ-ÿ]+)*")
SHORTEST = 4  # words: less is a label or a name, and no sentence


class _Main(HTMLParser):
    """The text of the page's main part, one entry for each block; menus, drawings and controls are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self.is_in_main = False
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.is_in_main |= tag == "main"
        if tag in SILENT or (self.silent and tag not in EMPTY):
            self.silent.append(tag)
        if tag not in INLINE:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        if tag == "main":
            self.is_in_main = False
        if tag not in INLINE:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if self.is_in_main and not self.silent:
            self.blocks[-1] += data


def sentences_of_page(html: str) -> list[str]:
    """What a page says in sentences."""
    parser = _Main()
    parser.feed(html)
    return [*sentences(parser.blocks)]


def sentences(blocks: Iterable[str]) -> Iterator[str]:
    for block in blocks:
        for sentence in SENTENCE_END.split(" ".join(block.split())):
            if len(words(sentence)) >= SHORTEST:
                yield sentence


def words(sentence: str) -> list[str]:
    """Numbers are left out: how one says them, nobody writes."""
    return WORD.findall(sentence)


def grade(said: Iterable[str]) -> float:
    """The grade level of sentences after Flesch and Kincaid.

    0.39 × words per sentence + 11.8 × syllables per word - 15.59: J. P. Kincaid, R. P. Fishburne, R. L. Rogers and
    B. S. Chissom, Derivation of new readability formulas for Navy enlisted personnel, Research Branch Report 8-75,
    Millington, Tennessee, 1975.
    """
    each = [words(sentence) for sentence in said]
    all_words = [word for sentence in each for word in sentence]
    if not all_words:
        raise ValueError("nothing to read")
    per_word = sum(syllables(word) for word in all_words) / len(all_words)
    return 0.39 * len(all_words) / len(each) + 11.8 * per_word - 15.59


SILENT_ENDINGS = re.compile(
    r"(?<=[^aeiouytd])ed$|(?<=[^aeiouysxzcgh])es$|(?<=[^aeiouy][^aeiouyl])e$|(?<=[aeiouy][^aeiouy])e$"
)
SILENT_INSIDE = re.compile(r"(?<=som)e(?=\w)|(?<=hom)e(?=w)|(?<=ev)e(?=ry)|(?<=[^aeiouyl])e(?=ly$)|(?<=[tv])e(?=ment)")
TWO_SOUNDS = re.compile(
    r"(?<![stcgx])i(?=o)|(?<![stc])i(?=a)|(?<=sc)i(?=e)|(?<![gq])u(?=a)|e(?=a$)|(?<=cr)e(?=at(?!ur))|[aeiouy](?=ing$)"
)


def syllables(word: str) -> int:
    """How many one hears: groups of vowels, without the e that is written and not said."""
    return sum(_syllables(re.sub(r"[’']\w{0,2}$", "", part)) for part in word.lower().split("-"))


def _syllables(part: str) -> int:
    heard = SILENT_INSIDE.sub("", SILENT_ENDINGS.sub("", part))
    return max(1, len(re.findall(r"[aeiouyà-ÿ]+", TWO_SOUNDS.sub(r"\g<0>-", heard))))
