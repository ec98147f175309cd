"""Who the guardians of a student are, which homes there are, and what a code of a home opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lpm.lib.codes import digest
from lpm.people.access import in_force, in_window, under_age
from lpm.people.enums import Audience
from lpm.people.models import Group, Guardianship, Household, Invitation, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.querysets import StudentQuerySet

# What is kept, and how it is said. Words that a roster or somebody else brought stand for themselves.
RELATIONSHIPS: dict[str, Promise] = {
    "mother": _("mother"),
    "father": _("father"),
    "guardian": _("legal guardian"),
    "grandparent": _("grandparent"),
    "step-parent": _("step-parent"),
    "foster parent": _("foster parent"),
    "relative": _("another relative"),
}
CANDIDATES = 20
HomeOfStudent = Household.students.through


@dataclass(frozen=True)
class Contact:
    """A guardian of a student; ``state`` is open, restricted, over, or later (it has not begun)."""

    guardianship: Guardianship
    state: str

    @property
    def relationship(self) -> str:
        word = self.guardianship.relationship
        return str(RELATIONSHIPS.get(word, word))

    @property
    def has_signed_in(self) -> bool:
        return self.guardianship.guardian.last_login is not None


def read_contacts(student: Student, day: date) -> list[Contact]:
    """The guardians, those who may be told something first; in 1 query."""
    rows = student.guardianships.select_related("guardian", "household", "source").order_by(
        "is_restricted", "guardian__sort_key", "pk"
    )
    contacts = [Contact(row, state_of(row, day)) for row in rows]
    return sorted(contacts, key=lambda contact: contact.state != "open")


def state_of(row: Guardianship, day: date) -> str:
    if row.is_restricted:
        return "restricted"
    if row.ends_on and row.ends_on < day:
        return "over"
    return "later" if row.starts_on and row.starts_on > day else "open"


def homes_of(student: Student, user: User, day: date) -> Any:
    """The student's homes with the children in them, as ``user`` knows them, and whether a code is out; 2 queries."""
    children = Prefetch("students", Student.objects.named_for(user))
    return with_codes(student.households.all(), day).prefetch_related(children)


def with_codes(homes: Any, day: date) -> Any:
    """With ``has_code``: a letter is out that can still be used."""
    return homes.annotate(has_code=Exists(open_invitations(day).filter(household=OuterRef("pk")))).order_by("pk")


def find_candidates(actor: User, student: Student, text: str, day: date) -> Any:
    """People who can be made guardians of the student: guardians of students whom ``actor`` looks after, by name,
    and whoever in the district has exactly that sign-in name. Not those who are guardians already."""
    words = [Q(given_name__icontains=word) | Q(family_name__icontains=word) for word in text.split()]
    if not words:
        return User.objects.none()
    known = Guardianship.objects.filter(student__in=Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day))
    named = User.objects.filter(*words, pk__in=known.values("guardian"))
    exact = User.objects.named(text.strip()).filter(district=student.district_id)
    found: Any = User.objects.filter(Q(pk__in=named.values("pk")) | Q(pk__in=exact.values("pk")), is_active=True)
    return found.exclude(guardianships__student=student).exclude(student=student).by_name()


# What a code opens


def opened_students(day: date) -> StudentQuerySet[Student]:
    """Students whose record a code can open: they are in the district, and rights have not passed to them."""
    here = Q(left_on__isnull=True) | Q(left_on__gte=day)
    return Student.objects.unmerged().filter(here, under_age(day))


def read_opened(household_ids: Collection[int], day: date) -> dict[int, list[Student]]:
    """The children whom a code of each household opens; those with none are left out. In 1 query.

    A home of somebody whose contact with a child is restricted opens nothing of that child, nor one of whose adults
    the contact of each is over: whoever lives there could make themselves a new account with its code.
    """
    of_child = Guardianship.objects.filter(student=OuterRef("student"))
    at_home = Guardianship.objects.filter(guardian=OuterRef("guardian"), household=OuterRef(OuterRef("household")))
    restricted = of_child.filter(Exists(at_home), is_restricted=True)  # at home there by whichever child
    there = of_child.filter(household=OuterRef("household"))
    lasting = there.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    seats = (
        HomeOfStudent.objects.filter(household__in=household_ids, student__in=opened_students(day))
        .filter(~Exists(restricted))
        .filter(~Exists(there) | Exists(lasting))
        .select_related("student")
        .order_by("student__sort_key", "student")
    )
    opened: dict[int, list[Student]] = defaultdict(list)
    for seat in seats:
        opened[seat.household_id].append(seat.student)
    return dict(opened)


def open_invitations(day: date) -> QuerySet[Invitation]:
    """Those that can be used on ``day``."""
    return Invitation.objects.filter(revoked_at__isnull=True, places__gt=0, expires_on__gte=day)


def find_invitation(**lookup: Any) -> Invitation | None:
    """The invitation with its household, whether it can still be used or not; in 1 query."""
    return Invitation.objects.select_related("household__district").filter(**lookup).first()


def find_code(code: str) -> Invitation | None:
    return find_invitation(digest=digest(code))


def find_known(household: Household, children: Iterable[Student], day: date) -> Any:
    """The guardians of a home who never signed in and have no password: whoever holds its code may be one of them.

    Nobody who could do more with their account than see these children: no staff, no student, no guardian of others.
    """
    pks = [child.pk for child in children]
    others = Guardianship.objects.filter(guardian=OuterRef("pk")).exclude(student__in=pks)
    here = Guardianship.objects.filter(
        in_force(day), guardian=OuterRef("pk"), household=household, student__in=pks, is_restricted=False
    )
    shut = Guardianship.objects.filter(guardian=OuterRef("pk"), is_restricted=True)
    people: Any = (
        User.objects.filter(
            Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
            Exists(here),
            ~Exists(others),
            ~Exists(shut),
        )
        .filter(is_active=True, is_operator=False, last_login__isnull=True, student__isnull=True)
        .filter(grants__isnull=True, staffing__isnull=True, caseload__isnull=True)
    )
    return people.by_name()


# Letters


@dataclass(frozen=True)
class Choice:
    """For whom letters are made: everybody of the school, or less."""

    group: Group | None = None
    grade: str = ""
    only_new: bool = True


def choose_students(students: Any, school: Organization, choice: Choice, day: date) -> Any:
    """Those among ``students`` for whom letters are wanted."""
    chosen = students.filter(pk__in=opened_students(day).values("pk"), school=school)
    if choice.group:
        chosen = chosen.filter(
            in_window(day, "enrollments__", "group__school__"), enrollments__group=choice.group
        ).distinct()
    if choice.grade:
        chosen = chosen.filter(grade=choice.grade)
    if choice.only_new:
        seen = Guardianship.objects.filter(
            in_force(day), student=OuterRef("pk"), is_restricted=False, guardian__last_login__isnull=False
        )
        chosen = chosen.filter(~Exists(seen))
    return chosen


def with_homes(students: Any) -> Any:
    """In 3 queries: students with their homes, and how many children live in each."""
    return students.select_related("school").prefetch_related("households__students").by_name()


# Siblings


@dataclass(frozen=True)
class Siblings:
    """Students who share a guardian and no home. ``is_same``: they have all their guardians in common."""

    students: list[Student]
    guardians: list[User]
    is_same: bool


def read_guardians(student_ids: Collection[int], day: date) -> dict[int, frozenset[int]]:
    """The guardians in open contact of each student, by primary key; in 1 query."""
    rows = Guardianship.objects.filter(in_force(day), student__in=student_ids, is_restricted=False)
    found: dict[int, set[int]] = defaultdict(set)
    for student, guardian in rows.values_list("student_id", "guardian_id"):
        found[student].add(guardian)
    return {student: frozenset(guardians) for student, guardians in found.items()}


def group_siblings(student_ids: Collection[int], day: date) -> list[list[int]]:
    """The students in groups with the very same guardians; whoever has none is alone. In 1 query."""
    guardians = read_guardians(student_ids, day)
    together: dict[object, list[int]] = defaultdict(list)
    for student in sorted(student_ids):
        together[guardians.get(student) or student].append(student)
    return list(together.values())


def find_siblings(students: Any, day: date) -> list[Siblings]:
    """Students who could be one household, those with the same guardians first; in 4 queries."""
    rows = {row.pk: row for row in students.select_related("school").by_name()}
    guardians = read_guardians(rows, day)
    homes: dict[int, set[int]] = defaultdict(set)
    for home, student in HomeOfStudent.objects.filter(student__in=rows).values_list("household_id", "student_id"):
        homes[student].add(home)
    of_guardian: dict[int, list[int]] = defaultdict(list)
    for student in rows:  # by name
        for guardian in sorted(guardians.get(student, ())):
            of_guardian[guardian].append(student)
    sets = {tuple(pks) for pks in of_guardian.values() if len(pks) > 1 and not _share_a_home(pks, homes)}
    people = User.objects.in_bulk({guardian for pks in sets for pk in pks for guardian in guardians[pk]})
    found = [_siblings(pks, rows, guardians, people) for pks in sets]
    return sorted(found, key=lambda one: (not one.is_same, one.students[0].sort_key, one.students[0].pk))


def _share_a_home(pks: list[int], homes: dict[int, set[int]]) -> bool:
    return bool(set.intersection(*(homes[pk] for pk in pks)))


def _siblings(
    pks: tuple[int, ...], rows: dict[int, Student], guardians: dict[int, frozenset[int]], people: dict[int, User]
) -> Siblings:
    shared = frozenset.intersection(*(guardians[pk] for pk in pks))
    return Siblings(
        [rows[pk] for pk in pks],
        [people[pk] for pk in sorted(shared, key=lambda pk: people[pk].sort_key)],
        is_same=len({guardians[pk] for pk in pks}) == 1,
    )


def family_names(children: Iterable[Student]) -> list[str]:
    """What families call the children: given names as a home knows them."""
    return [child.first_name_for(Audience.FAMILY) for child in children]
