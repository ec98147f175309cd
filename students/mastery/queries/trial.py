"""What a revision of a curriculum would touch, and what levels would become under it. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from curriculum.enums import ChangeKind, Subject
from curriculum.models import Crosswalk, Revision, RevisionTrial, Target
from lpm.lib.dates import end_of_day
from lpm.people.models import Student
from students.mastery.calculations import Cell, Logs, Route, Routes, ScaleRange, State, compute_state, follow
from students.mastery.calculations.state import COUNTED
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.queries.derive import read_rows
from students.mastery.queries.pauses import is_strand
from students.mastery.queries.routes import read_routes
from students.mastery.queries.ways import Measure, WaysBook, scale_range, ways_of
from students.mastery.querysets import WHOSE

ENDING = [ChangeKind.RETIRED, ChangeKind.SPLIT, ChangeKind.MERGED]
STANDING = Q(voided_by__isnull=True) & ~Q(kind=AssessmentKind.VOID)  # in both logs


def count_touched(target_ids: Collection[int]) -> dict[str, int]:
    """How many students have a state on one of the targets, levels they have there, and pieces of evidence that
    count there, also from targets that ended before; each once. 3 queries."""
    states = MasteryState.objects.filter(target__in=target_ids)
    found = states.aggregate(students=Count("student", distinct=True), levels=Count("level"))
    counting = read_routes(target_ids).with_sources(target_ids)
    rows = Assessment.objects.filter(target__in=counting)
    voided = rows.filter(voids__isnull=False).values("voids")  # on the same target as what it voids
    evidence = rows.filter(kind__in=COUNTED, level__isnull=False).exclude(pk__in=voided)
    return {**found, "evidence": evidence.count()}


@dataclass(frozen=True)
class Trial:
    """A revision and the days to try it on. Targets are ids; one that the revision is to add has an id below zero.

    ``before`` leads as the other revisions say, ``after`` as this one says too, applied or not.
    """

    ending: frozenset[int]
    beginning: frozenset[int]  # where the revision carries something to
    before: Routes
    after: Routes
    scale: ScaleRange
    framework_id: int
    topics: Mapping[int, int]  # of each target that there is: a topic may have a method of its own
    strands: frozenset[int]  # the targets of habits and reasoning
    starts_on: date
    ends_on: date
    time_zone: str

    def measure(self, target_id: int) -> Measure:
        """A target that is only to be added has no topic yet: the method of the curriculum holds."""
        return Measure(
            self.scale, self.framework_id, self.topics.get(target_id, 0), is_strand=target_id in self.strands
        )

    @property
    def performed(self) -> Q:
        return STANDING & Q(performed_on__range=(self.starts_on, self.ends_on))

    @property
    def judged(self) -> Q:
        """A judgement has no day but the one on which it was recorded."""
        start = datetime.combine(self.starts_on, time.min, tzinfo=ZoneInfo(self.time_zone))
        end = end_of_day(self.ends_on, self.time_zone)
        return STANDING & Q(recorded_at__gte=start, recorded_at__lt=end)


def read_trial(trial: RevisionTrial) -> Trial:
    """In 6 queries."""
    revision = Revision.objects.select_related("framework__scale", "framework__owner").get(pk=trial.revision_id)
    ended = revision.changes.filter(subject=Subject.TARGET, kind__in=ENDING).values("subject_uuid")
    ending = frozenset(Target.objects.filter(uuid__in=ended).values_list("pk", flat=True))
    own = _routes_of(list(revision.crosswalk.order_by("pk")))
    touched = ending.union(pk for pk in own.destinations if pk > 0)
    before = read_routes(touched, without_revision=revision.pk)
    rows = Target.objects.filter(pk__in=[*ending, *own.destinations])
    known = list(rows.values_list("pk", "topic_id", "topic__area__domain"))
    return Trial(
        ending=ending,
        beginning=frozenset(target for source in ending for target in own.onward(source)),
        before=before,
        after=Routes([*before.steps, *own.steps]),
        scale=scale_range(revision.framework.scale),
        framework_id=revision.framework_id,
        topics={target: topic for target, topic, _domain in known},
        strands=frozenset(target for target, _topic, domain in known if is_strand(domain)),
        starts_on=trial.starts_on,
        ends_on=trial.ends_on,
        time_zone=revision.framework.owner.time_zone,
    )


def _routes_of(rows: Iterable[Crosswalk]) -> Routes:
    rows = list(rows)
    there = Target.objects.filter(uuid__in={row.destination_uuid for row in rows})
    known: dict[UUID, int] = dict(there.values_list("uuid", "pk"))
    for row in rows:
        known.setdefault(row.destination_uuid, -len(known) - 1)
    return Routes(Route(row.source_id, known[row.destination_uuid], row.carries) for row in rows)


def find_tried(trial: Trial) -> list[int]:
    """The students who showed something, in those days, that counts on a target that ends; 2 queries."""
    wanted = Q(target_id__in=trial.before.with_sources(trial.ending))
    scored = Assessment.objects.filter(wanted & trial.performed).values_list(WHOSE, flat=True)
    judged = Judgement.objects.filter(wanted & trial.judged).values_list(WHOSE, flat=True)
    return sorted({*scored.distinct(), *judged.distinct()})


def try_on(trial: Trial, students: Collection[Student]) -> Counter[str]:
    """What the states of the students would be from what they showed in those days; 3 queries for each school.

    Levels before are those on targets that end and on those that take their place, levels after those on the latter
    alone. ``not_carried`` counts levels that ended with their target: on none of its successors is there one.
    """
    choice = ways_of(students, trial.ends_on)
    wanted = Q(target_id__in=[pk for pk in trial.after.with_sources(trial.ending | trial.beginning) if pk > 0])
    rows = read_rows(list(choice), wanted & trial.performed, wanted & trial.judged)
    before = _states(follow(rows, trial.before, trial.ending | trial.beginning), choice, trial)
    after = _states(follow(rows, trial.after, trial.beginning), choice, trial)
    return Counter(
        students=len(choice),
        levels_before=len(before),
        levels_after=len(after),
        proficient_before=sum(state.is_proficient for state in before.values()),
        proficient_after=sum(state.is_proficient for state in after.values()),
        not_carried=sum(
            all((student, successor) not in after for successor in trial.after.onward(target))
            for student, target in before
            if target in trial.ending
        ),
    )


def _states(logs: Mapping[Cell, Logs], choice: Mapping[int, WaysBook], trial: Trial) -> dict[Cell, State]:
    """Those with a level."""
    states = {
        (student, target): compute_state(*rows, choice[student].on(trial.measure(target)))
        for (student, target), rows in logs.items()
    }
    return {cell: state for cell, state in states.items() if state.level is not None}
