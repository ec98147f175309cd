"""The changes of a revision as lines to read, grouped by topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curriculum.calculations.revisions import Piece, compare_words
from curriculum.enums import ChangeKind, Domain, Subject
from curriculum.models import Change, ContentArea, GuideLevel, Prerequisite, Revision, Target, Topic
from curriculum.queries.revisions.parts import Parts, Place, target_name, told
from curriculum.queries.revisions.past import changes_by_target
from lpm.lib.grades import GRADES

Values = Mapping[str, Any]
FIELD_NAMES: dict[str, Promise] = {
    "title": gettext_lazy("Title"),
    "creator": gettext_lazy("Made by"),
    "version": gettext_lazy("Version"),
    "language": gettext_lazy("Language"),
    "notes": gettext_lazy("Notes"),
    "domain": gettext_lazy("Kind of learning"),
    "area": gettext_lazy("Content area"),
    "topic": gettext_lazy("Measurement topic"),
    "part_of": gettext_lazy("Part of"),
    "code": gettext_lazy("Code"),
    "description": gettext_lazy("Description"),
    "short_title": gettext_lazy("Short title"),
    "statement": gettext_lazy("Statement"),
    "i_can": gettext_lazy("I can"),
    "grades": gettext_lazy("Grades"),
    "requires": gettext_lazy("Comes after"),
}
PARENTS = frozenset({"area", "topic", "part_of"})
IN_A_NAME = frozenset({"area", "topic", "title", "code", "short_title", "language"})
RANKS = {Subject.FRAMEWORK: 0, Subject.AREA: 1, Subject.TOPIC: 2, Subject.TARGET: 4}
ORDER_RANK = 3
TONES = {
    ChangeKind.ADDED: "pine",
    ChangeKind.SPLIT: "honey",
    ChangeKind.MERGED: "honey",
    ChangeKind.RETIRED: "honey",
    ChangeKind.MOVED: "sky",
    ChangeKind.REWORDED: "sky",
}


@dataclass(frozen=True)
class Detail:
    """One field: what of it stays, goes and comes."""

    name: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Line:
    """One change to read; the new order of a topic or area is one line whatever moves in it."""

    group: str
    kind: str
    tone: str
    title: str
    subjects: list[UUID]
    details: list[Detail]
    leads_to: list[str]
    earlier: list[date]
    target: UUID | None = None  # that was there before


@dataclass(frozen=True)
class Entry:
    """A line before it is put into words. ``place`` orders the entries."""

    place: tuple[Place, int, Place]
    group: str
    changes: list[Change]

    @property
    def is_order(self) -> bool:
        return _is_order(self.changes[0])


def list_lines(parts: Parts) -> list[Entry]:
    """Every line of the revision in the order of the curriculum, not yet in words; no query."""
    orders: defaultdict[str, list[Change]] = defaultdict(list)
    entries = []
    for change in parts.changes:
        if _is_order(change):
            orders[_above(change, parts)].append(change)
        else:
            entries.append(_entry(change, parts))
    for above, changes in orders.items():
        entries.append(Entry((parts.at(above).place, ORDER_RANK, ()), _group_name(above, parts), changes))
    return sorted(entries, key=lambda entry: entry.place)


def _is_order(change: Change) -> bool:
    return change.kind == ChangeKind.MOVED and set(change.after) == {"position"}


def _above(change: Change, parts: Parts) -> str:
    """What the change is listed under: a target's topic, a topic itself, an area itself."""
    uuid = str(change.subject_uuid)
    is_topic_order = change.subject == Subject.TOPIC and _is_order(change)
    if change.subject == Subject.TARGET or is_topic_order:
        return change.before.get("topic") or parts.at(uuid).above
    return "" if change.subject == Subject.FRAMEWORK or _is_order(change) else uuid


def _entry(change: Change, parts: Parts) -> Entry:
    above = _above(change, parts)
    place: Place = parts.at(above).place if above else (0,)
    own = parts.at(str(change.subject_uuid)).place
    return Entry((place, RANKS[Subject(change.subject)], own), _group_name(above, parts), [change])


def _group_name(above: str, parts: Parts) -> str:
    return parts.at(above).name if above else _("The curriculum as a whole")


def read_lines(revision: Revision, parts: Parts, entries: Sequence[Entry]) -> list[Line]:
    """The entries in words: of an open revision against the rows as they are, of a published one as they were.

    At most 5 queries.
    """
    changes = [entry.changes[0] for entry in entries if not entry.is_order]
    old = _before(changes) if revision.is_open else {change.subject_uuid: change.before for change in changes}
    names = _required_names(parts, old, changes)
    leads = _leads(parts)
    earlier = changes_by_target([change.subject_uuid for change in changes], apart_from=revision)
    return [
        _order_line(entry) if entry.is_order else _line(entry, parts, old, names, leads, earlier) for entry in entries
    ]


def _order_line(entry: Entry) -> Line:
    count = len(entry.changes)
    words = {
        Subject.TARGET: ngettext("New order: %(n)d target moves", "New order: %(n)d targets move", count),
        Subject.TOPIC: ngettext("New order: %(n)d topic moves", "New order: %(n)d topics move", count),
        Subject.AREA: ngettext("New order: %(n)d content area moves", "New order: %(n)d content areas move", count),
    }
    subject = Subject(entry.changes[0].subject)
    subjects = [change.subject_uuid for change in entry.changes]
    kind = ChangeKind.MOVED
    return Line(entry.group, str(kind.label), TONES[kind], words[subject] % {"n": count}, subjects, [], [], [])


def _line(
    entry: Entry,
    parts: Parts,
    old: Mapping[UUID, Values],
    names: Mapping[str, str],
    leads: Mapping[UUID, list[str]],
    earlier: Mapping[UUID, list[date]],
) -> Line:
    change = entry.changes[0]
    kind = ChangeKind(change.kind)
    title = parts.at(str(change.subject_uuid)).name or entry.group
    details = list(_details(old.get(change.subject_uuid, {}), change.after, parts, names))
    return Line(
        group=entry.group,
        kind=str(kind.label),
        tone=TONES[kind],
        title=title,
        subjects=[change.subject_uuid],
        details=_of_new(change.after, parts, names) if kind == ChangeKind.ADDED else details,
        leads_to=leads.get(change.subject_uuid, []),
        earlier=earlier.get(change.subject_uuid, []),
        target=change.subject_uuid if str(change.subject_uuid) in parts.targets and kind != ChangeKind.ADDED else None,
    )


def _of_new(after: Values, parts: Parts, names: Mapping[str, str]) -> list[Detail]:
    """What a new row says beside its name; nothing of it is marked, as all of it is new."""
    said = {name: value for name, value in after.items() if name not in IN_A_NAME}
    return [
        Detail(detail.name, [Piece("same", piece.text) for piece in detail.pieces])
        for detail in _details({}, said, parts, names)
    ]


def _details(before: Values, after: Values, parts: Parts, names: Mapping[str, str]) -> Iterable[Detail]:
    for name, label in FIELD_NAMES.items():
        if name in after:
            old = _in_words(name, before.get(name), parts, names)
            new = _in_words(name, after[name], parts, names)
            if old != new:
                yield Detail(str(label), _pieces(name, old, new))
    guide = before.get("guide", {})
    for level, words in sorted(after.get("guide", {}).items(), key=lambda line: Decimal(line[0]), reverse=True):
        if guide.get(level, "") != words:
            name = _("Scoring guide, level %(level)s") % {"level": number_format(Decimal(level), 1)}
            yield Detail(name, compare_words(guide.get(level, ""), words))


def _pieces(name: str, old: str, new: str) -> list[Piece]:
    """Names and other choices are not compared word by word: one goes and another comes."""
    if name in PARENTS or name in {"domain", "grades"}:
        return [piece for piece in (Piece("gone", old), Piece("new", new)) if piece.text]
    return compare_words(old, new)


def _in_words(name: str, value: Any, parts: Parts, names: Mapping[str, str]) -> str:
    if not value:
        return ""
    if name in PARENTS:
        return parts.at(value).name
    if name == "grades":
        return ", ".join(str(GRADES.get(code, code)) for code in value)
    if name == "requires":
        return ", ".join(sorted(names.get(uuid, "") for uuid in value))
    return str(Domain(value).label) if name == "domain" else str(value)


def _before(changes: Sequence[Change]) -> dict[UUID, Values]:
    """The fields that the changes of an open revision speak of, as they are; by identity."""
    of: dict[Subject, list[Change]] = {
        subject: [change for change in changes if change.subject == subject] for subject in Subject
    }
    old: dict[UUID, Values] = {}
    for change in of[Subject.FRAMEWORK]:
        old[change.subject_uuid] = _fields(change.revision.framework, change)
    _read_rows(old, of[Subject.AREA], ContentArea.objects.all())
    _read_rows(old, of[Subject.TOPIC], Topic.objects.select_related("area").prefetch_related("guide"))
    _read_targets(old, of[Subject.TARGET])
    return old


def _read_rows(old: dict[UUID, Values], changes: Sequence[Change], rows: Any) -> None:
    by_uuid = {change.subject_uuid: change for change in changes}
    if by_uuid:
        old |= {row.uuid: _fields(row, by_uuid[row.uuid]) for row in rows.filter(uuid__in=by_uuid)}


def _read_targets(old: dict[UUID, Values], changes: Sequence[Change]) -> None:
    steps = Prerequisite.objects.select_related("required")
    rows = Target.objects.select_related("topic", "part_of").prefetch_related("guide")
    _read_rows(old, changes, rows)
    required: defaultdict[UUID, list[str]] = defaultdict(list)
    uuids = [change.subject_uuid for change in changes if "requires" in change.after]
    for step in steps.filter(target__uuid__in=uuids).select_related("target", "required"):
        required[step.target.uuid].append(str(step.required.uuid))
    for uuid in uuids:
        old[uuid] = {**old.get(uuid, {}), "requires": required[uuid]}


def _fields(row: Any, change: Change) -> dict[str, Any]:
    values = {name: told(row, name) for name in change.after if name not in {"guide", "requires"}}
    if "guide" in change.after:
        values["guide"] = guide_of(row.guide.all())
    return values


def guide_of(lines: Iterable[GuideLevel]) -> dict[str, str]:
    """Level as a change names it ("3.00") → its words."""
    return {str(line.value): line.description for line in lines}


def _required_names(parts: Parts, old: Mapping[UUID, Values], changes: Sequence[Change]) -> dict[str, str]:
    """Names of targets that come before others: those that the revision speaks of, and those of the rows."""
    wanted = {uuid for values in old.values() for uuid in values.get("requires", [])}
    wanted |= {uuid for change in changes for uuid in change.after.get("requires", [])}
    missing = [UUID(uuid) for uuid in wanted if not parts.at(uuid).name]
    names = {uuid: parts.at(uuid).name for uuid in wanted}
    return names | {str(row.uuid): target_name(row) for row in Target.objects.filter(uuid__in=missing)}


def _leads(parts: Parts) -> dict[UUID, list[str]]:
    leads: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in parts.crosswalk:
        leads[parts.by_pk[row.source_id].uuid].append(parts.at(str(row.destination_uuid)).name)
    return leads
