"""A pasted class list: names line by line, and who is meant by each.

Lines are "Family, Given", "Given Family", or cells of a spreadsheet (tabs, semicolons) with or without a heading.
Accents, case, order of the words and punctuation make no difference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from lpm.lib.text import sort_key

LONGEST_NAME = 200
ALIKE = 0.72  # of the letters of two given names, so that "Amra" may be Amara
MOST_CANDIDATES = 8
PARTICLES = frozenset({"al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "las",
                       "le", "los", "van", "von", "ter", "y"})  # fmt: skip
HEADINGS = {
    "family": {"last name", "lastname", "last", "surname", "family name", "family", "apellido", "apellidos"},
    "given": {"first name", "firstname", "first", "given name", "given", "preferred name", "nombre", "nombres"},
    "name": {"name", "student", "student name", "full name", "alumno", "estudiante", "last name, first name", "names"},
    "grade": {"grade", "grade level", "gr", "grado"},
    "born": {"birth date", "birthdate", "date of birth", "dob", "birthday", "born", "fecha de nacimiento"},
}
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
GRADE = re.compile(r"(?:0?\d|1[0-3]|k|kg|pk|tk|pr)", re.IGNORECASE)
NUMBERED = re.compile(r"\s*\d+\s*[.):]\s+")
CELL = re.compile(r'\s*"([^"]*)"\s*(?:,|$)|([^,]*)(?:,|$)')


class Found(StrEnum):
    """What became of a line."""

    MATCHED = "matched"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"
    THERE = "there"  # is in the group already
    REPEATED = "repeated"  # stands further up in the list
    HEADING = "heading"


@dataclass(frozen=True)
class Line:
    """A line that is not blank. ``is_ordered``: which name is the family's is beyond doubt.

    ``born`` are the days that the birth date may mean: two for 03/04/2016, none where there is none.
    """

    number: int  # from 1, blank lines counted
    text: str
    given: str = ""
    family: str = ""
    is_ordered: bool = False
    grade: str = ""
    born: tuple[date, ...] = ()
    is_heading: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(f"{self.given} {self.family}")


@dataclass(frozen=True)
class Known:
    """A student who may be meant."""

    pk: int
    given: str
    family: str
    preferred: str = ""
    grade: str = ""
    born_on: date | None = None
    is_there: bool = False  # in the group already

    @property
    def givens(self) -> tuple[str, ...]:
        return tuple(name for name in (self.preferred, self.given) if name)


@dataclass(frozen=True)
class Match:
    """``pk`` is the student of a MATCHED or THERE line; ``candidates`` those of a DOUBTFUL one, likeliest first."""

    line: Line
    found: Found
    pk: int | None = None
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Index:
    """The students by what a line may call them."""

    by_words: Mapping[tuple[str, ...], list[Known]]
    by_word: Mapping[str, list[Known]]
    by_family: Mapping[str, list[Known]]


@dataclass
class Taken:
    """Who was named further up."""

    pks: set[int] = field(default_factory=set)
    names: set[tuple[str, ...]] = field(default_factory=set)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name in order of the alphabet, without accents, case and punctuation."""
    return tuple(sorted(_plain(text).split()))


def _plain(text: str) -> str:
    joined = re.sub(r"['’`´ʼ.]", "", text)
    return " ".join(re.sub(r"[\W_]+", " ", sort_key(joined)).split())


# --- lines


def parse_list(text: str) -> list[Line]:
    """Every line of ``text`` that is not blank, once and in order. Raises nothing."""
    lines: list[Line] = []
    columns: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        if not lines and (columns := _columns(line)):
            lines.append(Line(number, line, is_heading=True))
            continue
        lines.append(_by_columns(number, line, columns) if columns else _by_looks(number, line))
    return lines


def _columns(line: str) -> dict[str, int]:
    """Where a heading says that things are; nothing when the line is no heading."""
    if _plain(line) in {_plain(name) for name in HEADINGS["name"]}:
        return {"name": 0}
    cells = [_plain(cell) for cell in _cells(line)]
    found = {
        kind: n for n, cell in reversed(list(enumerate(cells))) for kind, names in HEADINGS.items() if cell in names
    }
    has_names = "name" in found or {"family", "given"} <= set(found)
    return found if has_names and len(cells) >= len(found) else {}


def _cells(line: str) -> list[str]:
    """At tabs, else at semicolons, else at commas that quotes do not hold."""
    for separator in ("\t", ";"):
        if separator in line:
            return [cell.strip().strip('"').strip() for cell in line.split(separator)]
    found = [(match.group(1) or match.group(2) or "").strip() for match in CELL.finditer(line)]
    return found[:-1] if len(found) > 1 and not found[-1] else found


def _by_columns(number: int, line: str, columns: Mapping[str, int]) -> Line:
    cells = _cells(line)
    if set(columns) == {"name"} and len(cells) > 1 and "\t" not in line and ";" not in line:
        return _by_looks(number, line)

    def cell(kind: str) -> str:
        return cells[columns[kind]] if kind in columns and columns[kind] < len(cells) else ""

    grade, born = cell("grade")[:10], _days(cell("born"))
    if "family" in columns and "given" in columns:
        return _line(number, line, cell("given"), cell("family"), is_ordered=True, grade=grade, born=born)
    given, family, is_ordered = _split(cell("name"))
    return _line(number, line, given, family, is_ordered=is_ordered, grade=grade, born=born)


def _by_looks(number: int, line: str) -> Line:
    """No heading says what is what: names look like names, dates and grades like themselves."""
    cells = _cells(NUMBERED.sub("", line, count=1) if NUMBERED.match(line) else line)
    names = [cell for cell in cells if _looks_like_a_name(cell)]
    rest = [cell for cell in cells if cell not in names]
    born = next((days for cell in rest if (days := _days(cell))), ())
    grade = next((cell for cell in reversed(rest) if GRADE.fullmatch(cell)), "")
    has_tabs = "\t" in line or ";" in line
    if len(names) > 1 and "," not in names[0]:
        # A comma says which is which; columns without a heading do not.
        return _line(number, line, names[1], names[0], is_ordered=not has_tabs, grade=grade, born=born)
    given, family, is_ordered = _split(names[0] if names else "")
    return _line(number, line, given, family, is_ordered=is_ordered, grade=grade, born=born)


def _looks_like_a_name(cell: str) -> bool:
    letters, digits = sum(map(str.isalpha, cell)), sum(map(str.isdigit, cell))
    return letters > max(1, digits) and "@" not in cell and not GRADE.fullmatch(cell)


def _split(name: str) -> tuple[str, str, bool]:
    """Given name, family name, and whether the order is beyond doubt."""
    if "," in name:
        family, given = name.split(",", 1)
        return given, family, True
    words = [word for word in name.split() if not word.isdigit()]
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in PARTICLES:
        at -= 1
    if len(words) < 2:
        return " ".join(words), "", False
    return " ".join(words[:at]), " ".join(words[at:]), False


def _line(
    number: int, text: str, given: str, family: str, *, is_ordered: bool, grade: str, born: tuple[date, ...]
) -> Line:
    given, family = (" ".join(name.split())[:LONGEST_NAME].strip(" ,;") for name in (given, family))
    return Line(number, text, given=given, family=family, is_ordered=is_ordered, grade=grade, born=born)


def _days(text: str) -> tuple[date, ...]:
    if match := ISO.fullmatch(text):
        return tuple(_day(*match.groups()))
    if match := SLASHED.fullmatch(text):
        first, second, year = match.groups()
        return tuple(dict.fromkeys([*_day(year, first, second), *_day(year, second, first)]))
    return ()


def _day(year: str, month: str, day: str) -> Iterator[date]:
    try:
        yield date(int(year), int(month), int(day))
    except ValueError:
        return


# --- who is meant


def match_lines(lines: Iterable[Line], known: Sequence[Known]) -> list[Match]:
    """Each line with the one student it means, or those it may mean, or nobody. Raises nothing."""
    index = _index(known)
    taken = Taken()
    return [_match(line, index, taken) for line in lines]


def _index(known: Sequence[Known]) -> Index:
    by_words: dict[tuple[str, ...], list[Known]] = defaultdict(list)
    by_word: dict[str, list[Known]] = defaultdict(list)
    by_family: dict[str, list[Known]] = defaultdict(list)
    for student in known:
        for words in {words_of(f"{given} {student.family}") for given in student.givens}:
            by_words[words].append(student)
        for word in set(words_of(" ".join([*student.givens, student.family]))):
            by_word[word].append(student)
        by_family[_plain(student.family)].append(student)
    return Index(by_words, by_word, by_family)


def _match(line: Line, index: Index, taken: Taken) -> Match:
    if line.is_heading:
        return Match(line, Found.HEADING)
    exact = index.by_words.get(line.words, []) if line.words else []
    if one := _the_one(line, exact):
        if one.pk in taken.pks:
            return Match(line, Found.REPEATED, one.pk)
        taken.pks.add(one.pk)
        return Match(line, Found.THERE if one.is_there else Found.MATCHED, one.pk)
    near = exact or _near(line, index)
    if near:
        ordered = sorted(near, key=lambda student: (-_likeness(line, student), student.pk))
        return Match(line, Found.DOUBTFUL, candidates=tuple(student.pk for student in ordered[:MOST_CANDIDATES]))
    name = (_plain(line.given), _plain(line.family), *map(str, line.born))
    if line.words and name in taken.names:
        return Match(line, Found.REPEATED)
    taken.names.add(name)
    return Match(line, Found.UNKNOWN)


def _the_one(line: Line, exact: list[Known]) -> Known | None:
    """The student meant beyond doubt: by the name, its order where that is plain, the birth date, the grade."""
    meant = [student for student in exact if _in_order(line, student)] if line.is_ordered else exact
    if line.born:
        meant = [student for student in meant if student.born_on is None or student.born_on in line.born]
        meant = [student for student in meant if student.born_on] or meant
    if len(meant) > 1 and line.grade:
        meant = [student for student in meant if _grade(student.grade) == _grade(line.grade)]
    return meant[0] if len(meant) == 1 else None


def _in_order(line: Line, student: Known) -> bool:
    return _plain(line.family) == _plain(student.family)


def _grade(text: str) -> str:
    return text.strip().lstrip("0").casefold()


def _near(line: Line, index: Index) -> list[Known]:
    """Students whose name the line gives in part, or with more in it, or nearly."""
    words = set(line.words)
    if not words:
        return []
    found = {student.pk: student for student in _partly(words, index)}
    for given, family in _splits(line):
        for student in index.by_family.get(family, []):
            names = {name for full in map(_plain, student.givens) for name in (full, full.split(" ")[0])}
            if any(_alike(given, name) for name in names):
                found[student.pk] = student
    return list(found.values())


def _partly(words: set[str], index: Index) -> Iterator[Known]:
    rarest = sorted(words, key=lambda word: len(index.by_word.get(word, ())))
    # Whoever shares all words but some, or two at least, is among those of the rarest words that are known.
    seen = {student.pk: student for word in rarest for student in index.by_word.get(word, ())}
    for student in seen.values():
        names = [set(words_of(f"{given} {student.family}")) for given in student.givens]
        everything = set(words_of(" ".join([*student.givens, student.family])))
        if words <= everything or any(len(name) > 1 and name <= words for name in names):
            yield student


def _splits(line: Line) -> list[tuple[str, str]]:
    """Given and family name, as the line may mean them."""
    if line.is_ordered:
        return [(_plain(line.given), _plain(line.family))]
    words = _plain(f"{line.given} {line.family}").split()
    turned = _plain(f"{line.family} {line.given}").split()
    ways = [(" ".join(w[:at]), " ".join(w[at:])) for w in (words, turned) for at in range(1, min(len(w), 6))]
    return [*ways, *((family, given) for given, family in ways)]


def _alike(one: str, other: str) -> bool:
    if not one or not other:
        return False
    return one[0] == other[0] and (len(one) == 1 or SequenceMatcher(None, one, other).ratio() >= ALIKE)


def _likeness(line: Line, student: Known) -> float:
    names = [" ".join(words_of(f"{given} {student.family}")) for given in student.givens]
    written = " ".join(line.words)
    born = 1 if student.born_on and student.born_on in line.born else 0
    return born + max((SequenceMatcher(None, written, name).ratio() for name in names), default=0)
