"""The office of a school: who is new, who is in no group, whose family has not come in yet, who comes and goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lpm.home.queries.reach import NOWHERE, Reach
from lpm.people.access import in_force
from lpm.people.models import Enrollment, Household, Invitation, Organization, SchoolStay, Student, User
from lpm.people.policy import Action
from lpm.people.queries.guardians import open_invitations

NEW = timedelta(days=14)
SOON = timedelta(days=14)
NAMED = 6
MOST = 200
COUNTED = ("provisional", "new", "without_group")


@dataclass(frozen=True)
class Move:
    """A student comes, or has their last day."""

    student: Student
    on: date
    is_coming: bool


@dataclass(frozen=True)
class SchoolOffice:
    """``unseated`` are the first NAMED of those ``without_group``, ``moves`` the first NAMED of ``move_count`` in the
    next two weeks; ``unused`` is how many homes have a letter that nobody used yet."""

    school: Organization
    provisional: int
    new: int
    without_group: int
    unused: int
    unseated: Sequence[Student]
    moves: Sequence[Move]
    move_count: int

    @property
    def more_unseated(self) -> int:
        return self.without_group - len(self.unseated)

    @property
    def more_moves(self) -> int:
        return self.move_count - len(self.moves)

    @property
    def is_quiet(self) -> bool:
        return not (self.provisional or self.new or self.without_group or self.unused or self.moves)


@dataclass(frozen=True)
class Office:
    """``schools`` are those of somebody's own; ``tops``: what is theirs from above. ``links`` are schools that lie a
    step away: nothing is counted over a whole district."""

    schools: Sequence[SchoolOffice]
    tops: Sequence[Organization]
    links: Sequence[Organization]

    def __bool__(self) -> bool:
        return bool(self.schools or self.tops)

    @property
    def sentence(self) -> str:
        if any(one.without_group for one in self.schools):
            return _("Some students are in no group. Without one, no teacher sees them.")
        if any(one.provisional for one in self.schools):
            return _("Some students were added by a teacher. Look whether you know them.")
        if any(not one.is_quiet for one in self.schools):
            return _("Everybody is in a group. Some small things are left.")
        if self.schools:
            return _("Nothing waits for the office.")
        return _("Open a school to see who is new there, and who is in no group yet.")


def read_office(user: User, reach: Reach, day: date, led: Reach = NOWHERE) -> Office:
    """In 4 queries, none where no school is somebody's own. Of ``led`` the page says already where the schools are."""
    told = {school.pk for school in (*led.schools, *led.below)}
    links = [school for school in (*reach.schools, *reach.below) if school.pk not in told]
    if not reach.schools:
        return Office([], reach.tops, links)
    counts = _count_students(user, reach.schools, day)
    unused = _count_unused(reach.schools, day)
    moves = _read_moves(user, reach.schools, day)
    unseated = _read_unseated(user, reach.schools, day)
    offices = [
        SchoolOffice(
            school,
            **counts.get(school.pk, dict.fromkeys(COUNTED, 0)),
            unused=unused.get(school.pk, 0),
            unseated=[student for student in unseated if student.school_id == school.pk][:NAMED],
            moves=moves[school.pk][:NAMED],
            move_count=len(moves[school.pk]),
        )
        for school in reach.schools
    ]
    return Office(offices, reach.tops, links)


def here(day: date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}left_on__isnull": True}) | Q(**{f"{prefix}left_on__gte": day})


def _count_students(user: User, schools: Sequence[Organization], day: date) -> dict[int, dict[str, int]]:
    """By school: provisional records, those who came lately, and those who are in no group."""
    rows = Student.objects.visible_to(user, Action.MANAGE_STUDENT, day).filter(here(day), school__in=schools)
    came = SchoolStay.objects.filter(student=OuterRef("pk"), school=OuterRef("school"), ends_on__isnull=True)
    came = came.filter(starts_on__gt=day - NEW, starts_on__lte=day)
    rows = rows.annotate(is_seated=is_seated(day), is_new=Exists(came))
    counted: Any = (
        rows.order_by()
        .values_list("school")
        .annotate(
            provisional=Count("pk", filter=Q(is_provisional=True)),
            new=Count("pk", filter=Q(is_new=True)),
            without_group=Count("pk", filter=Q(is_seated=False)),
        )
    )
    return {school: dict(zip(COUNTED, counts, strict=True)) for school, *counts in counted}


def is_seated(day: date) -> Exists:
    """Of a student: in some group on ``day``."""
    return Exists(Enrollment.objects.filter(in_force(day) & in_force(day, "group__"), student=OuterRef("pk")))


def _read_unseated(user: User, schools: Sequence[Organization], day: date) -> list[Student]:
    """By name; at most MOST, over all the schools."""
    rows = Student.objects.visible_to(user, Action.MANAGE_STUDENT, day).filter(here(day), school__in=schools)
    return list(rows.filter(~is_seated(day)).named_for(user).by_name()[:MOST])


def _count_unused(schools: Sequence[Organization], day: date) -> dict[int, int]:
    """By school: homes with a letter that can still be used and nobody of whom ever signed in."""
    opened: Any = open_invitations(day)
    invited = Invitation.objects.filter(pk__in=opened.values("pk"), household=OuterRef("pk"))
    homes = Household.objects.filter(here(day, "students__"), Exists(invited), students__school__in=schools)
    homes = homes.exclude(guardianships__guardian__last_login__isnull=False)
    return dict(homes.order_by().values_list("students__school").annotate(Count("pk", distinct=True)))


def _read_moves(user: User, schools: Sequence[Organization], day: date) -> dict[int, list[Move]]:
    """By school: who comes or goes in the next two weeks, soonest first."""
    students = Student.objects.visible_to(user, Action.MANAGE_STUDENT, day).filter(school__in=schools)
    stays = SchoolStay.objects.filter(student=OuterRef("pk"), school=OuterRef("school"))
    soon = stays.filter(starts_on__gt=day, starts_on__lte=day + SOON).order_by("starts_on")
    leaving = Q(left_on__gte=day, left_on__lte=day + SOON)
    rows: Any = (
        students.annotate(begins_on=soon.values("starts_on")[:1])
        .filter(leaving | Q(begins_on__isnull=False))
        .named_for(user)
    )
    moves = []
    for student in rows.by_name():
        if student.begins_on:
            moves.append(Move(student, student.begins_on, is_coming=True))
        if student.left_on and student.left_on <= day + SOON:
            moves.append(Move(student, student.left_on, is_coming=False))
    of_schools: dict[int, list[Move]] = defaultdict(list)
    for move in sorted(moves, key=lambda move: move.on):
        of_schools[move.student.school_id].append(move)
    return of_schools
