"""What the next school year would change, who can be taken in, and what somebody who leaves has in hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lpm.audit.models import Entry
from lpm.lib.grades import GRADES, grade_label, next_grade
from lpm.lib.text import sort_key
from lpm.people.access import in_force
from lpm.people.enums import OrganizationKind
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Guardianship,
    Lineage,
    Organization,
    RoleGrant,
    SchoolStay,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)
from lpm.people.querysets import StudentQuerySet

LATE = timedelta(days=180)  # so long into a year, nobody begins it by mistake instead of the next
SUMMER = timedelta(days=180)  # no longer lies between two years
SHOWN = 50  # names of a kind of exception
ROLLED_OVER = "people.roll_over"
FOUND = 20  # students who answer to a search
MOVING = [code for code in GRADES if next_grade(code) != code]


@dataclass(frozen=True)
class Turn:
    """From one school year to the next, everywhere under an organization. ``last_day`` is that of the old year.

    ``begun`` are the organizations, by primary key, where the new one was begun before: their groups are not looked at
    again, since one that was made since, without dates, is of the new year.
    """

    organization: Organization
    beginning: SchoolYear
    last_day: date
    begun: tuple[int, ...] = ()

    @property
    def first_day(self) -> date:
        """From which students belong to the new year; the summer is part of it."""
        return self.last_day + timedelta(days=1)

    def groups(self) -> QuerySet[Group]:
        """The groups that end with the old year: neither tied to a later term nor dated into the new year."""
        later = Term.objects.filter(groups=OuterRef("pk"), starts_on__gt=self.last_day)
        tied = Term.objects.filter(groups=OuterRef("pk"))
        ends_before = Q(ends_on__isnull=True) | Q(ends_on__lt=self.beginning.starts_on) | Exists(tied)
        done = Lineage.objects.filter(descendant=OuterRef("school"), ancestor__in=self.begun)
        return Group.objects.filter(
            _begun_by(self.last_day),
            ends_before,
            ~Exists(later),
            ~Exists(done),
            school__lineage__ancestor=self.organization,
        )

    def seats(self, model: type[Any]) -> Any:
        """The enrollments, or staffings, of these groups that would go on after the last day."""
        return model.objects.filter(_begun_by(self.last_day), goes_on(self.last_day), group__in=self.groups())

    def students(self) -> StudentQuerySet[Student]:
        """Everybody who learns here; those who left, or were merged into another record, do not."""
        return Student.objects.unmerged().filter(school__lineage__ancestor=self.organization, left_on__isnull=True)

    def waiting(self, takes_rostered: bool) -> StudentQuerySet[Student]:
        """Those who are not in the new year yet: since it began, no stay of theirs did."""
        begun = SchoolStay.objects.filter(student=OuterRef("pk"), ends_on__isnull=True, starts_on__gt=self.last_day)
        rows = self.students().filter(~Exists(begun))
        return rows if takes_rostered else rows.filter(source__isnull=True)

    def arrived(self) -> StudentQuerySet[Student]:
        """Those whose grade or school was set since then, by hand or by the roster; those moved on together are not."""
        begun = SchoolStay.objects.filter(student=OuterRef("pk"), ends_on__isnull=True, starts_on__gt=self.first_day)
        return self.students().filter(Exists(begun))


def _begun_by(day: date) -> Q:
    return Q(starts_on__isnull=True) | Q(starts_on__lte=day)


def goes_on(last_day: date) -> Q:
    """Rows with dates that do not end by ``last_day``."""
    return Q(ends_on__isnull=True) | Q(ends_on__gt=last_day)


def years_of(organization: Organization) -> QuerySet[SchoolYear]:
    """The years of the organization and of those above it."""
    return SchoolYear.objects.filter(organization__below__descendant=organization).order_by("starts_on", "pk")


def years_to_begin(organization: Organization, day: date) -> QuerySet[SchoolYear]:
    """The years that come next, or began not long ago; the one that the schools have long been in is not offered."""
    return years_of(organization).filter(starts_on__gt=day - LATE, ends_on__gte=day)


def find_turn(organization: Organization, beginning: SchoolYear) -> Turn:
    """The old year ends on its last day; where no calendar says so, on the day before the new one."""
    earlier = years_of(organization).filter(ends_on__lt=beginning.starts_on, ends_on__gte=beginning.starts_on - SUMMER)
    last = earlier.order_by("-ends_on", "-pk").first()
    entries = Entry.objects.filter(action=ROLLED_OVER, details__school_year=str(beginning.uuid))
    begun = Organization.objects.filter(uuid__in=entries.values("subject_uuid"))
    last_day = last.ends_on if last else beginning.starts_on - timedelta(days=1)
    return Turn(organization, beginning, last_day, tuple(begun.values_list("pk", flat=True)))


@dataclass(frozen=True)
class Move:
    """The students of one grade of one school, and where they may go. ``schools`` are others that may take them in.

    ``is_open``: somebody has to say where they go, since nobody at their school is in the next grade.
    """

    school: Organization
    grade: str
    student_count: int
    is_open: bool
    schools: tuple[Organization, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.school.uuid}.{self.grade}"

    @property
    def next(self) -> str | None:
        return next_grade(self.grade)

    @property
    def grade_words(self) -> str:
        return grade_label(self.grade)

    @property
    def next_words(self) -> str:
        return grade_label(self.next or "")


@dataclass(frozen=True)
class Listed:
    """The first of a list by name, and how many there are."""

    count: int
    students: list[Student]

    @property
    def more(self) -> int:
        return self.count - len(self.students)


@dataclass(frozen=True)
class Preview:
    """What beginning the year would do now. ``lasting_count`` groups go on; ``rostered_count`` wait for the roster."""

    turn: Turn
    moves: list[Move]
    unknown: Listed
    provisional: Listed
    arrived: Listed
    rostered_count: int
    group_count: int
    enrollment_count: int
    staffing_count: int
    lasting_count: int

    @property
    def student_count(self) -> int:
        return sum(move.student_count for move in self.moves) + self.unknown.count

    @property
    def going_up(self) -> list[Move]:
        """Those about whom nothing has to be said."""
        return [move for move in self.moves if not move.is_open]

    @property
    def is_done(self) -> bool:
        return not (self.student_count or self.group_count or self.enrollment_count or self.staffing_count)


def read_preview(turn: Turn, schools: Iterable[Organization], takes_rostered: bool) -> Preview:
    """In a constant number of queries. ``schools`` are those to which students may be sent."""
    waiting = turn.waiting(takes_rostered)
    here = Q(school__lineage__ancestor=turn.organization)
    lasting = Group.objects.filter(here, _begun_by(turn.last_day), goes_on(turn.last_day))
    return Preview(
        turn=turn,
        moves=_read_moves(turn, waiting, list(schools)),
        unknown=_list(waiting.exclude(grade__in=MOVING)),
        provisional=_list(waiting.filter(is_provisional=True)),
        arrived=_list(turn.arrived()),
        rostered_count=0 if takes_rostered else turn.waiting(True).filter(source__isnull=False).count(),
        group_count=turn.groups().filter(ends_on__isnull=True).count(),
        enrollment_count=turn.seats(Enrollment).count(),
        staffing_count=turn.seats(Staffing).count(),
        lasting_count=lasting.exclude(pk__in=turn.groups().values("pk")).count(),
    )


def _read_moves(turn: Turn, waiting: StudentQuerySet[Student], schools: list[Organization]) -> list[Move]:
    """From the first grade to the last, school by school."""
    known = {(row["school"], row["grade"]) for row in turn.students().values("school", "grade").distinct()}
    rows = waiting.filter(grade__in=MOVING).values("school", "grade").annotate(count=Count("pk"))
    counts = {(row["school"], row["grade"]): row["count"] for row in rows}
    names = Organization.objects.in_bulk({school for school, _ in counts})
    order = sorted(counts, key=lambda key: (names[key[0]].sort_key, key[0], MOVING.index(key[1])))
    return [_move(names[school], grade, counts[school, grade], known, schools) for school, grade in order]


def _move(
    school: Organization, grade: str, count: int, known: set[tuple[int, str]], schools: list[Organization]
) -> Move:
    following = next_grade(grade)
    if following is None:
        return Move(school, grade, count, is_open=True)
    others = tuple(other for other in schools if other.pk != school.pk)
    if (school.pk, following) in known:
        return Move(school, grade, count, is_open=False)
    return Move(school, grade, count, is_open=True, schools=others)


def _list(students: StudentQuerySet[Student]) -> Listed:
    return Listed(students.count(), list(students.select_related("school").by_name()[:SHOWN]))


def find_students(students: StudentQuerySet[Student], words: str) -> list[Student]:
    """The first students in whose name every one of the words is found."""
    for word in sort_key(words).split():
        students = students.filter(sort_key__contains=word)
    return list(students.select_related("school").by_name()[:FOUND])


def find_released(school: Organization, given_name: str, family_name: str, born_on: date) -> list[Student]:
    """Students of the school's district who have left, of exactly this name (but for case and accents) and birth date.

    The one place where a student is found whom the reader may not see: whoever asks knows who they are.
    """
    district = school.lineage.filter(ancestor__kind=OrganizationKind.DISTRICT).values("ancestor")
    rows = (
        Student.objects.unmerged().filter(district__in=district, born_on=born_on, left_on__isnull=False).order_by("pk")
    )
    wanted = sort_key(f"{family_name} {given_name}")
    return [row for row in rows if wanted in {sort_key(f"{row.family_name} {first}") for first in _first_names(row)}]


def _first_names(student: Student) -> set[str]:
    return {student.given_name, student.preferred_name or student.given_name}


def is_elsewhere(school: Organization, given_name: str, family_name: str, born_on: date) -> bool:
    """Whether somebody of this name and birth date is at another school of the district and not released."""
    district = school.lineage.filter(ancestor__kind=OrganizationKind.DISTRICT).values("ancestor")
    rows = Student.objects.unmerged().filter(district__in=district, born_on=born_on, left_on__isnull=True)
    rows = rows.exclude(school=school)
    wanted = sort_key(f"{family_name} {given_name}")
    return any(wanted == sort_key(f"{row.family_name} {row.given_name}") for row in rows)


@dataclass(frozen=True)
class Arrival:
    """What a student who has just come has, and has not yet."""

    groups: list[Group]
    guardian_count: int
    has_sign_in: bool


def read_arrival(student: Student, day: date) -> Arrival:
    seats = Enrollment.objects.filter(in_force(day), student=student)
    groups = Group.objects.filter(pk__in=seats.values("group")).by_name()
    guardians = student.guardianships.filter(in_force(day))
    return Arrival(list(groups), guardians.count(), student.user_id is not None)


@dataclass(frozen=True)
class Hands:
    """What somebody of the staff has in hand on a day, and later."""

    staffing: list[Staffing]
    caseloads: list[Caseload]
    grants: list[RoleGrant]
    is_family: bool


def read_hands(user: User, day: date) -> Hands:
    """``is_family``: they are a guardian too, or a student, and need their account for that."""
    later = goes_on(day - timedelta(days=1))
    staffing = user.staffing.filter(later).exclude(group__ends_on__lt=day)
    caseloads = user.caseload.filter(later).select_related("student")
    return Hands(
        staffing=list(staffing.select_related("group__school").order_by("group__sort_key", "pk")),
        caseloads=list(caseloads.order_by("kind", "student__sort_key", "pk")),
        grants=list(user.grants.filter(later).select_related("organization").order_by("role", "pk")),
        is_family=user.guardianships.filter(later).exists() or Student.objects.filter(user=user).exists(),
    )


def still_needed(user_ids: Iterable[int], day: date) -> set[int]:
    """Those among them who have something in hand on ``day`` or later, or are guardians or students; one query."""
    later = goes_on(day - timedelta(days=1))
    me = OuterRef("pk")
    needed = (
        Exists(Staffing.objects.filter(later, user=me).exclude(group__ends_on__lt=day))
        | Exists(Caseload.objects.filter(later, manager=me))
        | Exists(RoleGrant.objects.filter(later, user=me))
        | Exists(Guardianship.objects.filter(later, guardian=me))
        | Exists(Student.objects.filter(user=me))
    )
    return set(User.objects.filter(needed, pk__in=list(user_ids)).values_list("pk", flat=True))


def staff_of(school_ids: Iterable[int], besides: User, day: date) -> Any:
    """Active people who teach or hold a role at one of the schools, or belong to it, and are neither students nor
    families."""
    schools = list(school_ids)
    teaching = Staffing.objects.filter(goes_on(day), group__school__in=schools).values("user")
    holding = RoleGrant.objects.filter(goes_on(day), organization__in=schools).values("user")
    plain = Q(organization__in=schools, student__isnull=True, guardianships__isnull=True)
    rows = User.objects.filter(Q(pk__in=teaching) | Q(pk__in=holding) | plain, is_active=True)
    found: Any = rows.exclude(pk=besides.pk).distinct()
    return found.by_name()
