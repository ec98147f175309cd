"""A curriculum as a spreadsheet, in the columns in which ``imports.sheet_rows`` reads one, and the empty template."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from curriculum.imports.mapping import Curriculum, TargetRow
from curriculum.imports.sheet import FORMULA
from curriculum.imports.sheet_apply import curriculum_of
from curriculum.imports.sheet_rows import COLUMNS
from curriculum.imports.stored import Stored
from curriculum.models import Framework, Scale

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
WIDTHS = {"statement": 60, "I can": 45, "short title": 30, "topic": 30, "area": 25, "curriculum": 25, "identifier": 38}
WIDTH, WIDTH_OF_LEVEL = 14, 40
Line = list[str]


def sheet_lines(framework: Framework) -> list[Line]:
    """The header, then a line for each target in use; areas and topics without one have a line of their own."""
    curriculum = curriculum_of(Stored.of(framework))
    levels = _levels(framework.scale, {row.value for row in curriculum.guide})
    return [header(levels), *_lines(curriculum, levels)]


def template_lines(scale: Scale | None) -> list[Line]:
    """The header, and one target of each sort as an example."""
    levels = _levels(scale, set()) if scale else [Decimal(n) for n in range(5)]
    common = {"curriculum": _("Name of your curriculum"), "area": _("Mathematics"), "domain": "content"}
    common |= {"topic": _("Fractions"), "topic code": "FR", "language": "en"}
    rows = [
        {
            "code": "FR.1",
            "short title": _("Name parts"),
            "statement": _("Name parts of a whole as fractions."),
            "I can": _("I can name parts of a whole."),
            "grades": "3",
        },
        {
            "code": "FR.2",
            "short title": _("Compare fractions"),
            "statement": _("Compare two fractions and say why."),
            "grades": "3-4",
            "comes after": "FR.1",
        },
        {
            "code": "FR.2.a",
            "statement": _("Compare fractions with the same number of parts."),
            "grades": "3-4",
            "part of": "FR.2",
        },
    ]
    blank = [""] * len(levels)
    return [header(levels), *([(common | row).get(name, "") for name in COLUMNS] + blank for row in rows)]


def header(levels: Sequence[Decimal]) -> Line:
    return [*COLUMNS, *map(level_column, levels)]


def level_column(level: Decimal) -> str:
    """ "2.0", or "2.25"."""
    return f"{level:.2f}".removesuffix("0")


def as_csv(lines: Iterable[Line]) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it; no cell is a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_guarded(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Line]) -> bytes:
    """One sheet, its header kept in view; every cell is text, none a formula."""
    from openpyxl import Workbook  # slow to import
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Curriculum"))
    sheet.freeze_panes = "A2"
    for number, name in enumerate(lines[0], start=1):
        width = WIDTHS.get(name, WIDTH if name in COLUMNS else WIDTH_OF_LEVEL)
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row, line in enumerate(lines):
        cells = []
        for words in line:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", words))
            cell.data_type = "s"
            cell.font = Font(bold=row == 0)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell[:1] in FORMULA else cell


def _levels(scale: Scale, used: set[Decimal]) -> list[Decimal]:
    """Those with a name and those with words of a guide, the lowest first."""
    return sorted({*used, *(row.value for row in scale.levels.all())})


def _lines(curriculum: Curriculum, levels: Sequence[Decimal]) -> Iterator[Line]:
    writer = _Writer(curriculum, levels)
    for area in curriculum.areas:
        stands = {"curriculum": curriculum.document.title, "area": area.title, "domain": area.domain}
        topics = [topic for topic in curriculum.topics if topic.area == area.identifier]
        if not topics:
            yield writer.line(stands)
        for topic in topics:
            under = stands | {"topic": topic.title, "topic code": topic.code}
            targets = writer.by_topic[topic.identifier]
            yield from [writer.target(row, under) for row in targets] or [writer.line(under)]


class _Writer:
    def __init__(self, curriculum: Curriculum, levels: Sequence[Decimal]) -> None:
        self.levels = levels
        self.by_topic: defaultdict[str, list[TargetRow]] = defaultdict(list)
        self._before: defaultdict[str, list[str]] = defaultdict(list)
        codes = Counter(row.code.casefold() for row in curriculum.targets)
        self._called = {
            row.identifier: row.code if codes[row.code.casefold()] == 1 and _is_plain(row.code) else row.identifier
            for row in curriculum.targets
        }
        for row in curriculum.targets:
            self.by_topic[row.topic].append(row)
        for required, target in curriculum.prerequisites:
            self._before[target].append(self._called[required])
        self._guide = {(row.target, row.value): row.description for row in curriculum.guide}

    def line(self, cells: dict[str, str]) -> Line:
        return [*(cells.get(name, "") for name in COLUMNS), *("" for _level in self.levels)]

    def target(self, row: TargetRow, under: dict[str, str]) -> Line:
        cells = under | {
            "code": row.code,
            "short title": row.short_title,
            "statement": row.statement,
            "I can": row.i_can,
            "grades": ", ".join(row.grades),
            "language": row.language,
            "part of": self._called.get(row.part_of or "", ""),
            "comes after": ", ".join(self._before[row.identifier]),
            "identifier": row.identifier,
        }
        words = [self._guide.get((row.identifier, level), "") for level in self.levels]
        return [*(cells[name] for name in COLUMNS), *words]


def _is_plain(code: str) -> bool:
    """Whether it can stand among others with commas between them."""
    return bool(code) and not set(",;\n") & set(code)
