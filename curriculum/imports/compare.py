"""What a package would add to a framework and change in it. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import JSONField, Model, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.calculations.circles import Edge, closing
from curriculum.enums import Domain, FrameworkStatus
from curriculum.imports.links import warn_of_circle
from curriculum.imports.mapping import AreaRow, Curriculum, GuideRow, TargetRow, TopicRow
from curriculum.imports.objects import ObjectRow
from curriculum.imports.package import CaseDocument, shortened
from curriculum.imports.stored import Stored
from curriculum.models import CaseObject, ContentArea, Framework, GuideLevel, Prerequisite, Scale, Target, Topic
from curriculum.services import Batch, CurriculumChanges
from lpm.lib.imports import Counts, Findings, Problem
from lpm.people.models import Organization

LONGEST_TEXT = 50_000  # characters; an index of words takes at most a megabyte of each target

K = TypeVar("K", bound=Hashable)
Row = TypeVar("Row")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Difference:
    """A row that is new (``before`` is None) or that the file changes; ``after`` is what it is going to be."""

    kind: str
    model: Any
    before: Any
    after: Any


class Plan:
    """The changes, how many there are of each kind, and what is odd about them.

    ``base`` is what the last file said. What the new one leaves as it was stays as it is here, also where somebody
    has written it anew since.
    """

    def __init__(
        self,
        curriculum: Curriculum,
        stored: Stored,
        owner: Organization,
        scale: Scale,
        base: Curriculum | None = None,
    ) -> None:
        self.changes = CurriculumChanges()
        self.counts: dict[str, Counts] = {}
        self.differences: list[Difference] = []
        self.read = self._read = _with_stored_topics(curriculum, stored.topics)
        self.base = _with_stored_topics(base, stored.topics) if base else None
        self._base = _rows_by_kind(self.base) if self.base else {}
        self._stored = stored
        self._findings = Findings()
        self._names = {row.identifier: row.code or shortened(row.statement) for row in self._read.targets}
        self.framework = stored.framework or Framework(
            owner=owner, scale=scale, case_identifier=self._read.document.identifier
        )
        self._plan_framework()
        self.areas = {**stored.areas, **self._plan_areas()}
        self.topics = {**stored.topics, **self._plan_topics(self.areas)}
        self.targets = {**stored.targets, **self._plan_targets(self.topics)}
        self._plan_prerequisites(self.targets)
        self._plan_guide(self.targets, scale)
        self._plan_objects()
        self._of_file = curriculum.problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self._findings.listed(), *self._of_file)

    def _plan_framework(self) -> None:
        framework = self.framework
        stored = {} if self._stored.framework is None else {framework.case_identifier: framework}
        read = {framework.case_identifier: _texts(self._read.document)}
        batch = self.changes.framework
        self._sort_out("framework", batch, read, stored, _stored_texts, lambda row: framework, _fill)

    def _plan_areas(self) -> dict[str, ContentArea]:
        def new(row: AreaRow) -> ContentArea:
            return ContentArea(framework=self.framework, case_identifier=row.identifier)

        def fill(area: ContentArea, row: AreaRow) -> None:
            _fill(area, {"title": row.title, "position": row.position, "domain": row.domain})

        read = {row.identifier: self._with_domain(row) for row in self._read.areas}
        return self._sort_out("areas", self.changes.areas, read, self._stored.areas, self._stored.area_row, new, fill)

    def _with_domain(self, row: AreaRow) -> AreaRow:
        """With the domain that it has here, or that of content, where the file does not say it."""
        stored = self._stored.areas.get(row.identifier)
        return replace(row, domain=row.domain or (stored.domain if stored else Domain.CONTENT.value))

    def _plan_topics(self, areas: Mapping[str, ContentArea]) -> dict[str, Topic]:
        def new(row: TopicRow) -> Topic:
            return Topic(case_identifier=row.identifier)

        def fill(topic: Topic, row: TopicRow) -> None:
            topic.area = areas[row.area]
            names = ("code", "title", "description", "position")
            _fill(topic, {name: getattr(row, name) for name in names})

        read = {row.identifier: row for row in self._read.topics}
        return self._sort_out(
            "topics", self.changes.topics, read, self._stored.topics, self._stored.topic_row, new, fill
        )

    def _plan_targets(self, topics: Mapping[str, Topic]) -> dict[str, Target]:
        targets: dict[str, Target] = dict(self._stored.targets)
        self._refuse_endless()

        def new(row: TargetRow) -> Target:
            return Target(case_identifier=row.identifier)

        def fill(target: Target, row: TargetRow) -> None:
            target.topic = topics[row.topic]
            target.part_of = targets[row.part_of] if row.part_of else None
            target.grades = list(row.grades)
            names = ("code", "short_title", "statement", "i_can", "language", "position")
            _fill(target, {name: getattr(row, name) for name in names})

        for kind, batch in (("targets", self.changes.targets), ("parts", self.changes.parts)):
            is_part = kind == "parts"
            rows = (row for row in self._read.targets if bool(row.part_of) == is_part)
            read = {row.identifier: _with_its_whole(row, targets) for row in rows}
            targets |= self._sort_out(kind, batch, read, self._stored.targets, self._stored.target_row, new, fill)
        return targets

    def _plan_prerequisites(self, targets: Mapping[str, Target]) -> None:
        """New steps only; one that would close a circle with those that are there is left out and told."""
        counts = self.counts.setdefault("prerequisites", Counts())
        known = {*self._stored.prerequisites, *(self.base.prerequisites if self.base else ())}
        edges = [edge for edge in self._read.prerequisites if edge not in known]
        standing = [edge for edge in self._stored.prerequisites if edge not in self.ended_steps]
        left_out = set(closing(edges, standing=standing))
        for required, target in edges:
            if (required, target) in left_out:
                warn_of_circle(f"{self._names[required]} → {self._names[target]}", self._findings)
            else:
                row = Prerequisite(target=targets[target], required=targets[required])
                self.changes.prerequisites.add.append(row)
        counts.add = len(edges) - len(left_out)
        counts.same = len(self._read.prerequisites) - len(edges)

    def _plan_guide(self, targets: Mapping[str, Target], scale: Scale) -> None:
        def new(row: GuideRow) -> GuideLevel:
            return GuideLevel(target=targets[row.target], value=row.value)

        def fill(level: GuideLevel, row: GuideRow) -> None:
            level.description = row.description

        for row in self._read.guide:
            if not is_on(scale, row.value):
                self._refuse_level(row, scale)
        read = {(row.target, row.value): row for row in self._read.guide}
        self._sort_out("guide_levels", self.changes.guide, read, self._stored.guide, self._stored.guide_row, new, fill)

    def _plan_objects(self) -> None:
        """What the file holds takes the place of what the last one held, object by object."""
        counts, stored = self.counts.setdefault("objects", Counts()), dict(self._stored.objects)
        for row in self._read.objects:
            before = stored.pop((row.kind, row.position), None)
            if before is None:
                counts.add += 1
            elif (before.identifier, before.content) == (row.identifier, row.content):
                counts.same += 1
                continue
            else:
                counts.change += 1
                self.changes.objects.remove.append(before.pk)
            self.changes.objects.add.append(case_object(row))
        counts.end = len(stored)
        self.changes.objects.remove += [row.pk for row in stored.values()]

    def _sort_out(
        self,
        kind: str,
        batch: Batch[M],
        read: Mapping[K, Row],
        stored: Mapping[K, M],
        row_of: Callable[[M], Row],
        new: Callable[[Row], M],
        fill: Callable[[M, Row], None],
    ) -> dict[K, M]:
        """Each row that was read as a model, counted and put into the batch if it is new or differs."""
        counts = self.counts.setdefault(kind, Counts())
        models: dict[K, M] = {}
        for key, row in read.items():
            model = stored.get(key)
            before = row_of(model) if model else None
            if model and before is not None:
                after = before if getattr(model, "retired_on", None) else self._merged(kind, key, row, before)
                batch_of_row = batch.change
            elif kind == "guide_levels" and self._base.get(kind, {}).get(key) == row:
                counts.same += 1  # taken away here, and the same words in the new file
                continue
            else:
                after, model, batch_of_row = row, new(row), batch.add
            models[key] = model
            if before == after:
                counts.same += 1
                continue
            fill(model, after)
            batch_of_row.append(model)
            counts.add += before is None
            counts.change += before is not None
            self.differences.append(Difference(kind, model, before, after))
        return models

    def _merged(self, kind: str, key: Any, row: Any, before: Any) -> Any:
        """``row``, but as it is here in what the new file leaves as the last one had it."""
        base = self._base.get(kind, {}).get(key)
        if base is None:
            return row
        if isinstance(row, dict):
            return {name: before[name] if base[name] == value else value for name, value in row.items()}
        kept = {
            part.name: getattr(before, part.name)
            for part in fields(row)
            if part.compare and getattr(base, part.name) == getattr(row, part.name)
        }
        return replace(row, **kept)

    def _refuse_endless(self) -> None:
        for row in self._read.targets:
            if max(len(row.statement), len(row.i_can)) > LONGEST_TEXT:
                sentence = _("The text of %(name)s is longer than that of a learning target can be.")
                self._findings.refuse("text_too_long", sentence % {"name": shortened(self._names[row.identifier])})

    def _refuse_level(self, row: GuideRow, scale: Scale) -> None:
        sentence = _(
            "The scoring guide of %(name)s has a level %(value)s, which is not on the scale “%(scale)s” "
            "(%(low)s to %(high)s in steps of %(step)s)."
        )
        facts = {
            "name": self._names[row.target],
            "value": _plain(row.value),
            "scale": scale.name,
            "low": _plain(scale.low),
            "high": _plain(scale.high),
            "step": _plain(scale.step),
        }
        self._findings.refuse("level_off_scale", sentence % facts)

    @cached_property
    def ended_steps(self) -> set[Edge]:
        """Steps from target to target that the last file had and the new one lacks; a draft keeps them."""
        framework = self._stored.framework
        if framework is None or framework.status == FrameworkStatus.DRAFT or self.base is None:
            return set()
        return {*self.base.prerequisites} - {*self._read.prerequisites}

    @cached_property
    def gone(self) -> list[Target]:
        """Targets in use that came with an earlier file and that the new one lacks."""
        read = {row.identifier for row in self._read.targets}
        return [
            target
            for identifier, target in self._stored.targets.items()
            if identifier not in read and self._stored.came_in_a_file(identifier) and target.retired_on is None
        ]

    @cached_property
    def gone_uuids(self) -> set[UUID]:
        return {target.uuid for target in self.gone}

    def tell_what_stays(self) -> None:
        if stays := self.gone:
            sentence = ngettext(
                "Still here: %(count)d target that the new file does not have (%(name)s). A revision retires it.",
                "Still here: %(count)d targets that the new file does not have (such as %(name)s). "
                "A revision retires them.",
                len(stays),
            )
            facts = {"count": len(stays), "name": stays[0].code or shortened(stays[0].statement)}
            self._findings.warn("targets_stay", sentence % facts)


def _with_its_whole(row: TargetRow, targets: Mapping[str, Target]) -> TargetRow:
    """A part stands where its whole does, also where that was moved here."""
    return replace(row, topic=targets[row.part_of].topic.case_identifier) if row.part_of else row


def _with_stored_topics(curriculum: Curriculum, stored: Mapping[str, Topic]) -> Curriculum:
    """A topic merged of several items keeps its identity as long as one of them does."""
    kept = {
        topic.identifier: next((member for member in topic.members if member in stored), topic.identifier)
        for topic in curriculum.topics
    }
    return replace(
        curriculum,
        topics=tuple(replace(topic, identifier=kept[topic.identifier]) for topic in curriculum.topics),
        targets=tuple(replace(target, topic=kept[target.topic]) for target in curriculum.targets),
    )


def _rows_by_kind(base: Curriculum) -> dict[str, dict[Any, Any]]:
    targets = {row.identifier: row for row in base.targets}
    return {
        "framework": {base.document.identifier: _texts(base.document)},
        "areas": {row.identifier: row for row in base.areas},
        "topics": {row.identifier: row for row in base.topics},
        "targets": targets,
        "parts": targets,
        "guide_levels": {(row.target, row.value): row for row in base.guide},
    }


def case_object(row: ObjectRow) -> CaseObject:
    """Not saved, and of no framework yet."""
    content = Value(None, JSONField()) if row.content is None else row.content  # null in JSON, not in the table
    return CaseObject(kind=row.kind, identifier=row.identifier, position=row.position, content=content)


def _texts(document: CaseDocument) -> dict[str, object]:
    return {
        "title": document.title,
        "creator": document.creator,
        "version": document.version,
        "language": document.language or "en",
        "notes": document.notes,
        "case_version": document.case_version,
    }


def _stored_texts(framework: Framework) -> dict[str, object]:
    names = ("title", "creator", "version", "language", "notes", "case_version")
    return {name: getattr(framework, name) for name in names}


def _fill(model: Model, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(model, name, value)


def is_on(scale: Scale, value: Decimal) -> bool:
    return scale.low <= value <= scale.high and (value - scale.low) % scale.step == 0


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
