"""Students of a place, one of them in full, and records that may be of one child."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any, Self

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q

from lpm.lib.grades import GRADES, grade_label
from lpm.lib.text import sort_key
from lpm.people.access import in_force
from lpm.people.enums import Audience, StaffRole
from lpm.people.models import (
    Caseload,
    Enrollment,
    Guardianship,
    RoleGrant,
    SchoolStay,
    Staffing,
    Student,
    StudentMerge,
    User,
)
from lpm.people.policy import Action

CURRENT, PROVISIONAL, LEFT = "", "provisional", "left"
ALIKE_GIVEN, ALIKE_FAMILY = 0.6, 0.8  # parts of letters in common, from which two names may be one
FIELDS_COMPARED = (
    "given_name", "preferred_name", "family_name", "born_on", "is_provisional", "district_id", "source_id",
)  # fmt: skip


def filter_students(rows: Any, day: date, words: str = "", grade: str = "", only: str = CURRENT) -> Any:
    """Those of ``rows`` with every one of the words in a name, accents aside, and of the grade; here unless ``only``
    asks for others."""
    for word in words.split():
        plain = Q(sort_key__contains=sort_key(word))
        rows = rows.filter(plain | Q(given_name__icontains=word) | Q(family_name__icontains=word))
    if grade:
        rows = rows.filter(grade=grade)
    gone = Q(left_on__lt=day)
    if only == LEFT:
        return rows.filter(gone)
    rows = rows.exclude(gone)
    return rows.filter(is_provisional=True) if only == PROVISIONAL else rows


def grades_of(rows: Any) -> list[tuple[str, str]]:
    """The grades that there are among the students, with their words, in the order of school."""
    codes = set(rows.exclude(grade="").order_by().values_list("grade", flat=True).distinct())
    return [(code, grade_label(code)) for code in sorted(codes, key=_grade_place)]


def _grade_place(code: str) -> tuple[int, str]:
    order = list(GRADES)
    return (order.index(code) if code in GRADES else len(order), code)


def rights_over(user: User, student: Student, day: date, actions: Collection[Action]) -> frozenset[Action]:
    """Which of the actions somebody may do on the student, in 1 query."""
    may = {
        action.name: Exists(Student.objects.visible_to(user, action, day).filter(pk=OuterRef("pk")))
        for action in actions
    }
    found = Student.objects.filter(pk=student.pk).annotate(**may).values(*may).get()
    return frozenset(action for action in actions if found[action.name])


@dataclass(frozen=True)
class Called:
    """What a student is called for one kind of reader."""

    audience: Audience
    name: str
    pronouns: str


def names_by_reader(student: Student, audiences: Iterable[Audience]) -> list[Called]:
    return [Called(one, student.first_name_for(one), student.pronouns_for(one)) for one in audiences]


@dataclass(frozen=True)
class Seat:
    """A student in a group: ``teachers`` are those who lead it now."""

    enrollment: Enrollment
    teachers: list[User]


@dataclass(frozen=True)
class Seats:
    now: list[Seat]
    later: list[Seat]
    before: list[Seat]


def read_seats(student: Student, day: date) -> Seats:
    """The groups of a student, newest first, in 2 queries."""
    leading = Staffing.objects.exclude(role=StaffRole.SUBSTITUTE).filter(in_force(day)).select_related("user")
    rows: Any = (
        Enrollment.objects.filter(student=student)
        .select_related("group__school")
        .prefetch_related(Prefetch("group__staffing", leading.order_by("role", "user__sort_key", "pk"), "leading"))
        .order_by(F("starts_on").desc(nulls_last=True), "group__sort_key", "pk")
    )
    seats = Seats([], [], [])
    for row in rows:
        found = Seat(row, list({staff.user_id: staff.user for staff in row.group.leading}.values()))
        _when(row, day, seats).append(found)
    return seats


def _when(row: Enrollment, day: date, seats: Seats) -> list[Seat]:
    ends = [end for end in (row.ends_on, row.group.ends_on) if end]
    starts = [start for start in (row.starts_on, row.group.starts_on) if start]
    if ends and min(ends) < day:
        return seats.before
    return seats.later if starts and max(starts) > day else seats.now


@dataclass(frozen=True)
class Stay:
    """A time at a school, in a grade."""

    row: SchoolStay
    grade: str


def read_stays(student: Student) -> list[Stay]:
    rows = SchoolStay.objects.filter(student=student).select_related("school")
    ordered = rows.order_by(F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True), "-pk")
    return [Stay(row, grade_label(row.grade)) for row in ordered]


def read_caseloads(student: Student) -> list[Caseload]:
    rows = Caseload.objects.filter(student=student).select_related("manager")
    return list(rows.order_by(F("ends_on").desc(nulls_first=True), "manager__sort_key", "pk"))


def read_merges(student: Student) -> list[StudentMerge]:
    """What was merged into the record and not taken back, newest first."""
    rows = StudentMerge.objects.filter(student=student, undone_at__isnull=True)
    return list(rows.select_related("absorbed__school", "merged_by").order_by("-merged_at", "-pk"))


def staff_of(district_id: int) -> Any:
    """The people with an account who work in a district: not students, nor those who are only guardians there."""
    at_work = (
        Exists(RoleGrant.objects.filter(user=OuterRef("pk")))
        | Exists(Staffing.objects.filter(user=OuterRef("pk")))
        | Exists(Caseload.objects.filter(manager=OuterRef("pk")))
        | Q(guardianships__isnull=True)
    )
    return User.objects.filter(at_work, district_id=district_id, is_active=True, student__isnull=True).distinct()


# Records that may be of one child


@dataclass(frozen=True)
class Likeness:
    """A record that may be of the same child; ``is_namesake`` says that the names are the same."""

    student: Student
    is_namesake: bool


@dataclass(frozen=True)
class Named:
    """A student as they are compared with others: names as keys, without accents and case."""

    student: Student
    family: str
    firsts: frozenset[str]

    @classmethod
    def of(cls, student: Student) -> Self:
        firsts = frozenset(sort_key(name) for name in (student.given_name, student.preferred_name) if name)
        return cls(student, sort_key(student.family_name), firsts)


def find_likely(
    district_id: int, given_name: str, family_name: str, born_on: date | None, leaving_out: int | None = None
) -> list[Likeness]:
    """Records of the district that may be of the child so named, those of the same name first; in 1 query.

    The same names, or the same birth date and similar names.
    """
    wanted = Student(given_name=given_name, family_name=family_name, born_on=born_on)
    names = Q(sort_key=sort_key(wanted.sort_text()))
    names |= Q(given_name__iexact=given_name.strip(), family_name__iexact=family_name.strip())
    days = Q(born_on=born_on) if born_on else Q(pk__in=())
    rows = Student.objects.unmerged().filter(names | days, district_id=district_id)
    others = [Named.of(row) for row in rows.exclude(pk=leaving_out or 0).select_related("school").by_name()]
    found = [_likeness(Named.of(wanted), other) for other in others]
    return sorted((one for one in found if one is not None), key=lambda one: not one.is_namesake)


def _likeness(wanted: Named, other: Named) -> Likeness | None:
    if is_namesake(wanted, other):
        return Likeness(other.student, is_namesake=True)
    return Likeness(other.student, is_namesake=False) if is_similar(wanted, other) else None


def is_namesake(one: Named, other: Named) -> bool:
    """The same family name, and a first name in common, whatever the accents."""
    return one.family == other.family and bool(one.firsts & other.firsts)


def is_similar(one: Named, other: Named) -> bool:
    """The same birth date, and names that may be one written in two ways. Twins of different names are not."""
    if one.student.born_on is None or one.student.born_on != other.student.born_on:
        return False
    return _alike(one.family, other.family, ALIKE_FAMILY) and any(
        _alike(mine, theirs, ALIKE_GIVEN) for mine in one.firsts for theirs in other.firsts
    )


def _alike(one: str, other: str, least: float) -> bool:
    """A word in common that is longer than "of" and "de", one the beginning of the other, or enough of the letters."""
    if one.startswith(other) or other.startswith(one) or _words(one) & _words(other):
        return True
    letters = SequenceMatcher(None, one, other)
    return letters.real_quick_ratio() >= least and letters.quick_ratio() >= least and letters.ratio() >= least


def _words(name: str) -> set[str]:
    return {word for word in name.replace("-", " ").split() if len(word) > 2}


def find_doubles(rows: Any) -> list[tuple[int, int]]:
    """Pairs (primary keys, the one to keep first) among the students that may be of one child, in 1 query.

    Two of the same name with different birth dates are two children, unless one record is provisional.
    """
    people = [Named.of(row) for row in rows.only(*FIELDS_COMPARED).order_by("sort_key", "pk")]
    pairs: dict[tuple[int, int], None] = {}
    for group in _boxes(people):
        for one, other in combinations(group, 2):
            if _may_be_one(one, other):
                first, second = sorted((one.student, other.student), key=_standing)
                pairs[first.pk, second.pk] = None
    return list(pairs)


def _boxes(people: list[Named]) -> list[list[Named]]:
    """Who is compared with whom: namesakes, and those born on one day."""
    boxes: dict[tuple[Any, ...], list[Named]] = defaultdict(list)
    for person in people:
        district, born_on = person.student.district_id, person.student.born_on
        for first in person.firsts:
            boxes[district, person.family, first].append(person)
        if born_on:
            boxes[district, born_on].append(person)
    return [group for group in boxes.values() if len(group) > 1]


def _may_be_one(one: Named, other: Named) -> bool:
    if not is_namesake(one, other):
        return is_similar(one, other)
    days = {one.student.born_on, other.student.born_on} - {None}
    return len(days) < 2 or one.student.is_provisional or other.student.is_provisional


def _standing(student: Student) -> tuple[bool, bool, int]:
    """The record to keep comes first: that of a roster, then one the office knows, then the older."""
    return (student.source_id is None, student.is_provisional, student.pk)


@dataclass(frozen=True)
class Side:
    """One of two records, before they are merged, and what hangs on it."""

    student: Student
    grade: str
    groups: list[str]
    guardians: list[str]
    evidence_count: int


def read_sides(students: Sequence[Student], day: date) -> list[Side]:
    """In the order given; in 3 queries."""
    pks = [student.pk for student in students]
    # The learning record belongs to an app above this one: here it is a number beside the name.
    counts = dict(Student.objects.filter(pk__in=pks).annotate(n=Count("assessments")).values_list("pk", "n"))
    groups: dict[int, list[str]] = defaultdict(list)
    for seat in (
        Enrollment.objects.filter(in_force(day), student__in=pks)
        .select_related("group")
        .order_by("group__sort_key", "pk")
    ):
        groups[seat.student_id].append(seat.group.name)
    guardians: dict[int, list[str]] = defaultdict(list)
    contacts = Guardianship.objects.filter(in_force(day), student__in=pks).select_related("guardian")
    for contact in contacts.order_by("guardian__sort_key", "pk"):
        guardians[contact.student_id].append(contact.guardian.name)
    return [Side(one, grade_label(one.grade), groups[one.pk], guardians[one.pk], counts[one.pk]) for one in students]
