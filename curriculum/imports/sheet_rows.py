"""What stands in each row of a curriculum sheet, by its columns. No database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from django.utils.translation import gettext as _

from curriculum.enums import Domain
from curriculum.imports.mapping import GRADE_RANK, LONGEST_SHORT_TITLE, LONGEST_TITLE, lowest_rank
from curriculum.imports.reading import line, text
from lpm.lib.csv import Row, Table
from lpm.lib.imports import Findings

LONGEST_CODE = 100
LONGEST_LANGUAGE = 20
# Columns as they are written, in their order; levels of the scale stand behind them. What a person may leave out is
# told in the template. Other names for them are in lower case, without spaces and marks.
COLUMNS = (
    "curriculum", "area", "domain", "topic", "topic code", "code", "short title", "statement", "I can", "grades",
    "language", "part of", "comes after", "identifier",
)  # fmt: skip
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "curriculum": ("framework", "document", "curriculumtitle"),
    "area": ("contentarea", "subject", "subjectarea", "discipline"),
    "domain": ("domainoflearning", "kindoflearning"),
    "topic": ("measurementtopic", "strand", "topictitle"),
    "topic code": ("codeoftopic", "strandcode"),
    "code": ("targetcode", "standardcode", "standardid", "humancodingscheme", "notation"),
    "short title": ("title", "targettitle", "shortname", "abbreviatedstatement"),
    "statement": ("target", "learningtarget", "standard", "description", "fullstatement", "text"),
    "I can": ("icanstatement", "icansentence", "studentstatement", "forstudents"),
    "grades": ("grade", "gradelevel", "gradelevels", "educationlevel"),
    "language": ("lang",),
    "part of": ("partofcode", "partoftarget", "parent", "parentcode"),
    "comes after": ("comesaftercodes", "prerequisites", "prerequisite", "requires", "after"),
    "identifier": ("id", "uuid", "caseidentifier"),
}
DOMAINS: Mapping[str, Domain] = {
    **dict.fromkeys(("content", "contentknowledge", "knowledge", "academic"), Domain.CONTENT),
    **dict.fromkeys(("reasoning", "complexreasoning"), Domain.REASONING),
    **dict.fromkeys(("habits", "habitsofmind", "lifelonghabits", "lifelonghabitsofmind"), Domain.HABITS),
}
LEVEL = re.compile(r"(?:level\s*)?([0-9]{1,2}(?:[.,][0-9]{1,2})?)(?:\s*[-\u2013:]?\s+\D*)?", re.IGNORECASE)
TO = re.compile(r"\s*[-\u2013]\s*")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it was meant. ``part_of`` and ``comes_after`` are codes, or identifiers; ``line`` counts from 1."""

    line: int
    area: str
    domain: str
    topic: str
    topic_code: str
    code: str
    short_title: str
    statement: str
    i_can: str
    grades: tuple[str, ...]
    language: str
    part_of: str
    comes_after: tuple[str, ...]
    identifier: str
    guide: tuple[tuple[Decimal, str], ...]

    @property
    def name(self) -> str:
        return self.code or self.short_title or self.statement

    @property
    def is_target(self) -> bool:
        """Else it is a row with an area or topic alone, which has no targets yet."""
        return bool(self.code or self.statement or self.identifier)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """``columns`` are those of COLUMNS that the file has, and how it writes them; ``levels`` those with a column."""

    file: str
    columns: Mapping[str, str]
    levels: frozenset[Decimal]
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of the scale by which the curriculum is judged. ``names`` are in lower case."""

    scale: str
    has: Callable[[Decimal], bool]
    names: Mapping[str, Decimal]


def read_rows(table: Table, levels: Levels, findings: Findings) -> SheetRows:
    """Areas, topics, their codes and domains go on below where a row leaves them out."""
    reader = _Reader(table, levels, findings)
    rows = tuple(reader.row(row) for row in table.rows)
    return SheetRows(table.file, reader.columns, frozenset(reader.levels.values()), rows)


def title_of(table: Table) -> str:
    """The curriculum's, as its column says it; else the name of the file, without what marks a copy of it."""
    column = next((name for name in table.columns if column_of(name) == "curriculum"), "")
    said = (line(row.cells.get(column), LONGEST_TITLE) for row in table.rows)
    stem = re.sub(r"\s*\([0-9]+\)$", "", PurePath(table.file).stem).replace("_", " ")
    return next(filter(None, said), "") or line(stem, LONGEST_TITLE) or "?"


class _Reader:
    def __init__(self, table: Table, levels: Levels, findings: Findings) -> None:
        self.file, self.findings = table.file, findings
        self.columns: dict[str, str] = {}  # ours → as the file has it
        self.levels: dict[str, Decimal] = {}  # as the file has it → level
        self._above = {"area": "", "domain": "", "topic": "", "topic code": ""}
        for name in table.columns:
            self._place(name, levels)
        if not {"statement", "code", "short title", "I can"} & self.columns.keys():
            sentence = _("No column is called “statement”. Begin with the template, or name your columns like its own.")
            findings.refuse("no_statement_column", sentence, table.file, 1)

    def row(self, row: Row) -> SheetRow:
        stands = self._stands(row)
        statement = text(self._cell(row, "statement"))
        i_can, short = text(self._cell(row, "I can")), self._line(row, "short title")
        if len(short) > LONGEST_SHORT_TITLE:
            sentence = _("The short title is cut after %(most)d letters.") % {"most": LONGEST_SHORT_TITLE}
            self._warn("short_title_cut", sentence, row, "short title")
        return SheetRow(
            line=row.line,
            area=stands["area"],
            domain=self._domain(row, stands["domain"]),
            topic=stands["topic"],
            topic_code=stands["topic code"],
            code=self._line(row, "code", LONGEST_CODE),
            short_title=short[:LONGEST_SHORT_TITLE].strip(),
            statement=statement or short or i_can,
            i_can=i_can,
            grades=self._grades(row),
            language=self._line(row, "language", LONGEST_LANGUAGE),
            part_of=self._line(row, "part of"),
            comes_after=split_codes(self._cell(row, "comes after")),
            identifier=self._line(row, "identifier", LONGEST_CODE),
            guide=tuple((level, words) for name, level in self.levels.items() if (words := text(row.cells.get(name)))),
        )

    def _place(self, name: str, levels: Levels) -> None:
        """Which of our columns it is, or which level."""
        ours = column_of(name)
        level = level_of(name, levels) if ours is None else None
        if ours in self.columns or (level is not None and level in self.levels.values()):
            self.findings.refuse("column_twice", _("This column is there twice."), self.file, 1, name)
        elif ours:
            self.columns[ours] = name
        elif level is None:
            self.findings.warn(
                "unknown_column", _("This column has no meaning here and is left out."), self.file, 1, name
            )
        elif not levels.has(level):
            sentence = _("There is no level %(level)s on the scale “%(scale)s”.")
            facts = {"level": f"{level.normalize():f}", "scale": levels.scale}
            self.findings.refuse("unknown_level", sentence % facts, self.file, 1, name)
        else:
            self.levels[name] = level

    def _stands(self, row: Row) -> dict[str, str]:
        """Where it stands; what it leaves out is as in the row above, as far as that stands under the same."""
        own = {name: self._line(row, name, LONGEST_TITLE) for name in self._above}
        own["topic code"] = own["topic code"][:LONGEST_CODE]
        if own["area"] and own["area"] != self._above["area"]:
            self._above = dict.fromkeys(self._above, "")
        if own["topic"] and own["topic"] != self._above["topic"]:
            self._above["topic code"] = ""
        self._above = {name: own[name] or above for name, above in self._above.items()}
        return dict(self._above)

    def _domain(self, row: Row, words: str) -> str:
        domain = DOMAINS.get(_bare(words))
        if words and domain is None and self._cell(row, "domain"):
            sentence = _("“%(domain)s” is no domain: content, reasoning or habits.") % {"domain": words}
            self._warn("unknown_domain", sentence, row, "domain")
        return domain.value if domain else ""

    def _grades(self, row: Row) -> tuple[str, ...]:
        grades, unknown = read_grades(self._cell(row, "grades"))
        if unknown:
            sentence = _("“%(grade)s” is no grade and is left out. Write 3, or K, or 9-12.") % {"grade": unknown[0]}
            self._warn("unknown_grade", sentence, row, "grades")
        return grades

    def _cell(self, row: Row, name: str) -> str:
        return row.cells.get(self.columns.get(name, ""), "")

    def _line(self, row: Row, name: str, longest: int | None = None) -> str:
        return line(self._cell(row, name), longest)

    def _warn(self, code: str, sentence: str, row: Row, name: str) -> None:
        self.findings.warn(code, sentence, self.file, row.line, self.columns.get(name, name))


def column_of(name: str) -> str | None:
    """Which of COLUMNS a header means; None for none of them."""
    bare = _bare(name)
    return next((ours for ours in COLUMNS if bare == _bare(ours) or bare in OTHER_NAMES[ours]), None)


def level_of(name: str, levels: Levels) -> Decimal | None:
    """The level that a header means, by its number or its name."""
    if found := LEVEL.fullmatch(name.strip()):
        return Decimal(found[1].replace(",", "."))
    return levels.names.get(name.strip().casefold())


def _bare(words: str) -> str:
    return re.sub(r"[\W_]", "", words.casefold())


def split_codes(cell: str) -> tuple[str, ...]:
    """Codes with commas, semicolons or lines between them."""
    return tuple(dict.fromkeys(code for part in re.split(r"[,;\n]", cell) if (code := line(part))))


def read_grades(cell: str) -> tuple[tuple[str, ...], list[str]]:
    """Grades as CEDS has them, in order, and the words that are none: "K, 9-12" is KG, 09, 10, 11, 12."""
    grades: set[str] = set()
    unknown: list[str] = []
    for part in split_codes(cell):
        found = _span(TO.split(part))
        grades.update(found)
        if not found:
            unknown.append(part)
    return tuple(sorted(grades, key=lambda grade: (lowest_rank([grade]), grade))), unknown


def _span(ends: Iterable[str]) -> list[str]:
    known = [_grade(end) for end in ends]
    if "" in known or not 1 <= len(known) <= 2:
        return []
    first, last = GRADE_RANK[known[0]], GRADE_RANK[known[-1]]
    return [grade for grade, rank in GRADE_RANK.items() if first <= rank <= last]


def _grade(words: str) -> str:
    grade = words.strip().upper()
    grade = "KG" if grade == "K" else grade.zfill(2)
    return grade if grade in GRADE_RANK else ""
