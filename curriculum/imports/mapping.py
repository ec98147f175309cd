"""From a CASE package to content areas, measurement topics and learning targets. No database.

What is decided here, and what it costs, is told in docs/decisions/0003-case-mapping.md.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from curriculum.calculations.circles import Edge
from curriculum.enums import ItemKind
from curriculum.imports.objects import ObjectRow
from curriculum.imports.package import CaseDocument, CaseItem, CasePackage, shortened
from curriculum.imports.reading import line
from lpm.lib.imports import Findings, Problem

LONGEST_TITLE = 500
LONGEST_SHORT_TITLE = 200
GRADES = ["IT", "PR", "PK", "TK", "KG", *(f"{grade:02}" for grade in range(1, 14)), "PS", "UG"]  # CEDS
GRADE_RANK = {grade: rank for rank, grade in enumerate(GRADES)}
LONGEST_TYPE = 200
EXAMPLES = 3

Sort = tuple[str, int]  # of items: their type in lower case, and how deep they lie, from 1 under the document
Rules = Mapping[Sort, ItemKind]
NO_RULES: Rules = {}

TOPICS = frozenset({ItemKind.TOPIC, ItemKind.TOPIC_ACROSS})
KIND_OF_TYPE = {
    "content area": ItemKind.AREA,
    "conceptual category": ItemKind.AREA,
    "measurement topic": ItemKind.TOPIC,
    "domain": ItemKind.TOPIC_ACROSS,
    "learning target": ItemKind.TARGET,
    "standard": ItemKind.TARGET,
    "component": ItemKind.PART,
    "cluster": ItemKind.GROUP,
    "grade level": ItemKind.GROUP,
}


@dataclass(frozen=True, slots=True)
class AreaRow:
    """``domain`` is one of Domain; "" where the file does not say it."""

    identifier: str
    title: str
    position: int
    domain: str = ""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """``members`` are the identifiers of all items merged into the topic, its own first."""

    identifier: str
    area: str
    code: str
    title: str
    description: str
    position: int
    members: tuple[str, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True)
class TargetRow:
    """``position`` counts from 1 along the topic; parts come right behind the target they are a part of."""

    identifier: str
    topic: str
    part_of: str | None
    code: str
    short_title: str
    statement: str
    i_can: str
    language: str
    grades: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class GuideRow:
    target: str
    value: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Rows keyed by CASE identifiers. ``prerequisites`` are (what comes before, what it opens)."""

    document: CaseDocument
    areas: tuple[AreaRow, ...]
    topics: tuple[TopicRow, ...]
    targets: tuple[TargetRow, ...]
    prerequisites: tuple[Edge, ...]
    guide: tuple[GuideRow, ...]
    problems: tuple[Problem, ...]
    objects: tuple[ObjectRow, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True)
class SortOfItem:
    """The items of one type at one depth: how many, a few of their names, and what they become.

    ``type`` is as written; ``proposed`` is what they would become without rules, None where that differs among them;
    ``kind`` what they become by the rules.
    """

    type: str
    depth: int
    count: int
    examples: tuple[str, ...]
    proposed: ItemKind | None
    kind: ItemKind | None

    @property
    def sort(self) -> Sort:
        return _type_key(self.type), self.depth


def propose_mapping(package: CasePackage, rules: Rules = NO_RULES) -> tuple[SortOfItem, ...]:
    """What each sort of item becomes: by the rules where there are some, else as ``map_package`` proposes it.

    In the order in which the sorts come up in the tree.
    """
    found: dict[Sort, list[CaseItem]] = {}
    kinds: defaultdict[Sort, set[ItemKind]] = defaultdict(set)
    proposed: defaultdict[Sort, set[ItemKind]] = defaultdict(set)
    for item, place in _walk(package, rules):
        sort = _sort(item, place)
        found.setdefault(sort, []).append(item)
        kinds[sort].add(place.kind)
    for item, place in _walk(package, NO_RULES):
        proposed[_sort(item, place)].add(place.kind)
    return tuple(
        SortOfItem(
            type=items[0].type[:LONGEST_TYPE],
            depth=sort[1],
            count=len(items),
            examples=tuple(dict.fromkeys(shortened(f"{item.code} {item.statement}") for item in items[:EXAMPLES])),
            proposed=_only(proposed[sort]),
            kind=_only(kinds[sort]),
        )
        for sort, items in found.items()
    )


def _only(kinds: set[ItemKind]) -> ItemKind | None:
    return next(iter(kinds)) if len(kinds) == 1 else None


def _type_key(item_type: str) -> str:
    return item_type.casefold()[:LONGEST_TYPE]


def _sort(item: CaseItem, place: _Place) -> Sort:
    return _type_key(item.type), place.depth


def map_package(package: CasePackage, rules: Rules = NO_RULES) -> Curriculum:
    """What the package means in our words. ``rules`` say it for sorts of items; for the rest it is proposed:

    Areas: the nearest Content Area or Conceptual Category above, else the item at the top. Topics: the
    nearest Measurement Topic or Domain above, Domains of one title merged within an area; else the nearest
    item that is no target. Targets: Learning Targets, Standards and items of unknown type with nothing below
    them; what stands below a target is a part of it. The document stands in where nothing stands above.
    Siblings: sequenceNumber, then listEnumeration (numbers as numbers), then the order of the file. Along a
    topic: the lowest grade in CEDS order, then the order of the tree.
    """
    layout = _Layout(package.document)
    for order, (item, place) in enumerate(_walk(package, rules)):
        layout.add(item, place, order)
    targets = layout.targets()
    known = {target.identifier for target in targets}
    findings = Findings()
    if not targets:
        findings.warn("no_targets", _("No item becomes a learning target. Say below which ones do."))
    return Curriculum(
        document=package.document,
        areas=layout.areas(),
        topics=layout.topics(),
        targets=targets,
        prerequisites=tuple(edge for edge in package.precedes if known.issuperset(edge)),
        guide=_guide(package, known, findings),
        problems=(*package.problems, *tuple(findings.listed())),
        objects=package.objects,
    )


def lowest_rank(grades: Sequence[str]) -> int:
    """Where on a progression the grades begin; without grades, and with unknown ones, behind all others."""
    return min((GRADE_RANK.get(grade, len(GRADES)) for grade in grades), default=len(GRADES))


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands at or above an item: identifiers, None where there is nothing of the kind."""

    kind: ItemKind
    depth: int = 0
    top: str | None = None
    area: str | None = None
    topic: str | None = None
    group: str | None = None
    target: str | None = None
    grades: tuple[str, ...] = ()

    def below(self, item: CaseItem, has_children: bool, rules: Rules) -> _Place:
        kind = _kind(item, self, has_children, rules)
        own = item.identifier
        is_group = kind in {ItemKind.AREA, ItemKind.GROUP, *TOPICS}
        return _Place(
            kind=kind,
            depth=self.depth + 1,
            top=self.top or own,
            area=own if kind is ItemKind.AREA else self.area,
            topic=own if kind in TOPICS else self.topic,
            group=own if is_group else self.group,
            target=own if kind is ItemKind.TARGET else self.target,
            grades=item.grades or self.grades,
        )


def _kind(item: CaseItem, above: _Place, has_children: bool, rules: Rules) -> ItemKind:
    item_type = _type_key(item.type)
    kind = rules.get((item_type, above.depth + 1)) or KIND_OF_TYPE.get(item_type)
    if kind is ItemKind.PART or (kind is None and above.target):
        return ItemKind.PART if above.target else ItemKind.TARGET
    if kind is None:
        return ItemKind.GROUP if has_children else ItemKind.TARGET
    return kind


def _walk(package: CasePackage, rules: Rules) -> Iterator[tuple[CaseItem, _Place]]:
    """Every item below the one it belongs to, siblings in order."""
    children = _children(package)
    waiting = [(item, _Place(ItemKind.GROUP)) for item in reversed(children[None])]
    while waiting:
        item, above = waiting.pop()
        below = children.get(item.identifier, [])
        place = above.below(item, has_children=bool(below), rules=rules)
        yield item, place
        waiting.extend((child, place) for child in reversed(below))


def _children(package: CasePackage) -> dict[str | None, list[CaseItem]]:
    children: defaultdict[str | None, list[CaseItem]] = defaultdict(list)
    for item in package.items:
        children[item.parent].append(item)
    for siblings in children.values():
        siblings.sort(key=_beside_siblings)  # stable: the order of the file decides last
    return children


def _beside_siblings(item: CaseItem) -> tuple[bool, int, bool, list[tuple[bool, int, str]]]:
    return (item.sequence is None, item.sequence or 0, not item.enumeration, _natural(item.enumeration))


def _natural(enumeration: str) -> list[tuple[bool, int, str]]:
    """Comparable so that "2" comes before "10", and numbers before words."""
    parts = re.findall(r"[0-9]+|[^\W0-9_]+", enumeration.casefold())
    return [(False, int(part[:30]), "") if part[0] in "0123456789" else (True, 0, part) for part in parts]


class _Layout:
    """Gathers areas, topics and targets in the order of the tree."""

    def __init__(self, document: CaseDocument) -> None:
        self._document = document
        self._items: dict[str, CaseItem] = {}
        self._areas: dict[str, AreaRow] = {}
        self._topics: dict[tuple[str, str], list[str]] = {}  # (area, known by): the items merged into it
        self._merged_into: dict[str, str] = {}
        self._across: set[str] = set()
        self._found: list[tuple[str, tuple[int, int, int], TargetRow]] = []
        self._wholes: dict[str, tuple[str, tuple[int, int]]] = {}

    def add(self, item: CaseItem, place: _Place, order: int) -> None:
        self._items[item.identifier] = item
        if place.kind is ItemKind.AREA:
            self._area(item.identifier)
        elif place.kind in TOPICS:
            if place.kind is ItemKind.TOPIC_ACROSS:
                self._across.add(item.identifier)
            self._topic(place)
        elif place.kind is ItemKind.TARGET:
            topic, early = self._topic(place), (lowest_rank(place.grades), order)
            self._wholes[item.identifier] = (topic, early)
            self._found.append((topic, (*early, 0), _target(item, place, None)))
        elif place.kind is ItemKind.PART and place.target:
            topic, early = self._wholes[place.target]
            self._found.append((topic, (*early, order), _target(item, place, place.target)))

    def areas(self) -> tuple[AreaRow, ...]:
        return tuple(self._areas.values())

    def topics(self) -> tuple[TopicRow, ...]:
        positions: Counter[str] = Counter()
        rows = []
        for (area, _known_by), members in self._topics.items():
            positions[area] += 1
            rows.append(self._topic_row(area, members, positions[area]))
        return tuple(rows)

    def targets(self) -> tuple[TargetRow, ...]:
        by_topic: dict[str, list[tuple[tuple[int, int, int], TargetRow]]] = {}
        for topic, early, row in self._found:
            by_topic.setdefault(topic, []).append((early, row))
        return tuple(
            replace(row, topic=topic, position=position)
            for topic, found in by_topic.items()
            for position, (_early, row) in enumerate(sorted(found, key=lambda pair: pair[0]), start=1)
        )

    def _area(self, identifier: str) -> str:
        if identifier not in self._areas:
            domain = self._items[identifier].domain if identifier in self._items else ""
            self._areas[identifier] = AreaRow(identifier, self._title(identifier), len(self._areas) + 1, domain)
        return identifier

    def _topic(self, place: _Place) -> str:
        """The identifier of the topic at ``place``: that of the first item merged into it."""
        own = place.topic or place.group or self._document.identifier
        if own not in self._merged_into:
            area = self._area(self._area_of_topic(own, place))
            members = self._topics.setdefault((area, self._known_by(own)), [])
            members.append(own)
            self._merged_into[own] = members[0]
        return self._merged_into[own]

    def _area_of_topic(self, own: str, place: _Place) -> str:
        nothing_above = place.group is None or own == place.topic == place.top
        return place.area or (self._document.identifier if nothing_above else place.top or own)

    def _known_by(self, own: str) -> str:
        if own in self._across:
            return f"title {self._title(own).casefold()}"
        return own

    def _topic_row(self, area: str, members: list[str], position: int) -> TopicRow:
        codes = {self._items[member].code for member in members if member in self._items}
        title = self._title(members[0])
        return TopicRow(
            identifier=members[0],
            area=area,
            code=codes.pop() if len(codes) == 1 else "",
            title=title,
            description=self._description(members[0], title),
            position=position,
            members=tuple(members),
        )

    def _title(self, identifier: str) -> str:
        item = self._items.get(identifier)
        return line(item.short or item.statement, LONGEST_TITLE) if item else self._document.title

    def _description(self, identifier: str, title: str) -> str:
        item = self._items.get(identifier)
        if not item:
            return self._document.notes
        return item.notes if line(item.statement) == title else item.statement


def _target(item: CaseItem, place: _Place, part_of: str | None) -> TargetRow:
    return TargetRow(
        identifier=item.identifier,
        topic="",
        part_of=part_of,
        code=item.code,
        short_title=item.short if len(item.short) <= LONGEST_SHORT_TITLE else "",
        statement=item.statement,
        i_can=item.i_can,
        language=item.language,
        grades=tuple(sorted(dict.fromkeys(place.grades), key=lambda grade: (lowest_rank([grade]), grade))),
        position=0,
    )


def _guide(package: CasePackage, targets: set[str], findings: Findings) -> tuple[GuideRow, ...]:
    """One row for each target and level; several criteria for one level are told one below the other."""
    words: dict[tuple[str, Decimal], list[str]] = {}
    items = {item.identifier: item for item in package.items}
    for criterion in package.criteria:
        if criterion.item not in targets:
            sentence = _("A scoring guide is for %(name)s, which is no learning target; it was left out.")
            findings.warn("guide_without_target", sentence % {"name": items[criterion.item].name})
            continue
        for level in criterion.levels:
            words.setdefault((criterion.item, level.score), []).append(level.description)
    return tuple(GuideRow(target, value, "\n".join(parts)) for (target, value), parts in words.items())
