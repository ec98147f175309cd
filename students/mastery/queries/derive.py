"""What the logs and the states add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.calculations import (
    Cell,
    Counts,
    Logs,
    Routes,
    State,
    Step,
    compute_state,
    count_targets,
    find_place,
    follow,
)
from students.mastery.enums import MasteryStatus
from students.mastery.models import (
    AreaMastery,
    Assessment,
    Judgement,
    MasteryState,
    TopicMastery,
)
from students.mastery.queries.progressions import Progressions, read_progressions
from students.mastery.queries.routes import read_routes
from students.mastery.queries.ways import WaysBook, read_measures, ways_of

STATE_FIELDS = [
    "status",
    "level",
    "is_proficient",
    "suggested_value",
    "suggested",
    "judged",
    "judgement_id",
    "is_flagged",
    "is_automatic",
    "is_contested",
    "newest",
    "score_count",
    "last_performed_on",
    "changed_at",
    "method",
    "method_version",
]
Values = tuple[Any, ...]
COUNT_FIELDS = ["target_count", "proficient_count", "under_way_count", "aside_count"]


def read_logs(
    student_ids: Collection[int],
    target_ids: Collection[int] | None = None,
    *,
    routes: Routes | None = None,
    before: datetime | None = None,
) -> dict[Cell, Logs]:
    """What counts of both logs of the students (on the targets, if named), cell by cell, in 3 queries.

    That is a cell's own rows, and those of targets that ended, where crosswalk rows which somebody applied lead from
    them to it. ``routes`` saves the query for these, if they are known. ``before``: as the record stood at that
    moment, rows and crosswalk alike.
    """
    if target_ids is not None:
        routes = read_routes(target_ids, before) if routes is None else routes
        rows = read_rows(student_ids, _recorded(before) & Q(target_id__in=routes.with_sources(target_ids)))
    else:
        rows = read_rows(student_ids, _recorded(before))
        routes = read_routes({target for _student, target in rows}, before) if routes is None else routes
    return follow(rows, routes, target_ids)


def _recorded(before: datetime | None) -> Q:
    return Q() if before is None else Q(recorded_at__lt=before)


def read_rows(student_ids: Collection[int], scores: Q, judgements: Q | None = None) -> dict[Cell, Logs]:
    """The rows of both logs where they were written, cell by cell; ``judgements`` if these are chosen otherwise."""
    cells: dict[Cell, Logs] = defaultdict(lambda: ([], []))
    for student, target, score in Assessment.objects.of_students(student_ids).filter(scores).rows():
        cells[student, target][0].append(score)
    chosen = scores if judgements is None else judgements
    for student, target, judgement in Judgement.objects.of_students(student_ids).filter(chosen).rows():
        cells[student, target][1].append(judgement)
    return cells


def compute_states(
    student_ids: Collection[int],
    choice: Mapping[int, WaysBook],
    broken: list[str] | None = None,
    *,
    before: datetime | None = None,
) -> dict[Cell, State]:
    """Every state of the students, from the logs alone (as they stood ``before`` a moment).

    ``choice`` maps each student to the method in force. A cell that cannot be computed raises ValueError, or is told
    in ``broken`` and left out.
    """
    return states_of(read_logs(student_ids, before=before), choice, broken)


def states_of(
    logs: Mapping[Cell, Logs], choice: Mapping[int, WaysBook], broken: list[str] | None = None
) -> dict[Cell, State]:
    measures = read_measures({target for _, target in logs})
    states: dict[Cell, State] = {}
    for (student, target), (scores, judgements) in logs.items():
        try:
            states[student, target] = compute_state(scores, judgements, choice[student].on(measures[target]))
        except ValueError as error:
            if broken is None:
                raise
            broken.append(f"student {student}, target {target}: {error}")
    return states


@dataclass(frozen=True)
class TopicCounts:
    counts: Counts
    here_id: int | None


@dataclass(frozen=True)
class RollUps:
    """What a student's states add up to: (student, topic) and (student, area)."""

    topics: dict[tuple[int, int], TopicCounts]
    areas: dict[tuple[int, int], Counts]


def compute_roll_ups(student_ids: Collection[int], area_ids: Collection[int] | None = None) -> RollUps:
    """Roll-ups of the students (in the areas named, else in all) from their states, in 2 queries (else 3).

    Only topics and areas in which a student has a state are there.
    """
    states = _read_steps(student_ids)
    wanted = _areas_of(states) if area_ids is None else set(area_ids)
    return roll_ups_of(states, read_progressions(wanted))


def roll_ups_of(states: Mapping[int, Mapping[int, Step]], progressions: Progressions) -> RollUps:
    """Of each student, from the step on each target; as ``compute_roll_ups``."""
    roll_ups = RollUps({}, {})
    for student, steps in states.items():
        _add_student(roll_ups, student, steps, progressions)
    return roll_ups


def _add_student(roll_ups: RollUps, student: int, steps: Mapping[int, Step], progressions: Progressions) -> None:
    behind = {target for target, step in steps.items() if step.is_behind_them}
    for area, topics in progressions.areas.items():
        everything: list[Step] = []
        is_there = False
        for topic, targets in topics.items():
            mine = [steps.get(target) or Step(target) for target in targets]
            everything += mine
            if any(target in steps for target in targets):
                is_there = True
                here = find_place(mine, progressions.requires, behind)
                roll_ups.topics[student, topic] = TopicCounts(count_targets(mine), here)
        if is_there:
            roll_ups.areas[student, area] = count_targets(everything)


def _read_steps(student_ids: Collection[int]) -> dict[int, dict[int, Step]]:
    rows = MasteryState.objects.filter(student_id__in=student_ids)
    steps: dict[int, dict[int, Step]] = defaultdict(dict)
    for student, target, status, is_proficient in rows.values_list(
        "student_id", "target_id", "status", "is_proficient"
    ):
        steps[student][target] = Step(target, MasteryStatus(status), is_proficient)
    return steps


def _areas_of(states: Mapping[int, Mapping[int, Step]]) -> set[int]:
    targets = {target for steps in states.values() for target in steps}
    return set(Target.objects.filter(pk__in=targets).values_list("topic__area_id", flat=True))


def expected_states(students: Collection[Student], day: date, broken: list[str] | None = None) -> dict[Cell, State]:
    """What the states of the students must be, from the logs; see ``compute_states``.

    A record that was merged into another has none: the other one speaks for it.
    """
    choice = ways_of(students, day)
    return compute_states(list(choice), choice, broken)


def find_differences(students: Collection[Student], day: date) -> list[str]:
    """Where what is stored about the students is not what the logs say, a line each, in identifiers; 8 queries."""
    ids = [student.pk for student in students]
    broken: list[str] = []
    expected = expected_states(students, day, broken)
    stored = {
        model: _stored(model, other, ids, fields)
        for model, (other, fields) in (
            (MasteryState, ("target_id", STATE_FIELDS)),
            (TopicMastery, ("topic_id", [*COUNT_FIELDS, "here_id"])),
            (AreaMastery, ("area_id", COUNT_FIELDS)),
        )
    }
    roll_ups = _roll_ups_of_stored(stored[MasteryState])
    states = {cell: _state_values(state) for cell, state in expected.items()}
    topics = {key: (*_count_values(row.counts), row.here_id) for key, row in roll_ups.topics.items()}
    areas = {key: _count_values(counts) for key, counts in roll_ups.areas.items()}
    return [
        *broken,
        *_compare("target", STATE_FIELDS, states, stored[MasteryState]),
        *_compare("topic", [*COUNT_FIELDS, "here_id"], topics, stored[TopicMastery]),
        *_compare("area", COUNT_FIELDS, areas, stored[AreaMastery]),
    ]


_state_values = attrgetter(*STATE_FIELDS)
_count_values = attrgetter(*COUNT_FIELDS)


def _roll_ups_of_stored(states: Mapping[Cell, Values]) -> RollUps:
    """What the states that are there add up to, right or wrong; 2 queries."""
    status, is_proficient = STATE_FIELDS.index("status"), STATE_FIELDS.index("is_proficient")
    steps: dict[int, dict[int, Step]] = defaultdict(dict)
    for (student, target), values in states.items():
        steps[student][target] = Step(target, MasteryStatus(values[status]), values[is_proficient])
    return roll_ups_of(steps, read_progressions(_areas_of(steps)))


def _stored(model: Any, other: str, ids: Collection[int], fields: list[str]) -> dict[Cell, Values]:
    rows = model.objects.filter(student_id__in=ids).values_list("student_id", other, *fields)
    return {(student, key): tuple(values) for student, key, *values in rows}


def _compare(
    kind: str, fields: Sequence[str], expected: Mapping[Cell, Values], stored: Mapping[Cell, Values]
) -> list[str]:
    if expected == stored:
        return []
    lines = []
    for student, key in sorted(expected.keys() | stored.keys()):
        right, found = expected.get((student, key)), stored.get((student, key))
        if right != found:
            told = f"stored {_shown(fields, found)}, the record says {_shown(fields, right)}"
            lines.append(f"student {student}, {kind} {key}: {told}")
    return lines


def _shown(fields: Sequence[str], row: Values | None) -> str:
    if row is None:
        return "nothing"
    return ", ".join(f"{name} {value}" for name, value in zip(fields, row, strict=True) if value)
