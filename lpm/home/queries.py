"""What a person's home, navigation and school page need to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Prefetch, Q

from lpm.people.access import in_window
from lpm.people.enums import OrganizationKind, StaffRole
from lpm.people.models import Group, Organization, Staffing, Student, User
from lpm.people.policy import Action


@dataclass(frozen=True)
class Places:
    """Which parts of the application are somebody's own."""

    student: Student | None
    is_guardian: bool
    is_teacher: bool
    is_leader: bool
    may_import: bool


def find_places(user: User, day: date) -> Places:
    """In 2 queries, however many grants, children and groups there are."""
    children = Student.objects.visible_to(user, Action.VIEW_STUDENT, day).filter(guardianships__guardian=user)
    staffed = Group.objects.visible_to(user, Action.VIEW_GROUP, day).filter(staffing__user=user)
    led = Organization.objects.visible_to(user, Action.VIEW_SCHOOL, day)
    curriculum = Organization.objects.visible_to(user, Action.IMPORT_CURRICULUM, day)
    flags = (
        User.objects.filter(pk=user.pk)
        .annotate(
            is_guardian=Exists(children),
            is_teacher=Exists(staffed),
            is_leader=Exists(led),
            may=Exists(curriculum),
        )
        .values("is_guardian", "is_teacher", "is_leader", "may")
        .get()
    )
    return Places(
        student=Student.objects.filter(user=user).first(),
        is_guardian=flags["is_guardian"],
        is_teacher=flags["is_teacher"],
        is_leader=flags["is_leader"],
        may_import=flags["may"],
    )


def with_card(groups: Any, day: date) -> Any:
    """Groups with their teachers and the number of their students, for a list."""
    teachers = Staffing.objects.exclude(role=StaffRole.SUBSTITUTE).filter(in_window(day)).select_related("user")
    enrolled = Count("enrollments", filter=in_window(day, "enrollments__"), distinct=True)
    return (
        groups.select_related("school")
        .prefetch_related(Prefetch("staffing", teachers.order_by("role", "user__sort_key", "pk"), "teachers"))
        .annotate(student_count=enrolled)
        .by_name()
    )


def schools_of(organizations: Any) -> Any:
    """The schools among ``organizations`` with the number of their students."""
    return (
        organizations.filter(kind=OrganizationKind.SCHOOL)
        .annotate(student_count=Count("students", filter=Q(students__left_on__isnull=True), distinct=True))
        .by_name()
    )
