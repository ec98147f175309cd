"""Jobs: counting what a change of method or scale would do, and making the levels anew once it holds.

A change is a row first. A job may be lost or started twice at any moment: it goes on where it was, and what it does
twice is the same.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from curriculum.models import Target
from curriculum.services.scales import ScaleRefused, move_to_scale
from lpm.lib.enqueue import enqueue
from lpm.lib.ids import uuid7
from lpm.lib.progress import tell_progress
from lpm.people.models import Student
from students.mastery.calculations import Conversion
from students.mastery.enums import ChangeState
from students.mastery.models import Crossing, MasteryState, MethodRule, ScaleChange
from students.mastery.queries import compute_roll_ups, read_logs, read_routes, states_of, ways_of
from students.mastery.queries.effects import (
    Tried,
    by_day,
    effect_on,
    first_day_everywhere,
    levels_of,
    place_of,
    students_of,
    targets_of,
    uses,
)
from students.mastery.services.derive import lock_students, lock_students_by_id, save_roll_ups, save_states

COUNT_BATCH = 200
APPLY_BATCH = 25  # their marks wait while a batch is made
MOST_ATTEMPTS = 3
STALE_AFTER = timedelta(minutes=5)  # without a batch finished, the worker is gone
KINDS: dict[str, Any] = {"rule": MethodRule, "scale_change": ScaleChange}


def kind_of(change: Tried) -> str:
    return "rule" if isinstance(change, MethodRule) else "scale_change"


def send(change: Tried) -> None:
    """Have the job of the change done, once this is committed."""
    task = "mastery.count_change" if change.state == ChangeState.COUNTING else "mastery.carry_out_change"
    enqueue(task, kind=kind_of(change), change_id=change.pk)


def count_change(*, kind: str, change_id: int) -> None:
    """Count what the change would do, a batch of students at a time; it stops when the change is dropped meanwhile."""
    change = _take(kind, change_id, ChangeState.COUNTING)
    if change is None:
        return
    Crossing.objects.filter(**{kind: change}).delete()
    targets = targets_of(change)
    ids = students_of(change, targets)
    change.student_count, change.level_count, change.changed_count = len(ids), 0, 0
    for start in range(0, len(ids), COUNT_BATCH):
        _count_batch(change, ids[start : start + COUNT_BATCH], targets)
        if not _keep(change, min(start + COUNT_BATCH, len(ids)), ChangeState.COUNTING):
            return
    _keep(change, len(ids), ChangeState.COUNTING, state=ChangeState.COUNTED)


def _count_batch(change: Tried, ids: Collection[int], targets: Collection[int]) -> None:
    students = Student.objects.filter(pk__in=ids).select_related("school")
    effect = effect_on(change, students, targets)
    change.level_count += effect.level_count
    change.changed_count += effect.changed_count
    Crossing.objects.bulk_create(
        Crossing(
            **{kind_of(change): change},
            district_id=student.district_id,
            student=student,
            up_count=effect.up[student.pk],
            down_count=effect.down[student.pk],
        )
        for student in students
        if effect.up[student.pk] or effect.down[student.pk]
    )


def _take(kind: str, change_id: int, state: ChangeState) -> Tried | None:
    """The change, if it waits for this job or was left by its worker: one worker has it at once."""
    rows = _ready(KINDS[kind].objects, state).filter(pk=change_id)
    if not rows.update(attempts=F("attempts") + 1, touched_at=timezone.now()):
        return None
    change: Tried = KINDS[kind].objects.select_related("framework__owner").get(pk=change_id)
    if change.attempts > MOST_ATTEMPTS:
        _keep(change, change.student_done, state, state=ChangeState.BROKEN)
        return None
    return change


def _ready(rows: Any, state: ChangeState) -> Any:
    left = Q(attempts=0) | Q(touched_at__lt=timezone.now() - STALE_AFTER)
    return rows.filter(left, state=state)


def _keep(change: Tried, done: int, expected: ChangeState, **values: Any) -> bool:
    """Note how far the job is; False when the change is not ``expected`` any more, and then nothing is kept."""
    change.student_done = done
    counts = {name: getattr(change, name) for name in ("student_count", "student_done", "level_count", "changed_count")}
    tell_progress(str(change.uuid), 100 * done // max(change.student_count, 1))
    rows = type(change)._base_manager.filter(pk=change.pk, state=expected)
    kept = rows.update(touched_at=timezone.now(), **counts, **values)
    if not kept and expected == ChangeState.COUNTING:
        Crossing.objects.filter(**{kind_of(change): change}).delete()
    return bool(kept)


@transaction.atomic
def begin_change(*, change: Tried) -> bool:
    """Put the change in force, if it waits and its day has come; a job then makes the levels anew.

    What is in force says since which day: when the job could only begin later, since then.
    """
    locked: Tried = KINDS[kind_of(change)].objects.select_for_update(of=("self",)).get(pk=change.pk)
    today = first_day_everywhere(place_of(locked))
    if locked.state != ChangeState.WAITING or locked.valid_from > today:
        return False
    locked.applied_at = timezone.now()
    if isinstance(locked, ScaleChange):
        _change_scale(locked)
    locked.state, locked.valid_from = ChangeState.RUNNING, max(locked.valid_from, today)
    locked.attempts, locked.student_done = 0, 0
    locked.save()
    Crossing.objects.filter(**{kind_of(locked): locked}).delete()
    send(locked)
    return True


def _change_scale(change: ScaleChange) -> None:
    """Nobody records meanwhile: a level counts by the scale that it was given on, so each mark lies clearly before or
    after. The moment is after all that was recorded, also when another server's clock is ahead."""
    users = Student.objects.filter(school__in=uses(change.framework))
    lock_students_by_id(list(users.values_list("pk", flat=True)))
    states = MasteryState.objects.filter(target__topic__area__framework=change.framework_id)
    newest = states.aggregate(at=Max("changed_at"))["at"]
    now = timezone.now()
    change.applied_at = now if newest is None else max(now, newest + timedelta(microseconds=1))
    levels = levels_of(change)
    move_to_scale(framework=change.framework, scale=change.after, levels=levels, actor=None, day=change.valid_from)
    _move_rules(change, Conversion(change.applied_at, levels))


def _move_rules(change: ScaleChange, conversion: Conversion) -> None:
    """Methods that look for a level look for what it becomes, from the same moment on: by rules of their own, so that
    those of before say what held then."""
    today = first_day_everywhere(change.framework.owner)
    rules = MethodRule.objects.filter(framework=change.framework_id, applied_at__isnull=False)
    newest = rules.order_by("organization", "topic", "-valid_from", "-applied_at").distinct("organization", "topic")
    for rule in newest:
        if rule.level is not None:
            rule.level = conversion.of(rule.level)
            rule.valid_from, rule.applied_at = today, conversion.at
            rule.pk, rule.uuid, rule._state.adding = None, uuid7(), True
            rule.save()


def carry_out_change(*, kind: str, change_id: int) -> None:
    """Make the levels anew that a change in force makes others, a batch of students at a time.

    A second look finds whoever was recorded for the first time while the job began.
    """
    change = _take(kind, change_id, ChangeState.RUNNING)
    if change is None:
        return
    targets = targets_of(change)
    ids = students_of(change, targets)
    change.student_count = len(ids)
    beginning = max(0, change.student_done - APPLY_BATCH)  # the list may have moved a little since
    for start in range(beginning, len(ids), APPLY_BATCH):
        rebuild_targets(student_ids=ids[start : start + APPLY_BATCH], target_ids=targets)
        _keep(change, min(start + APPLY_BATCH, len(ids)), ChangeState.RUNNING)
    late = sorted(set(students_of(change, targets)) - set(ids))
    rebuild_targets(student_ids=late, target_ids=targets)
    _keep(change, len(ids), ChangeState.RUNNING, state=ChangeState.DONE)


@transaction.atomic
def rebuild_targets(*, student_ids: Collection[int], target_ids: Collection[int]) -> None:
    """Make the students' states on the targets again from the logs, and their roll-ups there."""
    students = list(Student.objects.filter(pk__in=student_ids).select_related("school").order_by("pk"))
    if not students:
        return
    lock_students(students)
    districts = {student.pk: student.district_id for student in students}
    routes = read_routes(target_ids)
    for day, together in by_day(students):
        choice = ways_of(together, day)
        save_states(states_of(read_logs(list(choice), target_ids, routes=routes), choice), districts)
    areas = Target.objects.filter(pk__in=target_ids).values_list("topic__area_id", flat=True).distinct()
    save_roll_ups(compute_roll_ups(list(districts), _with_waiting(set(areas), target_ids)), districts)


def _with_waiting(areas: set[int], target_ids: Collection[int]) -> set[int]:
    """With the areas in which a place may move, because targets there require one of these."""
    waiting = Target.objects.filter(prerequisites__required__in=target_ids)
    return areas | set(waiting.values_list("topic__area_id", flat=True))


def sweep_changes() -> None:
    """Send again what no worker has taken or finished, and begin what waited for its day."""
    for model in KINDS.values():
        for state in (ChangeState.COUNTING, ChangeState.RUNNING):
            for change in _ready(model.objects, state):
                send(change)
        for change in model.objects.filter(state=ChangeState.WAITING).order_by("valid_from", "pk"):
            _begin_or_give_up(change)


def _begin_or_give_up(change: Tried) -> None:
    """What has become impossible meanwhile (a revision was begun) is for a person to look at."""
    try:
        begin_change(change=change)
    except ScaleRefused:
        type(change)._base_manager.filter(pk=change.pk).update(state=ChangeState.BROKEN, touched_at=timezone.now())
