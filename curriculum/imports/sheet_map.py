"""From the rows of a sheet to content areas, measurement topics and learning targets. No database.

What is there already keeps its identity: areas by their title, topics by title and code, targets by the identifier
that an export wrote beside them, else by their code, else by their statement. See docs/decisions/0026.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from curriculum.calculations.circles import Edge, closing
from curriculum.imports.mapping import AreaRow, Curriculum, GuideRow, TargetRow, TopicRow
from curriculum.imports.package import CaseDocument, shortened
from curriculum.imports.reading import text
from curriculum.imports.sheet_rows import SheetRow, SheetRows
from lpm.lib.imports import Findings

N = TypeVar("N")
R = TypeVar("R", AreaRow, TopicRow)
KEPT = {"i_can": "I can", "short_title": "short title", "code": "code", "grades": "grades", "language": "language"}


@dataclass(frozen=True)
class Standing:
    """The framework that the sheet is about: what it holds in use, none for a new one.

    ``seed`` is the owner's uuid, of which identifiers are made; ``ended`` are the identifiers not in use any more.
    """

    title: str
    seed: UUID
    curriculum: Curriculum | None = None
    ended: frozenset[str] = frozenset()

    def document(self) -> CaseDocument:
        if self.curriculum:
            return self.curriculum.document
        return CaseDocument(framework_identifier(self.seed, self.title), self.title, "", "", "en", "", "1.1")


def framework_identifier(seed: UUID, title: str) -> str:
    """The same for every sheet of one owner with one title."""
    return str(uuid5(seed, f"framework\n{title.casefold()}"))


def map_rows(sheet: SheetRows, standing: Standing, findings: Findings) -> Curriculum:
    """Rows in the order of the sheet: along a topic from early to advanced, parts right behind their target.

    Columns that the sheet does not have stay as they stand, and so do the lines of guides of levels without a column.
    Problems go to ``findings``: code_twice, statement_twice, identifier_twice, no_statement, unknown_part,
    part_of_part, unknown_code (they refuse), circle_of_prerequisites (that step is left out).
    """
    return _Mapper(sheet, standing, findings).read()


@dataclass
class _Placed:
    """A row of the sheet with the identifiers of what it is and stands under."""

    row: SheetRow
    identifier: str
    topic: str
    whole: str | None = None
    parts: list[_Placed] = field(default_factory=list)


class _Mapper:
    def __init__(self, sheet: SheetRows, standing: Standing, findings: Findings) -> None:
        self.sheet, self.standing, self.findings = sheet, standing, findings
        self.document = standing.document()
        held = standing.curriculum
        self.held_areas = {row.identifier: row for row in held.areas} if held else {}
        self.held_topics = {row.identifier: row for row in held.topics} if held else {}
        self.held_targets = {row.identifier: row for row in held.targets} if held else {}
        self.areas: dict[str, AreaRow] = {}
        self.topics: dict[str, TopicRow] = {}
        self.placed: dict[str, _Placed] = {}
        self.by_code: dict[str, list[_Placed]] = defaultdict(list)
        self._by_code = _first(self.held_targets.values(), lambda row: row.code)
        self._by_statement = _first(self.held_targets.values(), lambda row: text(row.statement))
        self._areas_by_title = _first(self.held_areas.values(), lambda row: row.title)
        self._topics_by_title: defaultdict[str, list[TopicRow]] = defaultdict(list)
        for topic in self.held_topics.values():
            self._topics_by_title[topic.title.casefold()].append(topic)
        self._topic_names = {self._topic_names_of(row) for row in sheet.rows}

    def read(self) -> Curriculum:
        for row in self.sheet.rows:
            self._place(row)
        self._join_parts()
        return Curriculum(
            document=self.document,
            areas=tuple(self._in_place(self.areas, self.held_areas, lambda row: "")),
            topics=tuple(self._in_place(self.topics, self.held_topics, lambda row: row.area)),
            targets=tuple(self._targets()),
            prerequisites=tuple(self._steps()),
            guide=tuple(self._guide()),
            problems=(),
        )

    def _place(self, row: SheetRow) -> None:
        if not row.is_target:
            self._topic(row, "") if row.topic else self._area(row)
            return
        identifier = self._identifier(row)
        topic = self._topic(row, identifier)
        if not row.statement and identifier not in self.held_targets:
            self._refuse("no_statement", _("There is no statement. Say what is learned."), row, "statement")
        if other := self.placed.get(identifier):
            self._refuse_twice(row, other.row)
            return
        self.placed[identifier] = placed = _Placed(row, identifier, topic)
        if row.code:
            self.by_code[row.code.casefold()].append(placed)

    def _refuse_twice(self, row: SheetRow, other: SheetRow) -> None:
        facts = {"name": shortened(row.identifier or row.code or row.statement), "line": other.line}
        if row.identifier and row.identifier == other.identifier:
            sentence = _("The identifier %(name)s stands in line %(line)d already.")
            self._refuse("identifier_twice", sentence % facts, row, "identifier")
        elif row.code:
            sentence = _("The code %(name)s stands in line %(line)d already.")
            self._refuse("code_twice", sentence % facts, row, "code")
        else:
            sentence = _("“%(name)s” stands in line %(line)d already. Give both a code, or take one away.")
            self._refuse("statement_twice", sentence % facts, row, "statement")

    def _identifier(self, row: SheetRow) -> str:
        if row.identifier and row.identifier not in self.standing.ended:
            return row.identifier
        held = self._by_code.get(row.code.casefold()) if row.code else self._by_statement.get(row.statement.casefold())
        return held.identifier if held else self._made("target", row.code or row.statement)

    def _made(self, *names: str) -> str:
        """An identifier that the same names give again, unless what had it is not in use any more."""
        name = "\n".join([self.document.identifier, *(part.casefold() for part in names)])
        made = str(uuid5(self.standing.seed, name))
        while made in self.standing.ended:
            made = str(uuid5(self.standing.seed, f"{name}\n{made}"))
        return made

    def _area(self, row: SheetRow) -> str:
        title = row.area or self.document.title
        held = self._areas_by_title.get(title.casefold())
        identifier = held.identifier if held else self._made("area", title)
        known = self.areas.get(identifier)
        if known is None or (row.domain and not known.domain):
            self.areas[identifier] = AreaRow(identifier, held.title if held else title, 0, row.domain)
        return identifier

    def _topic_names_of(self, row: SheetRow) -> tuple[str, str, str]:
        area = row.area or self.document.title
        return area.casefold(), row.topic_code.casefold(), (row.topic or area).casefold()

    def _topic(self, row: SheetRow, target: str) -> str:
        area = self._area(row)
        title = row.topic or row.area or self.document.title
        held = self._held_topic(row, area, title, target)
        identifier = held.identifier if held else self._made("topic", area, row.topic_code, title)
        if identifier not in self.topics:
            self.topics[identifier] = TopicRow(
                identifier=identifier,
                area=area,
                code=row.topic_code or (held.code if held else ""),
                title=held.title if held else title,
                description=held.description if held else "",
                position=0,
            )
        return identifier

    def _held_topic(self, row: SheetRow, area: str, title: str, target: str) -> TopicRow | None:
        """The one of this title; of several the one of this code, and of these the one that holds the target."""
        alike = [topic for topic in self._topics_by_title[title.casefold()] if topic.area == area]
        same = [topic for topic in alike if topic.code.casefold() == row.topic_code.casefold()]
        if same or not row.topic_code:
            mine = self.held_targets[target].topic if target in self.held_targets else ""
            return next((topic for topic in same or alike if topic.identifier == mine), next(iter(same or alike), None))
        area_title, _code, topic_title = self._topic_names_of(row)
        left = [topic for topic in alike if (area_title, topic.code.casefold(), topic_title) not in self._topic_names]
        return left[0] if len(left) == 1 else None

    def _join_parts(self) -> None:
        for placed in self.placed.values():
            placed.whole = self._whole(placed)
        for placed in self.placed.values():
            if placed.whole:
                whole = self.placed[placed.whole]
                if whole.whole:
                    sentence = _("%(name)s is a part itself, and a part has no parts.") % {"name": whole.row.name}
                    self._refuse("part_of_part", sentence, placed.row, "part of")
                placed.topic = whole.topic
                whole.parts.append(placed)

    def _whole(self, placed: _Placed) -> str | None:
        if "part of" not in self.sheet.columns:
            held = self.held_targets.get(placed.identifier)
            return held.part_of if held and held.part_of in self.placed else None
        name = placed.row.part_of
        if not name:
            return None
        found = self._find(name)
        if found is None or found is placed:
            sentence = _("There is no target with the code “%(code)s” in this sheet that it could be a part of.")
            self._refuse("unknown_part", sentence % {"code": name}, placed.row, "part of")
            return None
        return found.identifier

    def _find(self, name: str) -> _Placed | None:
        """By code where that is one target's alone, else by identifier."""
        found = self.by_code.get(name.casefold(), [])
        return found[0] if len(found) == 1 else self.placed.get(name)

    def _targets(self) -> Iterable[TargetRow]:
        by_topic: defaultdict[str, list[_Placed]] = defaultdict(list)
        for placed in self.placed.values():
            if placed.whole is None:
                by_topic[placed.topic].append(placed)
        for wholes in by_topic.values():
            yield from self._along(wholes)

    def _along(self, wholes: list[_Placed]) -> Iterable[TargetRow]:
        """Positions that still say the order stay; all others are counted on."""
        whole_at, last = 0, 0
        for whole in wholes:
            held = self._held_position(whole)
            is_kept = held > whole_at
            whole_at = held if is_kept else max(last, whole_at) + 1
            yield self._target(whole, whole_at)
            part_at = 0 if is_kept else whole_at
            for part in whole.parts:
                held = self._held_position(part)
                part_at = held if held > part_at else max(part_at, whole_at) + 1
                yield self._target(part, part_at)
            last = max(last, whole_at, part_at)

    def _held_position(self, placed: _Placed) -> int:
        """0 for one that is new there."""
        held = self.held_targets.get(placed.identifier)
        stands = held is not None and (held.topic, held.part_of) == (placed.topic, placed.whole)
        return held.position if held and stands else 0

    def _target(self, placed: _Placed, position: int) -> TargetRow:
        row, held = placed.row, self.held_targets.get(placed.identifier)
        read = TargetRow(
            identifier=placed.identifier,
            topic=placed.topic,
            part_of=placed.whole,
            code=row.code,
            short_title=row.short_title,
            statement=row.statement,
            i_can=row.i_can,
            language=row.language,
            grades=row.grades,
            position=position,
        )
        return self._as_it_stands(read, held) if held else read

    def _as_it_stands(self, read: TargetRow, held: TargetRow) -> TargetRow:
        """``read`` with what the sheet does not say, or says with other spaces only, as it is here."""
        unsaid = {name: getattr(held, name) for name, column in KEPT.items() if column not in self.sheet.columns}
        alike = {
            name: getattr(held, name)
            for name in ("statement", "i_can")
            if text(getattr(held, name)) == getattr(read, name)
        }
        if "statement" not in self.sheet.columns or not read.statement:
            unsaid["statement"] = held.statement
        return replace(read, **{**alike, **unsaid})

    def _steps(self) -> Iterable[Edge]:
        held = self.standing.curriculum
        if "comes after" not in self.sheet.columns:
            return [edge for edge in held.prerequisites if self.placed.keys() >= set(edge)] if held else []
        edges = [
            (before.identifier, placed.identifier)
            for placed in self.placed.values()
            for name in placed.row.comes_after
            if (before := self._before(placed, name))
        ]
        left_out = set(closing(edges))
        for required, target in dict.fromkeys(edge for edge in edges if edge in left_out):
            step = f"{self.placed[required].row.name} → {self.placed[target].row.name}"
            sentence = _("“Comes after” goes round in a circle; this step was left out: %(step)s.") % {"step": step}
            row = self.placed[target].row
            column = self.sheet.columns["comes after"]
            self.findings.warn("circle_of_prerequisites", sentence, self.sheet.file, row.line, column)
        return dict.fromkeys(edge for edge in edges if edge not in left_out)

    def _before(self, placed: _Placed, name: str) -> _Placed | None:
        found = self._find(name)
        if found is None:
            sentence = _("There is no target with the code “%(code)s” in this sheet.") % {"code": name}
            self._refuse("unknown_code", sentence, placed.row, "comes after")
        return found

    def _guide(self) -> Iterable[GuideRow]:
        held = self.standing.curriculum
        lines = {(row.target, row.value): row for row in held.guide} if held else {}
        for placed in self.placed.values():
            for value, words in placed.row.guide:
                before = lines.get((placed.identifier, value))
                is_same = before is not None and text(before.description) == words
                yield before if before and is_same else GuideRow(placed.identifier, value, words)
        for (target, value), row in lines.items():
            if target in self.placed and value not in self.sheet.levels:
                yield row

    def _in_place(self, rows: Mapping[str, R], held: Mapping[str, R], parent: Callable[[R], str]) -> Iterable[R]:
        """``rows`` with positions: those that still say the order stay, all others are counted on."""
        last: defaultdict[str, int] = defaultdict(int)
        for identifier, row in rows.items():
            place = parent(row)
            before = held.get(identifier)
            at = before.position if before and parent(before) == place else 0
            last[place] = at if at > last[place] else last[place] + 1
            yield replace(row, position=last[place])

    def _refuse(self, code: str, sentence: str, row: SheetRow, column: str) -> None:
        self.findings.refuse(code, sentence, self.sheet.file, row.line, self.sheet.columns.get(column, column))


def _first(rows: Iterable[N], name: Callable[[N], str]) -> dict[str, N]:
    """The first row of each name, case apart; none for those without a name."""
    named: dict[str, N] = {}
    for row in rows:
        if name(row):
            named.setdefault(name(row).casefold(), row)
    return named
