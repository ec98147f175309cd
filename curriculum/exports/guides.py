"""Scoring guides as CASE rubrics: lines that changed, came or went. No database."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any

from curriculum.exports.identifiers import made_identifier
from curriculum.exports.outgoing import Outgoing, replace_or_add
from curriculum.exports.rows import Rows
from curriculum.exports.written import level_object, rubric_object
from curriculum.imports.reading import text

Line = tuple[str, Decimal]  # of a guide: the identifier of its item, and the level


def lay_guides(rows: Rows, out: Outgoing) -> None:
    """The lines of targets as they are now; the guides of topics, which no file brings, in full."""
    before = _read(rows)
    now = {line: level.description for line, level in rows.stored.guide.items() if out.has(line[0])}
    known = _Guides(rows, out)
    for line in before.keys() - now.keys():
        if line[0] in rows.stored.targets:
            known.take_away(line)
    new: defaultdict[str, list[tuple[Decimal, str]]] = defaultdict(list)
    for line in sorted(now):
        if line not in before:
            new[line[0]].append((line[1], now[line]))
        elif now[line] != before[line]:
            known.change(line, now[line])
    for item, levels in [*new.items(), *rows.topic_guides.items()]:
        if out.has(item):
            known.add(item, levels)


def _read(rows: Rows) -> dict[Line, str]:
    """Line by line as an import reads it, whatever the items become."""
    words: dict[Line, list[str]] = {}
    for criterion in rows.read.criteria if rows.read else ():
        for level in criterion.levels:
            words.setdefault((criterion.item, level.score), []).append(level.description)
    return {line: "\n".join(parts) for line, parts in words.items()}


class _Guides:
    """The rubrics that came in the file, by what they are for."""

    def __init__(self, rows: Rows, out: Outgoing) -> None:
        self.rows, self.out = rows, out
        self._levels: defaultdict[Line, list[tuple[list[Any], dict[str, Any]]]] = defaultdict(list)
        self._criteria: dict[str, dict[str, Any]] = {}
        for criterion in _parts(out.package.get("CFRubrics"), "CFRubricCriteria"):
            item = rows.names.item(criterion.get("CFItemURI")) if rows.names else None
            if item:
                self._sort_in(item, criterion)

    def _sort_in(self, item: str, criterion: dict[str, Any]) -> None:
        self._criteria.setdefault(item, criterion)
        levels = criterion.get("CFRubricCriterionLevels") or []
        for level in levels:
            score = _score(level.get("score")) if isinstance(level, dict) else None
            if score is not None:
                self._levels[item, score].append((levels, level))

    def take_away(self, line: Line) -> None:
        self.out.has_changed = True
        for levels, level in self._levels[line]:
            levels[:] = [other for other in levels if other is not level]

    def change(self, line: Line, description: str) -> None:
        """Several lines for one level become one."""
        first, *others = self._levels[line]
        self.out.change(first[1], self._moment(line[0]), description=description)
        for levels, level in others:
            levels[:] = [other for other in levels if other is not level]

    def add(self, item: str, lines: list[tuple[Decimal, str]]) -> None:
        framework, moment = self.rows.framework.case_identifier, self._moment(item)
        made = [
            {
                **level_object(made_identifier(framework, "level", item, f"{value:.2f}"), value, words),
                "lastChangeDateTime": moment,
            }
            for value, words in lines
        ]
        self.out.has_changed = True
        if item in self._criteria and item not in self.rows.topic_guides:
            criterion = self._criteria[item]
            criterion["CFRubricCriterionLevels"] = [*(criterion.get("CFRubricCriterionLevels") or []), *made]
            return
        ids = [made_identifier(framework, kind, item) for kind in ("rubric", "criterion")]
        raw = rubric_object(ids[0], ids[1], self.out.link_to(item), made)
        replace_or_add(self.out.rubrics(), {**raw, "lastChangeDateTime": moment})

    def _moment(self, item: str) -> str:
        row = self.rows.stored.targets.get(item) or self.rows.stored.topics.get(item)
        return self.rows.moment_of(row.uuid if row else None)


def _parts(objects: Any, key: str) -> list[dict[str, Any]]:
    rubrics = [raw for raw in objects if isinstance(raw, dict)] if isinstance(objects, list) else []
    return [part for raw in rubrics for part in (raw.get(key) or []) if isinstance(part, dict)]


def _score(raw: Any) -> Decimal | None:
    try:
        return Decimal(text(raw))
    except InvalidOperation:
        return None
