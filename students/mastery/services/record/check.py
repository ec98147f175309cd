"""What must hold before a row is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Framework, Target
from lpm.lib.levels import level_text
from lpm.people.models import Student, User
from lpm.people.policy import Action
from lpm.people.queries.stated import lock_permitted_students
from students.mastery.calculations import ScaleRange, Ways
from students.mastery.models import Judgement
from students.mastery.queries import NO_ROUTES, Measure, read_routes, scale_range
from students.mastery.queries.pauses import NO_PAUSES, Pauses, read_pauses
from students.mastery.services.record.refused import MarkRefused, not_allowed, not_in_use

YEARS_BACK = 25


def lock_permitted(recorder: User, student: Student, day: date, action: Action = Action.RECORD_MARK) -> None:
    """Take the student's lock, so that marks on one student are written one after the other. Raises NotAllowed."""
    if student.pk not in lock_all_permitted(recorder, [student.pk], day, action):
        raise not_allowed()


def lock_all_permitted(recorder: User, student_ids: Collection[int], day: date, action: Action) -> set[int]:
    """Those of the students for whom ``recorder`` may do ``action``, locked, always in the same order."""
    return lock_permitted_students(recorder, student_ids, action, day)


def load_targets(target_ids: Collection[int]) -> dict[int, Target]:
    """The targets with their scales, in use or not; 1 query."""
    rows = Target.objects.filter(pk__in=target_ids).select_related("topic__area__framework__scale")
    return {row.pk: row for row in rows}


def load_target_in_use(target: Target, student: Student) -> Target:
    """The target with its scale, if the student's school uses its framework."""
    found = load_targets_in_use([target.pk], student.school_id)
    if target.pk not in found:
        raise not_in_use()
    return found[target.pk]


def load_targets_in_use(target_ids: Collection[int], school_id: int) -> dict[int, Target]:
    """Those of the targets, with their scales, whose framework the school uses; 1 query."""
    frameworks = Framework.objects.used_by(school_id)
    rows = Target.objects.current().filter(pk__in=target_ids, topic__area__framework__in=frameworks)
    return {row.pk: row for row in rows.select_related("topic__area__framework__scale")}


def check_level(level: Decimal, target: Target) -> None:
    check_on_scale(level, scale_range(target.topic.area.framework.scale))


def check_on_scale(level: Decimal, scale: ScaleRange) -> None:
    if not scale.holds(level):
        raise MarkRefused(
            "level_off_scale",
            _("%(level)s is not a level here. Levels go from %(low)s to %(high)s in steps of %(step)s.")
            % {
                "level": level_text(level),
                "low": level_text(scale.low),
                "high": level_text(scale.high),
                "step": level_text(scale.step),
            },
        )


def check_seen_scale(ways: Ways, seen_at: datetime) -> None:
    """A level counts by the scale that its maker had in view. Raises MarkRefused where that is another one by now."""
    if ways.conversions and seen_at < ways.conversions[-1].at:
        sentence = _("The scale has changed since you noted this level. Look at the new levels and choose again.")
        raise MarkRefused("scale_changed", sentence)


def read_pauses_on(student_ids: Collection[int], measures: Iterable[Measure]) -> Pauses:
    """1 query where there is a strand among what is recorded on, none for content."""
    return read_pauses(student_ids) if any(measure.is_strand for measure in measures) else NO_PAUSES


def check_not_paused(pauses: Pauses, student: Student, measure: Measure, day: date) -> None:
    if pauses.holds(student.pk, measure.area_id, day):
        raise MarkRefused("off_by_plan", _("This is off by plan for this student, so nothing is recorded here."))


def check_date(performed_on: date, latest: date) -> None:
    if performed_on > latest:
        raise MarkRefused("future_date", _("A level cannot be dated in the future. Choose today or an earlier day."))
    if performed_on.year < latest.year - YEARS_BACK:
        raise MarkRefused("too_long_ago", _("This day is too long ago. Write the year with four digits."))


def moment_after(student: Student, targets: Collection[Target]) -> datetime:
    """Now, and after everything judged that counts on the targets, also when another server's clock is ahead."""
    return moment_after_all([student.pk], targets)


def moment_after_all(student_ids: Collection[int], targets: Iterable[Target]) -> datetime:
    """As ``moment_after``, for several students; 1 query, 2 where other targets lead to one of ``targets``."""
    targets = list(targets)
    ids = [target.pk for target in targets]
    routes = read_routes(ids) if any(target.has_forerunners for target in targets) else NO_ROUTES
    judged = Judgement.objects.of_students(student_ids).filter(target__in=routes.with_sources(ids))
    newest = judged.aggregate(at=Max("recorded_at"))["at"]
    now = timezone.now()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))
