"""What a newer package changes in a published framework, as the edits of a revision. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from curriculum.enums import ChangeKind, Subject
from curriculum.imports.compare import Difference, Plan
from curriculum.imports.stored import Stored
from curriculum.models import Target
from curriculum.services import Edit

SUBJECTS = {
    "framework": Subject.FRAMEWORK,
    "areas": Subject.AREA,
    "topics": Subject.TOPIC,
    "targets": Subject.TARGET,
    "parts": Subject.TARGET,
}
NOT_EDITED = frozenset({"identifier", "case_version", "members"})


def edits_of(plan: Plan, stored: Stored) -> list[Edit]:
    """Reworded, moved and added rows, lines of guides, what comes before what; what the new file lacks ends.

    ``plan`` counts what ends. Rows that were written here, and not in a file, stay.
    """
    edits = [_edit(plan, difference) for difference in plan.differences if difference.kind in SUBJECTS]
    edits += _of_targets(_guides(plan, stored), "guide")
    edits += _of_targets(_requires(plan, stored), "requires")
    return [*_joined([edit for edit in edits if edit.values]), *_endings(plan, stored)]


def _joined(edits: list[Edit]) -> list[Edit]:
    """One edit for each row."""
    joined: dict[UUID, Edit] = {}
    for edit in edits:
        first = joined.setdefault(edit.uuid, edit)
        joined[edit.uuid] = Edit(edit.subject, edit.uuid, {**first.values, **edit.values}, first.kind)
    return list(joined.values())


def _edit(plan: Plan, difference: Difference) -> Edit:
    before, after = _values(difference.before), _values(difference.after)
    values = {name: value for name, value in after.items() if name not in before or before[name] != value}
    told = {name: _told(plan, name, value) for name, value in values.items() if name not in NOT_EDITED}
    is_added = difference.before is None
    if is_added:
        told["case_identifier"] = difference.after.identifier
    kind = ChangeKind.ADDED if is_added else None
    return Edit(SUBJECTS[difference.kind], difference.model.uuid, told, kind)


def _values(row: Any) -> dict[str, Any]:
    if row is None or isinstance(row, dict):
        return row or {}
    return {part.name: getattr(row, part.name) for part in fields(row)}


def _told(plan: Plan, name: str, value: Any) -> Any:
    """As an edit has it: what it stands under by its identity, JSON throughout."""
    if name in {"area", "topic", "part_of"} and value is not None:
        rows: dict[str, Mapping[str, Any]] = {"area": plan.areas, "topic": plan.topics, "part_of": plan.targets}
        return str(rows[name][value].uuid)
    return list(value) if isinstance(value, tuple) else value


def _of_targets(values: dict[UUID, Any], name: str) -> list[Edit]:
    return [Edit(Subject.TARGET, uuid, {name: value}) for uuid, value in values.items()]


def _guides(plan: Plan, stored: Stored) -> dict[UUID, dict[str, str]]:
    """New words of lines; no words for lines that the last file had and the new one lacks."""
    guides: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for difference in plan.differences:
        row = difference.after
        if difference.kind == "guide_levels" and _goes_on(plan, row.target):
            guides[plan.targets[row.target].uuid][f"{row.value:.2f}"] = row.description
    read = {(row.target, row.value) for row in plan.read.guide}
    for gone in plan.base.guide if plan.base else ():
        place = (gone.target, gone.value)
        if place in stored.guide and place not in read and _goes_on(plan, gone.target):
            guides[plan.targets[gone.target].uuid][f"{gone.value:.2f}"] = ""
            plan.counts["guide_levels"].end += 1
    return guides


def _requires(plan: Plan, stored: Stored) -> dict[UUID, list[str]]:
    """All that comes before a target, where that changes."""
    standing = set(stored.prerequisites)
    ended = {edge for edge in plan.ended_steps & standing if _goes_on(plan, edge[1])}
    changed: dict[UUID, set[str]] = {}
    by_target: defaultdict[UUID, set[str]] = defaultdict(set)
    for required, target in standing - ended:
        by_target[plan.targets[target].uuid].add(str(plan.targets[required].uuid))
    for _required, target in ended:
        uuid = plan.targets[target].uuid
        changed[uuid] = by_target[uuid]
    for step in plan.changes.prerequisites.add:
        if step.target.retired_on is None:
            by_target[step.target.uuid].add(str(step.required.uuid))
            changed[step.target.uuid] = by_target[step.target.uuid]
    plan.counts["prerequisites"].end += len(ended)
    return {uuid: sorted(required) for uuid, required in changed.items()}


def _goes_on(plan: Plan, identifier: str) -> bool:
    target = plan.targets.get(identifier)
    return target is not None and target.retired_on is None and target.uuid not in plan.gone_uuids


def _endings(plan: Plan, stored: Stored) -> list[Edit]:
    """Targets that the file lacks, their parts, and topics and areas that hold nothing more."""
    gone = _with_parts(plan.gone, stored)
    ending = {target.uuid for target in gone}
    going_on = [row for row in plan.targets.values() if row.retired_on is None and row.uuid not in ending]
    topics = {row.topic.uuid for row in going_on} | {plan.topics[row.identifier].uuid for row in plan.read.topics}
    empty_topics = [
        topic
        for identifier, topic in stored.topics.items()
        if topic.uuid not in topics and topic.retired_on is None and stored.came_in_a_file(identifier)
    ]
    ended = {topic.uuid for topic in empty_topics}
    kept = [topic for topic in plan.topics.values() if topic.retired_on is None and topic.uuid not in ended]
    areas = {topic.area.uuid for topic in kept} | {plan.areas[row.identifier].uuid for row in plan.read.areas}
    empty_areas = [
        area
        for identifier, area in stored.areas.items()
        if area.uuid not in areas and area.retired_on is None and stored.came_in_a_file(identifier)
    ]
    for target in gone:
        plan.counts["parts" if target.part_of_id else "targets"].end += 1
    plan.counts["topics"].end, plan.counts["areas"].end = len(empty_topics), len(empty_areas)
    return [
        *(Edit(Subject.TARGET, target.uuid, {}, ChangeKind.RETIRED) for target in gone),
        *(Edit(Subject.TOPIC, topic.uuid, {}, ChangeKind.RETIRED) for topic in empty_topics),
        *(Edit(Subject.AREA, area.uuid, {}, ChangeKind.RETIRED) for area in empty_areas),
    ]


def _with_parts(gone: list[Target], stored: Stored) -> list[Target]:
    pks = {target.pk for target in gone}
    parts = [
        target
        for target in stored.targets.values()
        if target.part_of_id in pks and target.pk not in pks and target.retired_on is None
    ]
    return [*gone, *parts]
