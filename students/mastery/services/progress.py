"""Counting how the students of a school are doing, by who they are: statements over sets, school by school."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from lpm.audit.services import record_entry
from lpm.lib.dates import end_of_day, school_day
from lpm.lib.enqueue import enqueue
from lpm.lib.progress import read_progress, tell_progress
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, User, district_id_of
from lpm.people.policy import Action
from students.mastery.calculations.progress import HEARD_DAYS, LEARNED_DAYS, WAITING_DAYS
from students.mastery.enums import ProgressDimension

BEGUN = 1  # percent: it waits for a worker


# The students of the school; every record that is theirs, those that were merged into one among them; and what is
# true of them in each content area. A target was met lately where it is met now, where something was shown or judged
# since, and where before that nobody had judged it met, nor, if nobody had judged at all, seen it met.
FACTS = """
CREATE TEMPORARY TABLE pupil ON COMMIT DROP AS
SELECT student.id, student.grade, about.sex, about.races, about.is_hispanic, about.home_language, about.programmes
FROM people_student student LEFT JOIN people_demographics about ON about.student_id = student.id
WHERE student.school_id = %(school)s AND student.merged_into_id IS NULL
AND (student.left_on IS NULL OR student.left_on >= %(day)s);

CREATE TEMPORARY TABLE dossier ON COMMIT DROP AS
SELECT id, id AS pupil FROM pupil
UNION ALL SELECT student.id, student.merged_into_id FROM people_student student
JOIN pupil ON pupil.id = student.merged_into_id;
ANALYZE pupil, dossier;

CREATE TEMPORARY TABLE fact ON COMMIT DROP AS
WITH learned AS (
    SELECT state.student_id AS pupil, state.target_id AS target, scale.proficient, topic.area_id AS area
    FROM mastery_masterystate state JOIN pupil ON pupil.id = state.student_id
    JOIN curriculum_target target ON target.id = state.target_id
    JOIN curriculum_topic topic ON topic.id = target.topic_id
    JOIN curriculum_contentarea area ON area.id = topic.area_id
    JOIN curriculum_framework framework ON framework.id = area.framework_id
    JOIN curriculum_scale scale ON scale.id = framework.scale_id
    LEFT JOIN mastery_judgement judgement ON judgement.id = state.judgement_id
    WHERE state.is_proficient
    AND (state.last_performed_on >= %(learned_day)s OR judgement.recorded_at >= %(learned_at)s)
), judged AS (
    SELECT dossier.pupil, judgement.target_id AS target,
        bool_or(COALESCE(judgement.level >= learned.proficient, false)) AS met
    FROM learned JOIN dossier ON dossier.pupil = learned.pupil
    JOIN mastery_judgement judgement
        ON judgement.student_id = dossier.id AND judgement.target_id = learned.target
    WHERE judgement.recorded_at < %(learned_at)s AND judgement.kind <> 'void'
    AND NOT EXISTS (SELECT FROM mastery_judgement void WHERE void.voids_id = judgement.id)
    GROUP BY 1, 2
), seen AS (
    SELECT DISTINCT dossier.pupil, assessment.target_id AS target
    FROM learned JOIN dossier ON dossier.pupil = learned.pupil
    JOIN mastery_assessment assessment
        ON assessment.student_id = dossier.id AND assessment.target_id = learned.target
    WHERE assessment.performed_on < %(learned_day)s AND assessment.kind IN ('score', 'imported')
    AND assessment.level >= learned.proficient
    AND NOT EXISTS (SELECT FROM mastery_assessment void WHERE void.voids_id = assessment.id)
), heard AS (
    SELECT student_id, target_id FROM mastery_assessment assessment
    WHERE recorded_at >= %(heard_at)s AND kind IN ('score', 'practice') AND recorder_id IS NOT NULL
    AND student_id IN (SELECT id FROM dossier)
    AND NOT EXISTS (SELECT FROM mastery_assessment void WHERE void.voids_id = assessment.id)
    UNION ALL
    SELECT student_id, target_id FROM mastery_remark remark
    WHERE recorded_at >= %(heard_at)s AND is_for_family AND voids_id IS NULL
    AND student_id IN (SELECT id FROM dossier)
    AND NOT EXISTS (SELECT FROM mastery_remark void WHERE void.voids_id = remark.id)
    UNION ALL
    SELECT student_id, target_id FROM mastery_readyrequest
    WHERE answered_at >= %(heard_at)s AND answered_by_id IS NOT NULL AND student_id IN (SELECT id FROM dossier)
), said AS (
    SELECT learned.pupil, learned.area, true AS learned, false AS heard, false AS waiting, 0 AS met, 0 AS under_way
    FROM learned LEFT JOIN judged USING (pupil, target) LEFT JOIN seen USING (pupil, target)
    WHERE NOT COALESCE(judged.met, seen.target IS NOT NULL)
    UNION ALL
    SELECT DISTINCT dossier.pupil, topic.area_id, false, true, false, 0, 0 FROM heard
    JOIN dossier ON dossier.id = heard.student_id
    JOIN curriculum_target target ON target.id = heard.target_id
    JOIN curriculum_topic topic ON topic.id = target.topic_id
    UNION ALL
    SELECT dossier.pupil, topic.area_id, false, false, true, 0, 0 FROM mastery_readyrequest request
    JOIN dossier ON dossier.id = request.student_id
    JOIN curriculum_target target ON target.id = request.target_id
    JOIN curriculum_topic topic ON topic.id = target.topic_id
    WHERE request.state = 'waiting' AND request.asked_at < %(waiting_at)s
    UNION ALL
    SELECT mastery.student_id, mastery.area_id, false, false, false, mastery.proficient_count, mastery.under_way_count
    FROM mastery_areamastery mastery JOIN pupil ON pupil.id = mastery.student_id
    WHERE mastery.proficient_count + mastery.under_way_count > 0
)
SELECT pupil, area, bool_or(learned) AS learned, bool_or(heard) AS heard, bool_or(waiting) AS waiting,
    sum(met) AS met, sum(under_way) AS under_way
FROM said GROUP BY pupil, area;

CREATE TEMPORARY TABLE told ON COMMIT DROP AS
SELECT pupil.*, COALESCE(bool_or(fact.learned), false) AS learned, COALESCE(bool_or(fact.heard), false) AS heard,
    COALESCE(bool_or(fact.waiting), false) AS waiting, COALESCE(sum(fact.met), 0) AS met,
    COALESCE(sum(fact.under_way), 0) AS under_way
FROM pupil LEFT JOIN fact ON fact.pupil = pupil.id
GROUP BY pupil.id, pupil.grade, pupil.sex, pupil.races, pupil.is_hispanic, pupil.home_language, pupil.programmes;
"""

VALUES = {  # what stands in ``value``, and what is joined to have it
    ProgressDimension.ALL: ("''", "told"),
    ProgressDimension.YEAR: ("grade", "told"),
    ProgressDimension.LANGUAGE: ("COALESCE(home_language, '')", "told"),
    ProgressDimension.HISPANIC: ("CASE WHEN is_hispanic THEN 'yes' WHEN NOT is_hispanic THEN 'no' ELSE '' END", "told"),
    ProgressDimension.SEX: ("COALESCE(sex, '')", "told"),
    ProgressDimension.PROGRAMME: ("one", "told CROSS JOIN LATERAL (SELECT DISTINCT unnest(programmes) AS one) ones"),
    ProgressDimension.RACE: ("one", "told CROSS JOIN LATERAL (SELECT DISTINCT unnest(races) AS one) ones"),
    ProgressDimension.AREA: (
        "area.uuid::text",
        "fact JOIN curriculum_contentarea area ON area.id = fact.area AND area.domain = 'content'",
    ),
}
COUNT = """
INSERT INTO mastery_schoolprogress (
    school_id, dimension, value, student_count, learned_count, heard_count, waiting_count, met_count, under_way_count,
    day, made_at
)
SELECT %(school)s, '{dimension}', {value}, count(*), count(*) FILTER (WHERE learned), count(*) FILTER (WHERE heard),
    count(*) FILTER (WHERE waiting), COALESCE(sum(met), 0), COALESCE(sum(under_way), 0), %(day)s, %(now)s
FROM {source} GROUP BY {group}
"""


@transaction.atomic
def count_school(*, school: Organization, day: date) -> None:
    """Count the students of ``school`` as they stand on ``day``, in place of what was counted before. Once at a time:
    whoever comes second waits, and counts again."""
    values = _values(school, day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"progress {school.pk}"])
        for statement in FACTS.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        cursor.execute("DELETE FROM mastery_schoolprogress WHERE school_id = %(school)s", values)
        for dimension, (value, source) in VALUES.items():
            group = value if dimension != ProgressDimension.ALL else "()"  # a row also where there is nobody
            cursor.execute(COUNT.format(dimension=dimension, value=value, source=source, group=group), values)
        cursor.execute("DROP TABLE told, fact, dossier, pupil")


def _values(school: Organization, day: date) -> dict[str, Any]:
    """Days begin at midnight where the school is."""

    def begin(days: int) -> datetime:
        return end_of_day(day - timedelta(days=days + 1), school.time_zone)

    return {
        "school": school.pk,
        "day": day,
        "now": timezone.now(),
        "learned_day": day - timedelta(days=LEARNED_DAYS),
        "learned_at": begin(LEARNED_DAYS),
        "heard_at": begin(HEARD_DAYS),
        "waiting_at": begin(WAITING_DAYS),
    }


def count_progress(*, organization_id: int | None = None) -> None:
    """Count every school of the organization, or all there are, each on its own day; how far it is can be read."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    place = None
    if organization_id is not None:
        place = Organization.objects.filter(pk=organization_id).first()
        schools = schools.under(place) if place else schools.none()
    every = list(schools.order_by("pk"))
    try:
        for done, school in enumerate(every):
            count_school(school=school, day=school_day(school.time_zone))
            if place:
                tell_progress(job_of(place), max(BEGUN, 100 * done // len(every)))
    finally:  # also where it failed: somebody may ask again
        if place:
            tell_progress(job_of(place), 100)


def job_of(organization: Organization) -> str:
    return f"counting-{organization.uuid}"


def ask_for_count(*, organization: Organization, actor: User, day: date) -> None:
    """Have the schools of the organization counted anew, unless that is under way. Raises PermissionDenied."""
    _check_may_see(organization, actor, day)
    if 0 < read_progress(job_of(organization)) < 100:
        return
    tell_progress(job_of(organization), BEGUN)
    enqueue("mastery.count_progress", organization_id=organization.pk)


def record_export(*, organization: Organization, actor: User, day: date, row_count: int) -> None:
    """Note that somebody took the counts out. Raises PermissionDenied."""
    _check_may_see(organization, actor, day)
    record_entry(
        actor_id=actor.pk,
        action="mastery.export_progress",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        rows=row_count,
    )


def _check_may_see(organization: Organization, actor: User, day: date) -> None:
    if not Organization.objects.allows(actor, Action.VIEW_PROGRESS, day, organization):
        raise PermissionDenied
