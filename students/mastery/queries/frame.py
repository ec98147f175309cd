"""What states and roll-ups are made by: the rules of schools, and the curriculum around some targets. In 1 query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from curriculum.models import Framework
from lpm.lib.statements import prepared_cursor
from students.mastery.calculations import ScaleRange
from students.mastery.queries.pauses import is_strand
from students.mastery.queries.progressions import PROGRESSIONS, Progressions, progressions_of
from students.mastery.queries.ways import WAYS, Measure, WaysBook, as_rows, books_of

IN_USE = """(
    SELECT jsonb_agg(jsonb_build_array(school.id, target.id, target.topic_id, framework.id, target.has_forerunners,
                                       jsonb_build_array(scale.low, scale.high, scale.step, scale.proficient),
                                       area.id, area.domain))
    FROM unnest(%(organizations)s::bigint[]) AS school(id), curriculum_target target
    JOIN curriculum_topic topic ON topic.id = target.topic_id
    JOIN curriculum_contentarea area ON area.id = topic.area_id
    JOIN curriculum_framework framework ON framework.id = area.framework_id
    JOIN curriculum_scale scale ON scale.id = framework.scale_id
    WHERE target.id = ANY(%(targets)s::bigint[]) AND target.part_of_id IS NULL AND target.retired_on IS NULL
    AND framework.id IN ({used})
)"""
SOME_SCHOOL = -1


@dataclass(frozen=True)
class Frame:
    """``books`` by organization; ``progressions`` of every area whose roll-ups depend on the targets.

    ``in_use``: those of the targets that an organization uses, with what each is judged by. ``leads``: those to which
    others lead that ended.
    """

    books: dict[int, WaysBook]
    progressions: Progressions
    in_use: Mapping[int, Mapping[int, Measure]]
    leads: set[int] = field(default_factory=set)


def read_frame(organization_ids: Collection[int], target_ids: Collection[int], day: date) -> Frame:
    given = {"organizations": list(organization_ids), "targets": list(target_ids), "areas": None, "day": day}
    with prepared_cursor() as cursor:
        cursor.execute(_statement(), given)
        *ways, progressions, targets = (as_rows(column) for column in cursor.fetchone())
    return Frame(
        books=books_of(organization_ids, ways),
        progressions=progressions_of(progressions),
        in_use=_in_use(targets),
        leads={target for _school, target, _topic, _framework, leads, *_judged_by in targets if leads},
    )


def _in_use(rows: Iterable[Any]) -> dict[int, dict[int, Measure]]:
    found: dict[int, dict[int, Measure]] = defaultdict(dict)
    for school, target, topic, framework, _leads, scale, area, domain in rows:
        found[school][target] = Measure(ScaleRange(*scale), framework, topic, area, is_strand(domain))
    return found


@cache
def _statement() -> str:
    """With the rule of ``used_by``, for the school of each row."""
    sql, values = Framework.objects.used_by(SOME_SCHOOL).values("pk").query.sql_with_params()
    used = sql % tuple("school.id" if value == SOME_SCHOOL else f"'{value}'" for value in values)
    return f"SELECT {WAYS}, {PROGRESSIONS}, {IN_USE.format(used=used)}"
