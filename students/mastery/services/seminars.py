"""Seminars: made from whoever needs the same, joined and left by students, moved and cancelled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Target
from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.people.enums import GroupKind
from lpm.people.models import Enrollment, Group, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.queries.groups import schools_for_groups
from lpm.people.services.groups import NotTheirs, OtherDistrict, change_group, create_group, enroll_students
from students.mastery.models import Seminar
from students.mastery.queries.seminars import coming, is_cancelled, meeting_day, open_seminars, seminars_for
from students.mastery.services.record import IdentifierReused, MarkRefused, NotAllowed, lock_permitted
from students.mastery.services.sessions import FURTHEST


class SeminarRefused(MarkRefused):
    """Nothing was changed; the text says why."""


@dataclass(frozen=True)
class SeminarPlan:
    """What students read of it, and whether they may join. Without ``places`` there is room for everybody."""

    name: str
    meets_at: datetime
    place: str = ""
    is_open: bool = False
    places: int | None = None


@transaction.atomic
def make_seminar(
    *,
    uuid: UUID,
    school: Organization,
    plan: SeminarPlan,
    students: Collection[Student],
    maker: User,
    day: date,
    target: Target | None = None,
) -> Seminar:
    """A group that meets once, and who comes. ``uuid`` makes making it twice harmless.

    Raises MarkRefused: past, far, nobody, too_few, not_theirs, not_allowed, uuid_reused.
    """
    if not schools_for_groups(maker, day).filter(pk=school.pk).exists():
        raise NotAllowed("not_allowed", _("You cannot make a seminar at this school."))
    if (known := Seminar.objects.select_related("group").filter(uuid=uuid).first()) is not None:
        return _same(known, school, plan, students, maker)
    _check_plan(plan, len(students))
    group = _make_group(school, plan, students, maker, day)
    seminar = Seminar.objects.create(
        uuid=uuid,
        group=group,
        target=target,
        meets_at=plan.meets_at,
        place=plan.place,
        is_open=plan.is_open,
        places=plan.places,
        made_by=maker,
    )
    _record(seminar, maker, "mastery.make_seminar", students=len(students))
    return seminar


def _same(
    known: Seminar, school: Organization, plan: SeminarPlan, students: Collection[Student], maker: User
) -> Seminar:
    """The seminar that was made before under this identity, if it is the very same."""
    made = SeminarPlan(known.group.name, known.meets_at, known.place, known.is_open, known.places)
    seated = Enrollment.objects.filter(group=known.group_id).values_list("student_id", flat=True)
    is_theirs = (known.made_by_id, known.group.school_id) == (maker.pk, school.pk)
    if not is_theirs or made != plan or set(seated) != {student.pk for student in students}:
        raise IdentifierReused("uuid_reused", _("This seminar is made already. Look at it, or make another one."))
    return known


def _make_group(
    school: Organization, plan: SeminarPlan, students: Collection[Student], maker: User, day: date
) -> Group:
    group = create_group(
        school=school,
        kind=GroupKind.SEMINAR,
        name=plan.name,
        starts_on=day,
        ends_on=school_day(school.time_zone, plan.meets_at),
        terms=(),
        actor=maker,
        day=day,
    )
    try:
        enroll_students(group=group, students=students, starts_on=None, ends_on=None, actor=maker, day=day)
    except (NotTheirs, OtherDistrict):
        raise SeminarRefused(
            "not_theirs", _("You cannot put one of these students into a group. Choose again.")
        ) from None
    return group


@transaction.atomic
def change_seminar(*, seminar: Seminar, plan: SeminarPlan, actor: User, day: date) -> Seminar:
    """Another name, time, place, or list. Raises MarkRefused: past, far, too_few, over, not_allowed."""
    locked = _lock(seminar, actor, day)
    _check_on(locked)
    _check_plan(plan, _taken(locked, day))
    _set_end(locked.group, plan, day, actor)
    locked.meets_at, locked.place = plan.meets_at, plan.place
    locked.is_open, locked.places = plan.is_open, plan.places
    locked.save(update_fields=["meets_at", "place", "is_open", "places"])
    _record(locked, actor, "mastery.change_seminar")
    return locked


@transaction.atomic
def cancel_seminar(*, seminar: Seminar, actor: User, day: date) -> None:
    """It does not take place: its group ends, and those who were to come are told so. Harmless when done twice."""
    locked = _lock(seminar, actor, day)
    if is_cancelled(locked):
        return
    if meeting_day(locked.meets_at, locked.group) < day:
        raise SeminarRefused("over", _("This seminar is over."))
    _change_group(locked.group, locked.group.name, day - timedelta(days=1), actor, day)
    _record(locked, actor, "mastery.cancel_seminar")


@transaction.atomic
def join_seminar(*, seminar: Seminar, student: Student, actor: User, day: date) -> None:
    """The student goes there; saying it twice is harmless. Raises MarkRefused: full, over, not_allowed."""
    lock_permitted(actor, student, day, Action.ASSESS_SELF)
    locked = _hold(seminar)
    if _seats(locked, student).filter(coming(day)).exists():
        return
    if not open_seminars(student, day, timezone.now()).filter(pk=locked.pk).exists():
        raise SeminarRefused("over", _("This seminar is not open any more."))
    if locked.places is not None and _taken(locked, day) >= locked.places:
        raise SeminarRefused("full", _("All places are taken. Ask your teacher for another time."))
    _sit_down(locked, student)
    _record_step(locked, student, actor, "mastery.join_seminar")


def _sit_down(seminar: Seminar, student: Student) -> None:
    """In the seat that they left before, if there is one."""
    left = _seats(seminar, student).order_by("-pk").first()
    if left is not None:
        left.ends_on = None
        left.save(update_fields=["ends_on"])
        return
    Enrollment.objects.create(district_id=seminar.group.district_id, group=seminar.group, student=student)


@transaction.atomic
def leave_seminar(*, seminar: Seminar, student: Student, actor: User, day: date) -> None:
    """The student does not go there after all; saying it twice is harmless. A list that a teacher made is the
    teacher's to change. Raises MarkRefused: given, over, not_allowed."""
    lock_permitted(actor, student, day, Action.ASSESS_SELF)
    locked = _hold(seminar)
    if not locked.is_open:
        raise SeminarRefused("given", _("Your teacher made this list. Talk to them."))
    if locked.meets_at <= timezone.now():
        raise SeminarRefused("over", _("This seminar is over."))
    seats = list(_seats(locked, student).filter(coming(day)))
    for seat in seats:
        seat.ends_on = day - timedelta(days=1)
        seat.starts_on = min(seat.starts_on, seat.ends_on) if seat.starts_on else None
        seat.save(update_fields=["starts_on", "ends_on"])
    if seats:
        _record_step(locked, student, actor, "mastery.leave_seminar")


# --- what all of them need


def _check_plan(plan: SeminarPlan, count: int) -> None:
    """``count`` students come. Raises SeminarRefused."""
    if plan.meets_at <= timezone.now():
        raise SeminarRefused("past", _("Choose a time that is still to come."))
    if plan.meets_at > timezone.now() + FURTHEST:
        raise SeminarRefused("far", _("Choose a day within about a year."))
    if not plan.is_open and count == 0:
        raise SeminarRefused("nobody", _("Choose at least one student, or let students join."))
    if plan.places is not None and plan.places < count:
        raise SeminarRefused("too_few", _("%(n)s students come. Give at least as many places.") % {"n": count})


def _check_on(seminar: Seminar) -> None:
    if is_cancelled(seminar) or seminar.meets_at <= timezone.now():
        raise SeminarRefused("over", _("This seminar is over or was cancelled. Make a new one."))


def _set_end(group: Group, plan: SeminarPlan, day: date, actor: User) -> None:
    """The group lasts until the day, at its school, on which it meets."""
    ends_on = meeting_day(plan.meets_at, group)
    if (group.name, group.ends_on) != (plan.name, ends_on):
        _change_group(group, plan.name, ends_on, actor, day)


def _change_group(group: Group, name: str, ends_on: date, actor: User, day: date) -> None:
    changed = change_group(
        group=group,
        kind=GroupKind.SEMINAR,
        name=name,
        starts_on=min(group.starts_on, ends_on) if group.starts_on else None,
        ends_on=ends_on,
        terms=list(group.terms.all()),
        actor=actor,
        day=day,
    )
    group.name, group.starts_on, group.ends_on = changed.name, changed.starts_on, changed.ends_on


def _lock(seminar: Seminar, actor: User, day: date) -> Seminar:
    if not seminars_for(actor, day).filter(pk=seminar.pk).exists():
        raise NotAllowed("not_allowed", _("You cannot change this seminar."))
    return _hold(seminar)


def _hold(seminar: Seminar) -> Seminar:
    """As it is now; until the transaction ends nobody else changes it or sits down in it."""
    rows = Seminar.objects.select_for_update(of=("self",)).select_related("group__school")
    return rows.get(pk=seminar.pk)


def _seats(seminar: Seminar, student: Student) -> Any:
    return Enrollment.objects.filter(group=seminar.group_id, student=student)


def _taken(seminar: Seminar, day: date) -> int:
    seats = Enrollment.objects.filter(coming(day), group=seminar.group_id)
    return seats.values("student").distinct().count()


def _record(seminar: Seminar, actor: User, action: str, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=seminar.uuid,
        district_id=seminar.group.district_id,
        group=str(seminar.group.uuid),
        **details,
    )


def _record_step(seminar: Seminar, student: Student, actor: User, action: str) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=student.uuid,
        district_id=student.district_id,
        seminar=str(seminar.uuid),
    )
