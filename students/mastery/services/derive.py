"""Keeping what is made from the logs: states and roll-ups, in the transaction that wrote the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from curriculum.models import Framework, Target
from lpm.lib.dates import school_day
from lpm.lib.enqueue import enqueue
from lpm.people.models import Student
from students.mastery.calculations import (
    Cell,
    Logs,
    Routes,
    State,
    Step,
    Ways,
    compute_state,
    follow,
    rests_on_agreement,
    was_lifted,
)
from students.mastery.enums import JudgementKind
from students.mastery.models import AreaMastery, Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.queries import (
    NO_ROUTES,
    Frame,
    Known,
    Measure,
    Progressions,
    RollUps,
    WaysBook,
    books_by_student,
    compute_roll_ups,
    expected_states,
    judgement_row,
    measure_of,
    read_frame,
    read_known,
    read_logs,
    read_measures,
    read_routes,
    roll_ups_of,
    score_row,
    states_of,
    ways_of,
)
from students.mastery.services.save import Rows, save

BATCH = 500
NO_LOGS: Logs = ([], [])


@dataclass(frozen=True)
class Scope:
    """What the states on some targets are made by: of which students, from where, by which rules.

    ``measures`` are of the targets asked for and those to which they lead; the rows that count there are on
    ``sources``. ``in_use`` is by school.
    """

    students: Mapping[int, Student]
    measures: Mapping[int, Measure]
    routes: Routes
    books: Mapping[int, WaysBook]  # by student
    progressions: Progressions
    in_use: Mapping[int, Mapping[int, Measure]]

    @property
    def sources(self) -> set[int]:
        return self.routes.with_sources(self.measures)

    def measure(self, student: Student, target_id: int) -> Measure | None:
        """None where the student's school does not use the target."""
        return self.in_use.get(student.school_id, {}).get(target_id)

    def ways(self, cell: Cell) -> Ways:
        return self.books[cell[0]].on(self.measures[cell[1]])


def read_scope(students: Mapping[int, Student], targets: Collection[Target], day: date) -> Scope:
    """In 1 query; 2 more where a target ended, or another one that ended leads to it."""
    wanted = {target.pk for target in targets}
    leads_on = any(target.has_forerunners or target.retired_on for target in targets)
    routes = read_routes(wanted) if leads_on else NO_ROUTES
    beyond = {onward for pk in wanted for onward in routes.onward(pk)} - wanted
    frame = _read_frame(students, wanted | beyond, day)
    measures = {target.pk: measure_of(target) for target in targets} | (read_measures(beyond) if beyond else {})
    return _scope(students, measures, routes, frame)


def read_scope_in_use(students: Mapping[int, Student], target_ids: Collection[int], day: date) -> Scope:
    """As ``read_scope``, of those of the targets that schools of the students use, without loading them."""
    frame = _read_frame(students, target_ids, day)
    measures = {pk: measure for found in frame.in_use.values() for pk, measure in found.items()}
    if not frame.leads:
        return _scope(students, measures, NO_ROUTES, frame)
    return _scope(students, measures, read_routes(measures), frame)  # nothing leads on from a target that is in use


def _read_frame(students: Mapping[int, Student], target_ids: Collection[int], day: date) -> Frame:
    return read_frame({student.school_id for student in students.values()}, target_ids, day)


def _scope(students: Mapping[int, Student], measures: Mapping[int, Measure], routes: Routes, frame: Frame) -> Scope:
    books = books_by_student(students.values(), frame.books)
    return Scope(students, measures, routes, books, frame.progressions, frame.in_use)


def derive_cells(
    *, students: Mapping[int, Student], targets: Mapping[int, Target], cells: Collection[Cell], day: date
) -> dict[Cell, State]:
    """Make the states of ``cells`` (of ``students`` on ``targets``, by id), and the roll-ups they are part of, again
    from the logs.

    What is recorded on a target that ended (a mark taken back) counts where it leads, so these are made again too.
    """
    if not cells:
        return {}
    scope = read_scope(students, [targets[pk] for pk in {target for _student, target in cells}], day)
    return make_again(scope=scope, known=read_known(students, scope.sources), cells=cells)


def make_again(
    *,
    scope: Scope,
    known: Known,
    cells: Collection[Cell],
    assessments: Sequence[Assessment] = (),
    judgements: Sequence[Judgement] = (),
) -> dict[Cell, State]:
    """Save the new rows of the logs, which have their identities, with the states and roll-ups that follow.

    All in 1 query; 1 more where a suggestion becomes the level by itself.
    """
    if not cells:
        return {}
    logs = follow(_with_rows(known.logs, assessments, judgements), scope.routes, scope.measures)
    made_again = {(student, onward) for student, pk in cells for onward in (pk, *scope.routes.onward(pk))}
    states = {cell: compute_state(*logs.get(cell, NO_LOGS), scope.ways(cell)) for cell in made_again}
    states |= _accept_by_itself(states, logs, scope)
    steps = {student: dict(known.steps.get(student, {})) for student, _target in cells}
    for (student, target), state in states.items():
        steps[student][target] = Step(target, state.status, state.is_proficient)
    districts = {pk: student.district_id for pk, student in scope.students.items()}
    save(Rows(assessments, judgements, states, roll_ups_of(steps, scope.progressions), districts))
    return states


def _with_rows(
    logs: Mapping[Cell, Logs], assessments: Sequence[Assessment], judgements: Sequence[Judgement]
) -> dict[Cell, Logs]:
    """With the new rows; those about a record that was merged into another count for that one."""
    whose = {row.student_id: row.student.merged_into_id or row.student_id for row in assessments}
    added: dict[Cell, Logs] = defaultdict(lambda: ([], []), logs)
    for row in assessments:
        added[whose[row.student_id], row.target_id][0].append(score_row(row))
    for judged in judgements:
        added[whose.get(judged.student_id, judged.student_id), judged.target_id][1].append(judgement_row(judged))
    return added


def _accept_by_itself(states: Mapping[Cell, State], logs: Mapping[Cell, Logs], scope: Scope) -> dict[Cell, State]:
    """Where a district wants it, a suggestion on which the two newest scores agree becomes the level: a judgement
    that nobody made. What a teacher judged stays; where they lifted such a one, it waits for new work."""
    cells = [
        cell
        for cell, state in states.items()
        if scope.books[cell[0]].accepts_automatically
        and rests_on_agreement(logs.get(cell, NO_LOGS)[0], state, scope.ways(cell))
        and not was_lifted(*logs.get(cell, NO_LOGS))
    ]
    rows = [_automatic(scope.students[student], target, states[student, target]) for student, target in cells]
    Judgement.objects.bulk_create(rows)
    for row in rows:
        logs[row.student_id, row.target_id][1].append(judgement_row(row))
    return {cell: compute_state(*logs[cell], scope.ways(cell)) for cell in cells}


def _automatic(student: Student, target_id: int, state: State) -> Judgement:
    now = timezone.now()
    return Judgement(
        district_id=student.district_id,
        student=student,
        target_id=target_id,
        kind=JudgementKind.AUTOMATIC,
        level=state.suggested,
        recorded_at=max(now, state.changed_at + timedelta(microseconds=1)) if state.changed_at else now,
    )


@transaction.atomic
def rebuild_students(*, students: Collection[Student], day: date) -> None:
    """Throw away everything derived about the students and make it again from the logs."""
    ids = lock_students(students)
    districts = {student.pk: student.district_id for student in students}
    for model in (MasteryState, TopicMastery, AreaMastery):
        model.objects.filter(student_id__in=ids).delete()
    save_states(expected_states(students, day), districts)
    save_roll_ups(compute_roll_ups(ids), districts)


@transaction.atomic
def rebuild_roll_ups(*, students: Collection[Student]) -> None:
    """Make the students' roll-ups again, after the curriculum under them changed."""
    ids = lock_students(students)
    for model in (TopicMastery, AreaMastery):
        model.objects.filter(student_id__in=ids).delete()
    save_roll_ups(compute_roll_ups(ids), {student.pk: student.district_id for student in students})


def rebuild_framework(*, framework_id: int) -> None:
    """After a change of the framework, make again what follows from it, a batch of students at a time: the states on
    targets where what was shown on others counts now, and the roll-ups of everybody with a state in the framework.

    The framework says that it is due until this has gone through for the change that was there at the beginning.
    """
    due_at = Framework.objects.values_list("roll_ups_due_at", flat=True).get(pk=framework_id)
    followers = Target.objects.filter(topic__area__framework=framework_id, has_forerunners=True)
    targets = set(followers.values_list("pk", flat=True))
    routes = read_routes(targets)
    states = MasteryState.objects.filter(
        Q(target__topic__area__framework=framework_id) | Q(target__in=routes.with_sources(targets))
    )
    ids = sorted(set(states.values_list("student_id", flat=True)))
    for start in range(0, len(ids), BATCH):
        rows = Student.objects.filter(pk__in=ids[start : start + BATCH]).select_related("school")
        _rebuild_batch(students=list(rows), targets=targets, routes=routes)
    Framework.objects.filter(pk=framework_id, roll_ups_due_at=due_at).update(roll_ups_due_at=None)


@transaction.atomic
def _rebuild_batch(*, students: Collection[Student], targets: Collection[int], routes: Routes) -> None:
    lock_students(students)
    days: dict[date, list[Student]] = defaultdict(list)
    for student in students:
        days[school_day(student.school.time_zone)].append(student)
    choice = {pk: method for day, rows in days.items() for pk, method in ways_of(rows, day).items()}
    logs = read_logs(list(choice), targets, routes=routes) if targets else {}
    save_states(states_of(logs, choice), {student.pk: student.district_id for student in students})
    rebuild_roll_ups(students=students)


def sweep_frameworks() -> None:
    """Send again the rebuilding that no worker has finished."""
    for framework_id in Framework.objects.filter(roll_ups_due_at__isnull=False).values_list("pk", flat=True):
        enqueue("mastery.rebuild_framework", framework_id=framework_id)


def lock_students(students: Collection[Student]) -> list[int]:
    """One writer at a time per student, always in the same order."""
    return lock_students_by_id([student.pk for student in students])


def lock_students_by_id(student_ids: Collection[int]) -> list[int]:
    rows = Student.objects.filter(pk__in=student_ids).order_by("pk")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def save_states(states: Mapping[Cell, State], districts: Mapping[int, int]) -> None:
    save(Rows(states=states, districts=districts))


def save_roll_ups(roll_ups: RollUps, districts: Mapping[int, int]) -> None:
    save(Rows(roll_ups=roll_ups, districts=districts))
