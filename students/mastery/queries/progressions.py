"""Areas as roll-ups count them: their current targets in order, and what each of these requires."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from students.mastery.queries.ways import as_rows

# The areas named; without names, those of the targets and of whatever requires one of the targets.
PROGRESSIONS = """(
    SELECT jsonb_agg(jsonb_build_array(topic.area_id, topic.id, target.id, required.ids)
                     ORDER BY target.position, target.id)
    FROM curriculum_topic topic
    JOIN curriculum_target target ON target.topic_id = topic.id
    LEFT JOIN LATERAL (
        SELECT array_agg(before.id) AS ids FROM curriculum_prerequisite edge
        JOIN curriculum_target before ON before.id = edge.required_id AND before.retired_on IS NULL
        WHERE edge.target_id = target.id
    ) required ON true
    WHERE target.part_of_id IS NULL AND target.retired_on IS NULL
    AND CASE WHEN %(areas)s::bigint[] IS NOT NULL THEN topic.area_id = ANY(%(areas)s::bigint[])
        ELSE topic.area_id = ANY(ARRAY(
            SELECT near.area_id FROM curriculum_target wanted JOIN curriculum_topic near ON near.id = wanted.topic_id
            WHERE wanted.id = ANY(%(targets)s::bigint[])
            UNION
            SELECT near.area_id FROM curriculum_prerequisite edge
            JOIN curriculum_target opened ON opened.id = edge.target_id
            JOIN curriculum_topic near ON near.id = opened.topic_id
            WHERE edge.required_id = ANY(%(targets)s::bigint[])
        )) END
)"""


@dataclass(frozen=True)
class Progressions:
    """Area, then topic, to its current targets in order; a target to what it requires of what is not retired."""

    areas: Mapping[int, Mapping[int, list[int]]] = field(default_factory=dict)
    requires: Mapping[int, set[int]] = field(default_factory=dict)


def read_progressions(area_ids: Collection[int]) -> Progressions:
    """1 query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {PROGRESSIONS}", {"areas": list(area_ids), "targets": []})
        return progressions_of(as_rows(cursor.fetchone()[0]))


def progressions_of(rows: Iterable[Any]) -> Progressions:
    areas: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    requires: dict[int, set[int]] = {}
    for area, topic, target, required in rows:
        areas[area][topic].append(target)
        if required:
            requires[target] = set(required)
    return Progressions(areas, requires)
