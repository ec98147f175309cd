"""Finding targets by code and by words, typos forgiven.

Three ways, each served by an index: the code without its dots, whole words and their beginnings, and, when these find
nothing, the words of the curriculum that are spelled almost so. Accents and case never matter
(``Target.search_text``). Why not by the likeness that the database computes: docs/decisions/0030-search-and-graph.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Any
from unicodedata import east_asian_width

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.cache import cache
from django.db.models import Case, Q, QuerySet, When
from django.db.models.fields import BooleanField
from django.db.models.functions import Length

from curriculum.models import Target
from curriculum.models.frameworks import BETWEEN, squeezed_code
from lpm.lib.text import folded

MOST = 200  # are found at all; whoever has not found it by then types another word
MOST_LETTERS = 100  # of what was typed
MOST_WORDS = 8
BEGINNING = 3  # letters from which on a word stands for all that begin with it
NEAREST = 5  # words of the curriculum that are tried for a mistyped one
SPELLED_ALIKE = 0.74  # of two words, as difflib counts it, from 0 to 1
NEARLY = 0.05  # as like as the likest
KNOWN_FOR = 600  # seconds for which the words of a curriculum are remembered
SNIPPET = 160  # letters of a long statement that are shown
BEFORE_MARK = 40
EXACT, BEGINS, ENDS, HOLDS = range(4)  # how a code fits, the best first


@dataclass(frozen=True)
class Piece:
    """A piece of a text; ``is_found`` when it is what somebody looks for."""

    text: str
    is_found: bool = False


@dataclass(frozen=True)
class Hit:
    """A target that was found: its title, the student's sentence and a part of its statement, in pieces."""

    target: Target
    title: list[Piece]
    i_can: list[Piece]
    statement: list[Piece]


@dataclass(frozen=True)
class Found:
    """The keys of targets, the likeliest first, and the words that were looked for, mistyped ones put right."""

    pks: list[int]
    words: list[str]


def find_targets(frameworks: Collection[int], text: str) -> Found:
    """At most 200 targets of the frameworks (keys) that ``text`` may mean; in 2 queries, 4 where a word is mistyped.

    Those in use stand before those that are retired. Whole codes come first, then their beginnings, then words.
    """
    rows = Target.objects.filter(topic__area__framework__in=list(frameworks))
    words = words_of(text)
    if not words or not frameworks:
        return Found([], words)
    found = [*_by_code(rows, text), *_by_words(rows, [[word] for word in words])]
    if not found and (alike := _put_right(frameworks, words)):
        found = _by_words(rows, alike)
        words = [word for choice in alike for word in choice]
    found.sort(key=lambda hit: hit[1])  # the retired last; else as they are
    return Found(list(dict.fromkeys(pk for pk, _is_retired in found))[:MOST], words)


def words_of(text: str) -> list[str]:
    """What somebody typed, in words without accents, case and signs; at most 8."""
    return list(dict.fromkeys(re.findall(r"[^\W_]+", folded(text[:MOST_LETTERS]))))[:MOST_WORDS]


Hits = list[tuple[int, bool]]  # key, is retired


def _by_code(rows: QuerySet[Target], text: str) -> Hits:
    code = folded(text[:MOST_LETTERS]).translate(dict.fromkeys(map(ord, BETWEEN)))
    rows = rows.annotate(squeezed=squeezed_code)
    fits = Q(squeezed__startswith=code) | (Q(squeezed__contains=code) if len(code) > 2 else Q())
    ways = [When(squeezed=code, then=EXACT), When(squeezed__startswith=code, then=BEGINS)]
    way = Case(*ways, When(squeezed__endswith=code, then=ENDS), default=HOLDS)
    return _first(rows.filter(fits), way, Length("code"), "code")


def _by_words(rows: QuerySet[Target], choices: Iterable[Sequence[str]]) -> Hits:
    fitting = with_words(rows, choices)
    return [] if fitting is None else _first(fitting, Length("search_text"))


def with_words(rows: QuerySet[Target], choices: Iterable[Sequence[str]]) -> QuerySet[Target] | None:
    """Of each choice one word begins one of the text; None when there is nothing to look for.

    Writing without spaces has no beginnings: there it stands anywhere.
    """
    found, spaced = Q(), []
    for choice in choices:
        if is_unspaced(choice[0]):
            found &= Q(search_text__contains=choice[0])
        elif len(choice[0]) > 1:
            spaced.append(" | ".join(f"{word}:*" if len(word) >= BEGINNING else word for word in choice))
    if spaced:
        query = SearchQuery(" & ".join(f"({each})" for each in spaced), config="simple", search_type="raw")
        rows = rows.annotate(vector=SearchVector("search_text", config="simple"))
        found &= Q(vector=query)
    return rows.filter(found) if found else None


def is_unspaced(word: str) -> bool:
    return any(east_asian_width(letter) in "WF" for letter in word)


def _put_right(frameworks: Collection[int], words: Sequence[str]) -> list[list[str]]:
    """For each word those of the curriculum that it may stand for; empty when one of them may stand for none."""
    known = _vocabulary(frameworks)
    choices = [_meant(word, known) for word in words if len(word) > 2 or word in known]
    return choices if all(choices) else []


def _meant(word: str, known: Collection[str]) -> list[str]:
    if any(other.startswith(word) for other in known):
        return [word]
    near = [other for other in known if abs(len(other) - len(word)) < 4]
    alike = get_close_matches(word, near, NEAREST, SPELLED_ALIKE)
    return [other for other in alike if _likeness(other, word) >= _likeness(alike[0], word) - NEARLY]


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, word, other).ratio()


def _vocabulary(frameworks: Collection[int]) -> set[str]:
    """Every word of the frameworks; what was written within the last minutes may be missing."""
    keys = {f"curriculum:words:{pk}": pk for pk in frameworks}
    known = cache.get_many(keys)
    missing = [pk for key, pk in keys.items() if key not in known]
    if missing:
        read = _read_words(missing)
        cache.set_many({f"curriculum:words:{pk}": words for pk, words in read.items()}, KNOWN_FOR)
        known |= {str(pk): words for pk, words in read.items()}
    return {word for words in known.values() for word in words.split()}


def _read_words(frameworks: Collection[int]) -> dict[int, str]:
    words: dict[int, set[str]] = {pk: set() for pk in frameworks}
    rows = Target.objects.filter(topic__area__framework__in=frameworks)
    for pk, text in rows.values_list("topic__area__framework", "search_text").iterator(5000):
        words[pk].update(text.split())
    return {pk: " ".join(sorted(_plain(found))) for pk, found in words.items()}


def _plain(tokens: Iterable[str]) -> set[str]:
    """The words in ``tokens``, without signs and figures."""
    return {word for token in tokens for word in re.findall(r"[^\W\d_]{3,}", token)}


def _first(rows: QuerySet[Target], *order: Any) -> Hits:
    is_retired = Case(When(retired_on__isnull=True, then=False), default=True, output_field=BooleanField())
    rows = rows.annotate(is_retired=is_retired).order_by("is_retired", *order, "position", "pk")
    return list(rows.values_list("pk", "is_retired")[:MOST])


def read_hits(pks: Sequence[int], words: Sequence[str]) -> list[Hit]:
    """The targets in the order of ``pks``, what was looked for marked; one query."""
    targets = Target.objects.select_related("topic__area__framework", "part_of").in_bulk(list(pks))
    return [_hit(targets[pk], words) for pk in pks if pk in targets]


def _hit(target: Target, words: Sequence[str]) -> Hit:
    statement = "" if target.statement == target.title else target.statement
    return Hit(
        target,
        marked(target.title, words),
        marked(target.i_can, words),
        marked(_snippet(statement, words), words),
    )


def _snippet(text: str, words: Sequence[str]) -> str:
    """The part of a long text where the first of the words stands."""
    if len(text) <= SNIPPET:
        return text
    at = 0
    for piece in marked(text, words):
        if piece.is_found:
            break
        at += len(piece.text)
    start = 0 if at >= len(text) or at < SNIPPET - BEFORE_MARK else text.rfind(" ", 0, at - BEFORE_MARK) + 1
    end = text.rfind(" ", start, start + SNIPPET)
    end = end if end > start else start + SNIPPET
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """``text`` in pieces; found are the words that begin with one of ``words``."""
    return list(_joined(_pieces(text, [word for word in words if len(word) > 1])))


def _pieces(text: str, words: Sequence[str]) -> Iterator[Piece]:
    unspaced = [re.escape(word) for word in words if is_unspaced(word)]
    for token in re.findall(r"[^\W_]+|[\W_]+", text):
        if unspaced and is_unspaced(token):
            parts = re.split(f"({'|'.join(unspaced)})", token)
            yield from (Piece(part, place % 2 == 1) for place, part in enumerate(parts) if part)
        else:
            yield Piece(token, folded(token).startswith(tuple(words)))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours that are alike, as one."""
    text, is_found = "", False
    for piece in pieces:
        if piece.is_found != is_found and text:
            yield Piece(text, is_found)
            text = ""
        text, is_found = text + piece.text, piece.is_found
    if text:
        yield Piece(text, is_found)
