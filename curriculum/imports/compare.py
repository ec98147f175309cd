"""What a package would add to a framework and change in it. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.calculations.circles import closing
from curriculum.imports.links import warn_of_circle
from curriculum.imports.mapping import AreaRow, Curriculum, GuideRow, TargetRow, TopicRow
from curriculum.imports.package import CaseDocument, shortened
from curriculum.imports.stored import Stored
from curriculum.models import ContentArea, Framework, GuideLevel, Prerequisite, Scale, Target, Topic
from curriculum.services import Batch, CurriculumChanges
from lpm.lib.imports import Counts, Findings, Problem
from lpm.people.models import Organization

K = TypeVar("K", bound=Hashable)
Row = TypeVar("Row")
M = TypeVar("M", bound=Model)


class Plan:
    """The changes, how many there are of each kind, and what is odd about them."""

    def __init__(self, curriculum: Curriculum, stored: Stored, owner: Organization, scale: Scale) -> None:
        self.changes = CurriculumChanges()
        self.counts: dict[str, Counts] = {}
        self._read = _with_stored_topics(curriculum, stored.topics)
        self._stored = stored
        self._findings = Findings()
        self._names = {row.identifier: row.code or shortened(row.statement) for row in self._read.targets}
        self.framework = stored.framework or Framework(
            owner=owner, scale=scale, case_identifier=self._read.document.identifier
        )
        self._plan_framework()
        targets = self._plan_targets(self._plan_topics(self._plan_areas()))
        self._plan_prerequisites(targets)
        self._plan_guide(targets, scale)
        self._tell_what_stays()
        self.problems: tuple[Problem, ...] = (*self._findings.listed(), *curriculum.problems)

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
            _fill(area, {"title": row.title, "position": row.position})

        read = {row.identifier: row for row in self._read.areas}
        return self._sort_out("areas", self.changes.areas, read, self._stored.areas, self._stored.area_row, new, fill)

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
        targets: dict[str, Target] = {}

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
            read = {row.identifier: row for row in self._read.targets if bool(row.part_of) == is_part}
            targets |= self._sort_out(kind, batch, read, self._stored.targets, self._stored.target_row, new, fill)
        return targets

    def _plan_prerequisites(self, targets: Mapping[str, Target]) -> None:
        """New steps only; one that would close a circle with those that are there is left out and told."""
        counts = self.counts.setdefault("prerequisites", Counts())
        known = set(self._stored.prerequisites)
        edges = [edge for edge in self._read.prerequisites if edge not in known]
        left_out = set(closing(edges, standing=self._stored.prerequisites))
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
            if not _is_on(scale, row.value):
                self._refuse_level(row, scale)
        read = {(row.target, row.value): row for row in self._read.guide}
        self._sort_out("guide_levels", self.changes.guide, read, self._stored.guide, self._stored.guide_row, new, fill)

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
            if model is None:
                counts.add += 1
                batch.add.append(model := new(row))
                fill(model, row)
            elif row_of(model) == row:
                counts.same += 1
            else:
                counts.change += 1
                batch.change.append(model)
                fill(model, row)
            models[key] = model
        return models

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

    def _tell_what_stays(self) -> None:
        read = {row.identifier for row in self._read.targets}
        stays = [
            target
            for identifier, target in self._stored.targets.items()
            if identifier not in read and target.retired_on is None
        ]
        if stays:
            sentence = ngettext(
                "Still here: %(count)d target that the new file does not have (%(name)s). A revision retires it.",
                "Still here: %(count)d targets that the new file does not have (such as %(name)s). "
                "A revision retires them.",
                len(stays),
            )
            facts = {"count": len(stays), "name": stays[0].code or shortened(stays[0].statement)}
            self._findings.warn("targets_stay", sentence % facts)


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


def _texts(document: CaseDocument) -> dict[str, object]:
    return {
        "title": document.title,
        "creator": document.creator,
        "version": document.version,
        "language": document.language or "en",
        "notes": document.notes,
    }


def _stored_texts(framework: Framework) -> dict[str, object]:
    return {name: getattr(framework, name) for name in ("title", "creator", "version", "language", "notes")}


def _fill(model: Model, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(model, name, value)


def _is_on(scale: Scale, value: Decimal) -> bool:
    return scale.low <= value <= scale.high and (value - scale.low) % scale.step == 0


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
