"""Where areas, topics and targets stand: under what, and in what order. No database."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from curriculum.exports.identifiers import made_identifier
from curriculum.exports.outgoing import Outgoing
from curriculum.exports.rows import Rows
from curriculum.imports.reading import whole
from curriculum.models import ContentArea, Target, Topic

Row = ContentArea | Topic | Target
RowKey = tuple[type[Row], str]


def lay_places(rows: Rows, out: Outgoing) -> None:
    """Moved rows hang where they are now, new ones too; siblings are numbered where their order is another one."""
    _Places(rows, out).lay()


class _Places:
    def __init__(self, rows: Rows, out: Outgoing) -> None:
        self.rows, self.out = rows, out
        self.stored = rows.stored
        self._identifier_of = {target.pk: target.case_identifier for target in self.stored.targets.values()}
        self.before = self._read()
        self._known = {
            "areas",
            *(f"area {identifier}" for identifier in self.stored.areas),
            *(f"topic {identifier}" for identifier in self.stored.topics),
            *(f"target {identifier}" for identifier in self.stored.targets),
        }

    def lay(self) -> None:
        groups: dict[str, list[Row]] = {}
        every: list[Row] = [*self.stored.areas.values(), *self.stored.topics.values(), *self.stored.targets.values()]
        for row in sorted(every, key=lambda row: (row.position, row.pk)):
            if row.case_identifier in self.out.items:
                groups.setdefault(self._key(row), []).append(row)
        for group in groups.values():
            self._lay_group(group)

    def _lay_group(self, group: list[Row]) -> None:
        """Siblings in our sense, in their order."""
        placed = [row for row in group if self._is_placed_anew(row)]
        for row in placed:
            self._hang(row, self._parent(row))
        linked = [row for row in group if row.case_identifier in self.out.parent_links]
        if placed or self._is_reordered(linked):
            self._number(linked)

    def _hang(self, row: Row, parent: str) -> None:
        own, moment = row.case_identifier, self.rows.moment_of(row.uuid)
        if own in self.out.parent_links:
            self.out.move(own, parent, moment)
        else:
            identifier = made_identifier(self.rows.framework.case_identifier, "isChildOf", own)
            self.out.add_link(identifier, "isChildOf", own, parent, moment)

    def _number(self, rows: list[Row]) -> None:
        """1, 2, 3 …, but leave the numbers that are in this order already, and count on from them."""
        last = -1
        numbers = [whole(self.out.parent_links[row.case_identifier].get("sequenceNumber")) for row in rows]
        head = next((place for place, number in enumerate(numbers) if number is None), len(numbers))
        is_sound = numbers[head:] == [None] * (len(numbers) - head) and _rises(numbers[:head])
        for place, row in enumerate(rows, start=1):
            number = numbers[place - 1]
            if is_sound and number is not None:
                last = number
                continue
            last = last + 1 if is_sound and last >= 0 else place
            if number != last:
                link = self.out.parent_links[row.case_identifier]
                self.out.change(link, self.rows.moment_of(row.uuid), sequenceNumber=last)

    def _is_reordered(self, rows: list[Row]) -> bool:
        order = [self.before[_row_key(row)][1] for row in rows if _row_key(row) in self.before]
        return not _rises(order)

    def _is_placed_anew(self, row: Row) -> bool:
        """Written here, or moved since it came. What came without a place stays so; and what sorts of items become may
        have been said anew, for a file that nobody took up: then the file tells nothing about places here."""
        own, parent = row.case_identifier, self._parent(row)
        if parent in {own, self.out.parents.get(own)}:
            return False
        if own not in self.out.came:
            return True
        above = self.before.get(_row_key(row), ("", 0))[0]
        return above in self._known and above != self._key(row)

    def _key(self, row: Row) -> str:
        """What the row stands under here, told so that what a file said compares."""
        if isinstance(row, ContentArea):
            return "areas"
        if isinstance(row, Topic):
            return f"area {row.area.case_identifier}"
        if row.part_of_id:
            return f"target {self._whole(row)}"
        return f"topic {row.topic.case_identifier}"

    def _parent(self, row: Row) -> str:
        """The identifier of the item, or document, that the row hangs on."""
        if isinstance(row, ContentArea):
            wanted = self.out.document_identifier
        elif isinstance(row, Topic):
            wanted = row.area.case_identifier
        else:
            wanted = self._whole(row) if row.part_of_id else row.topic.case_identifier
        return wanted if self.out.has(wanted) else self.out.document_identifier

    def _whole(self, part: Target) -> str:
        return self._identifier_of[part.part_of_id or 0]

    def _read(self) -> dict[RowKey, tuple[str, int]]:
        """What each row stood under by the file, told as ``_key`` tells it, and its position there.

        One item may be an area and a topic at once.
        """
        base = self.rows.base
        if base is None:
            return {}
        topics = self.out.topics.items()
        here = {topic.identifier: identifier for identifier, topic in topics}
        return {
            **{(ContentArea, row.identifier): ("areas", row.position) for row in base.areas},
            **{(Topic, identifier): (f"area {topic.area}", topic.position) for identifier, topic in topics},
            **{
                (Target, row.identifier): (
                    f"target {row.part_of}" if row.part_of else f"topic {here[row.topic]}",
                    row.position,
                )
                for row in base.targets
            },
        }


def _row_key(row: Row) -> RowKey:
    return type(row), row.case_identifier


def _rises(numbers: list[Any]) -> bool:
    return all(before < after for before, after in pairwise(numbers))
