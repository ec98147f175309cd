"""By which method and on which scale levels are made, at an organization on a day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from curriculum.models import Scale, Target
from lpm.people.models import Student
from students.mastery.calculations import Conversion, ScaleRange, Ways
from students.mastery.models import MethodRule
from students.mastery.queries.pauses import is_strand

DEFAULT_METHOD = "decaying"
METHOD_OF_STRANDS = "most_recent"
PARAMETERS = ("weight", "last", "times", "level", "least")

# Three columns: options as ``DatedSettingsQuerySet.in_force`` finds them (of each organization its newest row), method
# rules and scale changes; the nearest and newest first of the former two, the oldest first of the last.
WAYS = """(
    SELECT jsonb_agg(jsonb_build_array(organization, options) ORDER BY depth) FROM (
        SELECT DISTINCT ON (above.descendant_id, above.depth) above.descendant_id AS organization, above.depth,
               jsonb_build_object('foundations_first', said.foundations_first,
                                  'accepts_automatically', said.accepts_automatically) AS options
        FROM people_lineage above JOIN mastery_masterysettings said ON said.organization_id = above.ancestor_id
        WHERE above.descendant_id = ANY(%(organizations)s::bigint[]) AND said.valid_from <= %(day)s
        ORDER BY above.descendant_id, above.depth, said.valid_from DESC
    ) newest
), (
    SELECT jsonb_agg(
        jsonb_build_array(above.descendant_id, rule.framework_id, rule.topic_id, rule.method,
                          jsonb_build_object('weight', rule.weight, 'last', rule.last, 'times', rule.times,
                                             'level', rule.level, 'least', rule.least))
        ORDER BY above.depth, rule.valid_from DESC, rule.applied_at DESC)
    FROM people_lineage above JOIN mastery_methodrule rule ON rule.organization_id = above.ancestor_id
    WHERE above.descendant_id = ANY(%(organizations)s::bigint[]) AND rule.valid_from <= %(day)s
    AND rule.applied_at IS NOT NULL
), (
    SELECT jsonb_agg(
        jsonb_build_array(change.framework_id, change.applied_at,
                          jsonb_build_array(old.low, old.high, old.step, old.proficient), steps.levels)
        ORDER BY change.applied_at)
    FROM mastery_scalechange change JOIN curriculum_scale old ON old.id = change.before_id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(step.before, step.after)) AS levels
        FROM mastery_scalestep step WHERE step.change_id = change.id
    ) steps ON true
    WHERE change.applied_at IS NOT NULL
)"""


def scale_range(scale: Scale) -> ScaleRange:
    return ScaleRange(scale.low, scale.high, scale.step, scale.proficient)


@dataclass(frozen=True)
class Measure:
    """What a target is judged by: the scale of its framework; rules are looked up by framework and topic."""

    scale: ScaleRange
    framework_id: int
    topic_id: int
    area_id: int = 0
    is_strand: bool = False  # of habits or reasoning: not content


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
        """Where nobody has chosen a method it is DEFAULT_METHOD, and pages say that nobody has. In a strand it is
        then what was seen last: nothing is worked out of habits that nobody decided about."""
        chosen = self.chosen_for(measure) or Chosen(METHOD_OF_STRANDS if measure.is_strand else DEFAULT_METHOD)
        return Ways(
            scale=self.scales.get(measure.framework_id, measure.scale),
            method=chosen.method,
            parameters=dict(chosen.parameters),
            conversions=self.conversions.get(measure.framework_id, ()),
            foundations_first=self.foundations_first,
            has_goal=not measure.is_strand,
        )


def ways_for(organization_id: int, day: date, before: datetime | None = None) -> WaysBook:
    """The rules of the organization and those above it, each from the nearest, as of ``day``; in 1 query.

    ``before`` is the moment that ends the day, when a past day is asked for: scales are those of then.
    """
    return read_books([organization_id], day, before)[organization_id]


def read_books(organization_ids: Collection[int], day: date, before: datetime | None = None) -> dict[int, WaysBook]:
    """As ``ways_for``, for each of the organizations; in 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WAYS}", {"organizations": list(organization_ids), "day": day})
        return books_of(organization_ids, [as_rows(column) for column in cursor.fetchone()], before)


def as_rows(column: str | None) -> list[Any]:
    """What jsonb_agg made, with exact numbers."""
    rows: list[Any] = json.loads(column, parse_float=Decimal) if column else []
    return rows


def books_of(
    organization_ids: Collection[int], ways: Sequence[Iterable[Any]], before: datetime | None = None
) -> dict[int, WaysBook]:
    """From the three columns of WAYS."""
    settings, rules, changes = ways
    conversions, scales = _scale_changes(changes, before)
    options: dict[int, dict[str, bool]] = defaultdict(dict)
    for organization, row in settings:
        for name, value in row.items():
            if value is not None:
                options[organization].setdefault(name, value)
    chosen = _chosen(rules)
    return {
        pk: WaysBook(chosen=chosen[pk], conversions=conversions, scales=scales, **options[pk])
        for pk in organization_ids
    }


def _chosen(rules: Iterable[Any]) -> dict[int, dict[tuple[int, int | None], Chosen]]:
    nearest: dict[int, dict[tuple[int, int | None], Any]] = defaultdict(dict)
    for organization, framework, topic, method, parameters in rules:
        nearest[organization].setdefault((framework, topic), (method, parameters))
    found: dict[int, dict[tuple[int, int | None], Chosen]] = defaultdict(dict)
    for organization, rows in nearest.items():
        for key, (method, parameters) in rows.items():
            if method:
                found[organization][key] = Chosen(method, _set(parameters.items()))
    return found


def _set(values: Iterable[tuple[str, Any]]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values if value is not None}


def parameters_of(rule: MethodRule) -> dict[str, Decimal]:
    """Those that were set; the others are the method's own."""
    return _set((name, getattr(rule, name)) for name in PARAMETERS)


def _scale_changes(
    changes: Iterable[Any], before: datetime | None
) -> tuple[dict[int, tuple[Conversion, ...]], dict[int, ScaleRange]]:
    """What was converted by ``before`` (or ever), and the scales that were in force then, where they are others now."""
    conversions: dict[int, list[Conversion]] = defaultdict(list)
    scales: dict[int, ScaleRange] = {}
    for framework, applied_at, old_scale, steps in changes:
        at = datetime.fromisoformat(applied_at)
        if before is None or at < before:
            levels = {Decimal(old): Decimal(new) for old, new in steps or []}
            conversions[framework].append(Conversion(at, levels))
        else:
            scales.setdefault(framework, ScaleRange(*(Decimal(value) for value in old_scale)))
    return {framework: tuple(found) for framework, found in conversions.items()}, scales


def ways_of(students: Collection[Student], day: date, before: datetime | None = None) -> dict[int, WaysBook]:
    """The rules in force for each student, by id, in 1 query; none for merged records."""
    books = read_books({student.school_id for student in students}, day, before)
    return books_by_student(students, books)


def books_by_student(students: Iterable[Student], books: Mapping[int, WaysBook]) -> dict[int, WaysBook]:
    return {student.pk: books[student.school_id] for student in students if student.merged_into_id is None}


def read_measures(target_ids: Iterable[int]) -> dict[int, Measure]:
    """What each target is judged by, by id; 1 query."""
    scale = [f"topic__area__framework__scale__{name}" for name in ("low", "high", "step", "proficient")]
    above = ("topic__area__framework_id", "topic_id", "topic__area_id", "topic__area__domain")
    rows = Target.objects.filter(pk__in=list(target_ids))
    return {
        target: Measure(ScaleRange(*levels), framework, topic, area, is_strand(domain))
        for target, framework, topic, area, domain, *levels in rows.values_list("pk", *above, *scale)
    }


def measure_of(target: Target) -> Measure:
    """No query where the target came with its framework's scale."""
    area = target.topic.area
    return Measure(
        scale_range(area.framework.scale), area.framework_id, target.topic_id, area.pk, is_strand(area.domain)
    )
