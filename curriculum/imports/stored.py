"""What a framework holds already, told in the rows of ``mapping`` so that the two compare with ==."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from curriculum.calculations.circles import Edge
from curriculum.enums import ObjectKind
from curriculum.imports.mapping import AreaRow, GuideRow, TargetRow, TopicRow
from curriculum.imports.objects import ObjectRow
from curriculum.models import CaseObject, ContentArea, Framework, GuideLevel, Prerequisite, Target, Topic

CARRIERS = frozenset({ObjectKind.DOCUMENT, ObjectKind.ITEM})  # objects that become areas, topics and targets


@dataclass
class Stored:
    """Rows by CASE identifier. One query each, whatever their number."""

    framework: Framework | None = None
    areas: dict[str, ContentArea] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    prerequisites: list[Edge] = field(default_factory=list)
    guide: dict[tuple[str, Decimal], GuideLevel] = field(default_factory=dict)
    objects: dict[tuple[str, int], CaseObject] = field(default_factory=dict)  # by kind and position

    @classmethod
    def of(cls, framework: Framework | None) -> Stored:
        if framework is None:
            return cls()
        targets = Target.objects.filter(topic__area__framework=framework).order_by("pk")
        by_pk = {target.pk: target for target in targets}
        edges = Prerequisite.objects.filter(target__topic__area__framework=framework).order_by("pk")
        levels = GuideLevel.objects.filter(target__topic__area__framework=framework)
        return cls(
            framework=framework,
            areas={area.case_identifier: area for area in framework.areas.order_by("pk")},
            topics={topic.case_identifier: topic for topic in _topics(framework)},
            targets={target.case_identifier: target for target in by_pk.values()},
            prerequisites=[
                (by_pk[edge.required_id].case_identifier, by_pk[edge.target_id].case_identifier)
                for edge in edges
                if edge.required_id in by_pk
            ],
            guide={(by_pk[level.target_id].case_identifier, level.value): level for level in levels if level.target_id},
            objects=_objects(framework),
        )

    def __post_init__(self) -> None:
        self._items = {row.identifier for row in self.objects.values() if row.kind in CARRIERS}
        self._area_of = {area.pk: area.case_identifier for area in self.areas.values()}
        self._topic_of = {topic.pk: topic.case_identifier for topic in self.topics.values()}
        self._target_of = {target.pk: target.case_identifier for target in self.targets.values()}
        areas = {area.pk: area for area in self.areas.values()}
        topics = {topic.pk: topic for topic in self.topics.values()}
        for topic in topics.values():
            topic.area = areas[topic.area_id]
        for target in self.targets.values():
            target.topic = topics[target.topic_id]

    def came_in_a_file(self, identifier: str) -> bool:
        """Whether the item, or document, was in the last file; of a framework whose file is not kept, all were."""
        return not self._items or identifier in self._items

    def area_row(self, area: ContentArea) -> AreaRow:
        return AreaRow(area.case_identifier, area.title, area.position, area.domain)

    def topic_row(self, topic: Topic) -> TopicRow:
        return TopicRow(
            identifier=topic.case_identifier,
            area=self._area_of[topic.area_id],
            code=topic.code,
            title=topic.title,
            description=topic.description,
            position=topic.position,
        )

    def target_row(self, target: Target) -> TargetRow:
        return TargetRow(
            identifier=target.case_identifier,
            topic=self._topic_of[target.topic_id],
            part_of=self._target_of[target.part_of_id] if target.part_of_id else None,
            code=target.code,
            short_title=target.short_title,
            statement=target.statement,
            i_can=target.i_can,
            language=target.language,
            grades=tuple(target.grades),
            position=target.position,
        )

    def guide_row(self, level: GuideLevel) -> GuideRow:
        return GuideRow(self._target_of[level.target_id or 0], level.value, level.description)


def _objects(framework: Framework) -> dict[tuple[str, int], CaseObject]:
    rows = CaseObject.objects.filter(framework=framework, revision__isnull=True)
    return {(row.kind, row.position): row for row in rows.order_by("kind", "position")}


def object_row(row: CaseObject) -> ObjectRow:
    return ObjectRow(ObjectKind(row.kind), row.identifier, row.position, row.content)


def _topics(framework: Framework) -> list[Topic]:
    return list(Topic.objects.filter(area__framework=framework).order_by("pk"))
