"""The crosswalk as the record reads it: where what was shown on targets that ended counts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from curriculum.enums import Carries
from students.mastery.calculations import Route, Routes

# Every target that hangs together with the given ones by applied rows, in either direction: a split can follow a
# merge, and rows of several revisions make a chain. Then the rows from all of these, as far as both ends are judged
# on one scale: a level says nothing on another scale, so between two nothing is carried.
CONNECTED = """
WITH RECURSIVE applied AS NOT MATERIALIZED (
    SELECT source_id, destination_id, carries FROM curriculum_crosswalk
    WHERE applied_at IS NOT NULL AND carries <> %(nothing)s
    AND (%(before)s::timestamptz IS NULL OR applied_at < %(before)s)
    AND (%(without)s::bigint IS NULL OR revision_id <> %(without)s)
), near(target_id) AS (
    SELECT unnest(%(targets)s::bigint[])
    UNION
    SELECT step.there FROM near JOIN (
        SELECT source_id AS here, destination_id AS there FROM applied
        UNION ALL SELECT destination_id, source_id FROM applied
    ) step ON step.here = near.target_id
)
SELECT applied.source_id, applied.destination_id, applied.carries FROM applied
JOIN near ON near.target_id = applied.source_id
WHERE {scale_of_source} = {scale_of_destination}
"""
SCALE = """(
    SELECT framework.scale_id FROM curriculum_target target
    JOIN curriculum_topic topic ON topic.id = target.topic_id
    JOIN curriculum_contentarea area ON area.id = topic.area_id
    JOIN curriculum_framework framework ON framework.id = area.framework_id
    WHERE target.id = applied.{end}
)"""
STATEMENT = CONNECTED.format(
    scale_of_source=SCALE.format(end="source_id"), scale_of_destination=SCALE.format(end="destination_id")
)
NO_ROUTES = Routes()


def read_routes(
    target_ids: Collection[int], before: datetime | None = None, without_revision: int | None = None
) -> Routes:
    """The routes of the crosswalk rows applied by now (``before`` a moment) that touch the targets; 1 query."""
    if not target_ids:
        return NO_ROUTES
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {
                "targets": list(target_ids),
                "nothing": Carries.NOTHING.value,
                "before": before,
                "without": without_revision,
            },
        )
        return Routes(Route(*row) for row in cursor.fetchall())
