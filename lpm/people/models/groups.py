from __future__ import annotations

from typing import ClassVar

from django.db import models

from lpm.people.enums import GroupKind, StaffRole
from lpm.people.models.base import Dated, Identified, Rostered, Sorted, once_per_source
from lpm.people.models.organizations import Organization, Term
from lpm.people.models.students import Student
from lpm.people.models.users import User
from lpm.people.querysets import AboutStudentQuerySet, GroupQuerySet


class Group(Identified, Sorted, Rostered, Dated):
    """Students who learn together for a while: a class, an advisory, a seminar. Personal data: none."""

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=20, choices=GroupKind.choices)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=50, blank=True)
    terms = models.ManyToManyField(Term, related_name="groups", blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("group")]

    def __str__(self) -> str:
        return self.name

    def sort_text(self) -> str:
        return self.name


class Staffing(Identified, Dated, Rostered):
    """Someone leads, co-leads or substitutes in a group. Personal data: who teaches where."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="staffing")
    user = models.ForeignKey(User, models.CASCADE, related_name="staffing")
    role = models.CharField(max_length=20, choices=StaffRole.choices, default=StaffRole.TEACHER)

    class Meta:
        constraints: ClassVar = [once_per_source("staffing")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class Enrollment(Identified, Dated, Rostered):
    """A student is in a group from one day to another.

    Personal data: which groups a student was in; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, related_name="enrollments")
    student = models.ForeignKey(Student, models.CASCADE, related_name="enrollments")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("enrollment")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.group_id}"
