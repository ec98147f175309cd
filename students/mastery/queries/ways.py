"""By which method and on which scale levels are made, at an organization on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from curriculum.models import Scale, Target
from lpm.people.models import Student
from students.mastery.calculations import Conversion, ScaleRange, Ways
from students.mastery.models import MasterySettings, MethodRule, ScaleChange

DEFAULT_METHOD = "decaying"
PARAMETERS = ("weight", "last", "times", "level", "least")


def scale_range(scale: Scale) -> ScaleRange:
    return ScaleRange(scale.low, scale.high, scale.step, scale.proficient)


@dataclass(frozen=True)
class Measure:
    """What a target is judged by: the scale of its framework; rules are looked up by framework and topic."""

    scale: ScaleRange
    framework_id: int
    topic_id: int


@dataclass(frozen=True)
class Chosen:
    """A method somebody chose, with the parameters they set."""

    method: str = DEFAULT_METHOD
    parameters: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class WaysBook:
    """Every rule in force for an organization on a day. Keys of ``chosen`` are (framework, topic or None).

    ``scales`` holds those of frameworks which have gone over to another scale since.
    """

    chosen: Mapping[tuple[int, int | None], Chosen] = field(default_factory=dict)
    conversions: Mapping[int, tuple[Conversion, ...]] = field(default_factory=dict)
    scales: Mapping[int, ScaleRange] = field(default_factory=dict)
    foundations_first: bool = False
    accepts_automatically: bool = False

    def chosen_for(self, measure: Measure) -> Chosen | None:
        """The topic's own method, else the framework's; None where nobody has chosen one."""
        of_topic = self.chosen.get((measure.framework_id, measure.topic_id))
        return of_topic or self.chosen.get((measure.framework_id, None))

    def on(self, measure: Measure) -> Ways:
        """Where nobody has chosen a method it is DEFAULT_METHOD, and pages say that nobody has."""
        chosen = self.chosen_for(measure) or Chosen()
        return Ways(
            scale=self.scales.get(measure.framework_id, measure.scale),
            method=chosen.method,
            parameters=dict(chosen.parameters),
            conversions=self.conversions.get(measure.framework_id, ()),
            foundations_first=self.foundations_first,
        )


def ways_for(organization_id: int, day: date, before: datetime | None = None) -> WaysBook:
    """The rules of the organization and those above it, each from the nearest, as of ``day``; in 3 queries.

    ``before`` is the moment that ends the day, when a past day is asked for: scales are those of then.
    """
    settings = MasterySettings.objects.in_force(organization_id, day, "foundations_first", "accepts_automatically")
    conversions, scales = _scale_changes(before)
    return WaysBook(
        chosen=_chosen(organization_id, day),
        conversions=conversions,
        scales=scales,
        **settings,
    )


def _chosen(organization_id: int, day: date) -> dict[tuple[int, int | None], Chosen]:
    rules = MethodRule.objects.filter(
        organization__below__descendant=organization_id, valid_from__lte=day, applied_at__isnull=False
    ).order_by("organization__below__depth", "-valid_from", "-applied_at")
    nearest: dict[tuple[int, int | None], MethodRule] = {}
    for rule in rules:
        nearest.setdefault((rule.framework_id, rule.topic_id), rule)
    return {key: Chosen(rule.method, parameters_of(rule)) for key, rule in nearest.items() if rule.method}


def parameters_of(rule: MethodRule) -> dict[str, Decimal]:
    """Those that were set; the others are the method's own."""
    values = ((name, getattr(rule, name)) for name in PARAMETERS)
    return {name: Decimal(value) for name, value in values if value is not None}


def _scale_changes(
    before: datetime | None,
) -> tuple[dict[int, tuple[Conversion, ...]], dict[int, ScaleRange]]:
    """What was converted by ``before`` (or ever), and the scales that were in force then, where they are others now."""
    conversions: dict[int, list[Conversion]] = defaultdict(list)
    scales: dict[int, ScaleRange] = {}
    changes = ScaleChange.objects.filter(applied_at__isnull=False).select_related("before").prefetch_related("steps")
    for change in changes.order_by("applied_at"):
        at = change.applied_at
        if at is not None and (before is None or at < before):
            levels = {step.before: step.after for step in change.steps.all()}
            conversions[change.framework_id].append(Conversion(at, levels))
        else:
            scales.setdefault(change.framework_id, scale_range(change.before))
    return {framework: tuple(found) for framework, found in conversions.items()}, scales


def ways_of(students: Collection[Student], day: date, before: datetime | None = None) -> dict[int, WaysBook]:
    """The rules in force for each student, by id, in 3 queries for each school; none for merged records."""
    books = {school: ways_for(school, day, before) for school in {student.school_id for student in students}}
    return {student.pk: books[student.school_id] for student in students if student.merged_into_id is None}


def read_measures(target_ids: Iterable[int]) -> dict[int, Measure]:
    """What each target is judged by, by id; 1 query."""
    targets = Target.objects.filter(pk__in=list(target_ids)).select_related("topic__area__framework__scale")
    return {target.pk: measure_of(target) for target in targets}


def measure_of(target: Target) -> Measure:
    """No query where the target came with its framework's scale."""
    area = target.topic.area
    return Measure(scale_range(area.framework.scale), area.framework_id, target.topic_id)
