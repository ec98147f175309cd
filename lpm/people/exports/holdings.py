"""What an organization holds on a day: the people, classes and times that a roster tells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q

from lpm.people.access import in_force
from lpm.people.enums import StaffRole
from lpm.people.models import (
    Demographics,
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RosterSource,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)


@dataclass
class Holdings:
    """The rows of an organization that are in force on a day or still to come, and the sourcedId of each."""

    day: date
    source: RosterSource | None
    organizations: list[Organization]
    years: list[SchoolYear]
    terms: list[Term]
    groups: list[Group]
    students: list[Student]
    demographics: dict[int, Demographics]
    staff: list[User]
    guardianships: list[Guardianship]
    staffing: list[Staffing]
    enrollments: list[Enrollment]

    @cached_property
    def places(self) -> dict[int, str]:
        """The sourcedId of each organization."""
        return {place.pk: self.key(place) for place in self.organizations}

    @cached_property
    def adults(self) -> list[User]:
        """Everybody who is no student; somebody who learns and teaches is there once, as a student."""
        learners = {student.user_id for student in self.students}
        return [user for user in self.staff if user.pk not in learners]

    @cached_property
    def person_keys(self) -> dict[int, str]:
        """The sourcedId of each person with an account: a student's is that of the student."""
        keys = {user.pk: self.key(user) for user in self.staff}
        return keys | {student.user_id: self.key(student) for student in self.students if student.user_id}

    @cached_property
    def schools_taught(self) -> dict[int, list[int]]:
        schools = {group.pk: group.school_id for group in self.groups}
        taught: dict[int, list[int]] = defaultdict(list)
        for row in self.staffing:
            taught[row.user_id].append(schools[row.group_id])
        return taught

    @cached_property
    def relationships(self) -> dict[int, str]:
        """In a guardian's words, or the office's."""
        return {row.guardian_id: row.relationship.lower() for row in self.guardianships}

    def key(self, row: Any) -> str:
        return str(row.sourced_id) if self.source and row.source_id == self.source.pk else str(row.uuid)


def read_holdings(organization: Organization, day: date) -> Holdings:
    places = list(Organization.objects.under(organization).from_the_top().select_related("parent"))
    ids = [place.pk for place in places]
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    groups = Group.objects.filter(lasting, school__in=ids).prefetch_related("terms").by_name()
    years = SchoolYear.objects.filter(Q(organization__in=ids) | Q(organization__below__descendant=organization))
    students = Student.objects.unmerged().filter(school__in=ids, left_on__isnull=True)
    seats = {"group__in": groups.values("pk")}
    staffing = Staffing.objects.filter(lasting, **seats).exclude(role=StaffRole.SUBSTITUTE)
    members = User.objects.filter(organization__in=ids, student__isnull=True, is_active=True)
    guardianships = Guardianship.objects.filter(in_force(day), student__in=students, guardian__is_active=True)
    people = Q(pk__in=staffing.values("user")) | Q(pk__in=guardianships.values("guardian"))
    return Holdings(
        day=day,
        source=_main_source(organization),
        organizations=places,
        years=list(years.distinct().order_by("ends_in", "pk")),
        terms=list(Term.objects.filter(school_year__in=years).order_by("starts_on", "pk")),
        groups=list(groups),
        students=list(students.select_related("user").by_name()),
        demographics={row.student_id: row for row in Demographics.objects.filter(student__in=students)},
        staff=list((members | User.objects.filter(people)).distinct().order_by("sort_key", "pk")),
        guardianships=list(guardianships.order_by("pk")),
        staffing=list(staffing.order_by("group", "role", "pk")),
        enrollments=list(Enrollment.objects.filter(lasting, student__in=students, **seats).order_by("group", "pk")),
    )


def _main_source(organization: Organization) -> RosterSource | None:
    """The roster that the organization itself came with, or takes part in; None when several send one."""
    sources = RosterSource.objects.filter(organization__below__descendant=organization).distinct()[:2]
    return sources[0] if len(sources) == 1 else None
