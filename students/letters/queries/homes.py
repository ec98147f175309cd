"""To whom letters go: guardians who see the record, by e-mail or on paper, and their children."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from lpm.lib.languages import supported
from lpm.lib.text import sort_key
from lpm.people.enums import Audience, Part
from lpm.people.models import Guardianship, Organization, Student, User
from lpm.people.queries.privacy import seeing_guardianships

PARTS_NEEDED = [Part.FAMILIES, Part.LETTERS]  # no letter tells what a family may not look up


@dataclass(frozen=True)
class Home:
    """Those to whom one letter goes, in their language, and the children it is about, by the names a family knows."""

    guardians: list[User]
    language: str
    children: list[Student]

    @property
    def names(self) -> str:
        return ", ".join(guardian.name for guardian in self.guardians)

    @property
    def school(self) -> Organization:
        return self.children[0].school


def students_with_letters(rows: Any, day: date) -> Any:
    """Those of the students who are here, at a school where families see learning and get letters."""
    here = Q(left_on__isnull=True) | Q(left_on__gte=day)
    return rows.filter(here, school__parts__contains=PARTS_NEEDED, merged_into__isnull=True)


def gets_letters(student: Student, day: date) -> bool:
    """Whether there are letters about a student who comes with the school; no query."""
    is_here = student.left_on is None or student.left_on >= day
    return is_here and set(PARTS_NEEDED) <= set(student.school.parts)


def contacts(day: date) -> QuerySet[Guardianship]:
    """The guardianships by which somebody sees a record of which there are letters."""
    of_students = students_with_letters(Student.objects.all(), day)
    rows = seeing_guardianships(day).filter(student__in=of_students.values("pk"))
    return rows.select_related("guardian__organization", "guardian__notice_person", "household", "student__school")


def wants_letters(guardian: User) -> bool:
    said = getattr(guardian, "notice_person", None)
    return said is None or (said.wants_letters and said.stopped_at is None)


def homes_by_email(guardian_ids: Collection[int], day: date) -> list[Home]:
    """One for each of the guardians who is reached by e-mail and wants letters, with all their children; in 1 query."""
    of_guardian: dict[int, list[Guardianship]] = defaultdict(list)
    for row in contacts(day).filter(guardian__in=guardian_ids).exclude(guardian__email=""):
        of_guardian[row.guardian_id].append(row)
    return [_home([rows[0].guardian], rows) for rows in of_guardian.values() if wants_letters(rows[0].guardian)]


def homes_to_print(student_ids: Collection[int], day: date) -> list[Home]:
    """One for each home of the students in which nobody has an e-mail address, by the children's names; in 1 query.

    Adults of one home share a sheet where they see the same children; who has no home in Cairn gets one of their own.
    """
    rows = list(contacts(day).filter(student__in=student_ids))
    reached = {row.household_id for row in rows if row.guardian.email and row.household_id}
    of_guardian: dict[int, list[Guardianship]] = defaultdict(list)
    for row in rows:
        if not row.guardian.email and wants_letters(row.guardian) and row.household_id not in reached:
            of_guardian[row.guardian_id].append(row)
    sheets: dict[object, list[list[Guardianship]]] = defaultdict(list)
    for own in of_guardian.values():
        home = own[0].household_id
        sheets[(home, frozenset(row.student_id for row in own)) if home else own[0].guardian_id].append(own)
    homes = [_home([own[0].guardian for own in together], together[0]) for together in sheets.values()]
    return sorted(homes, key=lambda home: (home.children[0].sort_key, home.children[0].pk, home.names))


def _home(guardians: Iterable[User], rows: list[Guardianship]) -> Home:
    people = sorted(guardians, key=lambda guardian: (guardian.sort_key, guardian.pk))
    children = sorted((row.student for row in rows), key=_family_order)
    return Home(people, _language(people, rows[0]), children)


def _family_order(child: Student) -> tuple[str, int]:
    """The order tells nothing of a name that the family does not know."""
    return sort_key(child.first_name_for(Audience.FAMILY)), child.pk


def _language(guardians: Iterable[User], row: Guardianship) -> str:
    """The first that Cairn speaks of: what the adults chose, what the office noted for the home, the school's."""
    chosen = [guardian.language for guardian in guardians]
    wanted = [*chosen, row.household.language if row.household else "", row.student.school.language]
    return next((language for language in map(supported, filter(None, wanted)) if language), settings.LANGUAGE_CODE)


def schools_with_letters() -> QuerySet[Organization]:
    """Where there are students, and families see learning and get letters."""
    of_students = Student.objects.unmerged().filter(school=OuterRef("pk"))
    return Organization.objects.filter(Exists(of_students), parts__contains=PARTS_NEEDED).order_by("pk")
